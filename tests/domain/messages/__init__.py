"""Real-looking messages of clients and of strangers, by what they ask for: a file for each."""

from bridge.domain.opt_out_language.classifier import Intent
from tests.domain.messages import (
    ended,
    help_wanted,
    limit,
    refusal,
    start,
    stop,
    words,
    wrong_number,
)
from tests.domain.messages.refusal import ENGLISH_ALONE

__all__ = ["ENGLISH", "ENGLISH_ALONE", "SPANISH"]

ENGLISH: dict[Intent, list[str]] = {
    Intent.STOP: stop.ENGLISH,
    Intent.REFUSAL: refusal.ENGLISH,
    Intent.WRONG_NUMBER: wrong_number.ENGLISH,
    Intent.START: start.ENGLISH,
    Intent.HELP: help_wanted.ENGLISH,
    Intent.WORDS: words.ENGLISH,
    Intent.LIMIT: limit.ENGLISH,
    Intent.ENDED: ended.ENGLISH,
}
SPANISH: dict[Intent, list[str]] = {
    Intent.STOP: stop.SPANISH,
    Intent.REFUSAL: refusal.SPANISH,
    Intent.WRONG_NUMBER: wrong_number.SPANISH,
    Intent.WORDS: words.SPANISH,
    Intent.LIMIT: limit.SPANISH,
    Intent.ENDED: ended.SPANISH,
}
