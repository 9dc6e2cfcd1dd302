"""What a due case whose date lies ahead says of SmartAdvocate's clock and zone.

SmartAdvocate lists a case when its date has passed (smartadvocate.md, 1.3). If that date, read in
SMARTADVOCATE_TIMEZONE, still lies ahead, then its clock is fast, or its dates are another zone's.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

CANDIDATES = (
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
"""Zones in which a US firm's SmartAdvocate may write. Of two that show the same time the first is
named: most firms live there."""

LEAST_OF_A_ZONE = timedelta(minutes=45)
"""The zones of `CANDIDATES` lie whole hours apart; a case is listed a poll or so after its date, so
the newest of them lies ahead by nearly the whole difference. No clock that anybody would leave
running is off by as much."""

_SLACK = timedelta(minutes=1)
"""SmartAdvocate keeps no seconds (smartadvocate.md, 1.3), and its clock and ours drift."""


def hours_ahead_means_zone(ahead: timedelta, tolerance: timedelta) -> bool:
    """Whether a due case's date lies so far ahead that its zone must be another.

    `tolerance` is SMARTADVOCATE_CLOCK_TOLERANCE: what the firm allows its clock is never a zone's.
    """
    return ahead > tolerance and ahead >= LEAST_OF_A_ZONE


def fitting_zone(now: datetime, zone: ZoneInfo, ahead: timedelta) -> str | None:
    """The zone in which a due case's date would be past: the westernmost that makes it so.

    The date, read in `zone`, lies `ahead` of `now`; the zone that is sought lies at least as much
    further east, a minute given. None if no candidate does.
    """
    here = _offset(zone, now)
    fitting = [
        (offset, name)
        for name in CANDIDATES
        if (offset := _offset(ZoneInfo(name), now)) > here and offset - here >= ahead - _SLACK
    ]
    return min(fitting, key=lambda one: one[0])[1] if fitting else None


def _offset(zone: ZoneInfo, now: datetime) -> timedelta:
    return now.astimezone(zone).utcoffset() or timedelta()
