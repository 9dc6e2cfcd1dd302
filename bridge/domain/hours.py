"""When people may be reached: by the firm's and the states' hours, in every possible time zone.

Sources: docs/reference/law.md#hours and #state-windows-and-caps. A person's location is known by
ZIP code and area code only, so all possible zones must be inside their windows at once, and every
possible state's rule applies.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bridge.domain.state_rules import StateRule, Window

__all__ = [
    "AFTER_OPENING",
    "BEFORE_CLOSING",
    "AppliedWindow",
    "FirmHours",
    "Location",
    "Opening",
    "Window",
    "applied_windows",
    "candidate_zones",
    "clock_time",
    "next_business_day",
    "next_opening",
]

BEFORE_CLOSING = timedelta(minutes=10)
"""No contact begins this close to the end of a window: carriers deliver late."""
AFTER_OPENING = timedelta(minutes=5)
"""None begins this soon after the start of a window: clocks differ, and complaints name minutes."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOWER_48 = frozenset(
    {
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
    }
)

_MINUTES_A_DAY = 24 * 60
_LOOK_AHEAD_DAYS = 21
_SATURDAY = 5
_PLACES_KEPT = 1024
_DAYS_KEPT = 8192
"""What the rules say of a place's days is asked for each of its cases, and kept for so many."""

Holidays = Callable[[date, str | None], str | None]
"""The name of the holiday on a day: a federal one, or one of a state when a state is named."""


@dataclass(frozen=True)
class Location:
    """Where a person may be: IANA time zones and two-letter states.

    Without a zone it is any of the lower 48's; without a state, as for a new area code, any.
    """

    zones: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    unlocatable: str = ""
    """Why nobody can tell where the person is, as with a military address; empty if one can."""


@dataclass(frozen=True)
class FirmHours:
    """The firm's own hours, and the states' rules that apply as well."""

    window: Window
    days: frozenset[str]
    skip_holidays: bool
    rules: Mapping[str, StateRule] = field(default_factory=dict, hash=False)
    """By state; empty when DIAL_STATE_RULES is off."""


@dataclass(frozen=True)
class Opening:
    """The next moment at which a person may be reached."""

    at: datetime
    until: datetime
    """When the first window closes after it; a contact begins earlier than that."""
    reason: str = ""
    """Why nobody may be reached before it; empty when it is now."""
    standing: str = ""
    """The same without the minute in which it was asked: alike for all whom the rule holds back."""


@dataclass(frozen=True, eq=False)
class _Clock:
    """The windows of one rule on the wall clock of one zone; what it says of a day is kept."""

    zone: ZoneInfo
    rule_of: str
    """Whose rule it is: the firm's or a state's."""
    window: Callable[[date], Window | None]
    holidays: Callable[[date], str | None]
    state: str | None = None

    def span(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """From when until when contact may begin on the moment's day."""
        return self._span(moment.astimezone(self.zone).date())

    @lru_cache(_DAYS_KEPT)  # noqa: B019 - the clocks themselves are kept, and are as few
    def _span(self, day: date) -> tuple[datetime, datetime] | None:
        window = self.window(day)
        if window is None:
            return None
        goes_on = self._joins_next_day(day - timedelta(days=1))
        opens, closes = self._at(day, window.opens), self._at(day, window.closes)
        return (
            opens if goes_on else opens + AFTER_OPENING,
            closes if self._joins_next_day(day) else closes - BEFORE_CLOSING,
        )

    def closes(self, moment: datetime) -> datetime:
        """When the window that is open at this moment closes; a far date if it never does."""
        return self._closes(moment.astimezone(self.zone).date())

    @lru_cache(_DAYS_KEPT)  # noqa: B019 - as above
    def _closes(self, day: date) -> datetime:
        for _ in range(_LOOK_AHEAD_DAYS):
            if not self._joins_next_day(day):
                break
            day += timedelta(days=1)
        window = self.window(day)
        return self._at(day, window.closes if window else 0)

    def _joins_next_day(self, day: date) -> bool:
        """Whether the day's window continues into the next day's at midnight."""
        today, tomorrow = self.window(day), self.window(day + timedelta(days=1))
        return bool(today and tomorrow and today.closes == _MINUTES_A_DAY and tomorrow.opens == 0)

    @lru_cache(_DAYS_KEPT)  # noqa: B019 - as above
    def applied(self, day: date) -> "AppliedWindow":
        """The window of a day."""
        window = self.window(day)
        holiday = None if window else self.holidays(day)
        return AppliedWindow(self.state, self.zone.key, day, window, holiday)

    def is_open(self, moment: datetime) -> bool:
        span = self.span(moment)
        return span is not None and span[0] <= moment < span[1]

    def openings(self, moment: datetime) -> Iterator[datetime]:
        first = moment.astimezone(self.zone).date()
        for ahead in range(_LOOK_AHEAD_DAYS):
            span = self._span(first + timedelta(days=ahead))
            if span is not None:
                yield span[0]

    def _at(self, day: date, minutes: int) -> datetime:
        midnight = datetime.combine(day, time())
        wall = midnight + timedelta(minutes=minutes)
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def reason_closed(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        now = f"{local:%a} {_time_of(local)}"
        return (
            f"it is {now} in {self.zone.key}; {self.rule_of} allow contact {self._allowed(local)}"
            f"{self._margins(local)}"
        )

    def standing_reason(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return (
            f"{self.rule_of} allow contact {self._allowed(local)} in {self.zone.key}"
            f"{self._margins(local)}"
        )

    def _allowed(self, local: datetime) -> str:
        window = self.window(local.date())
        if window:
            return f"only from {clock_time(window.opens)} to {clock_time(window.closes)}"
        holiday = self.holidays(local.date())
        day = f"{local:%A}s" if holiday is None else f"a holiday ({holiday})"
        return f"not on {day}"

    def _margins(self, local: datetime) -> str:
        """Why nothing begins at 9:02 although the hours begin at 9:00."""
        span = self.span(local)
        if span is None:
            return ""
        first, last = (_time_of(edge.astimezone(self.zone)) for edge in span)
        return f" (nothing starts before {first} or after {last})"


def next_opening(
    now: datetime, location: Location, hours: FirmHours, holidays: Holidays
) -> Opening | None:
    """The earliest moment from `now` on at which every window that applies is open.

    None when there is none within three weeks. For an unknown location all zones of the lower 48
    and every state's rule apply.
    """
    clocks = _clocks(location, hours, holidays)
    closed = [clock for clock in clocks if not clock.is_open(now)]
    if not closed:
        return Opening(at=now, until=min(clock.closes(now) for clock in clocks))
    moments = [now, *(at for clock in clocks for at in clock.openings(now) if at > now)]
    for moment in sorted(set(moments)):
        if all(clock.is_open(moment) for clock in clocks):
            return Opening(
                at=moment,
                until=min(clock.closes(moment) for clock in clocks),
                reason=_all(clock.reason_closed(now) for clock in closed),
                standing=_all(clock.standing_reason(now) for clock in closed),
            )
    return None


@dataclass(frozen=True)
class AppliedWindow:
    """The window of one rule on one day in one zone."""

    state: str | None
    """Whose rule it is; None: the firm's own hours."""
    zone: str
    day: date
    window: Window | None
    """None: no contact on that day."""
    holiday: str | None
    """The name of a holiday, where that is why."""


def applied_windows(
    now: datetime, location: Location, hours: FirmHours, holidays: Holidays
) -> list[AppliedWindow]:
    """Every window that `next_opening` looks at, for the day that it is in its zone."""
    clocks = _clocks(location, hours, holidays)
    return [clock.applied(now.astimezone(clock.zone).date()) for clock in clocks]


def candidate_zones(location: Location) -> list[str]:
    """The zones in which a person may be: those of the lower 48 where none is known."""
    return sorted(location.zones or LOWER_48)


def _all(reasons: Iterable[str]) -> str:
    """Each of them once."""
    return "; ".join(dict.fromkeys(reasons))


@lru_cache(_PLACES_KEPT)
def _clocks(location: Location, hours: FirmHours, holidays: Holidays) -> Sequence[_Clock]:
    zones = candidate_zones(location)
    states = sorted(location.states or hours.rules)
    federal = _holidays_of(None, holidays)
    window = _firm_window(hours, federal)
    clocks = [_Clock(ZoneInfo(zone), "the firm's hours", window, federal) for zone in zones]
    for state in states:
        rule = hours.rules.get(state)
        if rule is not None:
            rule_zones = [rule.zone] if rule.zone else zones
            own = _holidays_of(state, holidays)
            window = _state_window(rule, own)
            rule_of = f"{state} rules"
            clocks += [_Clock(ZoneInfo(zone), rule_of, window, own, state) for zone in rule_zones]
    return clocks


def _firm_window(
    hours: FirmHours, holidays: Callable[[date], str | None]
) -> Callable[[date], Window | None]:
    def window(day: date) -> Window | None:
        closed = DAYS[day.weekday()] not in hours.days
        return None if closed or (hours.skip_holidays and holidays(day)) else hours.window

    return window


def _state_window(
    rule: StateRule, holidays: Callable[[date], str | None]
) -> Callable[[date], Window | None]:
    return lambda day: rule.window(day.weekday(), is_holiday=holidays(day) is not None)


def _holidays_of(state: str | None, holidays: Holidays) -> Callable[[date], str | None]:
    return lambda day: holidays(day, state)


def clock_time(minutes: int) -> str:
    """A time of day as Americans write it: `9:00 AM`; `midnight` and `noon` in words."""
    if minutes % (12 * 60) == 0:
        return "noon" if minutes == 12 * 60 else "midnight"
    hour, minute = divmod(minutes, 60)
    return f"{hour % 12 or 12}:{minute:02d} {'AM' if hour < 12 else 'PM'}"


def _time_of(local: datetime) -> str:
    return clock_time(local.hour * 60 + local.minute)


def next_business_day(moment: datetime, zone: ZoneInfo, holidays: Holidays) -> datetime:
    """The first minute, in the firm's zone, of the next weekday that is no federal holiday."""
    day = moment.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() >= _SATURDAY or holidays(day, None):
        day += timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)
