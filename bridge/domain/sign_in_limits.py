"""How guessing of the console's password is slowed down.

A wrong try counts for its address, and with those of all addresses from which nobody has signed in
lately. So whoever has thousands of addresses is slowed down too, and the firm's own people, at the
addresses where they always are, are not kept out by him. A right try takes no wrong one back: else
whoever has one of the two passwords could guess the other between his own sign-ins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limit:
    """So many wrong tries within so long; the next one has to wait until the first is that old."""

    most: int
    span: timedelta


OF_AN_ADDRESS = (
    Limit(5, timedelta(minutes=5)),
    Limit(10, timedelta(hours=1)),
    Limit(20, timedelta(hours=12)),
)
OF_ALL = (
    Limit(20, timedelta(minutes=15)),
    Limit(60, timedelta(hours=3)),
)
"""Of all addresses together; it doesn't hold back one that is known."""
KNOWN_FOR = timedelta(days=30)
"""An address is known for so long after somebody who signed in there was last seen."""
KEPT = timedelta(hours=23)
"""Tries are deleted after so long; since that is done once an hour, none is kept for over a day."""


def most(limits: Sequence[Limit]) -> int:
    """How many of the newest wrong tries these limits look at."""
    return max(limit.most for limit in limits)


def waits_until(
    wrong: Sequence[datetime], limits: Sequence[Limit], now: datetime
) -> datetime | None:
    """When the next try may be made; None if it may be made now.

    `wrong` are the times of wrong tries, the newest first.
    """
    ends = (wrong[limit.most - 1] + limit.span for limit in limits if len(wrong) >= limit.most)
    last = max(ends, default=now)
    return last if last > now else None
