"""Twilio's error codes and SIP responses: in plain words, and what each means for the next step.

They are in a data file, `codes.json`, since codes change without notice
(docs/reference/twilio.md#error-codes). An unknown code counts as a refusal of this one request.
"""

import json
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

_FILE = "codes.json"


class Meaning(StrEnum):
    """What an error means for the number, the person or the account."""

    BAD_NUMBER = "bad-number"
    BAD_FOR_CALLS = "bad-for-calls"
    BAD_FOR_TEXTS = "bad-for-texts"
    OPTED_OUT = "opted-out"
    NOT_PERMITTED = "not-permitted"
    """The account may not call this number, because of its region or as a trial account."""
    WAIT = "wait"
    """Not done; a retry later can succeed."""
    TEXTS_BARRED = "texts-barred"
    """A problem with the sender or the text: no text can be sent until it is fixed; calls can."""
    ACCOUNT = "account"
    """Credentials, funds or configuration: no request can succeed until they are fixed."""
    REFUSED = "refused"
    """Only this request is refused."""


def meaning(code: int | None) -> Meaning:
    """What an error code means."""
    return _meanings().get(code or 0, Meaning.REFUSED)


def explain(error_code: int | None, sip_code: int | None) -> str:
    """Why a call or text failed, in plain words; empty if Twilio gave no reason.

    An unknown error code is shown as a number; an unknown SIP response gives no reason.
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
