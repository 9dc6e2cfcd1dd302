"""What a callback says of an attempt of ours: whose call it is, and whether its turn has ended.

track                       attach the sid to its attempt; when the call or text ends, so does that
  _update_number_health     what it says of the number, the person and the account
record_machine              a machine has answered

Runs in the transaction that processes the callback.
"""

import structlog

from bridge import agents
from bridge.adapters.twilio.codes import Meaning, explain, meaning
from bridge.callbacks.agent_calls import ASK_ABOUT_LEGS, end_agent_call
from bridge.consent.opt_outs import OptOutRequest, record_opt_out
from bridge.domain.contact_facts import OptOutScope, Pause, PauseScope
from bridge.domain.events import AnsweredBy, Channel, Direction, Event, Status, Talk
from bridge.domain.outcomes import BAD_NUMBER_SIP_CODES, OPTED_OUT_ERRORS
from bridge.domain.progress import Progress, is_end
from bridge.reporting.turn_endings import release_turn
from bridge.runtime import Runtime
from bridge.store.callbacks.at_hand import AtHand
from bridge.store.callbacks.communications import Communication
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, number_health, pauses, turns
from bridge.store.dialing.attempts import Attempt

_SHOWS_USE = frozenset({Status.COMPLETED, Status.DELIVERED, Status.READ})
"""With these the number has worked."""

log = structlog.get_logger(__name__)


def is_firm_leg(connection: Connection, event: Event) -> bool:
    """Whether this is the agent's side of a call that rings an agent first."""
    if event.attempt is None or event.parent_sid is not None:
        return False
    attempt = attempts.get(connection, event.attempt)
    return attempt is not None and attempt.via_firm


def track(
    runtime: Runtime,
    connection: Connection,
    event: Event,
    communication: Communication,
    look: AtHand,
) -> None:
    """Note what a callback says of the number, and apply it to the attempt behind it.

    What it says of the number counts once: `look` has what was known of the call or text before.
    """
    before = look.known.progress if look.known else None
    known = communication.attempt_id
    attempt = attempts.get(connection, known, lock=True) if known else None
    is_news = _facts_of_number(communication.progress) != (
        _facts_of_number(before) if before else None
    )
    if is_news and (attempt is None or communication.phone == attempt.phone):
        _update_number_health(runtime, connection, communication, look)
    if attempt is None:
        return
    if event.parent_sid is None:
        _attach_sid(runtime, connection, attempt, communication)
    if not attempt.via_firm:
        _count_put_through(runtime, connection, event, communication, before)
    if communication.progress.ended:
        _end(runtime, connection, attempt, communication)


def _count_put_through(
    runtime: Runtime,
    connection: Connection,
    event: Event,
    communication: Communication,
    before: Progress | None,
) -> None:
    """A person who asked for the firm was taken there, or wasn't; each call counts once.

    Whoever hangs up before is no longer on the line when that ends: nobody could take them.
    """
    talk = communication.progress.talk
    if talk is (before.talk if before else Talk.UNSAID):
        return
    if talk is Talk.BRIDGED:
        agents.put_through(runtime, connection, is_taken=True)
    elif talk is Talk.MISSED and not is_end(event.status):
        agents.put_through(runtime, connection, is_taken=False)


def record_machine(runtime: Runtime, connection: Connection, communication: Communication) -> None:
    """A machine has picked up: `reconciliation.py` hangs up, or leaves the voicemail."""
    if communication.attempt_id is None or communication.progress.answer is not AnsweredBy.MACHINE:
        return
    attempt_transitions.mark_machine(connection, communication.attempt_id, runtime.clock())


def apply_error_code(
    runtime: Runtime, connection: Connection, communication: Communication, code: int
) -> None:
    """Apply what an error code of Twilio's says of the number, the person and the account."""
    if communication.phone is None:
        return
    now, words, what = runtime.clock(), explain(code, None), meaning(code)
    for channel, weight in _FAILURE_WEIGHTS.get(what, ()):
        number_health.record_failure(
            connection, communication.phone, channel, words, now, weight=weight
        )
    scope = _opt_out_scope(runtime, code)
    if scope is not None:
        request = OptOutRequest(
            communication.phone,
            Channel.TEXT,
            scope,
            f"twilio-{code}",
            communication.sid,
            communication.case_id,
        )
        record_opt_out(runtime, connection, request)
    if what is Meaning.NOT_PERMITTED:
        # Paused until somebody has fixed the account: `bridge dial pauses` shows it.
        _pause(runtime, connection, PauseScope.NUMBER, communication.phone, words)
    if communication.attempt_id is None:
        return
    if what is Meaning.TEXTS_BARRED:
        _pause(runtime, connection, PauseScope.TEXTS, "", words)
        log.error("Texts are paused: see `bridge dial pauses`", reason=words)
    if what is Meaning.ACCOUNT:
        pause_everything(runtime, connection, f"the Twilio account is blocked: {words}")


def _opt_out_scope(runtime: Runtime, code: int) -> OptOutScope | None:
    """What a code ends that reports an opt-out: 21610 is a STOP, 30004 may be the carrier's."""
    if meaning(code) is Meaning.OPTED_OUT:
        return OptOutScope(runtime.settings.opt_out_scope)
    return OptOutScope.CHANNEL if code in OPTED_OUT_ERRORS else None


def pause_everything(runtime: Runtime, connection: Connection, reason: str) -> None:
    """Pause all calls and texts until somebody has fixed the account and lifts the pause."""
    _pause(runtime, connection, PauseScope.EVERYTHING, "", reason)
    log.error("Calls and texts are paused: see `bridge dial pauses`", reason=reason)


def _pause(
    runtime: Runtime, connection: Connection, scope: PauseScope, what: str, reason: str
) -> None:
    pauses.add(connection, Pause(scope, what, None, reason), "twilio", runtime.clock())


_FAILURE_WEIGHTS: dict[Meaning, tuple[tuple[Channel, int], ...]] = {
    Meaning.BAD_NUMBER: (
        (Channel.CALL, number_health.OUT_OF_USE_AFTER),
        (Channel.TEXT, number_health.OUT_OF_USE_AFTER),
    ),
    Meaning.BAD_FOR_CALLS: ((Channel.CALL, number_health.OUT_OF_USE_AFTER),),
    Meaning.BAD_FOR_TEXTS: ((Channel.TEXT, number_health.OUT_OF_USE_AFTER),),
}


def _attach_sid(
    runtime: Runtime, connection: Connection, attempt: Attempt, communication: Communication
) -> None:
    """Give the attempt its sid, if Twilio's answer with it was lost or is still on its way."""
    if attempt.sid is not None:
        return
    check_at = attempt.check_at or runtime.clock() + ASK_ABOUT_LEGS
    attempt_transitions.attach_sid(connection, attempt.id, communication.sid, check_at)


def _facts_of_number(told: Progress) -> tuple[Status, int | None, int | None] | None:
    """The facts that say something of the number itself, once the call or text has ended."""
    return (told.status, told.error_code, told.sip_code) if told.ended else None


def _update_number_health(
    runtime: Runtime, connection: Connection, communication: Communication, look: AtHand
) -> None:
    told, phone, now = communication.progress, communication.phone, runtime.clock()
    if not told.ended or phone is None or communication.direction is Direction.INBOUND:
        return
    if told.error_code is not None:
        apply_error_code(runtime, connection, communication, told.error_code)
    elif told.sip_code in BAD_NUMBER_SIP_CODES and told.status is Status.FAILED:
        words = explain(None, told.sip_code)
        number_health.record_failure(connection, phone, communication.channel, words, now)
    elif told.status in _SHOWS_USE and look.may_have_failed(phone):
        number_health.clear_failures(connection, phone, communication.channel, now)


def _end(
    runtime: Runtime, connection: Connection, attempt: Attempt, communication: Communication
) -> None:
    now = runtime.clock()
    if attempt.via_firm:
        end_agent_call(runtime, connection, attempt, communication)
        return
    attempt_transitions.end(connection, attempt.id, now)
    if attempt.channel is Channel.TEXT:
        return
    turn = turns.get(connection, attempt.turn_id)
    if communication.progress.status is Status.CANCELED:
        attempt_transitions.take_back(connection, attempt.id, now, None)
        later = now + runtime.settings.retry_failed
        release_turn(runtime, connection, turn, later, "the call was canceled")
    else:
        turns.end(connection, turn.id, "called", now)
