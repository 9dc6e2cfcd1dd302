"""What the list of contacts is filtered by, from the address and back.

A value that makes no sense is left out, and a sentence says so.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from bridge.domain.contact_outcomes import LABELS, ContactOutcome
from bridge.domain.events import Channel, Direction
from bridge.store.callbacks.contact_list import Key, Wanted

CHANNELS = {Channel.CALL: "Calls", Channel.TEXT: "Texts"}
DIRECTIONS = {Direction.OUTBOUND: "From us", Direction.INBOUND: "To us"}
NAMES = ("case", "digits", "day", "outcome", "channel", "direction", "campaign")
"""The filters, as the address and the form name them."""

_DIGITS = 4
_CASE = re.compile(r"[0-9]{1,18}")
_PLACE = re.compile(r"([0-9]{1,12})\.([0-9]{1,6})-([0-9]{1,18})")
_SECOND = timedelta(seconds=1)
_LAST_SECOND = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())
_LABELS = {
    "case": "Case",
    "digits": "Phone",
    "day": "Day",
    "outcome": "What happened",
    "channel": "Calls or texts",
    "direction": "Who began",
    "campaign": "Campaign",
}


@dataclass(frozen=True)
class Filters:
    """What the address asks for, understood."""

    wanted: Wanted
    given: Mapping[str, str]
    """The filters in effect, as they stand in the address."""
    problems: Sequence[str] = ()
    """What could not be understood, a sentence each."""

    @property
    def shown(self) -> Mapping[str, str]:
        """The filters in effect, in words."""
        return {name: f"{_LABELS[name]}: {_words(name, self.given[name])}" for name in self.given}

    def without(self, name: str) -> Mapping[str, str]:
        """The address's values without one of them."""
        return {other: value for other, value in self.given.items() if other != name}


def read(values: Mapping[str, str], zone: tzinfo) -> Filters:
    """What an address asks for; days are days of this zone."""
    given: dict[str, str] = {}
    found: dict[str, Any] = {}
    problems = []
    for name in NAMES:
        text = values.get(name, "").strip()
        if not text:
            continue
        try:
            given[name], fields = _READERS[name](text, zone)
        except ValueError as error:
            problems.append(f"{error} This filter was left out.")
        else:
            found |= fields
    return Filters(Wanted(**found), given, problems)


def place(text: str) -> Key | None:
    """The place in the list that an address names; None where it names none."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    seconds, micros, identity = map(int, found.groups())
    if seconds > _LAST_SECOND:
        return None
    return Key(datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros), identity)


def address(key: Key) -> str:
    """A place in the list as an address names it."""
    since = key.at - datetime.fromtimestamp(0, UTC)
    return f"{since // _SECOND}.{key.at.microsecond:06d}-{key.id}"


_Read = tuple[str, Mapping[str, Any]]


def _case(text: str, _zone: tzinfo) -> _Read:
    if not _CASE.fullmatch(text):
        raise ValueError("A case is a number, such as 7.")
    return text, {"case_id": int(text)}


def _digits(text: str, _zone: tzinfo) -> _Read:
    digits = "".join(character for character in text if character in "0123456789")
    if len(digits) < _DIGITS:
        raise ValueError("Give the last four digits of a phone, such as 0114.")
    return digits[-_DIGITS:], {"digits": digits[-_DIGITS:]}


def _day(text: str, zone: tzinfo) -> _Read:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
        since = datetime.combine(day, time(), zone).astimezone(UTC)
        until = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("Give a day as 2026-11-24.") from error
    return day.isoformat(), {"since": since, "until": until}


def _outcome(text: str, _zone: tzinfo) -> _Read:
    if text not in set(ContactOutcome):
        raise ValueError("There is no such outcome.")
    return text, {"outcome": ContactOutcome(text)}


def _channel(text: str, _zone: tzinfo) -> _Read:
    if text not in set(Channel):
        raise ValueError("A contact is a call or a text.")
    return text, {"channel": Channel(text)}


def _direction(text: str, _zone: tzinfo) -> _Read:
    if text not in set(Direction):
        raise ValueError("A contact goes out from us or comes in to us.")
    return text, {"direction": Direction(text)}


def _campaign(text: str, _zone: tzinfo) -> _Read:
    return text[:128], {"campaign": text[:128]}


_READERS: Mapping[str, Callable[[str, tzinfo], _Read]] = {
    "case": _case,
    "digits": _digits,
    "day": _day,
    "outcome": _outcome,
    "channel": _channel,
    "direction": _direction,
    "campaign": _campaign,
}


def _words(name: str, value: str) -> str:
    named: Mapping[str, Mapping[Any, str]] = {
        "outcome": LABELS,
        "channel": CHANNELS,
        "direction": DIRECTIONS,
    }
    return f"…{value}" if name == "digits" else named.get(name, {}).get(value, value)
