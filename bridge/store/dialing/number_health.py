"""Numbers that have proved unfit: for calls, for texts, or for both."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store.db import insert_into
from bridge.store.listed import is_listed
from bridge.store.tables import number_health

OUT_OF_USE_AFTER = 2
"""Failures of the number itself after which it is out of use.

See docs/reference/law.md#numbers-that-are-never-dialed.
"""


_OUT_OF_USE = select(number_health.c.phone, number_health.c.channel, number_health.c.reason).where(
    is_listed(number_health.c.phone, "phones"), number_health.c.out_of_use.is_(True)
)
_FAILURES = select(number_health.c.failures).where(
    number_health.c.phone == bindparam("number"), number_health.c.channel == bindparam("by")
)


def record_failure(
    connection: Connection,
    phone: E164,
    channel: Channel,
    reason: str,
    now: datetime,
    *,
    weight: int = 1,
) -> None:
    """The number failed on this channel; by `OUT_OF_USE_AFTER` as weight it is unused at once."""
    row = insert_into(connection, number_health).values(
        phone=phone,
        channel=channel,
        failures=weight,
        out_of_use=weight >= OUT_OF_USE_AFTER,
        reason=reason,
        changed_at=now,
    )
    failures = number_health.c.failures + weight
    connection.execute(
        row.on_conflict_do_update(
            index_elements=[number_health.c.phone, number_health.c.channel],
            set_={
                "failures": failures,
                "out_of_use": failures >= OUT_OF_USE_AFTER,
                "reason": reason,
                "changed_at": now,
            },
        )
    )


def clear_failures(connection: Connection, phone: E164, channel: Channel, now: datetime) -> None:
    """The number worked after all."""
    if connection.scalar(_FAILURES, {"number": phone, "by": channel}):
        connection.execute(
            number_health.update()
            .where(number_health.c.phone == phone, number_health.c.channel == channel)
            .values(failures=0, out_of_use=False, changed_at=now)
        )


def out_of_use(
    connection: Connection, phones: Collection[E164]
) -> Mapping[tuple[E164, Channel], str]:
    """Which of these numbers can't be reached on which channel, and why."""
    rows = connection.execute(_OUT_OF_USE, {"phones": sorted(phones)})
    return {(row.phone, Channel(row.channel)): row.reason for row in rows}
