"""When people may be reached: in every zone where they may be, by the firm's and the states' hours.

Sources: compliance.md, 1 and 1a. A person's place is known by ZIP code and area code only, so all
candidate zones must be inside their windows at once, and every candidate state's rule applies.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.domain.state_rules import StateRule, Window

__all__ = [
    "GUARD",
    "House",
    "Opening",
    "Whereabouts",
    "Window",
    "next_business_day",
    "opening",
]

GUARD = timedelta(minutes=10)
"""Nothing begins so shortly before a window closes: carriers deliver late."""

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

Holidays = Callable[[date, str | None], str | None]
"""The name of the holiday on a day: a federal one, or one of a state when a state is named."""


@dataclass(frozen=True)
class Whereabouts:
    """Where a person may be: IANA zones and two-letter states.

    No zone: any of the lower 48's. No state, as for a young area code: any.
    """

    zones: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()


@dataclass(frozen=True)
class House:
    """The firm's own hours, and whose rules come on top."""

    window: Window
    days: frozenset[str]
    skip_holidays: bool
    rules: Mapping[str, StateRule] = field(default_factory=dict)
    """The states' rules; none when DIAL_STATE_RULES is off."""


@dataclass(frozen=True)
class Opening:
    """The next moment at which a person may be reached."""

    at: datetime
    until: datetime
    """When the first window closes after it, the guard not taken off."""
    because: str = ""
    """What holds contact back before it, in plain words; empty when nothing does."""


@dataclass(frozen=True)
class _Clock:
    """One wall clock on which it must be time, and whose rule says so."""

    zone: ZoneInfo
    whose: str
    window: Callable[[date], Window | None]
    holidays: Callable[[date], str | None]

    def span(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """The window of the moment's day, with the guard taken off its end."""
        day = moment.astimezone(self.zone).date()
        window = self.window(day)
        if window is None:
            return None
        closes = self._at(day, window.closes)
        return self._at(day, window.opens), closes if self._runs_on(day) else closes - GUARD

    def closes(self, moment: datetime) -> datetime:
        """When the window that is open at this moment closes; a far date if it never does."""
        day = moment.astimezone(self.zone).date()
        for _ in range(_LOOK_AHEAD_DAYS):
            if not self._runs_on(day):
                break
            day += timedelta(days=1)
        window = self.window(day)
        return self._at(day, window.closes if window else 0)

    def _runs_on(self, day: date) -> bool:
        """Whether the window goes over midnight into the next day's."""
        today, tomorrow = self.window(day), self.window(day + timedelta(days=1))
        return bool(today and tomorrow and today.closes == _MINUTES_A_DAY and tomorrow.opens == 0)

    def is_open(self, moment: datetime) -> bool:
        span = self.span(moment)
        return span is not None and span[0] <= moment < span[1]

    def openings(self, moment: datetime) -> Iterator[datetime]:
        first = moment.astimezone(self.zone).date()
        for ahead in range(_LOOK_AHEAD_DAYS):
            day = first + timedelta(days=ahead)
            window = self.window(day)
            if window is not None:
                yield self._at(day, window.opens)

    def _at(self, day: date, minutes: int) -> datetime:
        midnight = datetime.combine(day, time())
        wall = midnight + timedelta(minutes=minutes)
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def refusal(self, moment: datetime) -> str:
        there = moment.astimezone(self.zone)
        window = self.window(there.date())
        holiday = self.holidays(there.date())
        day = f"{there:%A}s" if holiday is None else f"days such as {holiday}"
        allowed = (
            f"allows contact from {_clock(window.opens)} to {_clock(window.closes)}"
            if window
            else f"allows none on {day}"
        )
        return f"it is {there:%a %H:%M} in {self.zone.key}, and {self.whose} {allowed}"


def opening(now: datetime, where: Whereabouts, house: House, holidays: Holidays) -> Opening | None:
    """The earliest moment from `now` on at which every clock that applies is inside its window.

    None when there is none within three weeks. Unknown whereabouts take the strictest of the
    lower 48 states: all their zones, and every state's rule.
    """
    clocks = _clocks(where, house, holidays)
    closed = [clock for clock in clocks if not clock.is_open(now)]
    if not closed:
        return Opening(at=now, until=min(clock.closes(now) for clock in clocks))
    moments = [now, *(at for clock in clocks for at in clock.openings(now) if at > now)]
    for moment in sorted(set(moments)):
        if all(clock.is_open(moment) for clock in clocks):
            return Opening(
                at=moment,
                until=min(clock.closes(moment) for clock in clocks),
                because="; ".join(dict.fromkeys(clock.refusal(now) for clock in closed)),
            )
    return None


def _clocks(where: Whereabouts, house: House, holidays: Holidays) -> list[_Clock]:
    zones = sorted(where.zones or LOWER_48)
    states = sorted(where.states or house.rules)
    federal = _holidays_of(None, holidays)
    firms = _firms_window(house, federal)
    clocks = [_Clock(ZoneInfo(zone), "the firm", firms, federal) for zone in zones]
    for state in states:
        rule = house.rules.get(state)
        if rule is not None:
            there = [rule.zone] if rule.zone else zones
            own = _holidays_of(state, holidays)
            window = _states_window(rule, own)
            whose = f"the rule of {state}"
            clocks += [_Clock(ZoneInfo(zone), whose, window, own) for zone in there]
    return clocks


def _firms_window(
    house: House, holidays: Callable[[date], str | None]
) -> Callable[[date], Window | None]:
    def window(day: date) -> Window | None:
        closed = DAYS[day.weekday()] not in house.days
        return None if closed or (house.skip_holidays and holidays(day)) else house.window

    return window


def _states_window(
    rule: StateRule, holidays: Callable[[date], str | None]
) -> Callable[[date], Window | None]:
    return lambda day: rule.window(day.weekday(), is_holiday=holidays(day) is not None)


def _holidays_of(state: str | None, holidays: Holidays) -> Callable[[date], str | None]:
    return lambda day: holidays(day, state)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def next_business_day(moment: datetime, zone: ZoneInfo, holidays: Holidays) -> datetime:
    """The first minute, in the firm's zone, of the next Monday to Friday that is no holiday."""
    day = moment.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() >= _SATURDAY or holidays(day, None):
        day += timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)
