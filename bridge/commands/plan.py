"""`bridge dial plan`: what is due to happen, as far as it is known now. Dials nobody."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bridge import eligibility
from bridge.background import PlannedContact
from bridge.commands.listings import Column, Listing
from bridge.domain.decisions import Permission
from bridge.domain.phones import display
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import attempts, skipped, turns
from bridge.store.dialing.attempts import Attempt

_MOST = 500
_COLUMNS = (
    Column("at", "when"),
    Column("case_id"),
    Column("event"),
    Column("phone"),
    Column("decision"),
    Column("what", "what"),
)
_ANSWERS = {
    Permission.ALLOW: "yes, now",
    Permission.DEFER: "not now",
    Permission.REFUSE: "no",
}


def plan(runtime: Runtime, hours: int) -> Listing:
    """What is due to happen within so many hours."""
    now = runtime.clock()
    end = now + timedelta(hours=hours)
    with runtime.db.read() as connection:
        rows = [
            *_planned(runtime, connection, now, end),
            *_next_calls(connection, now, end),
            *_skipped(connection, end),
        ]
    return Listing(
        _COLUMNS, sorted(rows, key=lambda row: (row["at"], row["what"])), "Nothing is due."
    )


def _planned(
    runtime: Runtime, connection: Connection, now: datetime, end: datetime
) -> Iterator[Mapping[str, Any]]:
    for attempt in attempts.planned(connection, end, _MOST):
        decision, says = _preview(runtime, connection, attempt)
        what = f"{attempt.channel} case {attempt.case_id} at {display(attempt.phone)}: {says}"
        at = max(attempt.due_at, now)
        row = _row(at, attempt.case_id, str(attempt.channel), what)
        yield row | {"phone": attempt.phone, "decision": decision}


def _next_calls(
    connection: Connection, now: datetime, end: datetime
) -> Iterator[Mapping[str, Any]]:
    coming = cases.due_until(connection, end, _MOST)
    busy = turns.under_way(connection, [case_id for _, case_id in coming])
    for moment, case_id in coming:
        if moment > now and case_id not in busy:
            yield _row(moment, case_id, "due", f"case {case_id} comes due for its next call")


def _skipped(connection: Connection, end: datetime) -> Iterator[Mapping[str, Any]]:
    for found in skipped.listed(connection):
        if found.until is not None and found.until <= end:
            what = f"case {found.case_id} may be taken up; it waits because {found.reason}"
            yield _row(found.until, found.case_id, "skipped", what)


def _row(at: datetime, case_id: int | None, event: str, what: str) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(column.key for column in _COLUMNS)
    return row | {"at": at, "case_id": case_id, "event": event, "what": what}


def _preview(
    runtime: Runtime, connection: Connection, attempt: Attempt
) -> tuple[Permission | None, str]:
    """What would be decided now on a planned call or text, and that in words."""
    case = cases.get(connection, attempt.case_id)
    if case is None:
        return None, "its case is not known"
    contact = PlannedContact(case, attempt.channel, attempt.phone, attempt.id, attempt.turn_id)
    decision = eligibility.preview(runtime, connection, contact)
    because = f", because {decision.why}" if decision.why else ""
    return decision.permission, f"{_ANSWERS[decision.permission]}{because}"
