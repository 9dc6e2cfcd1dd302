"""What is paused, and by whom: rows that every worker sees at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, true, update

from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.folding import fold_label
from bridge.store.db import inline, insert_into
from bridge.store.listed import is_listed
from bridge.store.tables import pauses

BY_SHARED_NUMBER = "shared-number"
"""A case that may be that of the person who opted out at a phone shared with others."""
BY_TEXT = "text"
"""An opt-out in free words."""
BY_CONSOLE = "console: "
"""Somebody at the console, whose name follows."""
BY_OPERATOR = "operator"
"""Somebody at the command line."""
BY_CANARY = "canary"
"""Calls have ended without a single request of Twilio's."""
BY_UNANSWERED = "unanswered"
"""Nobody at the firm took the calls of people who had pressed 1."""
BESIDE_CALLS_UNDER_WAY = frozenset({BY_CANARY, BY_UNANSWERED})
"""What these sources pause goes on where it has begun: they say nothing of the person."""
_WRITTEN = {
    BY_OPERATOR: "the command line",
    "twilio": "the bridge (Twilio refuses)",
    BY_CANARY: "the bridge (the first call must be heard of)",
    BY_UNANSWERED: "the bridge (nobody at the firm picks up)",
    BY_SHARED_NUMBER: "the bridge (a shared phone)",
    BY_TEXT: "the bridge (a text)",
}
_QUESTIONS = (BY_SHARED_NUMBER, BY_TEXT)
"""What a person must decide: a case is held for each reason, and resumed for each."""


# Built once: everything that is decided asks for them.
_ACTIVE = (
    select(pauses)
    .where(
        pauses.c.lifted_at.is_(None),
        or_(pauses.c.until.is_(None), pauses.c.until > bindparam("at")),
    )
    .order_by(pauses.c.id)
)


@dataclass(frozen=True)
class HeldCase:
    """A case that is or was held until it is known who opted out at a phone."""

    pause_id: int
    case_id: int
    reason: str
    created_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None


@dataclass(frozen=True)
class StoredPause:
    """A pause as it is stored."""

    id: int
    pause: Pause
    source: str
    """Who or what set it: `operator`, `twilio`, `text`, `canary`, `unanswered`, `shared-number`, or
    somebody at the console by name."""
    created_at: datetime

    @property
    def by(self) -> str:
        """Who or what set it, as a person reads it."""
        return written(self.source)


def written(source: str) -> str:
    """Who or what set or lifted a pause, as a person reads it."""
    return _WRITTEN.get(source, source.removeprefix(BY_CONSOLE))


def by_console(name: str) -> str:
    """Somebody at the console, as it is stored."""
    return f"{BY_CONSOLE}{name}"[:64]


def add(connection: Connection, pause: Pause, source: str, now: datetime) -> bool:
    """Pause something; the same pause by the same source exists once. False: it did already.

    What a person must decide, and what somebody at the console has paused, is the same for the same
    reason alone: a pause over lunch doesn't shorten that of a judge's order.
    """
    by_reason = source in _QUESTIONS or source.startswith(BY_CONSOLE)
    same = connection.scalar(
        select(pauses.c.id).where(
            pauses.c.scope == pause.scope,
            pauses.c.what == pause.what,
            pauses.c.source == source,
            pauses.c.reason == pause.reason if by_reason else true(),
            _is_active(now),
        )
    )
    values = {"until": pause.until, "reason": pause.reason}
    if same is not None:
        connection.execute(update(pauses).where(pauses.c.id == same).values(**values))
        return False
    connection.execute(
        insert_into(connection, pauses).values(
            scope=pause.scope, what=pause.what, source=source, created_at=now, **values
        )
    )
    return True


def active(
    connection: Connection, now: datetime, scope: PauseScope | None = None
) -> list[StoredPause]:
    """The pauses that are active now: all of them, or those of a scope."""
    query = _ACTIVE if scope is None else _ACTIVE.where(pauses.c.scope == scope)
    rows = connection.execute(query, {"at": now})
    return [
        StoredPause(
            row.id,
            Pause(PauseScope(row.scope), row.what, row.until, row.reason),
            row.source,
            row.created_at,
        )
        for row in rows
    ]


def lift(
    connection: Connection,
    scope: PauseScope,
    what: str,
    now: datetime,
    *,
    by: str,
    reason: str = "",
    shown: Collection[int] | None = None,
) -> int:
    """Lift the pauses of this; return how many there were. Case and spacing are no matter.

    `by` and `reason` are kept with them: who lifted them, spelled as a source is, and why.

    Of the questions that hold a case only the oldest is settled, and none while something else
    holds it: whoever answers one question has not answered the next. Nor is anything lifted where
    other pauses are in effect by now than were `shown` to whoever lifts them.
    """
    of_scope = [kept for kept in active(connection, now) if kept.pause.scope is scope]
    same = [kept for kept in of_scope if fold_label(kept.pause.what) == fold_label(what)]
    if shown is not None and {kept.id for kept in same} != set(shown):
        return 0
    asked = [kept for kept in same if scope is PauseScope.CASE and kept.source in _QUESTIONS]
    lifted = [kept.id for kept in same if kept not in asked] or [kept.id for kept in asked[:1]]
    done = connection.execute(
        update(pauses)
        .where(pauses.c.id.in_(lifted), pauses.c.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by, lift_reason=reason)
    )
    return done.rowcount


def lift_one(connection: Connection, identity: int, now: datetime, *, by: str, reason: str) -> bool:
    """Lift this pause and no other; False: somebody has done so already."""
    lifted = connection.execute(
        update(pauses)
        .where(pauses.c.id == identity, pauses.c.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by, lift_reason=reason)
    )
    return lifted.rowcount == 1


def held_case(connection: Connection, pause_id: int) -> HeldCase | None:
    """A case's hold for a shared phone, in effect or lifted."""
    row = connection.execute(select(*_HELD).where(pauses.c.id == pause_id, *_IS_HELD)).one_or_none()
    return None if row is None else _held_case(row)


def held_cases(connection: Connection, reasons: Collection[str]) -> list[HeldCase]:
    """The cases that are held for these reasons, the first held first."""
    rows = connection.execute(
        select(*_HELD)
        .where(pauses.c.reason.in_(reasons), *_IS_HELD, pauses.c.lifted_at.is_(None))
        .order_by(pauses.c.id)
    )
    return [_held_case(row) for row in rows]


def lift_these(
    connection: Connection, ids: Collection[int], *, by: str, reason: str, now: datetime
) -> int:
    """Lift these pauses, as somebody at the console says; return how many were active."""
    lifted = connection.execute(
        update(pauses)
        .where(pauses.c.id.in_(ids), pauses.c.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by_console(by), lift_reason=reason)
    )
    return lifted.rowcount


def active_by(connection: Connection, source: str, now: datetime) -> StoredPause | None:
    """The pause of this source that is active now, if there is one."""
    return next((kept for kept in active(connection, now) if kept.source == source), None)


def lift_by(connection: Connection, source: str, now: datetime) -> int:
    """Have a source lift its own pauses, and no others; return how many there were."""
    lifted = connection.execute(
        update(pauses)
        .where(pauses.c.source == source, pauses.c.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=source)
    )
    return lifted.rowcount


def last_lifted(connection: Connection, source: str) -> datetime | None:
    """When a pause of this source was last lifted, by whomever."""
    moment: datetime | None = connection.scalar(
        select(func.max(pauses.c.lifted_at)).where(pauses.c.source == source)
    )
    return moment


def held_for(connection: Connection, reason: str, now: datetime) -> set[int]:
    """The cases that are held for this reason because of a shared phone now."""
    return {int(kept.pause.what) for kept in holding_for(connection, reason, now)}


def holding_for(connection: Connection, reason: str, now: datetime) -> list[StoredPause]:
    """The pauses that hold cases for this reason because of a shared phone now."""
    return [
        kept
        for kept in active(connection, now)
        if kept.source == BY_SHARED_NUMBER
        and kept.pause.scope is PauseScope.CASE
        and kept.pause.reason == reason
    ]


def released_at_each(
    connection: Connection, case_ids: Collection[int]
) -> Mapping[int, Mapping[str, datetime]]:
    """When cases held for a shared phone were last resumed, by case and by their holds' reasons."""
    found: dict[int, dict[str, datetime]] = {}
    if case_ids:
        whats = sorted(map(str, case_ids))
        for row in connection.execute(_RELEASES, {"whats": whats}):
            found.setdefault(int(row.what), {})[row.reason] = row.at
    return found


def _is_active(now: datetime) -> ColumnElement[bool]:
    return and_(pauses.c.lifted_at.is_(None), or_(pauses.c.until.is_(None), pauses.c.until > now))


_HELD = (
    pauses.c.id,
    pauses.c.what,
    pauses.c.reason,
    pauses.c.created_at,
    pauses.c.lifted_at,
    pauses.c.lifted_by,
)
_IS_HELD = (pauses.c.source == inline(BY_SHARED_NUMBER), pauses.c.scope == PauseScope.CASE)
_RELEASES = (
    select(pauses.c.what, pauses.c.reason, func.max(pauses.c.lifted_at).label("at"))
    .where(
        pauses.c.source == BY_SHARED_NUMBER,
        pauses.c.scope == PauseScope.CASE,
        # As the index says it: SQLite uses a partial one only where a query repeats its words.
        pauses.c.scope.in_([inline(PauseScope.CASE), inline(PauseScope.NUMBER)]),
        is_listed(pauses.c.what, "whats"),
        pauses.c.lifted_at.is_not(None),
    )
    .group_by(pauses.c.what, pauses.c.reason)
)


def _held_case(row: Any) -> HeldCase:
    return HeldCase(
        pause_id=row.id,
        case_id=int(row.what),
        reason=row.reason,
        created_at=row.created_at,
        lifted_at=row.lifted_at,
        lifted_by=written(row.lifted_by) if row.lifted_by else None,
    )
