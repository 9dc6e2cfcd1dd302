"""The queue: jobs in lanes, each lane worked on by one worker at a time and in order.

A worker leases a lane, not a job, with an expiry that it renews while it works; so the jobs of a
lane run one after another, a head that waits for its retry holds its lane and nobody's thread,
and a dead worker's lanes are free again when the lease ends. Whoever settles a job must still
hold the lease, or the settling is refused.

A row of `lanes` exists as long as its lane has pending jobs, and says when the first is due.
Every change of a lane locks that row first, so that a job added while the last one is being
settled is never overlooked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from bridge.store.db import inline, insert_into
from bridge.store.tables import deliveries, lanes

LEASE = timedelta(seconds=20)
"""How long a lease lasts without being renewed; a killed worker's lanes are free again after it.

Longer than two waits for a busy database: a lane that is lost while a note is sent gets it twice.
"""

PENDING = "pending"


@dataclass(frozen=True)
class Lease:
    """One lane, held by one worker."""

    lane: str
    holder: str


@dataclass(frozen=True)
class Job:
    """The first pending job of a leased lane."""

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


def enqueue(connection: Connection, lane: str, due_at: datetime, **columns: Any) -> int:
    """Add a job at the end of a lane, in the caller's transaction; return its id."""
    row = insert_into(connection, lanes).values(lane=lane, due_at=due_at)
    # The no-op update takes the row's lock: a lane that has jobs keeps the due time of its head.
    connection.execute(
        row.on_conflict_do_update(index_elements=[lanes.c.lane], set_={"due_at": lanes.c.due_at})
    )
    added = connection.execute(
        deliveries.insert().values(lane=lane, due_at=due_at, state=PENDING, **columns)
    )
    return _new_id(added.inserted_primary_key)


def lease(connection: Connection, holder: str, now: datetime, count: int) -> list[Lease]:
    """Lease up to `count` lanes whose first job is due and that nobody holds."""
    free = (
        select(lanes.c.lane)
        .where(lanes.c.due_at <= now, (lanes.c.held_until.is_(None)) | (lanes.c.held_until <= now))
        .order_by(lanes.c.due_at)
        .limit(count)
        .with_for_update(skip_locked=True)
        # As a bare subquery, PostgreSQL may run it once a row: each time it would find others.
        .cte("free")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    leased = connection.execute(
        update(lanes)
        .where(lanes.c.lane.in_(select(free.c.lane)))
        .values(holder=holder, held_until=now + LEASE)
        .returning(lanes.c.lane)
    )
    return [Lease(lane, holder) for lane in leased.scalars()]


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
    row = connection.execute(
        update(lanes)
        .where(lanes.c.lane == held.lane, lanes.c.holder == held.holder)
        .values(held_until=now + LEASE)
    )
    return row.rowcount == 1


def first(connection: Connection, held: Lease, now: datetime) -> Job | None:
    """The job to do now; None, and the lane is released, when there is none or it isn't due yet.

    The caller has made sure in the same transaction that the lease is still held.
    """
    row = connection.execute(
        select(deliveries)
        .where(deliveries.c.lane == held.lane, deliveries.c.state == inline(PENDING))
        .order_by(deliveries.c.id)
        .limit(1)
    ).one_or_none()
    mine = lanes.c.lane == held.lane
    if row is None:
        connection.execute(delete(lanes).where(mine))
        return None
    if row.due_at > now:
        connection.execute(
            update(lanes).where(mine).values(due_at=row.due_at, holder=None, held_until=None)
        )
        return None
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
    )


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
        update(deliveries)
        .where(deliveries.c.id == job.id)
        .values(state=state, settled_at=now, tries=job.tries + 1, result=result, refusal=refusal)
    )


def postpone(connection: Connection, job: Job, due_at: datetime, refusal: str) -> None:
    """Leave a job at the head of its lane, to be tried again at `due_at`."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == job.id)
        .values(due_at=due_at, tries=job.tries + 1, refusal=refusal)
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
    row = insert_into(connection, lanes).values(lane=lane, due_at=due_at)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=[lanes.c.lane], set_={"due_at": row.excluded.due_at}
        )
    )


def next_due(connection: Connection) -> datetime | None:
    """When the next lane that nobody holds is due."""
    moment: datetime | None = connection.scalar(
        select(func.min(lanes.c.due_at)).where(lanes.c.holder.is_(None))
    )
    return moment


def _new_id(key: Sequence[Any] | None) -> int:
    if key is None:
        raise RuntimeError("the database gave no id for a new row")
    identity: int = key[0]
    return identity


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether there is a lane to lease."""
    return (
        connection.scalar(
            select(lanes.c.lane)
            .where(
                lanes.c.due_at <= now,
                (lanes.c.held_until.is_(None)) | (lanes.c.held_until <= now),
            )
            .limit(1)
        )
        is not None
    )
