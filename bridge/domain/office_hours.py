"""The firm's own hours (FIRM_HOURS), in its own zone: when its people may be rung."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.domain.hours import DAYS, Holidays, Window

_LOOK_AHEAD_DAYS = 21
_MINUTES_AN_HOUR = 60
_MINUTES_A_DAY = 24 * _MINUTES_AN_HOUR


@dataclass(frozen=True)
class OfficeSpan:
    """A window on some days of the week."""

    days: frozenset[str]
    window: Window

    def __str__(self) -> str:
        days = ",".join(day for day in DAYS if day in self.days)
        return f"{days} {_clock(self.window.opens)}-{_clock(self.window.closes)}"


@dataclass(frozen=True)
class OfficeWeek:
    """The windows of a week, as FIRM_HOURS names them."""

    spans: tuple[OfficeSpan, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.spans))


@dataclass(frozen=True)
class OfficeHours:
    """The windows on real days: in the firm's zone, and not on federal holidays if so set."""

    week: OfficeWeek
    zone: ZoneInfo
    skip_holidays: bool
    holidays: Holidays

    def is_open(self, moment: datetime) -> bool:
        """Whether the firm is open at this moment."""
        return self.next_open(moment) == moment

    def next_open(self, moment: datetime) -> datetime | None:
        """The moment itself if the firm is open then, else when it opens; None for weeks closed."""
        for opens, closes in self._windows(moment.astimezone(self.zone).date()):
            if closes > moment:
                return max(opens, moment)
        return None

    def next_morning(self, moment: datetime) -> datetime | None:
        """When the firm first opens on a later day; None if it doesn't for three weeks."""
        tomorrow = moment.astimezone(self.zone).date() + timedelta(days=1)
        return next((opens for opens, _ in self._windows(tomorrow)), None)

    def _windows(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """From when until when it is open, from this day on."""
        for ahead in range(_LOOK_AHEAD_DAYS):
            day = first + timedelta(days=ahead)
            if self.skip_holidays and self.holidays(day, None):
                continue
            name = DAYS[day.weekday()]
            spans = [span.window for span in self.week.spans if name in span.days]
            for window in sorted(spans, key=lambda window: window.opens):
                yield self._at(day, window.opens), self._at(day, window.closes)

    def _at(self, day: date, minutes: int) -> datetime:
        days, minutes = divmod(minutes, _MINUTES_A_DAY)
        wall_clock = time(*divmod(minutes, _MINUTES_AN_HOUR))
        there = datetime.combine(day + timedelta(days=days), wall_clock, self.zone)
        return there.astimezone(UTC)


def midnight_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the next day begins in this zone."""
    tomorrow = moment.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def _clock(minutes: int) -> str:
    return f"{minutes // _MINUTES_AN_HOUR:02}:{minutes % _MINUTES_AN_HOUR:02}"
