"""What was reserved is placed through Twilio, on time.

    place                 the request at its moment, then what became of it
      _placed             its sid is stored
      _refused            the number, the person or the request: the next number, or a report
      _agent_refused      the agent's phone: it is held, and the case waits
      _wait               Twilio wants it later
      _account_blocked    the account lets nothing through: everything is paused
      _outcome_unknown    the answer was lost: `reconciliation.py` asks before anything is placed

At most once: what has been reserved is never placed again before Twilio was asked (promise 5 in
docs/explanation/never-twice.md).
"""

import time
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bridge import agents, circuit_breaker
from bridge.adapters.twilio import client
from bridge.adapters.twilio.client import Twilio
from bridge.adapters.twilio.codes import Meaning, meaning
from bridge.adapters.twilio.urls import ANSWER, CALL_STATUS, MACHINE, MESSAGE_STATUS, Urls
from bridge.call_flow import firm_words
from bridge.callbacks.attempt_tracking import apply_error_code, pause_everything
from bridge.callbacks.standing import with_standing
from bridge.circuit_breaker import TWILIO
from bridge.counts import ATTEMPTS
from bridge.dialing.planning import plan_next_number
from bridge.dialing.reserving import LONGEST_VALID, Reserved, postpone
from bridge.domain import backoff
from bridge.domain.events import Channel, Direction, Status
from bridge.domain.matching import Evidence
from bridge.domain.phones import E164
from bridge.domain.progress import Progress
from bridge.errors import AccountBlocked, OutcomeUnknown, Permanent, Transient
from bridge.reporting.case_reports import report, report_note_only
from bridge.runtime import Runtime
from bridge.store.callbacks import communications
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, turns
from bridge.store.dialing.attempts import Attempt, AttemptState

_LATE = {Channel.CALL: timedelta(milliseconds=30), Channel.TEXT: timedelta(seconds=10)}
"""So long after its moment a request may leave: a pace is kept, and nothing is placed twice."""

_RINGING_MARGIN = timedelta(seconds=10)
_TEXT_CHECKED_AFTER = timedelta(hours=1)
_SHORTEST_VALID = timedelta(seconds=60)

log = structlog.get_logger(__name__)


def place(runtime: Runtime, twilio: Twilio, reserved: Reserved) -> None:
    """Place what was reserved, and store what became of it."""
    ready = _await_moment(runtime, reserved)
    if ready is None:
        log.warning("Not placed: too late, or another worker's", attempt=reserved.attempt.id)
        return
    attempt = ready.attempt
    try:
        sid = _request(runtime, twilio, ready)
    except Permanent as error:
        _refused(runtime, attempt, error)
    except AccountBlocked as error:
        _account_blocked(runtime, attempt, error)
    except Transient as error:
        _wait(runtime, attempt, error)
    except Exception as error:  # noqa: BLE001 - whatever it was: it may have been placed
        _outcome_unknown(runtime, attempt, error)
    else:
        _placed(runtime, attempt, sid)


def _await_moment(runtime: Runtime, reserved: Reserved) -> Reserved | None:
    """Wait for the communication's own moment, a fraction of a second away.

    What misses it, on a busy machine, would crowd the next call: it gets another one. None when
    it is another worker's by then.
    """
    waiting: Reserved | None = reserved
    while waiting is not None:
        time.sleep(max((waiting.at - runtime.clock()).total_seconds(), 0))
        if runtime.clock() - waiting.at <= _LATE[waiting.attempt.channel]:
            break
        waiting = postpone(runtime, waiting)
    return waiting


def _request(runtime: Runtime, twilio: Twilio, reserved: Reserved) -> str:
    attempt, settings = reserved.attempt, runtime.settings
    urls = Urls(settings.public_url or "", attempt.case_id, attempt.id)
    if attempt.channel is Channel.TEXT:
        left = reserved.window_ends - runtime.clock()
        text = client.OutgoingText(
            to=attempt.phone,
            body=firm_words(settings, settings.text_body),
            status_url=urls.of(MESSAGE_STATUS),
            valid_for=min(max(left, _SHORTEST_VALID), LONGEST_VALID),
        )
        return twilio.text(text)
    dial = client.OutgoingCall(
        to=attempt.phone,
        answer_url=urls.of(ANSWER),
        status_url=urls.of(CALL_STATUS),
        machine_url=urls.of(MACHINE),
        ring_seconds=settings.dial_ring_seconds,
        wait_for_beep=settings.voicemail_body is not None and not attempt.via_firm,
    )
    if attempt.agent is not None:
        return twilio.call_firm(replace(dial, to=attempt.agent))
    return twilio.call(dial)


def _placed(runtime: Runtime, attempt: Attempt, sid: str) -> None:
    now = runtime.clock()
    with runtime.db.begin() as connection:
        circuit_breaker.record_success(connection, TWILIO)
        # A callback may have been quicker than the answer: then all of this is known already.
        check_at = now + _checked_after(runtime, attempt)
        attempt_transitions.mark_placed(connection, attempt.id, sid, check_at)
        if attempt.channel is Channel.TEXT:
            _start_lead(runtime, connection, attempt, now)
    _log(runtime, attempt, AttemptState.PLACED, sid=sid)


def _checked_after(runtime: Runtime, attempt: Attempt) -> timedelta:
    if attempt.channel is Channel.TEXT:
        return _TEXT_CHECKED_AFTER
    return timedelta(seconds=runtime.settings.dial_ring_seconds) + _RINGING_MARGIN


def _start_lead(runtime: Runtime, connection: Connection, text: Attempt, now: datetime) -> None:
    """TEXT_LEAD counts from the moment at which the text is out."""
    for planned in attempts.of_turn(connection, text.turn_id):
        if planned.channel is Channel.CALL:
            due_at = now + runtime.settings.text_lead
            attempt_transitions.reschedule(connection, planned.id, due_at)


def _refused(runtime: Runtime, attempt: Attempt, error: Permanent) -> None:
    if attempt.agent is not None:
        _agent_refused(runtime, attempt, attempt.agent, error)
        return
    now = runtime.clock()
    code = int(error.code) if error.code.isdigit() else None
    with runtime.db.begin() as connection:
        circuit_breaker.record_success(connection, TWILIO)
        if not attempt_transitions.refuse(connection, attempt.id, now, error.sentence):
            return
        communication = _failed(attempt, code, now)
        if code is not None:
            apply_error_code(runtime, connection, communication, code)
        if attempt.channel is Channel.TEXT:
            communication = report_note_only(runtime, connection, communication, now)
        elif meaning(code) is Meaning.REFUSED or not plan_next_number(runtime, connection, attempt):
            communication, _ = report(runtime, connection, communication, now)
            turns.end(connection, attempt.turn_id, error.sentence, now)
        else:
            communication = report_note_only(runtime, connection, communication, now)
        communication = with_standing(runtime, connection, communication, None)
        communications.save(connection, communication, now)
    _log(runtime, attempt, AttemptState.REFUSED, refusal=error.sentence)


def _agent_refused(runtime: Runtime, attempt: Attempt, agent: E164, error: Permanent) -> None:
    """Twilio won't ring the agent's phone: that is held, and the case waits in its place."""
    with runtime.db.begin() as connection:
        circuit_breaker.record_success(connection, TWILIO)
        attempt_transitions.unreserve(connection, attempt.id, attempt.due_at)
        agents.unreachable(runtime, connection, agent, error.sentence)
    _log(runtime, attempt, AttemptState.PLANNED, refusal=error.sentence)


def _failed(attempt: Attempt, code: int | None, now: datetime) -> communications.Communication:
    """A refused request as a call or text that failed: it has no sid of Twilio's."""
    return communications.Communication(
        sid=f"AT{attempt.id}",
        channel=attempt.channel,
        direction=Direction.OUTBOUND,
        phone=attempt.phone,
        progress=Progress(Status.FAILED, error_code=code, ended_at=now),
        evidence=Evidence.URL,
        case_id=attempt.case_id,
        attempt_id=attempt.id,
    )


def _wait(runtime: Runtime, attempt: Attempt, error: Transient) -> None:
    wait = backoff.delay(attempt.tries, runtime.jitter(), asked_for=error.retry_after)
    with runtime.db.begin() as connection:
        circuit_breaker.record_failure(runtime, connection, TWILIO, error)
        attempt_transitions.unreserve(connection, attempt.id, runtime.clock() + wait)
    _log(runtime, attempt, AttemptState.PLANNED, refusal=error.sentence)


def _account_blocked(runtime: Runtime, attempt: Attempt, error: AccountBlocked) -> None:
    with runtime.db.begin() as connection:
        pause_everything(runtime, connection, error.sentence)
        attempt_transitions.unreserve(connection, attempt.id, attempt.due_at)
    _log(runtime, attempt, AttemptState.PLANNED, refusal=error.sentence)


def _outcome_unknown(runtime: Runtime, attempt: Attempt, error: Exception) -> None:
    with runtime.db.begin() as connection:
        if isinstance(error, OutcomeUnknown):
            # Others must not run into the same trouble one after the other.
            circuit_breaker.record_failure(
                runtime, connection, TWILIO, Transient(error.code, error.sentence)
            )
        reason = f"{type(error).__name__}: {error}"[:300]
        attempt_transitions.mark_unknown(connection, attempt.id, reason)
    _log(runtime, attempt, AttemptState.UNKNOWN, refusal=str(error)[:300])


def _log(
    runtime: Runtime,
    attempt: Attempt,
    state: AttemptState,
    *,
    sid: str = "",
    refusal: str | None = None,
) -> None:
    runtime.counts.add(ATTEMPTS, attempt.channel, state)
    log.info(
        "Attempt tried",
        state=state,
        channel=attempt.channel,
        attempt=attempt.id,
        case=attempt.case_id,
        sid=sid,
        refusal=refusal,
    )
