"""Every decision with what it was based on (promise 7 in docs/explanation/never-twice.md); a
repeated one is stored once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bridge.domain.contact_facts import Facts
from bridge.domain.decision_inputs import without_the_moment
from bridge.domain.decisions import Decision, Permission
from bridge.store.listed import is_listed
from bridge.store.rows import row_writer
from bridge.store.tables import decisions

POLLED, PLANNED, PLACED, ON_LINE, MESSAGE = "poll", "plan", "place", "line", "message"
"""The stages at which a contact is decided on: `plan` for a text that nothing allows, `line` before
a person is dialed for somebody at the firm who has taken the call, and when a person answers;
`message` before a machine is left one."""


_ADD = row_writer(decisions)
_NEWEST = (
    select(func.max(decisions.c.id))
    .where(is_listed(decisions.c.case_id, "case_ids"))
    .group_by(decisions.c.case_id)
)
_LAST = select(
    decisions.c.case_id, decisions.c.answer, decisions.c.until, decisions.c.inputs
).where(is_listed(decisions.c.id, "ids"))


def record(
    connection: Connection,
    facts: Facts,
    decision: Decision,
    now: datetime,
    *,
    stage: str,
    attempt_id: str | None = None,
) -> None:
    """Store a decision."""
    _ADD(connection, [_row(facts, decision, now, stage, attempt_id)])


def record_each(
    connection: Connection, made: Sequence[tuple[Facts, Decision]], now: datetime, *, stage: str
) -> None:
    """Store decisions."""
    if made:
        _ADD(connection, [_row(facts, decision, now, stage, None) for facts, decision in made])


def record_polled(
    connection: Connection, made: Sequence[tuple[Facts, Decision]], now: datetime
) -> None:
    """Store what a poll has decided, of each case once, where that isn't its last decision."""
    if not made:
        return
    case_ids = [facts.case_id for facts, _ in made]
    newest = list(connection.scalars(_NEWEST, {"case_ids": case_ids}))
    rows = connection.execute(_LAST, {"ids": newest}) if newest else ()
    last = {row.case_id: row for row in rows}
    news = [each for each in made if not _is_repeated(last.get(each[0].case_id), each[1])]
    record_each(connection, news, now, stage=POLLED)


def stopped_because(connection: Connection, case_id: int, attempt_id: str) -> str | None:
    """Why a call under way was not allowed to go on to its person; None if nothing stopped it."""
    why: str | None = connection.scalar(
        select(decisions.c.why)
        .where(
            decisions.c.case_id == case_id,
            decisions.c.attempt_id == attempt_id,
            decisions.c.stage == ON_LINE,
            decisions.c.answer != Permission.ALLOW,
        )
        .order_by(decisions.c.id)
        .limit(1)
    )
    return why


def listed(
    connection: Connection, case_id: int | None, answer: str | None, limit: int
) -> Sequence[Row[tuple[object, ...]]]:
    """The newest decisions, of one case or of all, with one answer or with any."""
    query = select(decisions).order_by(decisions.c.id.desc()).limit(limit)
    if case_id is not None:
        query = query.where(decisions.c.case_id == case_id)
    if answer is not None:
        query = query.where(decisions.c.answer == answer)
    return connection.execute(query).all()


def _row(
    facts: Facts, decision: Decision, now: datetime, stage: str, attempt_id: str | None
) -> dict[str, Any]:
    return {
        "decided_at": now,
        "stage": stage,
        "case_id": facts.case_id,
        "attempt_id": attempt_id,
        "channel": facts.channel,
        "answer": decision.permission,
        "until": decision.until,
        "why": decision.why,
        "inputs": _kept(decision),
    }


def _is_repeated(last: Any, decision: Decision) -> bool:
    return last is not None and (
        last.answer,
        last.until,
        without_the_moment(last.inputs),
    ) == (
        decision.permission,
        decision.until,
        without_the_moment(_kept(decision)),
    )


def _kept(decision: Decision) -> dict[str, object]:
    """The inputs of a decision, with the rules that have restricted it."""
    return {**decision.inputs, "restricted_by": [each.rule for each in decision.restrictions]}
