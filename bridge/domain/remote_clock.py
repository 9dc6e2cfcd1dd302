"""What the dates of due cases show about SmartAdvocate's clock and time zone.

Its dates carry no offset and their zone isn't published (docs/reference/smartadvocate.md#dates), so
SMARTADVOCATE_TIMEZONE may be wrong. A case that is listed as due must have a date in the past.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONES = (
    "UTC",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)
"""The zones that a US firm's server may use, the most likely first."""

_MIN_ZONE_DIFFERENCE = timedelta(minutes=45)
"""US zones differ by whole hours, and the newest of several due cases isn't old."""

_SLACK = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def hours_ahead_means_zone(ahead: timedelta, tolerance: timedelta) -> bool:
    """Whether a due date this far in the future must be in another zone.

    A smaller difference may be a clock that runs fast.
    """
    return ahead > tolerance and ahead >= _MIN_ZONE_DIFFERENCE


def late_by_whole_hours(late: timedelta, uncertainty: timedelta) -> int:
    """How many whole hours late something is, within the uncertainty; 0 if it isn't whole hours."""
    hours = round(late / _HOUR)
    return hours if hours >= 1 and abs(late - hours * _HOUR) <= uncertainty else 0


def fitting_zone(now: datetime, zone: ZoneInfo, ahead: timedelta) -> str | None:
    """The zone in which a date that is `ahead` of now when read in `zone` would be just past.

    The westernmost of the likely zones that do; None if none does. A negative `ahead` is a date
    that came due late by that much.
    """
    needed = _offset(zone, now) + ahead - _SLACK
    fitting = [name for name in ZONES if _offset(ZoneInfo(name), now) >= needed]
    return min(fitting, key=lambda name: _offset(ZoneInfo(name), now), default=None)


def _offset(zone: ZoneInfo, now: datetime) -> timedelta:
    return now.astimezone(zone).utcoffset() or timedelta()
