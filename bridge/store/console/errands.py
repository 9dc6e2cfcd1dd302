"""Errands: what the console asks the worker for, since the worker alone asks Twilio and others.

    ask     the console: at most one of a kind is open
    take    a worker: one of them alone gets it
    finish  what it came to

What nobody takes, or whose worker dies, fails after a time with a sentence (`expire`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from bridge.domain.phones import E164, last_four
from bridge.store.db import inline, insert_into
from bridge.store.tables import callbacks, errands


class ErrandKind(StrEnum):
    """What is asked for."""

    CHECK = "check"
    """Everything that `bridge check` examines, and what Twilio has for the firm's number."""
    TEST_CALL = "test-call"
    TEST_TEXT = "test-text"


class ErrandState(StrEnum):
    """How far an errand has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


TESTS = (ErrandKind.TEST_CALL, ErrandKind.TEST_TEXT)
TAKEN_WITHIN = timedelta(minutes=1)
"""An errand that no worker has taken by then isn't done any more: nobody waits for it."""
DONE_WITHIN = timedelta(minutes=5)
"""One that was taken and isn't finished by then was some worker's that has died."""
NOT_TAKEN = "no worker took it within a minute: start the worker, then try again"
NOT_DONE = "the worker stopped before it was done: try again"
_RECENT = 50
"""Among so many tests one is looked for by the SID of its call or text."""
_OPEN = (ErrandState.WAITING, ErrandState.RUNNING)
_IS_OPEN = errands.c.state.in_([inline(state) for state in _OPEN])


@dataclass(frozen=True)
class Errand:
    """One errand."""

    id: int
    kind: ErrandKind
    state: ErrandState
    asked_at: datetime
    asked_by: str
    phone: E164 | None
    """Whom to call or text; forgotten when it is done."""
    started_at: datetime | None
    ended_at: datetime | None
    sid: str | None
    """The call or text that it came to."""
    result: Mapping[str, Any]

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in _OPEN

    @property
    def says(self) -> str:
        """Why it failed."""
        return str(self.result.get("says", ""))

    @property
    def phone_end(self) -> str:
        """The number's last digits, `…0114`."""
        return last_four(self.phone) or str(self.result.get("phone", ""))


@dataclass(frozen=True)
class Step:
    """A callback about a test call or text."""

    channel: str
    status: str
    at: datetime
    says: str | None
    """What is wrong, if something is."""


def ask(
    connection: Connection, kind: ErrandKind, by: str, now: datetime, phone: E164 | None = None
) -> int | None:
    """Ask for something; None while the same is asked for already."""
    expire(connection, now)
    row = insert_into(connection, errands).values(
        kind=kind, state=ErrandState.WAITING, asked_at=now, asked_by=by[:64], phone=phone
    )
    added: int | None = connection.scalar(row.on_conflict_do_nothing().returning(errands.c.id))
    return added


def is_any_open(connection: Connection) -> bool:
    """Whether something is asked for that isn't done."""
    return connection.scalar(select(errands.c.id).where(_IS_OPEN).limit(1)) is not None


def take(connection: Connection, now: datetime) -> Errand | None:
    """The oldest that waits, now this worker's."""
    expire(connection, now)
    waiting = errands.c.state == ErrandState.WAITING
    found = connection.execute(
        select(errands).where(_IS_OPEN, waiting).order_by(errands.c.id).limit(1)
    ).one_or_none()
    if found is None:
        return None
    taken = connection.execute(
        update(errands)
        .where(errands.c.id == found.id, waiting)
        .values(state=ErrandState.RUNNING, started_at=now)
    )
    return _errand(found) if taken.rowcount == 1 else None


def finish(
    connection: Connection,
    errand: Errand,
    state: ErrandState,
    result: Mapping[str, Any],
    *,
    now: datetime,
    sid: str | None = None,
) -> bool:
    """Store what it came to; False when it was given up meanwhile. Its number is forgotten."""
    values: dict[str, Any] = {"state": state, "ended_at": now, "phone": None}
    values["result"] = {**result, "phone": errand.phone_end} if errand.phone else dict(result)
    if sid is not None:
        values["sid"] = sid
    finished = connection.execute(
        update(errands)
        .where(errands.c.id == errand.id, errands.c.state == ErrandState.RUNNING)
        .values(values)
    )
    return finished.rowcount == 1


def expire(connection: Connection, now: datetime) -> None:
    """Fail what nobody has taken, and what its worker never finished."""
    for row in connection.execute(select(errands).where(_IS_OPEN)).all():
        errand = _errand(row)
        late = as_of(errand, now)
        if late.is_open:
            continue
        connection.execute(
            update(errands)
            .where(errands.c.id == errand.id, errands.c.state == errand.state)
            .values(state=late.state, ended_at=now, result=late.result, phone=None)
        )


def as_of(errand: Errand, now: datetime) -> Errand:
    """The errand as it is at this time: one that is too late has failed, stored or not."""
    if errand.state is ErrandState.WAITING and errand.asked_at < now - TAKEN_WITHIN:
        says = NOT_TAKEN
    elif errand.state is ErrandState.RUNNING and (
        (errand.started_at or errand.asked_at) < now - DONE_WITHIN
    ):
        says = NOT_DONE
    else:
        return errand
    result = {"says": says, "phone": errand.phone_end}
    return replace(errand, state=ErrandState.FAILED, result=result, phone=None)


def attach_sid(connection: Connection, identity: int, sid: str) -> None:
    """A callback names the call or text, should Twilio's answer with it have been lost."""
    connection.execute(
        update(errands)
        .where(errands.c.id == identity, errands.c.sid.is_(None), errands.c.kind.in_(TESTS))
        .values(sid=sid)
    )


def newest(connection: Connection, kind: ErrandKind) -> Errand | None:
    """The newest of a kind."""
    found = connection.execute(
        select(errands).where(errands.c.kind == kind).order_by(errands.c.id.desc()).limit(1)
    ).one_or_none()
    return None if found is None else _errand(found)


def newest_done(connection: Connection, kind: ErrandKind) -> Errand | None:
    """The newest of a kind that was done."""
    found = connection.execute(
        select(errands)
        .where(errands.c.kind == kind, errands.c.state == ErrandState.DONE)
        .order_by(errands.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if found is None else _errand(found)


def tests_since(connection: Connection, since: datetime, limit: int) -> int:
    """How many test calls and texts were asked for since then, counted up to `limit`."""
    count = 0
    for kind in TESTS:
        asked_at = connection.scalars(
            select(errands.c.asked_at)
            .where(errands.c.kind == kind)
            .order_by(errands.c.id.desc())
            .limit(limit)
        )
        count += sum(at > since for at in asked_at)
    return count


def steps(connection: Connection, sid: str) -> Sequence[Step]:
    """The callbacks that have come about a test call or text, in that order."""
    rows = connection.execute(
        select(
            callbacks.c.channel,
            callbacks.c.status,
            callbacks.c.received_at,
            callbacks.c.complaint,
        )
        .where(callbacks.c.sid == sid)
        .order_by(callbacks.c.id)
    )
    return [Step(*row) for row in rows]


def sids_of(connection: Connection, sids: Collection[str]) -> set[str]:
    """Which of these calls and texts are tests."""
    if not sids:
        return set()
    recent = (
        select(errands.c.sid)
        .where(errands.c.kind.in_(TESTS))
        .order_by(errands.c.id.desc())
        .limit(_RECENT)
    )
    return set(connection.scalars(recent)) & set(sids)


def purge(connection: Connection, before: datetime) -> int:
    """Delete those from before then, but for the newest check; return how many."""
    kept = newest_done(connection, ErrandKind.CHECK)
    which = errands.c.asked_at < before
    if kept is not None:
        which &= errands.c.id != kept.id
    return connection.execute(delete(errands).where(which)).rowcount


def _errand(row: Row[Any]) -> Errand:
    return Errand(
        id=row.id,
        kind=ErrandKind(row.kind),
        state=ErrandState(row.state),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        phone=row.phone,
        started_at=row.started_at,
        ended_at=row.ended_at,
        sid=row.sid,
        result=row.result or {},
    )
