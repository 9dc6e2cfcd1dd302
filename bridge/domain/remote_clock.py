"""What dates that SmartAdvocate shows tell of its clock and of the zone of its dates.

Its dates carry no offset and their zone isn't published (smartadvocate.md, 1.3), so
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
"""Where a US firm's server may keep its time; the more likely one first."""

_LEAST_OF_A_ZONE = timedelta(minutes=45)
"""Zones of the US lie whole hours apart, and the newest of several due cases isn't old."""

_SLACK = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def hours_ahead_means_zone(ahead: timedelta, tolerance: timedelta) -> bool:
    """Whether a date that lies so far ahead of now, though it is due, is another zone's.

    Less than that may be a clock that goes ahead.
    """
    return ahead > tolerance and ahead >= _LEAST_OF_A_ZONE


def late_by_whole_hours(late: timedelta, uncertainty: timedelta) -> int:
    """By how many whole hours something is late; 0 when it is none, within the uncertainty."""
    hours = round(late / _HOUR)
    return hours if hours >= 1 and abs(late - hours * _HOUR) <= uncertainty else 0


def fitting_zone(now: datetime, zone: ZoneInfo, ahead: timedelta) -> str | None:
    """The zone in which a date that was read in `zone`, and lies `ahead` of now, is just past.

    Of the likely zones the one least far east that makes it so; None if none does. A negative
    `ahead` is a date that came due so much too late.
    """
    needed = _offset(zone, now) + ahead - _SLACK
    fitting = [name for name in ZONES if _offset(ZoneInfo(name), now) >= needed]
    return min(fitting, key=lambda name: _offset(ZoneInfo(name), now), default=None)


def _offset(zone: ZoneInfo, now: datetime) -> timedelta:
    return now.astimezone(zone).utcoffset() or timedelta()
