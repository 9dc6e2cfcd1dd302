"""The calls and texts of one case, and what Twilio said of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, or_, select

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import Channel, Direction, Status
from bridge.domain.phones import E164
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.tables import callbacks, communications

MOST_COUNTED = 1000


@dataclass(frozen=True)
class PastContact:
    """A call or text, as far as it came."""

    id: int
    sid: str
    channel: Channel
    direction: Direction
    phone: E164 | None
    status: Status
    outcome: ContactOutcome
    duration: int | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class RawEvent:
    """One callback as it was kept."""

    id: int
    at: datetime
    topic: str
    status: str
    verdict: Verdict
    complaint: str | None
    target: str | None
    body: bytes | None = field(repr=False)
    """None once it was erased."""
    event: str
    """What told it from the others; also of one whose body was erased."""


@dataclass(frozen=True)
class CallsSoFar:
    """Our own calls for a case."""

    count: int
    """A thousand at most."""
    last: ContactOutcome | None


def contacts(
    connection: Connection, case_id: int, before: datetime, limit: int
) -> Sequence[PastContact]:
    """The case's calls and texts that were first heard of before then, the newest first."""
    of = communications.c
    rows = connection.execute(
        select(
            of.id,
            of.sid,
            of.channel,
            of.direction,
            of.phone,
            of.status,
            of.outcome,
            of.duration,
            of.created_at,
            of.ended_at,
        )
        .where(of.case_id == case_id, of.created_at < before)
        .order_by(of.created_at.desc(), of.id.desc())
        .limit(limit)
    )
    return [
        PastContact(
            row.id,
            row.sid,
            Channel(row.channel),
            Direction(row.direction),
            row.phone,
            Status(row.status),
            ContactOutcome(row.outcome),
            row.duration,
            row.created_at,
            row.ended_at,
        )
        for row in rows
    ]


def calls_so_far(connection: Connection, case_id: int, firms_own: Collection[E164]) -> CallsSoFar:
    """How many calls we have made for a case that were not taken back, and how the last stands."""
    of = communications.c
    ours = (
        of.case_id == case_id,
        of.channel == Channel.CALL,
        of.direction == Direction.OUTBOUND,
        of.outcome != ContactOutcome.CANCELED,
        or_(of.phone.is_(None), of.phone.not_in(sorted(firms_own))),
    )
    newest_first = select(of.outcome).where(*ours).order_by(of.created_at.desc(), of.id.desc())
    outcomes = connection.scalars(newest_first.limit(MOST_COUNTED)).all()
    return CallsSoFar(len(outcomes), ContactOutcome(outcomes[0]) if outcomes else None)


def is_known(connection: Connection, case_id: int) -> bool:
    """Whether a call or text of this case is known."""
    one = select(communications.c.id).where(communications.c.case_id == case_id).limit(1)
    return connection.scalar(one) is not None


def heard_of(connection: Connection, sids: Collection[str]) -> set[str]:
    """Which of these calls and texts callbacks have told of."""
    return set(
        connection.scalars(select(communications.c.sid).where(communications.c.sid.in_(sids)))
    )


def raw_events(connection: Connection, sids: Collection[str]) -> Mapping[str, Sequence[RawEvent]]:
    """What Twilio said of these calls and texts, each in the order in which it came."""
    of = callbacks.c
    rows = connection.execute(
        select(
            of.sid,
            of.id,
            of.received_at,
            of.channel,
            of.status,
            of.verdict,
            of.complaint,
            of.target,
            of.body,
            of.event,
        )
        .where(of.sid.in_(sids))
        .order_by(of.id)
    )
    found: dict[str, list[RawEvent]] = {}
    for sid, identity, at, topic, status, verdict, *more in rows:
        event = RawEvent(identity, at, topic, status, Verdict(verdict), *more)
        found.setdefault(sid, []).append(event)
    return found
