"""Before a person is called or texted, the case is read again.

    refresh             somebody may have changed the case, or claimed it as well, since then
      _read_siblings    the person's other cases: staff may have stopped one of them

The first time in a turn this also reads the claim back (`domain/claims.py`).
"""

from datetime import datetime, timedelta

import structlog

from bridge import circuit_breaker
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.circuit_breaker import SMARTADVOCATE
from bridge.dialing import competing_claims
from bridge.domain import claims, unknown_labels
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.redaction import without_remote_words
from bridge.errors import NotKnown, Permanent, Transient, Unclear
from bridge.reporting import staff_stops
from bridge.reporting.turn_endings import release_turn
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, turns
from bridge.store.dialing.attempts import Attempt
from bridge.store.dialing.turns import Turn, TurnState

FRESH_FOR = timedelta(seconds=60)
"""A case that was read longer ago is read again before its person is called or texted."""

_BEFORE_OTHERS = timedelta(milliseconds=1)

log = structlog.get_logger(__name__)


def readable_from(turn: Turn, now: datetime) -> datetime:
    """From when on the turn's claim may be read back."""
    return (turn.claimed_at or now) + claims.READ_BACK_AFTER


def is_to_be_read(turn: Turn, read_at: datetime, now: datetime) -> bool:
    """Whether the case is to be read before its person is reached."""
    return turn.confirmed_at is None or now - read_at > FRESH_FOR


def changed_by_hand(case: CaseInfo, now: datetime) -> str | None:
    """Why the case is no longer ours to dial: a person has decided otherwise since the claim."""
    if case.status is DialerStatus.DO_NOT_DIAL:
        return "somebody has set Do not Dial"
    later = case.next_call is not None and case.next_call > now
    if case.status is DialerStatus.TO_DIAL and later:
        return "somebody has set another time for the next call"
    if case.status is None:
        return "somebody has given it a dialer status of the firm's own"
    return None


def refresh(runtime: Runtime, remote: SmartAdvocate, attempt: Attempt) -> None:
    """Read the case again: somebody may have set Do not Dial since it was polled.

    While SmartAdvocate can't be asked, or can't be understood, the contact waits.
    """
    try:
        _read_siblings(runtime, remote, attempt)
        case = remote.case(attempt.case_id)
    except NotKnown as error:
        with runtime.db.begin() as connection:
            release_claim(runtime, connection, attempt, error.sentence)
    except Permanent as error:
        with runtime.db.begin() as connection:
            _release(runtime, connection, attempt, error.sentence)
    except Transient as error:
        with runtime.db.begin() as connection:
            circuit_breaker.record_failure(runtime, connection, SMARTADVOCATE, error)
        log.warning("Could not read a case again", case=attempt.case_id, code=error.code)
    except Unclear as error:
        log.warning("Could not read a case again", case=attempt.case_id, code=error.code)
    else:
        with runtime.db.begin() as connection:
            _apply_case(runtime, connection, attempt, case)


def _read_siblings(runtime: Runtime, remote: SmartAdvocate, attempt: Attempt) -> None:
    """Read the person's other cases: staff may have set Do not Dial there, and mean the person.

    Raises:
        Transient: SmartAdvocate is unavailable.
    """
    with runtime.db.read() as connection:
        others = staff_stops.unread(
            runtime, connection, attempt.case_id, runtime.clock() - FRESH_FOR
        )
    for case_id in others:
        try:
            case = remote.case(case_id)
        except (NotKnown, Permanent, Unclear) as error:
            log.warning("Could not read another case of the person", case=case_id, code=error.code)
            continue
        with runtime.db.begin() as connection:
            staff_stops.save(runtime, connection, case)


def _apply_case(runtime: Runtime, connection: Connection, attempt: Attempt, case: CaseInfo) -> None:
    now = runtime.clock()
    staff_stops.save(runtime, connection, case)
    turn = turns.get(connection, attempt.turn_id)
    if turn.state is TurnState.ENDED:
        return
    why = _why_not_ours(runtime, connection, turn, case)
    if why is not None:
        release_claim(runtime, connection, attempt, why)
        return
    turns.mark_confirmed(connection, turn.id, now)
    # Ahead of those that are due just as long: they need not be read before this one is placed.
    due_at = min(attempt.due_at, now) - _BEFORE_OTHERS
    attempt_transitions.reschedule(connection, attempt.id, due_at)


def _why_not_ours(
    runtime: Runtime, connection: Connection, turn: Turn, case: CaseInfo
) -> str | None:
    now = runtime.clock()
    if case.oddities:
        return f"it can't be read any more: {'; '.join(case.oddities)}"
    if case.has_own_label:
        says = unknown_labels.left_unchanged(case.label, runtime.settings.smartadvocate_labels)
        notices.add(connection, notices.NoticeName.LABEL, case.label, says, now)
    if competing_claims.has_claimed(runtime, connection, turn, case):
        return competing_claims.RELEASED
    return changed_by_hand(case, now)


def release_claim(runtime: Runtime, connection: Connection, attempt: Attempt, why: str) -> None:
    """End the turn and leave the case as it stands in SmartAdvocate."""
    now = runtime.clock()
    cancel_turn(connection, attempt, now, why)
    turns.end(connection, attempt.turn_id, why, now)
    reason = without_remote_words(why)
    log.warning("Turn ended, case left as it is", case=attempt.case_id, reason=reason)


def cancel_turn(connection: Connection, attempt: Attempt, now: datetime, why: str) -> None:
    """Cancel all that is planned in this attempt's turn."""
    for planned in attempts.of_turn(connection, attempt.turn_id):
        attempt_transitions.cancel(connection, planned.id, now, why)


def _release(runtime: Runtime, connection: Connection, attempt: Attempt, why: str) -> None:
    now = runtime.clock()
    cancel_turn(connection, attempt, now, why)
    turn = turns.get(connection, attempt.turn_id)
    release_turn(runtime, connection, turn, now + runtime.settings.retry_failed, why)
