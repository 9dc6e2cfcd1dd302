"""How long to wait before something is tried again."""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=15)
LONGEST_OUTAGE_PAUSE = timedelta(seconds=30)
_DOUBLINGS = 20


def pause(
    tries: int,
    jitter: float,
    *,
    asked_for: timedelta | None = None,
    longest: timedelta = LONGEST_PAUSE,
) -> timedelta:
    """The pause after the `tries`-th failed try (1 or more).

    It doubles from one second up to `longest`; `jitter` (0 to 1, drawn by the caller) takes up to
    half of it away, so that what failed together doesn't return together. A remote system that
    asked for a certain pause gets at least that one.
    """
    doubled: timedelta = FIRST_PAUSE * 2 ** min(max(tries, 1) - 1, _DOUBLINGS)
    own = min(doubled, longest) * (1 - jitter / 2)
    return max(own, asked_for) if asked_for else own


def whole_minute(moment: datetime) -> datetime:
    """The next whole minute: SmartAdvocate keeps no seconds (smartadvocate.md, 1.3)."""
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)
