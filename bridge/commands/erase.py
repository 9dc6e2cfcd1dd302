"""`bridge erase PHONE`: what a person wrote is erased at once, and looked for afterwards.

process     callbacks that weren't processed yet: an opt-out in one must not be lost
redact      sentences that repeat the words, or the number: while it is known what to look for
erase       raw callbacks of the number, and its words in messages to SmartAdvocate and with its
            opt-outs; a message that is still pending is delivered without them
truncate    SQLite's log, which would keep them
search      every text of every table: what is left, and why
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TypeVar

import structlog

from bridge.adapters.twilio.callbacks import form_fields
from bridge.callbacks import intake
from bridge.commands.opt_outs import ACTOR
from bridge.domain.phones import E164, last_four, parse_phone, ten_digits
from bridge.domain.redaction import LONG_ENOUGH, letters_of, repeats, without_repeated
from bridge.errors import SettingError, Unusable
from bridge.runtime import Runtime
from bridge.store.consent import erasure
from bridge.store.consent.erasure import PersonsData, Place
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import UNREACHABLE

_KNOWN_BY_IT = "calls and texts are known by it: caps and opt-outs count by number"
_CONSENT = "what was agreed to, and the proof of it, outlives what else was said"
_OF_THE_CASE = "SmartAdvocate shows it in a case"
_WHY_THE_NUMBER: dict[Place, str] = {
    ("opt_outs", "phone"): "a refusal outlives what was said",
    ("opt_outs", "words"): "another person's words name it",
    ("consents", "phone"): _CONSENT,
    ("consents", "words"): _CONSENT,
    ("consents", "evidence"): _CONSENT,
    ("communications", "phone"): _KNOWN_BY_IT,
    ("attempts", "phone"): _KNOWN_BY_IT,
    ("cases", "phones"): _OF_THE_CASE,
    ("case_phones", "phone"): _OF_THE_CASE,
    ("number_health", "phone"): "whether the number works",
    ("pauses", "what"): "what is paused",
    ("wrong_numbers", "phone"): "a wrong number is not called again",
    ("decisions", "why"): "why the person was contacted, or not",
    ("decisions", "inputs"): "why the person was contacted, or not",
    ("schedules", "name"): "a note that counts the person's texts is due within the hour",
    ("lanes", "lane"): "where a note goes",
    ("deliveries", "lane"): "where a note goes; deleted after RETENTION_DAYS",
    ("deliveries", "payload"): "whom a note is about, or another person's words name it",
}
_WHY_THE_WORDS: dict[Place, str] = {
    ("consents", "words"): _CONSENT,
    ("consents", "evidence"): _CONSENT,
    ("callbacks", "body"): "another person wrote the same",
    ("opt_outs", "words"): "another person wrote the same",
    ("deliveries", "payload"): "another person wrote the same",
}
_UNEXPLAINED = "this is unexpected: please erase it by hand"

Item = TypeVar("Item")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ErasureReport:
    """What was erased and what is left, for the operator."""

    text: str
    is_done: bool
    """Whether nothing is left but what is meant to stay."""


@dataclass
class _Done:
    """What was erased, counted."""

    bodies: int = 0
    notes: int = 0
    pending: int = 0
    """Notes among them that are still to be told to SmartAdvocate."""
    refusals: int = 0
    """Opt-outs that lost the person's words."""
    sentences: Counter[Place] = field(default_factory=Counter)
    tests: int = 0
    """Tests with the number that were asked for in the console."""


def erase(runtime: Runtime, phone: E164, by: str) -> ErasureReport:
    """Erase the words and raw callbacks of this number; the audit trail keeps who did so.

    Raises:
        OperationalError, TimeoutError: the database can't be reached; run it again.
        SettingError: it is a number of our own.
    """
    if phone in runtime.settings.own_numbers:
        raise SettingError(
            f"{phone} is the firm's own (TWILIO_FROM_NUMBER, FIRM_PHONE or DIAL_AGENTS): name the "
            "number of the person whose words are to be erased"
        )
    _process_new(runtime, phone)
    with runtime.db.read() as connection:
        kept = erasure.find(connection, phone)
    wrote = (_wrote(phone, raw) for raw in kept.callbacks.values())
    said = sorted(filter(None, {*kept.notes.values(), *kept.refusals.values(), *wrote}))
    done = _erase(runtime, kept, partial(_clean, phone, said))
    with runtime.db.begin() as connection:
        done.tests = erasure.forget_tests(connection, phone)
        audit.record(
            connection,
            actor=ACTOR.format(by),
            action=Action.WORDS_ERASED,
            subject=f"the person at {last_four(phone)}",
            reason=f"{_some(done.bodies, 'raw form')} and the words of {_some(done.notes, 'note')}",
            now=runtime.clock(),
        )
    is_truncated = runtime.db.truncate_log()
    runtime.notifier.notify()
    log.info("Erased a person's words", bodies=done.bodies, notes=done.notes)
    with runtime.db.read() as connection:
        bodies, notes = erasure.is_left(connection, phone)
        found = {
            "the words": erasure.look_for(connection, lambda text: repeats(text, said)),
            "the number": erasure.look_for(connection, partial(_names, phone)),
        }
    lines = [*_erased(done), *_looked(said)]
    if not is_truncated:
        lines.append("the database's log is in use: a worker truncates it within the hour")
    if bodies or notes:
        lines.append(
            f"left: {bodies} raw callbacks and {notes} notes came in meanwhile: run it again"
        )
    odd = [place for what, places in found.items() for place in places if not _why(what, place)]
    left = list(_left(found))
    lines += left or ["nothing is left"]
    return ErasureReport("".join(f"{line}\n" for line in lines), not (bodies or notes or odd))


def _erase(runtime: Runtime, kept: PersonsData, clean: Callable[[str], str]) -> _Done:
    done = _Done()
    with runtime.db.read() as connection:
        sentences = list(erasure.sentences(connection, clean))
    for some in _few(sentences):
        with runtime.db.begin() as connection:
            done.sentences.update(erasure.redact(connection, some, runtime.clock()))
    for ids in _few(kept.callbacks):
        with runtime.db.begin() as connection:
            done.bodies += erasure.erase_callbacks(connection, ids)
    for ids in _few(kept.notes):
        with runtime.db.begin() as connection:
            notes, pending = erasure.erase_notes(connection, ids)
        done.notes += notes
        done.pending += pending
    for ids in _few(kept.refusals):
        with runtime.db.begin() as connection:
            done.refusals += erasure.erase_refusals(connection, ids, runtime.clock())
    return done


def _few(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while some := list(islice(rest, erasure.FEW)):
        yield some


def _process_new(runtime: Runtime, phone: E164) -> None:
    with runtime.db.read() as connection:
        new = erasure.unread(connection, phone)
    for identity in new:
        try:
            intake.replay(runtime, [identity])
        except UNREACHABLE:
            raise
        except Exception:
            # It stays as it is, and is reported as left.
            log.exception("A callback could not be processed", callback=identity)


def _wrote(phone: E164, raw: bytes) -> str:
    """What this person wrote in a callback: others may have named the number in theirs."""
    try:
        fields = form_fields(raw)
    except Unusable:
        return ""
    return fields.get("Body", "") if parse_phone(fields.get("From", "")) == phone else ""


def _names(phone: E164, text: str) -> bool:
    return (ten_digits(phone) or phone.removeprefix("+")) in letters_of(text)


def _clean(phone: E164, said: Collection[str], sentence: str) -> str:
    if repeats(sentence, said):
        sentence = without_repeated(sentence, said)
    return without_repeated(sentence, [phone]) if _names(phone, sentence) else sentence


def _erased(done: _Done) -> Iterator[str]:
    yield f"callbacks: {_some(done.bodies, 'raw form')} erased"
    pending = f", {done.pending} of them still to be told, without the words" * bool(done.pending)
    yield f"deliveries: the words of {_some(done.notes, 'note')} erased{pending}"
    if done.refusals:
        yield f"opt_outs: the words of {_some(done.refusals, 'refusal')} erased, not the refusal"
    for (table, column), rows in sorted(done.sentences.items()):
        yield f"{table}.{column}: {_some(rows, 'sentence')} redacted"
    if done.tests:
        yield f"errands: the number forgotten in {_some(done.tests, 'row')}"


def _looked(said: Collection[str]) -> Iterator[str]:
    short = sum(len(letters_of(text)) < LONG_ENOUGH for text in said)
    besides = f" (not for {short} of under {LONG_ENOUGH} letters)" if short else ""
    count = erasure.tables()
    texts = _some(len(said) - short, "text")
    yield f"looked for the number and {texts} in {count} tables{besides}"


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _why(what: str, place: Place) -> str | None:
    reasons = _WHY_THE_WORDS if what == "the words" else _WHY_THE_NUMBER
    return reasons.get(place)


def _left(found: Mapping[str, Mapping[Place, int]]) -> Iterator[str]:
    for what, places in found.items():
        for (table, column), rows in sorted(places.items()):
            why = _why(what, (table, column)) or _UNEXPLAINED
            yield f"left: {what} in {table}.{column}, {_some(rows, 'row')}: {why}"
