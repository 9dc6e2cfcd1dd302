"""Questions about the whole, read-only: for `/metrics`, `bridge check` and people."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bridge.store import notices as store_notices
from bridge.store import tallies as store_tallies
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.db import count, inline
from bridge.store.dialing import attempts as store_attempts
from bridge.store.dialing import pauses as store_pauses
from bridge.store.dialing import turns as store_turns
from bridge.store.reporting.deliveries import DeliveryState
from bridge.store.tables import callbacks, cases, circuit_breakers, deliveries, skipped_cases
from bridge.store.tallies import StoredCount


@dataclass(frozen=True)
class Health:
    """The state of the queue."""

    new_callbacks: int
    pending: int
    oldest_pending_at: datetime | None
    dead: int
    is_up: bool
    """False while the circuit breaker is open."""
    down_since: datetime | None
    down_reason: str | None


def health(connection: Connection) -> Health:
    """Count what is pending and dead, and find out whether SmartAdvocate is up."""
    waiting = deliveries.c.state == inline(DeliveryState.PENDING)
    pending, oldest = connection.execute(
        select(func.count(), func.min(deliveries.c.created_at)).where(waiting)
    ).one()
    down = connection.execute(
        select(circuit_breakers.c.since, circuit_breakers.c.reason).where(
            circuit_breakers.c.name == "smartadvocate", circuit_breakers.c.open_until.is_not(None)
        )
    ).first()
    return Health(
        new_callbacks=count(connection, callbacks, callbacks.c.verdict == inline(Verdict.NEW)),
        pending=pending,
        oldest_pending_at=oldest,
        dead=count(connection, deliveries, deliveries.c.state == inline(DeliveryState.DEAD)),
        is_up=down is None,
        down_since=down.since if down else None,
        down_reason=down.reason if down else None,
    )


@dataclass(frozen=True)
class Dialing:
    """The state of dialing."""

    attempts: Mapping[tuple[str, str], int]
    """What is planned or under way, by channel and state."""
    turns: int
    skipped: int
    pauses: int
    notices: Mapping[str, int]
    """What was noticed of the systems outside, by name."""


def dialing(connection: Connection, now: datetime) -> Dialing:
    """Count what is planned, under way, skipped and paused."""
    return Dialing(
        attempts=store_attempts.counts(connection),
        turns=store_turns.count_open(connection),
        skipped=count(connection, skipped_cases),
        pauses=len(store_pauses.active(connection, now)),
        notices=Counter(notice.name for notice in store_notices.active(connection)),
    )


def tallies(connection: Connection) -> list[StoredCount]:
    """All counts."""
    return store_tallies.read(connection)


def campaigns(connection: Connection) -> set[str]:
    """The campaigns of all cases that SmartAdvocate has ever shown."""
    return {name for name in connection.scalars(select(cases.c.campaign).distinct()) if name}


def newest_case(connection: Connection) -> int | None:
    """The case that SmartAdvocate has shown last."""
    case_id: int | None = connection.scalar(
        select(cases.c.case_id)
        .where(cases.c.read_at.is_not(None))
        .order_by(cases.c.read_at.desc())
        .limit(1)
    )
    return case_id
