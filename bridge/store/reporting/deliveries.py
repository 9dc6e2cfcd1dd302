"""Deliveries to SmartAdvocate: a row a message, stored in the transaction that decided on it.

The rows are jobs in lanes (`lanes.py`), a lane a case, or a phone where no case is known.
Decided: a dead status row does not hold its case (a later one supersedes it, also when it is
retried); a dead note is sent late when it is retried.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from bridge.domain.phones import E164
from bridge.domain.redaction import without_remote_words
from bridge.store.db import inline
from bridge.store.reporting import lanes, payloads
from bridge.store.tables import deliveries


class DeliveryKind(StrEnum):
    """Which message it is."""

    STATUS = "status"
    LATE_STATUS = "late-status"
    """Of a call that ended before the newest one reported: it supersedes nothing."""
    NOTE = "note"
    PHONE_NOTE = "phone-note"


class DeliveryState(StrEnum):
    """What became of it. The same words stand in table, log, console and commands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    UNMATCHED = "unmatched"
    """SmartAdvocate knows no case with this phone."""
    DEAD = "dead"
    GIVEN_UP = "given-up"
    """Somebody at the firm decided that it is not to be sent again."""


_DONE_WITH = (
    DeliveryState.DELIVERED,
    DeliveryState.SUPERSEDED,
    DeliveryState.UNMATCHED,
    DeliveryState.GIVEN_UP,
)
"""Nobody waits for these: they are deleted after `RETENTION_DAYS`."""


# Built once: to build and hash a statement takes longer than to run it.
_LATER_STATUS = (
    select(
        deliveries.c.id,
        deliveries.c.sid,
        deliveries.c.state,
        deliveries.c.payload,
        deliveries.c.plan,
    )
    .where(
        deliveries.c.case_id == bindparam("case"),
        deliveries.c.kind == DeliveryKind.STATUS,
        deliveries.c.id > bindparam("after"),
        deliveries.c.state.in_([DeliveryState.PENDING, DeliveryState.DELIVERED]),
    )
    .order_by(deliveries.c.id)
    .limit(1)
)
_RECORD_PLAN = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("which"))
    .values(plan=bindparam("planned"))
)
_RESULT = select(deliveries.c.result).where(
    deliveries.c.id == bindparam("which"), deliveries.c.state == DeliveryState.DELIVERED
)
_LAST_RESULT = (
    select(deliveries.c.result)
    .where(
        deliveries.c.case_id == bindparam("case"),
        deliveries.c.kind == DeliveryKind.STATUS,
        deliveries.c.sid == bindparam("about"),
        deliveries.c.id < bindparam("before"),
        deliveries.c.state == DeliveryState.DELIVERED,
    )
    .order_by(deliveries.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class ErasedWords:
    """How far erasing words has come."""

    erased: int
    last: int | None
    """The last row that was examined, if there may be more behind it."""


@dataclass(frozen=True)
class Delivery:
    """One message to SmartAdvocate, about a case or about a phone's cases."""

    kind: DeliveryKind
    sid: str
    """The call or text that it is about."""
    case_id: int | None
    phone: E164 | None
    payload: Mapping[str, Any] = field(repr=False)
    caused_at: datetime
    """When the callback that caused it came in."""
    give_up_at: datetime


def queue(connection: Connection, message: Delivery) -> int:
    """Queue a message behind all others of its case, or of its phone; return its id."""
    return lanes.enqueue(connection, _lane(message), message.caused_at, **_columns(message))


def queue_with_note(connection: Connection, status: Delivery, note: Mapping[str, Any]) -> None:
    """Queue a status, and behind it the note with this payload about what became of it."""
    note_columns = {"kind": DeliveryKind.NOTE, "payload": note}
    both = (_columns(status), _columns(status) | note_columns)
    lanes.enqueue_both(connection, _lane(status), status.caused_at, *both)


def _lane(message: Delivery) -> str:
    by_phone = message.kind is DeliveryKind.PHONE_NOTE
    return f"phone:{message.phone}" if by_phone else f"case:{message.case_id}"


def _columns(message: Delivery) -> dict[str, Any]:
    return {
        "kind": message.kind,
        "case_id": message.case_id,
        "sid": message.sid,
        "payload": message.payload,
        "created_at": message.caused_at,
        "give_up_at": message.give_up_at,
    }


def later_status(connection: Connection, job: lanes.Job) -> Row[Any, Any, Any, Any, Any] | None:
    """The first status of the same case behind this one that is to be written or was."""
    return connection.execute(_LATER_STATUS, {"case": job.case_id, "after": job.id}).one_or_none()


def rewrite(connection: Connection, identity: int, payload: Mapping[str, Any], plan: Any) -> None:
    """Give a pending message another content."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == identity, deliveries.c.state == DeliveryState.PENDING)
        .values(payload=payload, plan=plan)
    )


def record_plan(connection: Connection, job: lanes.Job, plan: Mapping[str, Any] | None) -> None:
    """Store what is about to be tried, before it is tried."""
    connection.execute(_RECORD_PLAN, {"which": job.id, "planned": plan})


def result_of(connection: Connection, identity: int | None) -> Mapping[str, Any] | None:
    """How a finished message ended."""
    if identity is None:
        return None
    found: Mapping[str, Any] | None = connection.scalar(_RESULT, {"which": identity})
    return found


def last_result(connection: Connection, job: lanes.Job) -> Mapping[str, Any] | None:
    """What the newest status written before this one, about the same call, left in the case."""
    before = {"case": job.case_id, "about": job.sid, "before": job.id}
    result: Mapping[str, Any] | None = connection.scalar(_LAST_RESULT, before)
    return result


def is_on_its_way(connection: Connection, case_id: int, sid: str) -> bool:
    """Whether a status of this cause is still to be delivered, or waits for a person as dead."""
    found = connection.scalar(
        select(deliveries.c.id)
        .where(
            deliveries.c.case_id == case_id,
            deliveries.c.kind == DeliveryKind.STATUS,
            deliveries.c.sid == sid,
            deliveries.c.state.in_([DeliveryState.PENDING, DeliveryState.DEAD]),
        )
        .limit(1)
    )
    return found is not None


def is_dead(connection: Connection, case_id: int, sid: str) -> bool:
    """Whether the newest status of this cause was refused or given up, by whomever."""
    state = connection.scalar(
        select(deliveries.c.state)
        .where(
            deliveries.c.case_id == case_id,
            deliveries.c.kind == DeliveryKind.STATUS,
            deliveries.c.sid == sid,
        )
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )
    return state in {DeliveryState.DEAD, DeliveryState.GIVEN_UP}


def is_known(connection: Connection, case_id: int, sid: str) -> bool:
    """Whether a message of this cause was queued for a case, whatever became of it."""
    found = connection.scalar(
        select(deliveries.c.id)
        .where(deliveries.c.case_id == case_id, deliveries.c.sid == sid)
        .limit(1)
    )
    return found is not None


def found_nobody(connection: Connection, sid: str) -> bool:
    """Whether the last note about this call or text was for a phone that no case has."""
    last = connection.scalar(
        select(deliveries.c.state)
        .where(deliveries.c.sid == sid, deliveries.c.kind == DeliveryKind.PHONE_NOTE)
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )
    return bool(last == DeliveryState.UNMATCHED)


def listed(
    connection: Connection, state: DeliveryState | None, limit: int
) -> Sequence[Row[tuple[Any, ...]]]:
    """The newest messages, of one state or of all."""
    query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(deliveries.c.state == inline(state))
    return connection.execute(query).all()


def retry(
    connection: Connection,
    ids: Sequence[int],
    *,
    now: datetime,
    give_up_after: timedelta,
) -> list[int]:
    """Make dead messages pending again: these (dead or unmatched), or all dead ones if none named.

    Returns the ids of those that were.
    """
    states = (DeliveryState.DEAD, DeliveryState.UNMATCHED) if ids else (DeliveryState.DEAD,)
    may_be = deliveries.c.state.in_([inline(state) for state in states])
    wanted = (deliveries.c.id.in_(ids) & may_be) if ids else may_be
    lanes_of = connection.execute(
        select(deliveries.c.id, deliveries.c.lane)
        .where(wanted)
        .order_by(deliveries.c.lane, deliveries.c.id)
    ).all()
    again = []
    for identity, lane in lanes_of:
        # The lane first: whoever settles a job of it right now must not overlook this one.
        lanes.reopen(connection, lane, now)
        revived = connection.execute(
            update(deliveries)
            # Once more: somebody may have given it up, or had it sent again, meanwhile.
            .where(deliveries.c.id == identity, may_be)
            .values(
                state=DeliveryState.PENDING,
                due_at=now,
                tries=0,
                settled_at=None,
                give_up_at=now + give_up_after,
            )
        )
        if revived.rowcount == 1:
            again.append(identity)
    return sorted(again)


def dead(connection: Connection, *, refused_like: int | None, limit: int) -> list[int]:
    """The oldest dead messages: all, or those that were refused in the words of this one."""
    of_state = deliveries.c.state == inline(DeliveryState.DEAD)
    query = select(deliveries.c.id).where(of_state).order_by(deliveries.c.id).limit(limit)
    if refused_like is not None:
        said = select(deliveries.c.refusal).where(deliveries.c.id == refused_like)
        query = query.where(deliveries.c.refusal.is_not_distinct_from(said.scalar_subquery()))
    return list(connection.scalars(query))


def give_up(connection: Connection, ids: Sequence[int], now: datetime) -> list[int]:
    """Never send these dead messages again; return the ids of those that were dead."""
    given_up = connection.scalars(
        update(deliveries)
        .where(deliveries.c.id.in_(ids), deliveries.c.state == inline(DeliveryState.DEAD))
        .values(state=DeliveryState.GIVEN_UP, settled_at=now)
        .returning(deliveries.c.id)
    )
    return sorted(given_up)


def is_unmatched(connection: Connection, sid: str) -> bool:
    """Whether a note about this call or text was for a phone that no case has."""
    found = connection.scalar(
        select(deliveries.c.id)
        .where(
            deliveries.c.sid == sid,
            deliveries.c.kind == DeliveryKind.PHONE_NOTE,
            deliveries.c.state == inline(DeliveryState.UNMATCHED),
        )
        .limit(1)
    )
    return found is not None


def give_up_unmatched(connection: Connection, sid: str, now: datetime) -> None:
    """Somebody has said whose this call or text was: its notes by phone need no case any more."""
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.sid == sid,
            deliveries.c.kind == DeliveryKind.PHONE_NOTE,
            deliveries.c.state == inline(DeliveryState.UNMATCHED),
        )
        .values(state=DeliveryState.GIVEN_UP, settled_at=now)
    )


def is_dead_letter(connection: Connection, identity: int) -> bool:
    """Whether this message was refused, or given up after its time, and waits for a person."""
    state = connection.scalar(select(deliveries.c.state).where(deliveries.c.id == identity))
    return bool(state == DeliveryState.DEAD)


def case_of(connection: Connection, identity: int) -> int | None:
    """The case that a message is about, if it is about one."""
    return connection.scalar(select(deliveries.c.case_id).where(deliveries.c.id == identity))


def erase_words(connection: Connection, after: int, before: datetime, limit: int) -> ErasedWords:
    """Erase people's words of the next old dead messages after the row `after`."""
    rows = connection.execute(
        select(deliveries.c.id, deliveries.c.payload, deliveries.c.refusal)
        .where(
            deliveries.c.state == inline(DeliveryState.DEAD),
            deliveries.c.created_at < before,
            deliveries.c.id > after,
        )
        .order_by(deliveries.c.id)
        .limit(limit)
        .with_for_update()
    ).all()
    erased = sum(delete_note(connection, row.id, row.payload, row.refusal) for row in rows)
    return ErasedWords(erased, rows[-1].id if len(rows) == limit else None)


def delete_note(
    connection: Connection, identity: int, payload: Mapping[str, Any], refusal: str | None
) -> bool:
    """Erase a message's words, and what SmartAdvocate said of it; False when it has neither."""
    kept = payloads.without_words(payload)
    said = without_remote_words(refusal) if refusal else refusal
    if (kept, said) == (payload, refusal):
        return False
    connection.execute(
        update(deliveries).where(deliveries.c.id == identity).values(payload=kept, refusal=said)
    )
    return True


def without_words(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Those of these messages whose words are no longer kept."""
    query = select(deliveries.c.id, deliveries.c.payload).where(deliveries.c.id.in_(ids))
    rows = connection.execute(query.order_by(deliveries.c.id))
    return [row.id for row in rows if payloads.has_lost_words(row.payload)]


def purge(connection: Connection, before: datetime, limit: int) -> int:
    """Delete messages that were settled well before `before`; return how many."""
    old = (
        select(deliveries.c.id)
        .where(
            deliveries.c.created_at < before,
            deliveries.c.state.in_(_DONE_WITH),
        )
        .order_by(deliveries.c.id)
        .limit(limit)
    )
    gone = connection.execute(delete(deliveries).where(deliveries.c.id.in_(old.scalar_subquery())))
    return gone.rowcount
