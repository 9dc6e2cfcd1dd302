"""Things done from time to time, by one worker for all: a tick is claimed by its own time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update

from bridge.store.db import insert_into, per_dialect, upsert
from bridge.store.listed import is_listed
from bridge.store.tables import schedules

# Built once: an idle worker asks for these all day.
_WAITING = select(schedules.c.name).where(
    is_listed(schedules.c.name, "names"), schedules.c.due_at > bindparam("at")
)
_FIRST = per_dialect(lambda insert: insert(schedules).on_conflict_do_nothing())
_COUNT = per_dialect(
    lambda insert: (
        (row := insert(schedules))
        .on_conflict_do_update(
            index_elements=[schedules.c.name],
            set_={"mark": schedules.c.mark + row.excluded.mark},
        )
        .returning(schedules.c.mark)
    )
)
_SET_DUE = (
    update(schedules).where(schedules.c.name == bindparam("which")).values(due_at=bindparam("next"))
)
_CLAIM = (
    update(schedules)
    .where(schedules.c.name == bindparam("which"), schedules.c.due_at <= bindparam("at"))
    .values(due_at=bindparam("next"))
)


def due(connection: Connection, names: Iterable[str], now: datetime) -> list[str]:
    """Which of these are due, in their order: whoever does one of them claims it first."""
    asked = list(names)
    waiting = set(connection.scalars(_WAITING, {"names": asked, "at": now}))
    return [name for name in asked if name not in waiting]


def claim(connection: Connection, name: str, every: timedelta, now: datetime) -> bool:
    """Whether `name` is due and this worker is the one to do it."""
    connection.execute(_FIRST(connection), {"name": name, "due_at": now, "mark": 0})
    claimed = connection.execute(_CLAIM, {"which": name, "at": now, "next": now + every})
    return claimed.rowcount == 1


def set_due(connection: Connection, name: str, due_at: datetime) -> None:
    """Move the next run of `name`."""
    connection.execute(_SET_DUE, {"which": name, "next": due_at})


def mark(connection: Connection, name: str) -> int:
    """How far the last run came; 0 before the first."""
    return connection.scalar(select(schedules.c.mark).where(schedules.c.name == name)) or 0


def set_mark(connection: Connection, name: str, value: int) -> None:
    """Remember how far this run came."""
    connection.execute(update(schedules).where(schedules.c.name == name).values(mark=value))


def count(connection: Connection, name: str, more: int, now: datetime) -> int:
    """Add to the mark of `name`, and return it; nobody else does until this transaction ends."""
    row = {"name": name, "due_at": now, "mark": more}
    counted: int = connection.execute(_COUNT(connection), row).scalar_one()
    return counted


def remember(
    connection: Connection, name: str, at: datetime, value: int
) -> tuple[datetime | None, int]:
    """Store a time and a number under a name; return those stored before, if any."""
    row = connection.execute(
        select(schedules.c.due_at, schedules.c.mark).where(schedules.c.name == name)
    ).one_or_none()
    upsert(connection, schedules, {"name": name}, {"due_at": at, "mark": value})
    return (row.due_at, row.mark) if row else (None, 0)


def once(connection: Connection, name: str, due_at: datetime) -> None:
    """Have `name` done once at this time; nothing changes where it is planned already."""
    row = insert_into(connection, schedules).values(name=name, due_at=due_at, mark=0)
    connection.execute(row.on_conflict_do_nothing())


def due_once(connection: Connection, prefix: str, now: datetime, limit: int) -> list[str]:
    """What is planned to be done once, is due by now and has a name that begins so."""
    found = connection.scalars(
        select(schedules.c.name)
        .where(schedules.c.name.startswith(prefix, autoescape=True), schedules.c.due_at <= now)
        .order_by(schedules.c.due_at)
        .limit(limit)
    )
    return list(found)


def done_once(connection: Connection, name: str) -> datetime | None:
    """Take `name` off the plan and return when it was due; None if somebody else has done so."""
    due_at: datetime | None = connection.scalar(
        delete(schedules).where(schedules.c.name == name).returning(schedules.c.due_at)
    )
    return due_at
