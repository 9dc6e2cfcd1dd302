"""What a case is told about a call or text, queued as deliveries.

outcome_of        what its callbacks so far mean for the case, by its campaign's goal
report            the outcome, if there is one: a status (of attempts) and a note, each once
report_note_only  the note alone

A callback that adds nothing to what was told queues nothing; one that changes the outcome (a
detection that came late) queues a correction.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.adapters.twilio.codes import explain
from bridge.agents import name_of
from bridge.domain import backoff, notes, outcomes
from bridge.domain.campaign_goals import Goal, goal_of
from bridge.domain.case_updates import CaseReport
from bridge.domain.events import Channel, Status, Talk
from bridge.domain.matching import Evidence
from bridge.domain.outcomes import Outcome, Retry
from bridge.domain.phones import ten_digits
from bridge.reporting.messages import Message, queue_message, queue_with_note
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.callbacks.communications import Communication
from bridge.store.cases import cases, identity
from bridge.store.cases.cases import OwnMoments
from bridge.store.db import Connection
from bridge.store.dialing import attempts, decisions, turns
from bridge.store.dialing.attempts import UNDER_WAY, Attempt
from bridge.store.reporting import payloads
from bridge.store.reporting.deliveries import DeliveryKind


def outcome_of(
    runtime: Runtime, connection: Connection, communication: Communication
) -> Outcome | None:
    """What this call or text means for its case by now; None while it tells nothing."""
    rung_first = _agent_call(connection, communication)
    if rung_first is not None:
        # As long as the agent is on the line a key may say what it was.
        is_open = rung_first.state in UNDER_WAY
        progress = communication.progress
        return None if is_open else outcomes.of_agent_call(progress, rung_first.agent_said)
    attempt = _attempt_answered(connection, communication)
    if attempt is not None and communication.progress.talk is Talk.UNSAID:
        # A key shows that the person was greeted: the stop came later, and was asked for again.
        stopped = decisions.stopped_because(connection, attempt.case_id, attempt.id)
        if stopped is not None:
            return outcomes.not_greeted(stopped)
    goal = _goal(runtime, connection, attempt)
    return outcomes.translate(
        communication.channel, communication.direction, communication.progress, goal
    )


def report(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    received_at: datetime,
    means: Outcome | None = None,
) -> tuple[Communication, Verdict]:
    """Queue what the case hasn't been told yet of this call or text.

    `means` is what it means where more than its end says so. Returns it with what its case has
    been told now, and the verdict on the callback that came in at `received_at`. Runs in the
    caller's transaction.
    """
    outcome = means or outcome_of(runtime, connection, communication)
    if outcome is None or not outcome.is_told:
        known = communication.case_id is not None
        return communication, Verdict.MATCHED if known else Verdict.RECORDED
    if communication.case_id is not None:
        return _report_to_case(
            runtime, connection, communication, outcome, received_at
        ), Verdict.MATCHED
    if communication.phone is None or ten_digits(communication.phone) is None:
        return communication, Verdict.UNMATCHED
    ambiguous = communication.evidence is Evidence.AMBIGUOUS
    told = _queue_note(runtime, connection, communication, outcome, received_at)
    return told, Verdict.AMBIGUOUS if ambiguous else Verdict.BY_PHONE


def report_note_only(
    runtime: Runtime, connection: Connection, communication: Communication, received_at: datetime
) -> Communication:
    """Queue the note about how a call or text ended, and no status: the turn goes on."""
    outcome = outcome_of(runtime, connection, communication)
    if outcome is None:
        return communication
    return _queue_note(runtime, connection, communication, outcome, received_at)


def _agent_call(connection: Connection, communication: Communication) -> Attempt | None:
    """The attempt of a call that rang an agent first, where this is the person's side of it."""
    if communication.attempt_id is None or communication.channel is not Channel.CALL:
        return None
    attempt = attempts.get(connection, communication.attempt_id)
    is_ours = attempt is not None and attempt.via_firm and attempt.phone == communication.phone
    return attempt if is_ours else None


def _attempt_answered(connection: Connection, communication: Communication) -> Attempt | None:
    """The attempt of a call of our own that rang the person first, was answered and has ended."""
    is_call = (
        communication.channel is Channel.CALL and communication.progress.status is Status.COMPLETED
    )
    if communication.attempt_id is None or not is_call:
        return None
    attempt = attempts.get(connection, communication.attempt_id)
    return None if attempt is None or attempt.via_firm else attempt


def _goal(runtime: Runtime, connection: Connection, attempt: Attempt | None) -> Goal | None:
    """The goal of a call of our own that rang the person first."""
    if attempt is None:
        return None
    turn = turns.get(connection, attempt.turn_id)
    return goal_of(turn.campaign, runtime.settings.campaign_goals)


def _report_to_case(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    outcome: Outcome,
    received_at: datetime,
) -> Communication:
    if outcome.disposition is None or communication.reported_status == _key(outcome):
        return _queue_note(runtime, connection, communication, outcome, received_at)
    status = _status(runtime, connection, communication, outcome, received_at)
    told = replace(communication, reported_status=_key(outcome), counted=True)
    if told.reported_note == _key(outcome):
        queue_message(runtime, connection, status)
        return told
    queue_with_note(runtime, connection, status, _note(runtime, connection, told, outcome))
    return replace(told, reported_note=_key(outcome))


def _queue_note(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    outcome: Outcome,
    received_at: datetime,
) -> Communication:
    """Queue the note alone: for the case, or without one for all cases of the phone."""
    if communication.reported_note == _key(outcome):
        return communication
    kind = DeliveryKind.PHONE_NOTE if communication.case_id is None else DeliveryKind.NOTE
    payload = _note(runtime, connection, communication, outcome)
    if communication.case_id is not None:
        cases.lock(connection, communication.case_id)  # ahead of its lane
    queue_message(runtime, connection, _message(communication, kind, payload, received_at))
    return replace(communication, reported_note=_key(outcome))


def _note(
    runtime: Runtime, connection: Connection, communication: Communication, outcome: Outcome
) -> Mapping[str, object]:
    return payloads.note_payload(_ended(runtime, connection, communication, outcome))


def _status(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    outcome: Outcome,
    received_at: datetime,
) -> Message:
    """The status, for which what the bridge itself wants of the case is stored at once.

    Should SmartAdvocate not take it, nobody is called again all the same.
    """
    ended_at = communication.progress.ended_at or received_at
    newest, next_call = _next_call(runtime, connection, communication, outcome, ended_at)
    made = 0 if communication.counted else 1
    report = CaseReport(
        disposition=outcome.disposition if newest else None,
        next_call=next_call,
        attempts_made=made,
        may_reopen=newest,
        attempts_ours=made if communication.attempt_id is not None else 0,
    )
    payload = payloads.status_payload(report)
    kind = DeliveryKind.STATUS if newest else DeliveryKind.LATE_STATUS
    return _message(communication, kind, payload, received_at)


def _next_call(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    outcome: Outcome,
    ended_at: datetime,
) -> tuple[bool, datetime | None]:
    """Whether no newer call of the case was reported, and when this one's is followed by another.

    Both are stored.
    """
    case_id, sid, now = communication.case_id or 0, communication.sid, runtime.clock()
    if outcome.retry is None:
        return cases.close_after_call(connection, case_id, sid, ended_at, now), None
    own = cases.own_moments_if_newest(connection, case_id, sid, ended_at)
    next_call = None
    if not _wants_no_more(runtime, connection, communication):
        next_call = backoff.whole_minute(ended_at + _pauses(runtime.settings)[outcome.retry])
    if next_call is None or (own is not None and _may_go_on(communication, own)):
        cases.set_own_moment(connection, case_id, next_call, now)
    return own is not None, next_call


def _may_go_on(communication: Communication, own: OwnMoments) -> bool:
    """Whether a call that reached nobody may have its case called again.

    Not one that another call has closed meanwhile; what the same call said before is corrected.
    """
    is_correction = communication.reported_status is not None
    return own.closed_at is None or own.wished_call is not None or is_correction


def _wants_no_more(runtime: Runtime, connection: Connection, communication: Communication) -> bool:
    """Whether the person has opted out, as by a key of this very call: no call is to follow."""
    own_numbers = runtime.settings.own_numbers
    return identity.has_refused(connection, communication.case_id, communication.phone, own_numbers)


def _message(
    communication: Communication,
    kind: DeliveryKind,
    payload: Mapping[str, object],
    received_at: datetime,
) -> Message:
    return Message(
        kind, communication.sid, communication.case_id, payload, communication.phone, received_at
    )


def _ended(
    runtime: Runtime, connection: Connection, communication: Communication, outcome: Outcome
) -> notes.OutcomeNote:
    facts, rung_first = communication.progress, _agent_call(connection, communication)
    return notes.OutcomeNote(
        kind=outcome.kind,
        sid=communication.sid,
        phone=communication.phone,
        talked_for=facts.duration,
        rang_for=facts.rang_for,
        # A call of ours counts as reached once person and firm were on the line together.
        connected=communication.attempt_id is not None,
        reason=outcome.why or explain(facts.error_code, facts.sip_code),
        bad_number=outcome.bad_number,
        opted_out=outcome.opted_out,
        taken_by=name_of(runtime.settings, rung_first.agent) if rung_first else "",
        correction=communication.reported_note is not None,
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
