"""What Today shows: how the bridge does, what is under way and held back, and what came last.

Read every two seconds for each page that is open: each question has its index and its limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, literal, select

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.cases.identity import LONGEST_CALL
from bridge.store.db import inline
from bridge.store.dialing import attempts as store_attempts
from bridge.store.dialing.attempts import UNDER_WAY
from bridge.store.reporting.deliveries import DeliveryState
from bridge.store.tables import (
    attempts,
    callbacks,
    cases,
    communications,
    deliveries,
    skipped_cases,
)

MOST_COUNTED = 1000
"""No more of what waits or is held back is counted."""


@dataclass(frozen=True)
class Contact:
    """A call or text as a list shows it."""

    id: int
    at: datetime
    channel: str
    direction: str
    case_id: int | None
    phone: E164 | None
    outcome: str
    duration: int | None


def latest(connection: Connection, limit: int) -> Sequence[Contact]:
    """The newest calls and texts with people, the newest first."""
    kept = communications.c
    rows = connection.execute(
        select(
            kept.id,
            kept.created_at,
            kept.channel,
            kept.direction,
            kept.case_id,
            kept.phone,
            kept.outcome,
            kept.duration,
        )
        .where(kept.outcome != ContactOutcome.FIRMS_SIDE)
        .order_by(kept.created_at.desc(), kept.id.desc())
        .limit(limit)
    )
    return [Contact(*row) for row in rows]


def calls_under_way(connection: Connection, now: datetime) -> int:
    """How many calls ring or are talked on: ours, those of other apps, and those of people."""
    kept = communications.c
    others = select(literal(1)).where(
        kept.outcome == ContactOutcome.UNDER_WAY,
        kept.created_at > now - LONGEST_CALL,
        kept.channel == Channel.CALL,
        kept.attempt_id.is_(None),
    )
    return store_attempts.calls_under_way(connection) + _count(connection, others)


def unheard_since(connection: Connection, heard_at: datetime | None) -> datetime | None:
    """When the oldest call under way was placed of those since then; None without one."""
    under_way = attempts.c.state.in_([inline(state) for state in UNDER_WAY])
    placed = select(func.min(attempts.c.placed_at)).where(
        under_way, attempts.c.channel == Channel.CALL
    )
    if heard_at is not None:
        placed = placed.where(attempts.c.placed_at > heard_at)
    moment: datetime | None = connection.scalar(placed)
    return moment


def callback_waits_since(connection: Connection, now: datetime) -> datetime | None:
    """When the oldest callback came in that waits for a worker; those that failed wait aside."""
    moment: datetime | None = connection.scalar(
        select(callbacks.c.received_at)
        .where(
            callbacks.c.verdict == inline(Verdict.NEW),
            callbacks.c.tries == 0,
            (callbacks.c.due_at.is_(None)) | (callbacks.c.due_at <= now),
        )
        .order_by(callbacks.c.id)
        .limit(1)
    )
    return moment


def messages_waiting(connection: Connection) -> int:
    """How many messages to SmartAdvocate wait, as far as they are counted."""
    waiting = deliveries.c.state == inline(DeliveryState.PENDING)
    return _count(connection, select(literal(1)).where(waiting))


def held_back(connection: Connection) -> int:
    """How many cases the last poll found due and left as they are, as far as they are counted."""
    return _count(connection, select(literal(1)).select_from(skipped_cases))


def has_asked_smartadvocate(connection: Connection) -> bool:
    """Whether SmartAdvocate has ever shown a case."""
    found = select(literal(1)).where(cases.c.read_at.is_not(None)).limit(1)
    return connection.scalar(found) is not None


def _count(connection: Connection, rows: Select[int]) -> int:
    few = rows.limit(MOST_COUNTED).subquery()
    return connection.scalar(select(func.count()).select_from(few)) or 0
