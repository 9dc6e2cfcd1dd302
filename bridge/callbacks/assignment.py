"""Somebody at the firm says whose a call or text was, of which no case was known.

assign   to a case: it is told what it would have been told, and later callbacks follow
nobodys  it was nobody's: nothing is told to anyone, and nobody asks again

Run in one transaction with the line in the audit trail; the caller commits and wakes the workers.
"""

from dataclasses import replace

import structlog

from bridge.callbacks.standing import with_standing
from bridge.consent.assigned_texts import tell_case
from bridge.consent.held_leads import see_inquiry
from bridge.domain.events import Channel, Direction
from bridge.domain.matching import Evidence
from bridge.reporting.after_talk import assess_talk, release_contacts
from bridge.reporting.case_reports import report
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks, communications, questions
from bridge.store.callbacks.communications import Communication
from bridge.store.callbacks.questions import AskedQuestion
from bridge.store.db import Connection
from bridge.store.reporting import deliveries

log = structlog.get_logger(__name__)


def assign(
    runtime: Runtime, connection: Connection, sid: str, case_id: int, by: str
) -> AskedQuestion | None:
    """Assign a call or text to a case. None, or who has answered before.

    Raises:
        LookupError: nobody was asked about this call or text.
    """
    asked = _asked(connection, sid)
    found = communications.find(connection, sid)
    if asked.settled_at is not None or found is None or found.case_id is not None:
        return asked
    now = runtime.clock()
    found_nobody = deliveries.is_unmatched(connection, sid)
    assigned = replace(found, case_id=case_id, evidence=Evidence.ASSIGNED)
    assigned = with_standing(runtime, connection, assigned, found)
    if found.channel is Channel.TEXT and found.direction is Direction.INBOUND:
        communications.save(connection, assigned, now)
        tell_case(runtime, connection, assigned, case_id)
    else:
        _tell_outcome(runtime, connection, assigned, was_told=not found_nobody)
    deliveries.give_up_unmatched(connection, sid, now)
    questions.settle(connection, [asked.callback_id], by=by, now=now)
    callbacks.assign(connection, sid, case_id)
    see_inquiry(connection, assigned, found, now)
    log.info("Assigned by a person", sid=sid, case=case_id)
    return None


def nobodys(runtime: Runtime, connection: Connection, sid: str, by: str) -> AskedQuestion | None:
    """The call or text was nobody's. None, or who has answered before.

    Raises:
        LookupError: nobody was asked about this call or text.
    """
    asked = _asked(connection, sid)
    if asked.settled_at is not None:
        return asked
    now = runtime.clock()
    questions.settle(connection, [asked.callback_id], by=by, now=now)
    deliveries.give_up_unmatched(connection, sid, now)
    return None


def _asked(connection: Connection, sid: str) -> AskedQuestion:
    callbacks.lock(connection)
    asked = questions.whose(connection, sid)
    if asked is None:
        raise LookupError(sid)
    return asked


def _tell_outcome(
    runtime: Runtime, connection: Connection, assigned: Communication, *, was_told: bool
) -> None:
    """What it means for the case, as if it had been known from the beginning.

    A note that went to all cases with the number isn't repeated.
    """
    told = assigned.reported_note if was_told else None
    untold = replace(assigned, reported_note=told, talked_at=None)
    communication, means = assess_talk(runtime, connection, untold)
    received_at = assigned.progress.ended_at or runtime.clock()
    communication, _ = report(runtime, connection, communication, received_at, means)
    communications.save(connection, communication, runtime.clock())
    if communication.talked_at is not None:
        release_contacts(runtime, connection, communication)
