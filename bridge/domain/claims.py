"""Whose claim a case shows: SmartAdvocate takes any number of them, and the last one stands.

A claim ("In the Dialer") carries the current time as NextCall. Each deployment of the bridge
rounds it to moments of its own, so that a claim that is read back tells who made it.
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

CYCLE_SECONDS = 450
"""A deployment's own moments come round so often: a mark is at most four minutes off the time."""

SETTLES = timedelta(seconds=3)
"""So long after its claim a case is read back: by then every claim that was decided on before
this one could be seen has been written too."""

DECIDED_WITHIN = timedelta(seconds=1.5)
"""A case that was read longer ago is read again before it is claimed."""

_A_MINUTE = timedelta(minutes=1)
_HALF_A_MINUTE = 30


def mark(now: datetime, deployment: str) -> datetime:
    """The NextCall of a claim made now: a whole second near now, of this deployment's own.

    `deployment` names the deployment; two of them share their moments with a probability of 1 in
    `CYCLE_SECONDS`.
    """
    seconds = int(now.timestamp())
    before = seconds - (seconds - _slot(deployment)) % CYCLE_SECONDS
    nearest = before if seconds - before <= CYCLE_SECONDS // 2 else before + CYCLE_SECONDS
    return datetime.fromtimestamp(nearest, UTC)


def is_ours(shown: datetime, written: datetime, deployment: str) -> bool:
    """Whether a claim that is read back is this deployment's: this one, or an earlier one."""
    own = int(shown.timestamp() - _slot(deployment)) % CYCLE_SECONDS == 0
    return own or is_same(shown, written)


def may_be(shown: datetime | None, written: datetime) -> bool:
    """Whether a case may still carry a claim that was written: its date, or an earlier one's.

    A case without a date contradicts nothing. Whole hours apart it is the same claim, read in
    another zone.
    """
    if shown is None:
        return True
    apart = (shown - written).total_seconds()
    return apart % CYCLE_SECONDS == 0 or is_same(shown, written)


def is_same(shown: datetime | None, written: datetime) -> bool:
    """Whether a date that SmartAdvocate shows is one that was written, perhaps rounded to minutes.

    Its dates behave like SQL's smalldatetime, which keeps no seconds (smartadvocate.md, 1.3).
    """
    if shown is None:
        return False
    floor = written.replace(second=0, microsecond=0)
    nearest = floor + _A_MINUTE if written.second >= _HALF_A_MINUTE else floor
    return shown in {written, floor, nearest}


def about_the_same(one: datetime, other: datetime) -> bool:
    """Whether two dates are the same to the minute."""
    return abs(one - other) < _A_MINUTE


def _slot(deployment: str) -> int:
    """Which of the cycle's seconds are this deployment's; whole minutes are anybody's."""
    slot = int.from_bytes(blake2b(deployment.encode(), digest_size=8).digest()) % CYCLE_SECONDS
    # A cycle is seven and a half minutes: a whole half one is a whole one in every other cycle.
    return slot + (slot % 30 == 0)
