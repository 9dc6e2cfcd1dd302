"""Whose claim a case shows: SmartAdvocate accepts any number of claims, and the last one wins.

A claim ("In the Dialer") carries about the current time as NextCall. Each deployment of the bridge
uses seconds of its own, so that a claim that is read back shows who made it.
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

CYCLE_SECONDS = 450
"""Each deployment has one second in this many: a claim's date is at most four minutes off."""

READ_BACK_AFTER = timedelta(seconds=3)
"""How long after its claim a case is read back: by then a competing claim that was decided on
before this one could be seen has been written too."""

MAX_READ_AGE = timedelta(seconds=1.5)
"""A case that was read longer ago is read again before it is claimed."""

_A_MINUTE = timedelta(minutes=1)
_HALF_A_MINUTE = 30


def claim_date(now: datetime, deployment: str) -> datetime:
    """The NextCall of a claim made now: the second nearest to now that is this deployment's own.

    `deployment` is the deployment's name; two of them share their seconds with a probability of
    1 in `CYCLE_SECONDS`.
    """
    seconds = int(now.timestamp())
    before = seconds - (seconds - _slot(deployment)) % CYCLE_SECONDS
    nearest = before if seconds - before <= CYCLE_SECONDS // 2 else before + CYCLE_SECONDS
    return datetime.fromtimestamp(nearest, UTC)


def is_ours(shown: datetime, written: datetime, deployment: str) -> bool:
    """Whether the claim that a case shows is this deployment's: this one, or an earlier one."""
    own = int(shown.timestamp() - _slot(deployment)) % CYCLE_SECONDS == 0
    return own or is_same(shown, written)


def may_be_claim(shown: datetime | None, written: datetime) -> bool:
    """Whether the date that a case shows may be that of a claim we wrote, or of an earlier claim.

    A case may also show no date, or the claim's date read in another zone, whole hours apart.
    """
    if shown is None:
        return True
    apart = (shown - written).total_seconds()
    return apart % CYCLE_SECONDS == 0 or is_same(shown, written)


def is_same(shown: datetime | None, written: datetime) -> bool:
    """Whether SmartAdvocate shows the date that was written, perhaps rounded to minutes.

    Its dates behave like SQL's smalldatetime, which keeps no seconds
    (docs/reference/smartadvocate.md#dates).
    """
    if shown is None:
        return False
    floor = written.replace(second=0, microsecond=0)
    nearest = floor + _A_MINUTE if written.second >= _HALF_A_MINUTE else floor
    return shown in {written, floor, nearest}


def same_minute(first: datetime, second: datetime) -> bool:
    """Whether two dates are less than a minute apart."""
    return abs(first - second) < _A_MINUTE


def _slot(deployment: str) -> int:
    """Which of the cycle's seconds is this deployment's own; never one on a whole minute."""
    slot = int.from_bytes(blake2b(deployment.encode(), digest_size=8).digest()) % CYCLE_SECONDS
    # A cycle is 7.5 minutes: half a minute in one cycle is a whole minute in the next.
    return slot + (slot % 30 == 0)
