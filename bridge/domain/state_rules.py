"""The states' own calling windows, caps, calendars and rules for recorded voice, as dated data.

    state_rules.json      windows and caps, and what a state demands of a recorded voice
    state_holidays.json   the days on which a state bans solicitation

Every row has its sources, a mark of how well it is known, and a date by which it is to be compared
with the law again. See docs/reference/law.md#state-windows-and-caps.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from bridge.domain.state_calendars import Calendar, calendar
from bridge.domain.state_provenance import Provenance, provenance

SATURDAY, SUNDAY = 5, 6

_WINDOWS, _HOLIDAYS = "state_rules.json", "state_holidays.json"
_CLOSED_ON_HOLIDAYS = {"closed": True, "as other days": False}
_VERSION_LENGTH = 12


@dataclass(frozen=True)
class Window:
    """A daily time window in minutes after midnight; its end is exclusive."""

    opens: int
    closes: int


@dataclass(frozen=True)
class Week:
    """The windows of a week; None: no contact on that day."""

    weekday: Window | None
    saturday: Window | None
    sunday: Window | None

    def window(self, weekday: int) -> Window | None:
        """The window of a day (0: Monday)."""
        return {SATURDAY: self.saturday, SUNDAY: self.sunday}.get(weekday, self.weekday)


@dataclass(frozen=True)
class StateRule:
    """What one state requires in addition to the firm's own hours and caps."""

    state: str
    week: Week
    closed_on_holidays: bool
    """Whether there is no contact on the days of the state's calendar."""
    provenance: Provenance
    zone: str | None = None
    """The zone of the windows, if it isn't the person's own."""
    contacts_a_day: int | None = None
    disputed: bool = False
    """Whether sources disagree; then the stricter value is used."""

    def window(self, weekday: int, *, is_holiday: bool) -> Window | None:
        """The window of a day (0: Monday); None: no contact on that day."""
        if is_holiday and self.closed_on_holidays:
            return None
        return self.week.window(weekday)


class Demand(StrEnum):
    """What a state demands of a recorded or artificial voice."""

    HOURS = "hours"
    """It speaks in the state's hours for it only."""
    CONSENT = "consent"
    """The person's consent."""
    PERMIT = "permit"
    """A permit of the state, or a registration with it."""
    BAN = "ban"
    """It doesn't speak at all."""


class AppliesTo(StrEnum):
    """Which calls with a recorded or artificial voice a state's rule is about."""

    EVERY_CALL = "every call"
    SOLICITATION = "solicitation"


@dataclass(frozen=True)
class RecordedVoiceRule:
    """What one state demands of a call in which a recorded or artificial voice speaks."""

    state: str
    demand: Demand
    applies_to: AppliesTo
    provenance: Provenance
    week: Week | None = None
    """The hours for such a voice, in the person's own time; None: no hours of its own."""
    disputed: bool = False


@dataclass(frozen=True)
class RulePack:
    """All states' rules, with the version that is stored with every decision."""

    version: str
    """The first digits of the SHA-256 over the files that the rules are read from."""
    states: Mapping[str, StateRule]
    federal: Window
    calendars: Mapping[str, Calendar]
    recorded_voice: Mapping[str, RecordedVoiceRule]
    sources: Mapping[str, str]
    """Where a row was read, by the letter that rows name it by."""


def recorded_voice_rules(pack: RulePack, states: Iterable[str]) -> tuple[RecordedVoiceRule, ...]:
    """What the states in which a person may be demand of a recorded voice, by state.

    All of them apply at once. Where no state is known, as for a new area code, every state's do.
    """
    rules = pack.recorded_voice
    possible = frozenset(states) or frozenset(rules)
    return tuple(rules[state] for state in sorted(possible & rules.keys()))


def overdue_reviews(pack: RulePack, today: date) -> Mapping[date, tuple[str, ...]]:
    """The dates by which rows were to be reviewed and that have passed, with the rows' states."""
    overdue: dict[date, set[str]] = {}
    for state, row in _rows(pack):
        if row.review < today:
            overdue.setdefault(row.review, set()).add(state)
    return {review: tuple(sorted(overdue[review])) for review in sorted(overdue)}


def _rows(pack: RulePack) -> Iterator[tuple[str, Provenance]]:
    for rules in (pack.states, pack.recorded_voice):
        for state, rule in rules.items():
            yield state, rule.provenance
    for state, days in pack.calendars.items():
        for day in days.days:
            yield state, day.provenance


@cache
def rule_pack() -> RulePack:
    """The rules in the files."""
    windows, holidays = (_content(name) for name in (_WINDOWS, _HOLIDAYS))
    data, calendars = json.loads(windows), json.loads(holidays)["calendars"]
    return RulePack(
        version=sha256(windows + holidays).hexdigest()[:_VERSION_LENGTH],
        states={state: _rule(state, row) for state, row in data["states"].items()},
        federal=_window(data["federal"]["window"]) or Window(0, 0),
        calendars={state: calendar(state, row) for state, row in calendars.items()},
        recorded_voice={
            state: _recorded_voice(state, row) for state, row in data["recorded_voice"].items()
        },
        sources=data["sources"],
    )


def _content(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


def _rule(state: str, row: Mapping[str, Any]) -> StateRule:
    return StateRule(
        state=state,
        week=_week(row),
        closed_on_holidays=_CLOSED_ON_HOLIDAYS[row["holidays"]],
        provenance=provenance(row),
        zone=row.get("zone"),
        contacts_a_day=row.get("contacts_a_day"),
        disputed=row.get("disputed", False),
    )


def _recorded_voice(state: str, row: Mapping[str, Any]) -> RecordedVoiceRule:
    return RecordedVoiceRule(
        state=state,
        demand=Demand(row["demand"]),
        applies_to=AppliesTo(row["applies_to"]),
        provenance=provenance(row),
        week=_week(row) if "weekday" in row else None,
        disputed=row.get("disputed", False),
    )


def _week(row: Mapping[str, Any]) -> Week:
    return Week(_window(row["weekday"]), _window(row["saturday"]), _window(row["sunday"]))


def _window(times: list[str] | None) -> Window | None:
    if times is None:
        return None
    opens, closes = (int(time[:2]) * 60 + int(time[3:]) for time in times)
    return Window(opens, closes)
