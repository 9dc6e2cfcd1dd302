"""What Today shows: how the bridge does, what is under way and held back, and what came last.

Read every two seconds for each page that is open: each question has its index and its limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, func, literal, select

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.cases.history import LONGEST_CALL
from bridge.store.db import inline
from bridge.store.dialing.attempts import IS_CALL_UNDER_WAY
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

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


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


@dataclass(frozen=True)
class Vitals:
    """How the bridge does, as far as rows tell."""

    twilio_heard_at: datetime | None
    """When the newest request of Twilio's came in."""
    callback_waits_since: datetime | None
    """When the oldest callback came in that waits for a worker."""
    unheard_since: datetime | None
    """When the oldest call under way was placed of those since Twilio was last heard."""
    messages_waiting: int
    """Messages to SmartAdvocate, as far as they are counted."""
    held_back: int
    """Cases that the last poll found due and left as they are, as far as they are counted."""
    calls_under_way: int
    """Calls that ring or are talked on: ours, those of other apps, and those of people."""
    has_asked_smartadvocate: bool
    """Whether SmartAdvocate has ever shown a case."""


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


def vitals(connection: Connection, now: datetime) -> Vitals:
    """How the bridge does, by one statement."""
    row = connection.execute(
        select(
            _newest_callback().scalar_subquery().label("twilio_heard_at"),
            _oldest_waiting(now).scalar_subquery().label("callback_waits_since"),
            _oldest_unheard().scalar_subquery().label("unheard_since"),
            _counted(_pending()).label("messages_waiting"),
            _counted(select(literal(1)).select_from(skipped_cases)).label("held_back"),
            _counted(select(literal(1)).where(*IS_CALL_UNDER_WAY)).label("ours"),
            _counted(_others_calls(now)).label("others"),
            _newest_reading().label("read_at"),
        )
    ).one()
    return Vitals(
        twilio_heard_at=row.twilio_heard_at,
        callback_waits_since=row.callback_waits_since,
        unheard_since=row.unheard_since,
        messages_waiting=row.messages_waiting,
        held_back=row.held_back,
        calls_under_way=row.ours + row.others,
        has_asked_smartadvocate=row.read_at is not None,
    )


def _newest_callback() -> Select[datetime]:
    return select(callbacks.c.received_at).order_by(callbacks.c.id.desc()).limit(1)


def _oldest_waiting(now: datetime) -> Select[datetime]:
    """The oldest callback that waits for a worker; those that failed wait aside."""
    return (
        select(callbacks.c.received_at)
        .where(
            callbacks.c.verdict == inline(Verdict.NEW),
            callbacks.c.tries == 0,
            (callbacks.c.due_at.is_(None)) | (callbacks.c.due_at <= now),
        )
        .order_by(callbacks.c.id)
        .limit(1)
    )


def _oldest_unheard() -> Select[Any]:
    """The oldest call under way of those that were placed since Twilio was last heard."""
    heard_at = func.coalesce(_newest_callback().scalar_subquery(), _LONG_AGO)
    return select(func.min(attempts.c.placed_at)).where(
        *IS_CALL_UNDER_WAY, attempts.c.placed_at > heard_at
    )


def _pending() -> Select[int]:
    return select(literal(1)).where(deliveries.c.state == inline(DeliveryState.PENDING))


def _others_calls(now: datetime) -> Select[int]:
    """Calls under way that are none of ours: those of other apps, and those of people."""
    kept = communications.c
    return select(literal(1)).where(
        kept.outcome == ContactOutcome.UNDER_WAY,
        kept.created_at > now - LONGEST_CALL,
        kept.channel == Channel.CALL,
        kept.attempt_id.is_(None),
    )


def _newest_reading() -> ScalarSelect[datetime | None]:
    """When SmartAdvocate last showed one of some cases: those that it never has are few."""
    some = select(cases.c.read_at).order_by(cases.c.case_id).limit(MOST_COUNTED).subquery()
    return select(func.max(some.c.read_at)).scalar_subquery()


def _counted(rows: Select[int]) -> ScalarSelect[int]:
    few = rows.limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(few).scalar_subquery()
