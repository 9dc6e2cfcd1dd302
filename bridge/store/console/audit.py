"""The audit trail: who did what, when and why. Rows are only added; see `retention`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from bridge.store.tables import audit


class Action(StrEnum):
    """What somebody did. The same words stand in table, page and CSV."""

    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    PAUSED = "paused"
    RESUMED = "resumed"
    OPTED_OUT = "opted-out"
    OPT_OUT_LIFTED = "opt-out-lifted"
    PREFERENCE_LIFTED = "preference-lifted"
    CONSENT_RECORDED = "consent-recorded"
    CONSENT_REVOKED = "consent-revoked"
    CONSENTS_IMPORTED = "consents-imported"
    WRONG_NUMBER = "wrong-number"
    WRONG_NUMBER_LIFTED = "wrong-number-lifted"
    NEXT_CALL_SET = "next-call-set"
    DELIVERY_RETRIED = "delivery-retried"
    DELIVERY_GIVEN_UP = "delivery-given-up"
    CASE_ASSIGNED = "case-assigned"
    QUESTION_ANSWERED = "question-answered"
    CALLBACK_SETTLED = "callback-settled"
    AGENT_READY = "agent-ready"
    NUMBER_RELEASED = "number-released"
    NUMBER_SHOWN = "number-shown"
    WORDS_ERASED = "words-erased"
    EXPORTED = "exported"
    CLIENT_FIRST_RESUMED = "client-first-resumed"
    CHECK_ASKED = "check-asked"
    TEST_CALL = "test-call"
    TEST_TEXT = "test-text"
    SETUP_DISMISSED = "setup-dismissed"


@dataclass(frozen=True)
class Entry:
    """One line of the trail."""

    id: int
    at: datetime
    actor: str
    action: Action
    subject: str
    """What it was done to: a case, a number by its last digits, a campaign …"""
    reason: str
    case_id: int | None


def record(
    connection: Connection,
    *,
    actor: str,
    action: Action,
    subject: str,
    now: datetime,
    reason: str = "",
    case_id: int | None = None,
) -> None:
    """Add a line, in the transaction that does what it says."""
    connection.execute(
        audit.insert().values(
            at=now,
            actor=actor[:64],
            action=action,
            subject=subject[:128],
            reason=reason,
            case_id=case_id,
        )
    )


def newest(connection: Connection, limit: int, before: int | None = None) -> Sequence[Entry]:
    """The newest lines, or those before the line with this id."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [_entry(row) for row in connection.execute(query)]


def of_case_before(
    connection: Connection, case_id: int, before: datetime, limit: int
) -> Sequence[Entry]:
    """What was done with a case before then, the newest first."""
    query = select(audit).where(audit.c.case_id == case_id, audit.c.at < before)
    return [
        _entry(row) for row in connection.execute(query.order_by(audit.c.id.desc()).limit(limit))
    ]


def _entry(row: Row[Any]) -> Entry:
    values = row._mapping  # noqa: SLF001 - its public name
    return Entry(**{**values, "action": Action(values["action"])})
