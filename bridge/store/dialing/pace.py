"""The pace of calls: one row that says when the next may be placed, over all workers.

Whoever reserves a call or text holds this row's lock meanwhile, so that caps, the number of calls
under way and the pace are checked by one transaction at a time.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from bridge.store.db import insert_into
from bridge.store.tables import pace

_CALLS = "calls"


def lock(connection: Connection, now: datetime) -> datetime:
    """Take the lock until the transaction ends; return when the next call may be placed."""
    connection.execute(
        insert_into(connection, pace).values(name=_CALLS, next_at=now).on_conflict_do_nothing()
    )
    next_at: datetime = connection.execute(
        select(pace.c.next_at).where(pace.c.name == _CALLS).with_for_update()
    ).scalar_one()
    return next_at


def set_next(connection: Connection, at: datetime) -> None:
    """Set when the next call may be placed."""
    connection.execute(update(pace).where(pace.c.name == _CALLS).values(next_at=at))


def next_at(connection: Connection) -> datetime:
    """When the next call may be placed; long ago when none ever was."""
    found: datetime | None = connection.scalar(select(pace.c.next_at).where(pace.c.name == _CALLS))
    return found or datetime(1970, 1, 1, tzinfo=UTC)
