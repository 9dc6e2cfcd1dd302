"""Writes calls and texts down as planned, with the time after which they are stale."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge import eligibility
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.eligibility import PlannedContact
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts
from bridge.store.dialing.attempts import Attempt, AttemptState

STALE_AFTER = {Channel.TEXT: timedelta(hours=12), Channel.CALL: timedelta(hours=48)}
"""What is so late makes no sense any more (docs/reference/law.md#hours: queue rollover)."""


@dataclass(frozen=True)
class Planned:
    """A call or text to be."""

    turn_id: int
    case_id: int
    channel: Channel
    phone: E164
    due_at: datetime


def plan(runtime: Runtime, connection: Connection, planned: Planned) -> None:
    """Write a call or text down; nobody is reached before its row is there.

    See promise 5 in docs/explanation/never-twice.md.
    """
    attempt = Attempt(
        id=runtime.new_id(),
        turn_id=planned.turn_id,
        case_id=planned.case_id,
        channel=planned.channel,
        phone=planned.phone,
        state=AttemptState.PLANNED,
        due_at=planned.due_at,
        not_after=planned.due_at + STALE_AFTER[planned.channel],
        via_firm=_is_via_firm(runtime, connection, planned),
    )
    attempt_transitions.plan(connection, attempt, runtime.clock())


def _is_via_firm(runtime: Runtime, connection: Connection, planned: Planned) -> bool:
    """Whether the firm is rung first: decided once more when the call is reserved."""
    if planned.channel is not Channel.CALL:
        return False
    case = cases.get(connection, planned.case_id)
    if case is None:
        return True
    contact = PlannedContact(case, Channel.CALL, planned.phone, turn_id=planned.turn_id)
    at = max(planned.due_at, runtime.clock())
    return eligibility.rings_firm_first(runtime, connection, contact, at)


def plan_next_number(runtime: Runtime, connection: Connection, attempt: Attempt) -> bool:
    """Plan the call to another phone of the case, in the same turn; False when there is none."""
    case = cases.get(connection, attempt.case_id)
    chosen = eligibility.choice(runtime, connection, case) if case else None
    tried = {
        earlier.phone
        for earlier in attempts.of_turn(connection, attempt.turn_id)
        if earlier.channel is Channel.CALL
    }
    others = [phone for phone in chosen.calls if phone not in tried] if chosen else []
    if not others:
        return False
    following = Planned(attempt.turn_id, attempt.case_id, Channel.CALL, others[0], runtime.clock())
    plan(runtime, connection, following)
    return True
