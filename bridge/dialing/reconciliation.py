"""Asks Twilio what became of calls and texts whose answer or last callback never came.

    reconcile         all that is due to be checked
      _check          one attempt: its sid is known, or Twilio's list is searched for it
      _missing        twice not found: Twilio never got it, and it is planned again
      _vanished       Twilio no longer shows what it had accepted: the case is released
      _unresolved     Twilio couldn't be asked for ten minutes: the case is released, not redialed
    handle_machines   calls that a machine has answered: ended, or given the voicemail

Nothing is placed again before this has decided (promise 5 in docs/explanation/never-twice.md), and
nobody is forgotten (promise 6 in docs/explanation/never-twice.md).
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bridge import circuit_breaker
from bridge.adapters.twilio import twiml
from bridge.adapters.twilio.client import Twilio
from bridge.adapters.twilio.fetched import FetchedRecord
from bridge.call_flow import voicemail_words
from bridge.callbacks.agent_calls import release_unanswered
from bridge.callbacks.attempt_tracking import pause_everything
from bridge.callbacks.intake import apply_fetched
from bridge.circuit_breaker import TWILIO
from bridge.dialing.planning import Planned, plan
from bridge.domain.events import Channel, Direction, Event, Status
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.progress import is_end
from bridge.errors import AccountBlocked, BridgeError, NotKnown, Transient
from bridge.reporting.last_checks import may_leave
from bridge.reporting.turn_endings import queue_note, release_turn
from bridge.runtime import Runtime
from bridge.store.callbacks import communications
from bridge.store.callbacks.communications import Communication
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.dialing import attempt_transitions, attempts, turns
from bridge.store.dialing.attempts import Attempt, AttemptState
from bridge.store.dialing.turns import TurnState

UNRESOLVED_AFTER = timedelta(minutes=10)
NEVER_SENT_AFTER = 2
"""Checks of Twilio's list, a minute apart, that must miss a call before it counts as unsent."""

_AT_A_TIME = 10
_AGAIN = timedelta(seconds=60)
_UNRESOLVED_AGAIN = timedelta(hours=1)
_TEXT_AGAIN = timedelta(hours=4)
_TEXT_OVER_AFTER = timedelta(hours=13)
_SLACK = timedelta(seconds=5)
_AGAIN_AT_MACHINE = timedelta(seconds=10)

log = structlog.get_logger(__name__)


def reconcile(runtime: Runtime, twilio: Twilio) -> int:
    """Check everything that is due; return how much that was.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    now = runtime.clock()
    with runtime.db.begin() as connection:
        if circuit_breaker.is_open(runtime, connection, TWILIO):
            return 0
        open_attempts = attempts.due_for_check(connection, now, _AT_A_TIME)
        for attempt in open_attempts:
            # First of all: should this worker die, or the check fail, it is checked again.
            attempt_transitions.schedule_check(connection, attempt.id, now + _pause(attempt, now))
        callers = communications.due_for_check(connection, now, _AT_A_TIME)
        for caller in callers:
            communications.schedule_check(connection, caller.sid, now + _UNRESOLVED_AGAIN)
    for attempt in open_attempts:
        _check_safely(runtime, twilio, attempt)
    for caller in callers:
        _check_caller(runtime, twilio, caller)
    return len(open_attempts) + len(callers)


def handle_machines(runtime: Runtime, twilio: Twilio) -> int:
    """End the calls that machines have answered, or leave the voicemail; return how many."""
    with runtime.db.begin() as connection:
        found = attempts.claim_machine_calls(
            connection, runtime.clock(), _AGAIN_AT_MACHINE, _AT_A_TIME
        )
    for attempt in found:
        try:
            said = _message(runtime, attempt)
            live = attempt.sid is not None and twilio.end(attempt.sid, said)
            with runtime.db.begin() as connection:
                attempt_transitions.clear_machine(connection, attempt.id)
            log.info(
                "Machine call ended",
                attempt=attempt.id,
                live=live,
                voicemail=said is not None,
            )
        except BridgeError as error:
            log.warning("Could not end a call", attempt=attempt.id, refusal=error.sentence)
    return len(found)


def _message(runtime: Runtime, attempt: Attempt) -> str | None:
    """What the machine is left; None where nothing is set, or no machine may speak there."""
    words = runtime.settings.voicemail_body
    if not words or attempt.via_firm or not may_leave(runtime, attempt):
        return None
    return twiml.voicemail(voicemail_words(runtime.settings, words))


def _pause(attempt: Attempt, now: datetime) -> timedelta:
    """Until the next check of the same attempt."""
    if attempt.state is AttemptState.UNRESOLVED:
        return _UNRESOLVED_AGAIN
    if attempt.channel is Channel.TEXT and attempt.state is AttemptState.PLACED:
        return _TEXT_AGAIN
    waited = now - (attempt.placed_at or now)
    return max(_AGAIN, waited / 4) if attempt.state is AttemptState.PLACED else _AGAIN


def _check_safely(runtime: Runtime, twilio: Twilio, attempt: Attempt) -> None:
    try:
        _check(runtime, twilio, attempt)
        with runtime.db.begin() as connection:
            circuit_breaker.record_success(connection, TWILIO)
    except NotKnown as error:
        log.warning("Twilio does not know an attempt", attempt=attempt.id, refusal=error.sentence)
        _vanished(runtime, attempt)
    except BridgeError as error:
        log.warning("Could not ask Twilio", attempt=attempt.id, refusal=error.sentence)
        _record_failure(runtime, error)
        _unresolved_in_time(runtime, attempt)
    except UNREACHABLE:
        raise
    except Exception:
        # It is checked again later; the others are checked now.
        log.exception("Could not process an answer of Twilio's", attempt=attempt.id)


def _record_failure(runtime: Runtime, error: BridgeError) -> None:
    with runtime.db.begin() as connection:
        if isinstance(error, Transient):
            circuit_breaker.record_failure(runtime, connection, TWILIO, error)
        elif isinstance(error, AccountBlocked):
            pause_everything(runtime, connection, error.sentence)


def _check(runtime: Runtime, twilio: Twilio, attempt: Attempt) -> None:
    if attempt.sid is not None:
        found = _uncancelled(twilio, twilio.fetch(attempt.channel, attempt.sid))
        _apply_record(runtime, attempt, found)
        if attempt.via_firm:
            _check_leg(runtime, twilio, attempt, found)
        _close_old_text(runtime, attempt)
        return
    listed = _likely(
        runtime, attempt, twilio.list_to(attempt.channel, attempt.agent or attempt.phone)
    )
    if not listed:
        _missing(runtime, attempt)
    elif attempt.via_firm and (attempt.agent is None or len(listed) > 1):
        # An agent has one call at a time: several may be another app's, and ours any of them.
        log.info("Twilio shows calls to an agent; which one is ours is unknown", attempt=attempt.id)
        _unresolved_in_time(runtime, attempt)
    else:
        found = min(listed, key=lambda record: record.created_at)
        log.info("Attempt found at Twilio", attempt=attempt.id, sid=found.sid)
        _apply_record(runtime, attempt, _uncancelled(twilio, found))


def _check_leg(runtime: Runtime, twilio: Twilio, attempt: Attempt, found: FetchedRecord) -> None:
    """How the person's leg went, of a call that rang the firm first; or that there was none."""
    legs = twilio.list_legs(found.sid)
    for leg in legs:
        _apply_record(runtime, attempt, leg)
    if not legs and found.event is not None and is_end(found.event.status):
        with runtime.db.begin() as connection:
            release_unanswered(runtime, connection, attempt, found.event.status)
        runtime.notifier.notify()


def _uncancelled(twilio: Twilio, found: FetchedRecord) -> FetchedRecord:
    """A call that still waits in Twilio's queue might ring at any hour: it is cancelled.

    Twilio sends no callback about that (docs/reference/twilio.md#call-statuses), so its end is told
    here.
    """
    event = found.event
    if event is None or event.channel is not Channel.CALL or event.status is not Status.QUEUED:
        return found
    if not twilio.cancel(found.sid):
        return twilio.fetch(Channel.CALL, found.sid)
    return replace(found, event=replace(event, status=Status.CANCELED))


def _likely(runtime: Runtime, attempt: Attempt, listed: list[FetchedRecord]) -> list[FetchedRecord]:
    """Those that can be this attempt: sent by us at the time, and no other attempt's."""
    since = (attempt.placed_at or runtime.clock()) - _SLACK
    until = since + _SLACK + UNRESOLVED_AFTER
    likely = [
        record
        for record in listed
        if since <= record.created_at <= until
        and record.parent_sid is None
        # Texts may go out by any number of a messaging service.
        and (attempt.channel is Channel.TEXT or record.sender in {"", runtime.settings.from_number})
        and record.event is not None
        and record.event.direction is Direction.OUTBOUND
    ]
    with runtime.db.read() as connection:
        taken = attempts.sids_taken(connection, [record.sid for record in likely])
    return [record for record in likely if record.sid not in taken]


def _apply_record(runtime: Runtime, attempt: Attempt, found: FetchedRecord) -> None:
    """Process what Twilio shows as if its callback had come."""
    if found.event is None:
        return
    event: Event = replace(found.event, case_id=attempt.case_id, attempt=attempt.id)
    apply_fetched(runtime, event)


def _close_old_text(runtime: Runtime, attempt: Attempt) -> None:
    """A text whose carrier sends no receipts stays `sent` for ever: it is closed after a time."""
    if attempt.channel is not Channel.TEXT or attempt.placed_at is None:
        return
    if runtime.clock() - attempt.placed_at >= _TEXT_OVER_AFTER:
        with runtime.db.begin() as connection:
            attempt_transitions.end_unreported(
                connection, attempt.id, runtime.clock(), "no receipt ever came"
            )


def _missing(runtime: Runtime, attempt: Attempt) -> None:
    with runtime.db.begin() as connection:
        attempt_transitions.record_missing(connection, attempt.id, attempt.checks + 1)
    if attempt.checks + 1 >= NEVER_SENT_AFTER:
        _plan_again(runtime, attempt)


def _plan_again(runtime: Runtime, attempt: Attempt) -> None:
    """Twilio never got it: it is planned again, in the same turn unless that has ended."""
    now = runtime.clock()
    with runtime.db.begin() as connection:
        gone = attempt_transitions.mark_never_sent(
            connection, attempt.id, now, "Twilio never got it"
        )
        turn = turns.get(connection, attempt.turn_id)
        if gone and turn.state is not TurnState.ENDED:
            again = Planned(attempt.turn_id, attempt.case_id, attempt.channel, attempt.phone, now)
            plan(runtime, connection, again)
    log.info("Twilio never got an attempt: planned again", attempt=attempt.id, case=attempt.case_id)


def _vanished(runtime: Runtime, attempt: Attempt) -> None:
    """Twilio gave it a sid and no longer shows it: it was placed, and nobody can say how it ended.

    Another account's credentials do this, for one: nobody is reached again at once over that.
    """
    now = runtime.clock()
    with runtime.db.begin() as connection:
        ended = attempt_transitions.end_unreported(
            connection, attempt.id, now, "Twilio no longer shows it"
        )
        if ended and attempt.channel is Channel.CALL:
            _release(runtime, connection, attempt, "Twilio no longer shows the call")


def _unresolved_in_time(runtime: Runtime, attempt: Attempt) -> None:
    if runtime.clock() - (attempt.placed_at or runtime.clock()) >= UNRESOLVED_AFTER:
        _unresolved(runtime, attempt)


def _unresolved(runtime: Runtime, attempt: Attempt) -> None:
    """Nobody can say whether it was placed: the case is released, To Dial later."""
    now = runtime.clock()
    if attempt.state not in {AttemptState.RESERVED, AttemptState.UNKNOWN}:
        return
    with runtime.db.begin() as connection:
        is_unresolved = attempt_transitions.mark_unresolved(
            connection, attempt.id, now + _UNRESOLVED_AGAIN, "Twilio could not be asked"
        )
        if not is_unresolved or attempt.channel is not Channel.CALL:
            return
        _release(runtime, connection, attempt, "Twilio could not be asked about the call")


def _release(runtime: Runtime, connection: Connection, attempt: Attempt, why: str) -> None:
    """Release the case, with a note that nobody knows what became of the call."""
    turn = turns.get(connection, attempt.turn_id)
    release_turn(runtime, connection, turn, runtime.clock() + runtime.settings.retry_failed, why)
    about = EventNote(NoteKind.UNDECIDED, f"AT{attempt.id}", attempt.phone)
    queue_note(runtime, connection, attempt.case_id, about)


def _check_caller(runtime: Runtime, twilio: Twilio, caller: Communication) -> None:
    """Find out how a person's own call ended."""
    try:
        found = twilio.fetch(caller.channel, caller.sid)
    except NotKnown:
        with runtime.db.begin() as connection:
            communications.schedule_check(connection, caller.sid, None)
        return
    except BridgeError as error:
        log.warning("Could not ask Twilio", sid=caller.sid, refusal=error.sentence)
        return
    if found.event is not None:
        apply_fetched(runtime, replace(found.event, case_id=caller.case_id))
