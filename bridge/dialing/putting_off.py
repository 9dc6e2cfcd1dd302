"""What becomes of a planned attempt that isn't placed now.

defer         it waits here until then
defer_by      what a decision defers: it waits here for a while, for longer the case is released
not_allowed   not this number, or not this person any more
next_number   a call goes to the case's next number, or the case back; a text to nobody
release       the turn ends, and the case is dialed later
"""

from datetime import datetime

from bridge.dialing import confirming
from bridge.dialing.call_takers import RELEASED_FROM
from bridge.dialing.planning import plan_next_number
from bridge.domain.case_updates import CaseInfo
from bridge.domain.decisions import Decision, Rule
from bridge.domain.events import Channel
from bridge.reporting.turn_endings import close_case, release_turn
from bridge.runtime import Runtime
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, turns
from bridge.store.dialing.attempts import Attempt


def defer(connection: Connection, attempt: Attempt, due_at: datetime) -> None:
    """It waits here until then."""
    attempt_transitions.reschedule(connection, attempt.id, due_at)


def defer_by(
    runtime: Runtime, connection: Connection, attempt: Attempt, decision: Decision
) -> None:
    """What this decision defers waits here for a while; for longer, the case is released."""
    now, until = runtime.clock(), decision.until
    if until is not None and until - now < RELEASED_FROM:
        defer(connection, attempt, until)
    elif attempt.channel is Channel.TEXT:
        # What becomes of the turn is decided with its call.
        attempt_transitions.cancel(connection, attempt.id, now, decision.why)
    else:
        release(runtime, connection, attempt, decision.why, until)


def release(
    runtime: Runtime,
    connection: Connection,
    attempt: Attempt,
    why: str,
    until: datetime | None = None,
) -> None:
    """End the turn, and have the case dialed later: then, or after DIAL_RETRY_FAILED."""
    now = runtime.clock()
    confirming.cancel_turn(connection, attempt, now, why)
    turn = turns.get(connection, attempt.turn_id)
    release_turn(runtime, connection, turn, until or now + runtime.settings.retry_failed, why)


def not_allowed(
    runtime: Runtime, connection: Connection, attempt: Attempt, case: CaseInfo, decision: Decision
) -> None:
    """Close the case of a person who may not be called at all; else go on with the next number."""
    if attempt.channel is Channel.CALL and decision.is_restricted_by(Rule.OPTED_OUT, Rule.ATTEMPTS):
        confirming.cancel_turn(connection, attempt, runtime.clock(), decision.why)
        close_case(runtime, connection, case.case_id, f"turn-{attempt.turn_id}", decision.why)
    else:
        next_number(runtime, connection, attempt, decision.why)


def next_number(runtime: Runtime, connection: Connection, attempt: Attempt, why: str) -> None:
    """Not this number: a call goes to the case's next one, or the case back; a text to nobody."""
    now = runtime.clock()
    attempt_transitions.cancel(connection, attempt.id, now, why)
    if attempt.channel is Channel.CALL and not plan_next_number(runtime, connection, attempt):
        turn = turns.get(connection, attempt.turn_id)
        release_turn(runtime, connection, turn, now + runtime.settings.retry_failed, why)
