"""Whether the chain over the evidence goes on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bridge.checking.findings import OK, WARNING, Finding
from bridge.domain.evidence_chain import Link

OLD = timedelta(hours=2)
"""What is newer need not be covered yet: a worker makes a checkpoint every few minutes, and one an
hour where nothing came."""


def of_chain(newest: Link | None, now: datetime) -> Iterator[Finding]:
    """A warning where newer rows aren't covered; nothing before the first checkpoint.

    After an upgrade all older rows are covered first, which may take a while.
    """
    if newest is None:
        return
    age = now - newest.made_at
    if age > OLD:
        says = (
            f"the newest checkpoint is {age // timedelta(hours=1)} hours old: does a worker run? "
            "Until the next one, nobody would see that rows were changed"
        )
        yield Finding(WARNING, "evidence", says)
    elif newest.until is None or now - newest.until > OLD:
        reach = f"only reach {newest.until:%Y-%m-%d %H:%M} UTC" if newest.until else "reach no row"
        says = (
            f"the checkpoints {reach} so far: a worker goes on with the older rows every few "
            "minutes. Until then, nobody would see that newer ones were changed"
        )
        yield Finding(WARNING, "evidence", says)
    else:
        yield Finding(OK, "evidence", f"{newest.id} checkpoints, the newest is recent")
