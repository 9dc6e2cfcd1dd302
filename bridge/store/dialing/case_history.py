"""What the dialer did with one case: its turns, attempts and decisions, and what was held back.

Each is read from before a moment backwards, the newest first, so many at most.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from bridge.domain.contact_facts import PauseScope
from bridge.domain.decisions import Permission
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store import tables
from bridge.store.db import inline
from bridge.store.dialing.attempts import AttemptState


@dataclass(frozen=True)
class PastTurn:
    """A turn from its beginning on."""

    id: int
    found_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    ending: str | None
    attempts: int
    """The case's attempts when it was found."""


@dataclass(frozen=True)
class PastAttempt:
    """A call or text of ours, as far as it came."""

    id: str
    channel: Channel
    phone: E164
    state: AttemptState
    due_at: datetime
    created_at: datetime
    placed_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    sid: str | None


@dataclass(frozen=True)
class PastDecision:
    """Whether the person might be reached at a moment, and why not."""

    id: int
    at: datetime
    channel: Channel
    answer: Permission
    until: datetime | None
    why: str


@dataclass(frozen=True)
class PastPause:
    """A hold on the case or on a number of its, in effect or lifted."""

    id: int
    scope: PauseScope
    what: str
    until: datetime | None
    reason: str
    source: str
    created_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None


def turns(connection: Connection, case_id: int, before: datetime, limit: int) -> Sequence[PastTurn]:
    """The case's turns that began before then."""
    of = tables.turns.c
    rows = connection.execute(
        select(of.id, of.found_at, of.claimed_at, of.ended_at, of.ending, of.attempts)
        .where(of.case_id == case_id, of.found_at < before)
        .order_by(of.id.desc())
        .limit(limit)
    )
    return [PastTurn(*row) for row in rows]


def attempts(
    connection: Connection, case_id: int, before: datetime, limit: int
) -> Sequence[PastAttempt]:
    """The case's calls and texts that were planned before then."""
    of = tables.attempts.c
    rows = connection.execute(
        select(
            of.id,
            of.channel,
            of.phone,
            of.state,
            of.due_at,
            of.created_at,
            of.placed_at,
            of.ended_at,
            of.reason,
            of.sid,
        )
        .where(of.case_id == case_id, of.created_at < before)
        .order_by(of.created_at.desc(), of.id.desc())
        .limit(limit)
    )
    return [
        PastAttempt(identity, Channel(channel), phone, AttemptState(state), *more)
        for identity, channel, phone, state, *more in rows
    ]


def decisions(
    connection: Connection, case_id: int, before: datetime, limit: int
) -> Sequence[PastDecision]:
    """The decisions on the case from before then."""
    of = tables.decisions.c
    rows = connection.execute(
        select(of.id, of.decided_at, of.channel, of.answer, of.until, of.why)
        .where(of.case_id == case_id, of.decided_at < before)
        .order_by(of.id.desc())
        .limit(limit)
    )
    return [
        PastDecision(identity, at, Channel(channel), Permission(answer), until, why)
        for identity, at, channel, answer, until, why in rows
    ]


def pauses(
    connection: Connection,
    case_id: int,
    phones: Collection[E164],
    before: datetime,
    limit: int,
) -> Sequence[PastPause]:
    """The holds on the case and on these numbers that began before then."""
    of = tables.pauses.c
    rows = connection.execute(
        select(
            of.id,
            of.scope,
            of.what,
            of.until,
            of.reason,
            of.source,
            of.created_at,
            of.lifted_at,
            of.lifted_by,
            of.lift_reason,
        )
        .where(
            of.scope.in_([inline(PauseScope.CASE), inline(PauseScope.NUMBER)]),
            of.what.in_([str(case_id), *sorted(phones)]),
            of.created_at < before,
        )
        .order_by(of.id.desc())
        .limit(limit)
    )
    return [PastPause(identity, PauseScope(scope), *more) for identity, scope, *more in rows]
