"""What a pause that a person sets can be about, as it is typed."""

from collections.abc import Callable

from bridge.adapters.geography import STATES
from bridge.domain.contact_facts import PauseScope
from bridge.domain.phones import parse_phone
from bridge.errors import SettingError

_LONGEST_CASE_ID = 18
"""Digits: as many as the database can hold for certain."""


def named(scope: PauseScope, what: str) -> str:
    """The campaign, state, number or case as it is stored; empty for everything and for texts.

    Raises:
        SettingError: there is no such state, number or case.
    """
    found = _FORMS[scope](what.strip())
    if found is None:
        raise SettingError(f"there is no {scope} {what!r}: {_SHOULD_BE[scope]}")
    return found


def _state(what: str) -> str | None:
    return what.upper() if what.upper() in STATES else None


def _case(what: str) -> str | None:
    is_number = what.isascii() and what.isdigit() and len(what) <= _LONGEST_CASE_ID
    return str(int(what)) if is_number else None


_FORMS: dict[PauseScope, Callable[[str], str | None]] = {
    PauseScope.EVERYTHING: lambda _: "",
    PauseScope.TEXTS: lambda _: "",
    PauseScope.CAMPAIGN: lambda what: what,
    PauseScope.STATE: _state,
    PauseScope.NUMBER: parse_phone,
    PauseScope.CASE: _case,
}
_SHOULD_BE = {
    PauseScope.STATE: "name it by two letters, such as LA",
    PauseScope.NUMBER: "write it as +14025555759",
    PauseScope.CASE: "give its CaseID, a number",
}
