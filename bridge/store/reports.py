"""Questions about the whole, read-only: for `/metrics`, `bridge check` and people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from bridge.store import tallies as store_tallies
from bridge.store.callbacks import Verdict
from bridge.store.db import inline
from bridge.store.deliveries import State
from bridge.store.tables import breakers, callbacks, deliveries
from bridge.store.tallies import Tally


@dataclass(frozen=True)
class Health:
    """How the queue stands."""

    new_callbacks: int
    pending: int
    oldest_pending_at: datetime | None
    dead: int
    is_up: bool
    """False while the outage breaker rests."""
    down_since: datetime | None
    down_reason: str | None


def health(connection: Connection) -> Health:
    """Count what waits and what is dead, and see whether SmartAdvocate is up."""
    waiting = deliveries.c.state == inline(State.PENDING)
    pending, oldest = connection.execute(
        select(func.count(), func.min(deliveries.c.created_at)).where(waiting)
    ).one()
    down = connection.execute(
        select(breakers.c.since, breakers.c.reason).where(breakers.c.rest_until.is_not(None))
    ).first()
    return Health(
        new_callbacks=_count(connection, callbacks.c.verdict == inline(Verdict.NEW)),
        pending=pending,
        oldest_pending_at=oldest,
        dead=_count(connection, deliveries.c.state == inline(State.DEAD)),
        is_up=down is None,
        down_since=down.since if down else None,
        down_reason=down.reason if down else None,
    )


def tallies(connection: Connection) -> list[Tally]:
    """All counts."""
    return store_tallies.read(connection)


def _count(connection: Connection, where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).where(where)) or 0
