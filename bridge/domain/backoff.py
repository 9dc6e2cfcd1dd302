"""How long to wait before a retry."""

from datetime import datetime, timedelta

FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=15)
LONGEST_OUTAGE_DELAY = timedelta(seconds=30)
_DOUBLINGS = 20


def delay(
    tries: int,
    jitter: float,
    *,
    asked_for: timedelta | None = None,
    longest: timedelta = LONGEST_DELAY,
) -> timedelta:
    """The delay after the `tries`-th failed try (1 or more).

    It doubles from one second up to `longest`. `jitter` (0 to 1, drawn by the caller) takes away up
    to half of it, so that what failed together isn't retried together. If the remote system asked
    for a delay, it is never shorter than that.
    """
    doubled: timedelta = FIRST_DELAY * 2 ** min(max(tries, 1) - 1, _DOUBLINGS)
    own = min(doubled, longest) * (1 - jitter / 2)
    return max(own, asked_for) if asked_for else own


def whole_minute(moment: datetime) -> datetime:
    """The next whole minute: SmartAdvocate keeps no seconds.

    See docs/reference/smartadvocate.md#dates.
    """
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)
