"""The queue: jobs in lanes, each lane worked on by one worker at a time and in order.

A worker leases a lane, not a job, with an expiry that it renews while it works; so the jobs of a
lane run one after another, a head that waits for its retry holds its lane and nobody's thread,
and a dead worker's lanes are free again when the lease ends. Whoever settles a job must still
hold the lease, or the settling is refused.

A row of `lanes` exists as long as its lane has pending jobs, and says when the first is due.
Every change of a lane locks that row first, so that a job added while the last one is being
settled is never overlooked.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Row,
    Table,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    null,
    select,
    update,
)

from bridge.store.db import inline, per_dialect
from bridge.store.tables import deliveries, lanes

LEASE = timedelta(seconds=20)
"""How long a lease lasts without being renewed; a killed worker's lanes are free again after it.

Longer than two waits for a busy database: a lane that is lost while a note is sent gets it twice.
"""

PENDING = "pending"
DELIVERED = "delivered"

# Built once: to build and hash a statement takes longer than to run it.
_IS_NAMED = lanes.c.lane == bindparam("named")
_IS_HELD = _IS_NAMED & (lanes.c.holder == bindparam("by"))
_IS_FREE = (lanes.c.due_at <= bindparam("now")) & (
    lanes.c.held_until.is_(None) | (lanes.c.held_until <= bindparam("now"))
)


# The no-op update takes the row's lock: a lane that has jobs keeps the due time of its head.
def _lock_or_add(insert: Callable[[Table], Any]) -> Any:
    return insert(lanes).on_conflict_do_update(
        index_elements=[lanes.c.lane], set_={"due_at": lanes.c.due_at}
    )


_LOCK_OR_ADD = per_dialect(_lock_or_add)
_REOPEN = per_dialect(
    lambda insert: (row := insert(lanes)).on_conflict_do_update(
        index_elements=[lanes.c.lane], set_={"due_at": row.excluded.due_at}
    )
)
_ADD = deliveries.insert()
_GIVEN = ("kind", "case_id", "sid", "payload", "created_at", "give_up_at")


def _add_both(insert: Callable[[Table], Any]) -> Any:
    """A lane's lock, a job and the next one, each behind what it takes from the one before."""
    names = ("lane", "state", "due_at", *_GIVEN)

    def row(place: str, **known: Any) -> list[Any]:
        bound = {
            name: bindparam(f"{name}{place}", type_=deliveries.c[name].type) for name in _GIVEN
        }
        due_at = bindparam("at", type_=lanes.c.due_at.type)
        values = bound | {"state": inline(PENDING), "due_at": due_at} | known
        return [values[name] for name in names]

    end: dict[str, Any] = {"lane": bindparam("end_of"), "due_at": bindparam("at")}
    locked = _lock_or_add(insert).values(**end).returning(lanes.c.lane).cte("locked")
    ahead = (
        insert(deliveries)
        .from_select(names, select(*row("_1", lane=locked.c.lane)))
        .returning(deliveries.c.id, deliveries.c.lane)
        .cte("ahead")
    )
    says = func.to_jsonb(bindparam("payload_2", type_=JSON()))
    after = func.jsonb_build_object(literal_column("'after'"), ahead.c.id)
    behind = select(*row("_2", lane=ahead.c.lane, payload=says.op("||")(after)))
    return insert(deliveries).from_select(names, behind, include_defaults=False)


_ADD_BOTH = per_dialect(_add_both)
_FREE = (
    select(lanes.c.lane)
    .where(_IS_FREE)
    .order_by(lanes.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    # As a bare subquery, PostgreSQL may run it once a row: each time it would find others.
    .cte("free")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
_LEASE = (
    update(lanes)
    .where(lanes.c.lane.in_(select(_FREE.c.lane)))
    .values(holder=bindparam("by"), held_until=bindparam("until"))
    .returning(lanes.c.lane)
)
_HOLD = update(lanes).where(_IS_HELD).values(held_until=bindparam("until"))
_LATER = deliveries.alias("later")
_HAS_LATER = (
    exists()
    .where(
        _LATER.c.case_id == deliveries.c.case_id,
        _LATER.c.kind == deliveries.c.kind,
        _LATER.c.id > deliveries.c.id,
        _LATER.c.state.in_([inline(PENDING), inline(DELIVERED)]),
    )
    .label("has_later")
)
_FIRST_TWO = (
    select(
        deliveries.c.id,
        deliveries.c.lane,
        deliveries.c.kind,
        deliveries.c.payload,
        deliveries.c.plan,
        deliveries.c.tries,
        deliveries.c.due_at,
        deliveries.c.created_at,
        deliveries.c.give_up_at,
        deliveries.c.case_id,
        deliveries.c.sid,
        _HAS_LATER,
    )
    .where(deliveries.c.lane == bindparam("named"), deliveries.c.state == inline(PENDING))
    .order_by(deliveries.c.id)
    .limit(2)
)
_END = delete(lanes).where(
    _IS_NAMED,
    ~exists().where(deliveries.c.lane == lanes.c.lane, deliveries.c.state == inline(PENDING)),
)
_WAIT = update(lanes).where(_IS_NAMED).values(due_at=bindparam("due"), holder=None, held_until=None)
_CHANGE = update(deliveries).where(deliveries.c.id == bindparam("which"))
_SETTLED = {
    "state": bindparam("new_state"),
    "settled_at": bindparam("now"),
    "tries": deliveries.c.tries + 1,
    "refusal": None,
}
_CAME_TO = bindparam("came_to", type_=deliveries.c.result.type)
_FINISH_LISTED = (
    update(deliveries)
    .where(deliveries.c.id.in_([bindparam("which"), bindparam("behind")]))
    .values(
        **_SETTLED, result=case((deliveries.c.id == bindparam("which"), _CAME_TO), else_=null())
    )
)
# Each by its key: for a list, the plan that PostgreSQL keeps from an empty table reads all of it.
_FINISH_EACH = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("behind"))
    .values(**_SETTLED, result=null())
    .add_cte(
        update(deliveries)
        .where(deliveries.c.id == bindparam("which"))
        .values(**_SETTLED, result=_CAME_TO)
        .cte("ahead")
    )
)
_NEXT_DUE = select(func.min(lanes.c.due_at)).where(lanes.c.holder.is_(None))
_ANY_FREE = select(lanes.c.lane).where(_IS_FREE).limit(1)


class LeaseLost(Exception):
    """Another worker has taken the lane over: what we were about to do is its business now."""


@dataclass(frozen=True)
class Lease:
    """One lane, held by one worker."""

    lane: str
    holder: str


@dataclass(frozen=True)
class Job:
    """A pending job of a leased lane."""

    id: int
    lane: str
    kind: str
    payload: Mapping[str, Any] = field(repr=False)
    plan: Mapping[str, Any] | None
    """What an earlier try was about to do, stored before it tried."""
    tries: int
    created_at: datetime
    give_up_at: datetime
    case_id: int | None
    sid: str
    has_later: bool
    """Whether a later one of its kind, about its case, is pending or was delivered."""
    behind: "Job | None" = None
    """The lane's next one, if that is due too, as both were read together."""


def enqueue(connection: Connection, lane: str, due_at: datetime, **columns: Any) -> int:
    """Add a job at the end of a lane, in the caller's transaction; return its id."""
    connection.execute(_LOCK_OR_ADD(connection), {"lane": lane, "due_at": due_at})
    return _append(connection, lane, due_at, columns)


def enqueue_both(
    connection: Connection,
    lane: str,
    due_at: datetime,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
) -> None:
    """Add two jobs at the end of a lane, in the caller's transaction.

    The payload of the second says by `after` which the first is. On PostgreSQL it is one statement.
    """
    if connection.dialect.name == "sqlite":
        after = enqueue(connection, lane, due_at, **first)
        payload = {**second["payload"], "after": after}
        _append(connection, lane, due_at, {**second, "payload": payload})
        return
    ahead = {f"{name}_1": value for name, value in first.items()}
    behind = {f"{name}_2": value for name, value in second.items()}
    connection.execute(_ADD_BOTH(connection), {"end_of": lane, "at": due_at, **ahead, **behind})


def _append(connection: Connection, lane: str, due_at: datetime, columns: Mapping[str, Any]) -> int:
    row = {"lane": lane, "due_at": due_at, "state": PENDING, **columns}
    return _new_id(connection.execute(_ADD, row).inserted_primary_key)


def lease(connection: Connection, holder: str, now: datetime, count: int) -> list[Lease]:
    """Lease up to `count` lanes whose first job is due and that nobody holds."""
    leased = connection.scalars(
        _LEASE, {"by": holder, "until": now + LEASE, "now": now, "most": count}
    )
    return [Lease(lane, holder) for lane in leased]


def renew(connection: Connection, leases: Collection[Lease], now: datetime) -> None:
    """Hold these leases for longer; those that were lost stay lost."""
    for holder in {leased.holder for leased in leases}:
        held = [leased.lane for leased in leases if leased.holder == holder]
        connection.execute(
            update(lanes)
            .where(lanes.c.holder == holder, lanes.c.lane.in_(held))
            .values(held_until=now + LEASE)
        )


def still_held(connection: Connection, held: Lease, now: datetime) -> bool:
    """Lock the lane and say whether the lease is still ours; if so, it is renewed."""
    row = connection.execute(_HOLD, {"named": held.lane, "by": held.holder, "until": now + LEASE})
    return bool(row.rowcount == 1)


def first(connection: Connection, held: Lease, now: datetime) -> Job | None:
    """The job to do now; None, and the lane is released, when there is none or it isn't due yet.

    The caller has made sure in the same transaction that the lease is still held.
    """
    rows = connection.execute(_FIRST_TWO, {"named": held.lane}).all()
    if not rows:
        end(connection, held)
        return None
    head, *others = rows
    if head.due_at > now:
        connection.execute(_WAIT, {"named": held.lane, "due": head.due_at})
        return None
    behind = next((_job(row) for row in others if row.due_at <= now), None)
    return replace(_job(head), behind=behind)


def end(connection: Connection, held: Lease) -> bool:
    """Remove a lane that has no pending job; False where it has one.

    The caller has made sure in the same transaction that the lease is still held.
    """
    return connection.execute(_END, {"named": held.lane}).rowcount == 1


def finish(
    connection: Connection,
    job: Job,
    state: str,
    now: datetime,
    *,
    result: Mapping[str, Any] | None = None,
    refusal: str | None = None,
) -> None:
    """Settle a job for good."""
    connection.execute(
        _CHANGE,
        {
            "which": job.id,
            "state": state,
            "settled_at": now,
            "tries": job.tries + 1,
            "result": result,
            "refusal": refusal,
        },
    )


def finish_both(
    connection: Connection,
    job: Job,
    behind: Job,
    state: str,
    now: datetime,
    *,
    result: Mapping[str, Any] | None,
) -> None:
    """Settle a job that came to a result, and the one behind it, for good and alike."""
    connection.execute(
        _FINISH_LISTED if connection.dialect.name == "sqlite" else _FINISH_EACH,
        {
            "which": job.id,
            "behind": behind.id,
            "new_state": state,
            "now": now,
            "came_to": result,
        },
    )


def postpone(connection: Connection, job: Job, due_at: datetime, refusal: str) -> None:
    """Leave a job at the head of its lane, to be tried again at `due_at`."""
    connection.execute(
        _CHANGE,
        {"which": job.id, "due_at": due_at, "tries": job.tries + 1, "refusal": refusal},
    )


def release(connection: Connection, held: Lease) -> None:
    """Release a lane as it is."""
    connection.execute(
        update(lanes)
        .where(lanes.c.lane == held.lane, lanes.c.holder == held.holder)
        .values(holder=None, held_until=None)
    )


def reopen(connection: Connection, lane: str, due_at: datetime) -> None:
    """Make a lane due that has a job which is pending again."""
    connection.execute(_REOPEN(connection), {"lane": lane, "due_at": due_at})


def next_due(connection: Connection) -> datetime | None:
    """When the next lane that nobody holds is due."""
    moment: datetime | None = connection.scalar(_NEXT_DUE)
    return moment


def _job(row: Row[*tuple[Any, ...]]) -> Job:
    return Job(
        id=row.id,
        lane=row.lane,
        kind=row.kind,
        payload=row.payload,
        plan=row.plan,
        tries=row.tries,
        created_at=row.created_at,
        give_up_at=row.give_up_at,
        case_id=row.case_id,
        sid=row.sid,
        has_later=row.has_later,
    )


def _new_id(key: Sequence[Any] | None) -> int:
    if key is None:
        raise RuntimeError("the database gave no id for a new row")
    identity: int = key[0]
    return identity


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether there is a lane to lease."""
    return connection.scalar(_ANY_FREE, {"now": now}) is not None
