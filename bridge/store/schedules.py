"""Things done from time to time, by one worker for all: a tick is claimed by its own time."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bridge.store.db import insert_into
from bridge.store.tables import schedules


def claim(connection: Connection, name: str, every: timedelta, now: datetime) -> bool:
    """Whether `name` is due and this worker is the one to do it."""
    connection.execute(
        insert_into(connection, schedules)
        .values(name=name, due_at=now, mark=0)
        .on_conflict_do_nothing()
    )
    claimed = connection.execute(
        update(schedules)
        .where(schedules.c.name == name, schedules.c.due_at <= now)
        .values(due_at=now + every)
    )
    return claimed.rowcount == 1


def set_due(connection: Connection, name: str, due_at: datetime) -> None:
    """Move the next run of `name`."""
    connection.execute(update(schedules).where(schedules.c.name == name).values(due_at=due_at))


def mark(connection: Connection, name: str) -> int:
    """How far the last run came; 0 before the first."""
    return connection.scalar(select(schedules.c.mark).where(schedules.c.name == name)) or 0


def set_mark(connection: Connection, name: str, value: int) -> None:
    """Remember how far this run came."""
    connection.execute(update(schedules).where(schedules.c.name == name).values(mark=value))


def remember(
    connection: Connection, name: str, moment: datetime, value: int
) -> tuple[datetime | None, int]:
    """Keep a moment and a number under a name; return those kept before, if any."""
    row = connection.execute(
        select(schedules.c.due_at, schedules.c.mark).where(schedules.c.name == name)
    ).one_or_none()
    new = {"due_at": moment, "mark": value}
    added = insert_into(connection, schedules).values(name=name, **new)
    connection.execute(added.on_conflict_do_update(index_elements=[schedules.c.name], set_=new))
    return (row.due_at, row.mark) if row else (None, 0)
