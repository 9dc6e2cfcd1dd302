"""What holds contact back by somebody's decision: rows, seen by every worker at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from bridge.domain.eligibility import Pause, Scope, folded
from bridge.store.db import insert_into
from bridge.store.tables import pauses

BY_HOUSEHOLD = "household"
"""A case that may be the person's who refused at a phone that it shares with others."""


@dataclass(frozen=True)
class Kept:
    """A pause as it is stored."""

    id: int
    pause: Pause
    source: str
    """Who or what set it: `operator`, `twilio`, `text`, `canary`, `household`."""
    created_at: datetime


def add(connection: Connection, pause: Pause, source: str, now: datetime) -> bool:
    """Hold something back; the same pause by the same source stands once. False: it stood."""
    same = connection.scalar(
        select(pauses.c.id).where(
            pauses.c.scope == pause.scope,
            pauses.c.what == pause.what,
            pauses.c.source == source,
            pauses.c.lifted_at.is_(None),
            (pauses.c.until.is_(None)) | (pauses.c.until > now),
        )
    )
    values = {"until": pause.until, "reason": pause.reason}
    if same is not None:
        connection.execute(update(pauses).where(pauses.c.id == same).values(**values))
        return False
    connection.execute(
        insert_into(connection, pauses).values(
            scope=pause.scope, what=pause.what, source=source, created_at=now, **values
        )
    )
    return True


def standing(connection: Connection, now: datetime) -> list[Kept]:
    """All pauses that hold something back now."""
    rows = connection.execute(
        select(pauses)
        .where(pauses.c.lifted_at.is_(None), (pauses.c.until.is_(None)) | (pauses.c.until > now))
        .order_by(pauses.c.id)
    )
    return [
        Kept(
            row.id, Pause(Scope(row.scope), row.what, row.until, row.reason), row.source,
            row.created_at,
        )
        for row in rows
    ]  # fmt: skip


def lift(connection: Connection, scope: Scope, what: str, now: datetime) -> int:
    """Lift the pauses of this; return how many there were. Case and spacing are no matter."""
    of_scope = connection.execute(
        select(pauses.c.id, pauses.c.what).where(
            pauses.c.scope == scope, pauses.c.lifted_at.is_(None)
        )
    )
    same = [row.id for row in of_scope if folded(row.what) == folded(what)]
    connection.execute(update(pauses).where(pauses.c.id.in_(same)).values(lifted_at=now))
    return len(same)


def standing_by(connection: Connection, source: str, now: datetime) -> Kept | None:
    """The pause of this source that holds something back now, if there is one."""
    return next((one for one in standing(connection, now) if one.source == source), None)


def lift_by(connection: Connection, source: str, now: datetime) -> int:
    """Lift the pauses of this source alone; return how many there were."""
    lifted = connection.execute(
        update(pauses)
        .where(pauses.c.source == source, pauses.c.lifted_at.is_(None))
        .values(lifted_at=now)
    )
    return lifted.rowcount


def last_lifted(connection: Connection, source: str) -> datetime | None:
    """When a pause of this source was last lifted, by whomever."""
    moment: datetime | None = connection.scalar(
        select(func.max(pauses.c.lifted_at)).where(pauses.c.source == source)
    )
    return moment


def cases_held(connection: Connection, source: str, now: datetime) -> set[int]:
    """The cases that a pause of this source holds back now."""
    return {
        int(one.pause.what)
        for one in standing(connection, now)
        if one.source == source and one.pause.scope is Scope.CASE
    }


def let_go_at(connection: Connection, source: str, case_id: int) -> datetime | None:
    """When a case that this source had held back was last resumed."""
    moment: datetime | None = connection.scalar(
        select(func.max(pauses.c.lifted_at)).where(
            pauses.c.source == source,
            pauses.c.scope == Scope.CASE,
            pauses.c.what == str(case_id),
        )
    )
    return moment
