"""Twilio's error codes and SIP answers in plain words, from `codes.json`."""

import json
from functools import cache
from importlib.resources import files

_FILE = "codes.json"


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
def _table() -> dict[str, dict[str, str]]:
    text = files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    table: dict[str, dict[str, str]] = json.loads(text)
    return table
