"""Whether the chain over the evidence goes on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bridge.checking.findings import OK, WARNING, Finding
from bridge.domain.evidence_chain import Link

OLD = timedelta(hours=2)
"""A worker makes a checkpoint every few minutes, and one an hour where nothing came."""


def of_chain(newest: Link | None, now: datetime) -> Iterator[Finding]:
    """A warning where no worker makes checkpoints; nothing before the first."""
    if newest is None:
        return
    age = now - newest.made_at
    if age > OLD:
        says = (
            f"the newest checkpoint is {age // timedelta(hours=1)} hours old: does a worker run? "
            "Until the next one, nobody would see that rows were changed"
        )
        yield Finding(WARNING, "evidence", says)
    else:
        yield Finding(OK, "evidence", f"{newest.id} checkpoints, the newest is recent")
