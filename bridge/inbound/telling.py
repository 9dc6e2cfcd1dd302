"""Road 1, in the middle: what a case must be told about a call or text, as rows to be delivered.

    outcome_of   what its callbacks so far mean for the case, by its campaign's goal
    tell         the outcome, if there is one → a status (of attempts) and a note, each once

A callback that adds nothing to what was told queues nothing; one that changes the outcome (a
detection that came late) queues a correction.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.adapters.twilio.codes import explain
from bridge.domain import backoff, notes, outcomes
from bridge.domain.events import Channel, Status
from bridge.domain.goals import Goal, goal_of
from bridge.domain.matching import Evidence
from bridge.domain.outcomes import Outcome, Retry
from bridge.domain.phones import ten_digits
from bridge.domain.updates import Report
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store import attempts, cases, deliveries, messages, people, turns
from bridge.store.callbacks import Verdict
from bridge.store.contacts import Contact
from bridge.store.db import Connection
from bridge.store.deliveries import Kind, Message


def outcome_of(runtime: Runtime, connection: Connection, contact: Contact) -> Outcome | None:
    """What this call or text means for its case by now; None while it tells nothing."""
    goal = _goal(runtime, connection, contact)
    return outcomes.translate(contact.channel, contact.direction, contact.progress, goal)


def tell(
    runtime: Runtime,
    connection: Connection,
    contact: Contact,
    received_at: datetime,
    means: Outcome | None = None,
) -> tuple[Contact, Verdict]:
    """Queue what the case hasn't been told yet of this call or text.

    `means` is what it means where more than its end says so. Returns it with what its case has
    been told now, and the verdict on the callback that came in at `received_at`. Runs in the
    caller's transaction.
    """
    outcome = means or outcome_of(runtime, connection, contact)
    if outcome is None or not outcome.is_told:
        known = contact.case_id is not None
        return contact, Verdict.MATCHED if known else Verdict.KEPT
    if contact.case_id is not None:
        return _tell_case(runtime, connection, contact, outcome, received_at), Verdict.MATCHED
    if contact.phone is None or ten_digits(contact.phone) is None:
        return contact, Verdict.UNMATCHED
    ambiguous = contact.evidence is Evidence.AMBIGUOUS
    told = _tell_phone(runtime, connection, contact, outcome, received_at)
    return told, Verdict.AMBIGUOUS if ambiguous else Verdict.BY_PHONE


def note_alone(
    runtime: Runtime, connection: Connection, contact: Contact, received_at: datetime
) -> Contact:
    """Queue the note about how a call or text ended, and no status: the turn goes on."""
    outcome = outcome_of(runtime, connection, contact)
    if outcome is None:
        return contact
    return _queue_note(runtime, connection, contact, outcome, after=None, received_at=received_at)


def _goal(runtime: Runtime, connection: Connection, contact: Contact) -> Goal | None:
    """The goal of a call of our own that rang the person first."""
    is_call = contact.channel is Channel.CALL and contact.progress.status is Status.COMPLETED
    if contact.attempt_id is None or not is_call:
        return None
    attempt = attempts.get(connection, contact.attempt_id)
    if attempt is None or attempt.via_firm:
        return None
    turn = turns.get(connection, attempt.turn_id)
    return goal_of(turn.campaign, runtime.settings.campaign_goals)


def _tell_case(
    runtime: Runtime,
    connection: Connection,
    contact: Contact,
    outcome: Outcome,
    received_at: datetime,
) -> Contact:
    status_row = None
    if outcome.disposition is not None and contact.told_status != _key(outcome):
        status_row = _queue_status(runtime, connection, contact, outcome, received_at)
        contact = replace(contact, told_status=_key(outcome), counted=True)
    return _queue_note(
        runtime, connection, contact, outcome, after=status_row, received_at=received_at
    )


def _queue_note(
    runtime: Runtime,
    connection: Connection,
    contact: Contact,
    outcome: Outcome,
    *,
    after: int | None,
    received_at: datetime,
) -> Contact:
    if contact.told_note == _key(outcome):
        return contact
    payload = messages.note_payload(_ended(contact, outcome), after)
    message = _message(runtime, contact, Kind.NOTE, payload, received_at)
    deliveries.queue(connection, message)
    return replace(contact, told_note=_key(outcome))


def _tell_phone(
    runtime: Runtime,
    connection: Connection,
    contact: Contact,
    outcome: Outcome,
    received_at: datetime,
) -> Contact:
    if contact.told_note == _key(outcome):
        return contact
    payload = messages.note_payload(_ended(contact, outcome), None)
    deliveries.queue(connection, _message(runtime, contact, Kind.PHONE_NOTE, payload, received_at))
    return replace(contact, told_note=_key(outcome))


def _queue_status(
    runtime: Runtime,
    connection: Connection,
    contact: Contact,
    outcome: Outcome,
    received_at: datetime,
) -> int:
    ended_at = contact.progress.ended_at or received_at
    case_id = contact.case_id or 0
    newest = cases.is_newest_call(connection, case_id, contact.sid, ended_at)
    next_call = None
    if outcome.retry is not None and not _wants_no_more(runtime, connection, contact):
        next_call = backoff.whole_minute(ended_at + _pauses(runtime.settings)[outcome.retry])
    if next_call is None or (newest and _may_go_on(connection, contact, case_id)):
        # Should SmartAdvocate not take it, nobody is called again all the same.
        cases.own(connection, case_id, next_call, runtime.clock())
    made = 0 if contact.counted else 1
    report = Report(
        disposition=outcome.disposition if newest else None,
        next_call=next_call,
        attempts_made=made,
        may_reopen=newest,
        attempts_ours=made if contact.attempt_id is not None else 0,
    )
    payload = messages.status_payload(report)
    kind = Kind.STATUS if newest else Kind.LATE_STATUS
    return deliveries.queue(connection, _message(runtime, contact, kind, payload, received_at))


def _may_go_on(connection: Connection, contact: Contact, case_id: int) -> bool:
    """Whether a call that reached nobody may have its case called again.

    Not one that another call has closed meanwhile; what the same call said before is corrected.
    """
    own = cases.own_moments(connection, case_id)
    is_correction = contact.told_status is not None
    return own.closed_at is None or own.wished_call is not None or is_correction


def _wants_no_more(runtime: Runtime, connection: Connection, contact: Contact) -> bool:
    """Whether the person has opted out, as by a key of this very call: no call is to follow."""
    own_numbers = runtime.settings.own_numbers
    return people.has_refused(connection, contact.case_id, contact.phone, own_numbers)


def _message(
    runtime: Runtime,
    contact: Contact,
    kind: Kind,
    payload: Mapping[str, object],
    received_at: datetime,
) -> Message:
    return Message(
        kind=kind,
        sid=contact.sid,
        case_id=contact.case_id,
        phone=contact.phone,
        payload=payload,
        caused_at=received_at,
        give_up_at=runtime.clock() + runtime.settings.delivery_give_up,
    )


def _ended(contact: Contact, outcome: Outcome) -> notes.Ended:
    facts = contact.progress
    return notes.Ended(
        kind=outcome.kind,
        sid=contact.sid,
        phone=contact.phone,
        talked_for=facts.duration,
        rang_for=facts.rang_for,
        reason=explain(facts.error_code, facts.sip_code),
        bad_number=outcome.bad_number,
        opted_out=outcome.opted_out,
        correction=contact.told_note is not None,
    )


def _pauses(settings: Settings) -> dict[Retry, timedelta]:
    return {
        Retry.BUSY: settings.retry_busy,
        Retry.NO_ANSWER: settings.retry_no_answer,
        Retry.MACHINE: settings.retry_machine,
        Retry.FAILED: settings.retry_failed,
    }


def _key(outcome: Outcome) -> str:
    """What a case has been told, in short: another key is something new to tell."""
    marks = {"bad": outcome.bad_number, "out": outcome.opted_out}
    return "|".join([outcome.kind, *(mark for mark, is_set in marks.items() if is_set)])
