"""Counts that outlive a process and add up over all of them, for `/metrics` and `bridge check`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from bridge.store.db import insert_into
from bridge.store.tables import tallies

Key = tuple[str, str]
"""A count's name and its label values, joined by `|`."""


@dataclass(frozen=True)
class StoredCount:
    """A count and when it last changed."""

    name: str
    labels: str
    value: float
    touched_at: datetime


def add(connection: Connection, counts: Mapping[Key, float], now: datetime) -> None:
    """Add to the counts. Sorted, so that two processes never wait for each other in a ring."""
    for (name, labels), value in sorted(counts.items()):
        row = insert_into(connection, tallies).values(
            name=name, labels=labels, value=value, touched_at=now
        )
        connection.execute(
            row.on_conflict_do_update(
                index_elements=[tallies.c.name, tallies.c.labels],
                set_={"value": tallies.c.value + row.excluded.value, "touched_at": now},
            )
        )


def read(connection: Connection) -> list[StoredCount]:
    """All counts."""
    rows = connection.execute(select(tallies).order_by(tallies.c.name, tallies.c.labels))
    return [StoredCount(row.name, row.labels, row.value, row.touched_at) for row in rows]
