"""Our own calls and texts: planned, placed and what became of them (promise 5 in
docs/explanation/never-twice.md).

Before a call or text is placed, its row is reserved, and its id travels in the callback
URLs. A row that may have been placed is never placed again before Twilio was asked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, update

from bridge.domain.agents import AgentWord
from bridge.domain.events import Channel, Status
from bridge.domain.phones import E164
from bridge.store.console import errands
from bridge.store.db import count, inline
from bridge.store.listed import is_listed
from bridge.store.tables import attempts, communications


class AttemptState(StrEnum):
    """What is known of an attempt. The same words stand in table, log, console and commands."""

    PLANNED = "planned"
    RESERVED = "reserved"
    """The request to Twilio is on its way, or its worker died."""
    UNKNOWN = "unknown"
    """The answer was lost: Twilio is asked."""
    PLACED = "placed"
    ENDED = "ended"
    REFUSED = "refused"
    """By Twilio: the number, the person or the request."""
    CANCELED = "canceled"
    """Never placed, or taken back before it reached the person."""
    UNRESOLVED = "unresolved"
    """Twilio could not be asked for so long that the case was released; it still will be."""


OPEN = (AttemptState.RESERVED, AttemptState.UNKNOWN, AttemptState.PLACED, AttemptState.UNRESOLVED)
"""May reach the person, or has and isn't known to be over."""

UNDER_WAY = (AttemptState.RESERVED, AttemptState.UNKNOWN, AttemptState.PLACED)
_COUNTED = (*OPEN, AttemptState.ENDED)


def is_one_of(states: Iterable[AttemptState]) -> ColumnElement[bool]:
    """Whether an attempt is in one of these states.

    Spelled out in the SQL: a partial index serves no query that binds its words.
    """
    return attempts.c.state.in_([inline(state) for state in states])


_IS_CALL = attempts.c.channel == Channel.CALL
_IS_PLANNED = attempts.c.state == inline(AttemptState.PLANNED)
IS_CALL_UNDER_WAY = (
    # As the index says it: SQLite uses a partial one only where a query repeats its words.
    is_one_of(OPEN),
    attempts.c.state != inline(AttemptState.UNRESOLVED),
    _IS_CALL,
)
"""Which rows are calls that are being placed, ring or are talked on."""


_CALLED = (
    # The newest comes last, and counts.
    select(attempts.c.case_id, attempts.c.phone)
    .where(
        is_listed(attempts.c.case_id, "case_ids"),
        _IS_CALL,
        is_one_of((*_COUNTED, AttemptState.REFUSED)),
    )
    .order_by(attempts.c.placed_at)
)


@dataclass(frozen=True)
class Attempt:
    """One call or text of ours."""

    id: str
    turn_id: int
    case_id: int
    channel: Channel
    phone: E164
    state: AttemptState
    due_at: datetime
    not_after: datetime
    """Stale from then on: canceled, not placed."""
    via_firm: bool = False
    """An agent's phone is rung first: no machine may speak to the person (domain/voice.py)."""
    agent: E164 | None = None
    """The agent's phone, once it was reserved."""
    agent_said: AgentWord | None = None
    """What the agent has said of it last, by key."""
    tries: int = 0
    placed_at: datetime | None = None
    """When it was reserved to be sent at."""
    check_at: datetime | None = None
    checks: int = 0
    sid: str | None = None


BOTH_WAYS = (True, False)
"""Calls that ring an agent first, and those that ring the person."""


def due(
    connection: Connection, channel: Channel, now: datetime, ways: Collection[bool] = BOTH_WAYS
) -> Attempt | None:
    """The planned call or text that has been due for longest; locked for this transaction.

    Of the calls only those that go one of these `ways` (`Attempt.via_firm`).
    """
    oldest = select(attempts).where(*_due(channel, now, ways)).order_by(attempts.c.due_at).limit(1)
    found = _attempts(connection, oldest.with_for_update(skip_locked=True))
    return found[0] if found else None


def is_due(
    connection: Connection, channel: Channel, now: datetime, ways: Collection[bool] = BOTH_WAYS
) -> bool:
    """Whether a planned call or text is due."""
    due_now = select(attempts.c.id).where(*_due(channel, now, ways)).limit(1)
    return connection.scalar(due_now) is not None


def _due(channel: Channel, now: datetime, ways: Collection[bool]) -> list[ColumnElement[bool]]:
    conditions = [
        attempts.c.channel == channel,
        _IS_PLANNED,
        attempts.c.due_at <= now,
        attempts.c.not_after > now,
    ]
    return (
        conditions
        if set(ways) == set(BOTH_WAYS)
        else [
            *conditions,
            attempts.c.via_firm.in_(ways),
        ]
    )


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """When the next planned call or text is due; stale ones are left to the sweep."""
    due_at: datetime | None = connection.scalar(
        select(func.min(attempts.c.due_at)).where(_IS_PLANNED, attempts.c.not_after > now)
    )
    return due_at


def calls_planned(connection: Connection, ways: Collection[bool] = BOTH_WAYS) -> int:
    """How many calls are planned, whether due by now or not."""
    return count(connection, attempts, _IS_CALL, _IS_PLANNED, attempts.c.via_firm.in_(ways))


def calls_placed(
    connection: Connection, since: datetime, ways: Collection[bool] = BOTH_WAYS
) -> int:
    """How many calls were placed since then."""
    placed = attempts.c.placed_at > since
    return count(connection, attempts, _IS_CALL, placed, attempts.c.via_firm.in_(ways))


def calls_ended(connection: Connection, since: datetime) -> int:
    """How many calls, reserved since then, Twilio has accepted and ended.

    One that was canceled in Twilio's queue isn't among them: it sends no callback.
    """
    unsent = (
        select(communications.c.id)
        .where(communications.c.sid == attempts.c.sid, communications.c.status == Status.CANCELED)
        .exists()
    )
    return count(
        connection,
        attempts,
        _IS_CALL,
        attempts.c.placed_at > since,
        attempts.c.state.in_((AttemptState.ENDED, AttemptState.CANCELED)),
        attempts.c.sid.is_not(None),
        ~unsent,
    )


def calls_under_way(connection: Connection) -> int:
    """How many calls are being placed, ring or are talked on, over all workers."""
    return count(connection, attempts, *IS_CALL_UNDER_WAY)


def get(connection: Connection, identity: str, *, lock: bool = False) -> Attempt | None:
    """One attempt."""
    found = _attempts(connection, _LOCKED if lock else _ONE, {"named": identity})
    return found[0] if found else None


def of_turn(connection: Connection, turn_id: int) -> list[Attempt]:
    """All attempts of a turn, the oldest first."""
    query = select(attempts).where(attempts.c.turn_id == turn_id)
    return _attempts(connection, query.order_by(attempts.c.created_at, attempts.c.due_at))


def is_being_called(connection: Connection, turn_id: int) -> bool:
    """Whether a call of this turn is under way: how it ends says what becomes of the case."""
    return any(
        attempt.channel is Channel.CALL and attempt.state in UNDER_WAY
        for attempt in of_turn(connection, turn_id)
    )


def planned_for(connection: Connection, case_ids: Sequence[int]) -> list[Attempt]:
    """What is planned for these cases; locked for this transaction."""
    return _attempts(connection, _PLANNED_FOR, {"cases": list(case_ids)})


def stale(connection: Connection, now: datetime, limit: int) -> list[Attempt]:
    """What is planned and past its time."""
    return _attempts(
        connection,
        select(attempts)
        .where(_IS_PLANNED, attempts.c.not_after <= now)
        .order_by(attempts.c.not_after)
        .limit(limit),
    )


def planned(connection: Connection, until: datetime, limit: int) -> list[Attempt]:
    """What is planned until then, in order of time."""
    return _attempts(
        connection,
        select(attempts)
        .where(_IS_PLANNED, attempts.c.due_at <= until)
        .order_by(attempts.c.due_at)
        .limit(limit),
    )


def last_called(connection: Connection, case_ids: Collection[int]) -> Mapping[int, E164]:
    """The numbers that were called last, of those of these cases that were called."""
    rows = connection.execute(_CALLED, {"case_ids": sorted(case_ids)})
    return {row.case_id: E164(row.phone) for row in rows}


def due_for_check(connection: Connection, now: datetime, limit: int) -> list[Attempt]:
    """Attempts about which Twilio is to be asked now."""
    return _attempts(
        connection,
        select(attempts)
        .where(is_one_of(OPEN), attempts.c.check_at <= now)
        .order_by(attempts.c.check_at)
        .limit(limit)
        .with_for_update(skip_locked=True),
    )


def sids_taken(connection: Connection, sids: Sequence[str]) -> set[str]:
    """Which of these calls and texts are known as some attempt's, or as a test's."""
    of_attempts = set(connection.scalars(select(attempts.c.sid).where(attempts.c.sid.in_(sids))))
    return of_attempts | errands.sids_of(connection, sids)


def claim_machine_calls(
    connection: Connection, now: datetime, again_after: timedelta, limit: int
) -> list[Attempt]:
    """Calls that a machine has answered; each comes again after a time, until it was dealt with."""
    found = _attempts(
        connection,
        select(attempts)
        .where(attempts.c.machine_at.is_not(None), attempts.c.machine_at <= now)
        .limit(limit)
        .with_for_update(skip_locked=True),
    )
    if found:
        connection.execute(
            update(attempts)
            .where(attempts.c.id.in_([attempt.id for attempt in found]))
            .values(machine_at=now + again_after)
        )
    return found


def counts(connection: Connection) -> Mapping[tuple[str, str], int]:
    """How many attempts are planned and open, by channel and state."""
    rows = connection.execute(
        select(attempts.c.channel, attempts.c.state, func.count())
        .where(is_one_of((AttemptState.PLANNED, *OPEN)))
        .group_by(attempts.c.channel, attempts.c.state)
    )
    return {(channel, state): count for channel, state, count in rows}


# Built once: to build and hash a statement takes longer than to run it.
_ONE = select(attempts).where(attempts.c.id == bindparam("named"))
_LOCKED = _ONE.with_for_update()
_PLANNED_FOR = (
    select(attempts)
    .where(attempts.c.case_id.in_(bindparam("cases", expanding=True)), _IS_PLANNED)
    .with_for_update()
)


def _attempts(
    connection: Connection,
    query: Select[tuple[object, ...]],
    parameters: Mapping[str, object] | None = None,
) -> list[Attempt]:
    return [
        Attempt(
            id=row.id,
            turn_id=row.turn_id,
            case_id=row.case_id,
            channel=Channel(row.channel),
            phone=row.phone,
            via_firm=row.via_firm,
            agent=row.agent,
            agent_said=AgentWord(row.agent_said) if row.agent_said else None,
            state=AttemptState(row.state),
            due_at=row.due_at,
            not_after=row.not_after,
            tries=row.tries,
            placed_at=row.placed_at,
            check_at=row.check_at,
            checks=row.checks,
            sid=row.sid,
        )
        for row in connection.execute(query, parameters)
    ]
