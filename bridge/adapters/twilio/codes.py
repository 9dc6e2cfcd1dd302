"""Twilio's error codes and SIP answers: in plain words, and what each means for what comes next.

Both stand in `codes.json`, a data file, since codes and their texts change without notice
(twilio.md, 2.6); an unknown code refuses the one request and nothing else.
"""

import json
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

_FILE = "codes.json"


class Meaning(StrEnum):
    """What a refusal says about the number, the person or the account."""

    BAD_NUMBER = "bad-number"
    BAD_FOR_CALLS = "bad-for-calls"
    BAD_FOR_TEXTS = "bad-for-texts"
    OPTED_OUT = "opted-out"
    NOT_PERMITTED = "not-permitted"
    """The account may not call this one number, for its region or while it is a trial."""
    WAIT = "wait"
    """Not done, and sure to be possible later."""
    TEXTS_BARRED = "texts-barred"
    """The sender or the words: no text can pass before somebody mends it; calls can."""
    ACCOUNT = "account"
    """Credentials, funds or configuration: no request can pass before somebody mends it."""
    REFUSED = "refused"
    """This request alone."""


def meaning(code: int | None) -> Meaning:
    """What an error code means."""
    return _meanings().get(code or 0, Meaning.REFUSED)


def explain(error_code: int | None, sip_code: int | None) -> str:
    """Why a call or text failed, as a paralegal would say it; empty when Twilio gave no reason.

    An error code that isn't in the list is named as it is; a SIP answer that isn't says nothing.
    """
    table = _table()
    if error_code is not None:
        words = table["twilio"].get(str(error_code))
        return f"{words} ({error_code})" if words else f"Twilio error {error_code}"
    words = table["sip"].get(str(sip_code)) if sip_code is not None else None
    return f"{words} (SIP {sip_code})" if words else ""


@cache
def _meanings() -> dict[int, Meaning]:
    return {code: Meaning(what) for what, codes in _table()["means"].items() for code in codes}


@cache
def _table() -> dict[str, Any]:
    text = files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
