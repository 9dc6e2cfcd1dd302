"""Every decision with what it was based on (promise 7 in docs/explanation/never-twice.md); a
repeated one is stored once.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, select

from bridge.domain.eligibility import Decision, Facts
from bridge.store.tables import decisions

POLLED, PLACED = "poll", "place"
"""The stages at which a contact is decided on."""


def record(
    connection: Connection,
    facts: Facts,
    decision: Decision,
    now: datetime,
    *,
    stage: str,
    attempt_id: str | None = None,
) -> None:
    """Store a decision; at the poll only when it differs from the case's last one."""
    if stage == POLLED and _is_repeated(connection, facts, decision):
        return
    connection.execute(
        decisions.insert().values(
            decided_at=now,
            stage=stage,
            case_id=facts.case_id,
            attempt_id=attempt_id,
            channel=facts.channel,
            answer=decision.permission,
            until=decision.until,
            why=decision.why,
            inputs=dict(decision.inputs),
        )
    )


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


def _is_repeated(connection: Connection, facts: Facts, decision: Decision) -> bool:
    last = connection.execute(
        select(decisions.c.answer, decisions.c.until, decisions.c.inputs)
        .where(decisions.c.case_id == facts.case_id)
        .order_by(decisions.c.id.desc())
        .limit(1)
    ).one_or_none()
    return last is not None and (last.answer, last.until, last.inputs) == (
        decision.permission,
        decision.until,
        dict(decision.inputs),
    )
