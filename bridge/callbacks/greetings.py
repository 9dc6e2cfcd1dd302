"""What a callback says of the greeting that a person heard, and of who took the call then.

with_greeting   the call with the moments from which it is told whether it was abandoned

By the moments at which callbacks came in: Twilio tells of a key, of the silence after the greeting,
and of the end of a talk at once, the last with how many seconds it has lasted.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.adapters.twilio.callbacks import ParsedCallback
from bridge.consent.inbound_texts import CONNECT_KEY
from bridge.domain.abandonment import is_abandoned
from bridge.domain.campaign_goals import goal_of
from bridge.domain.events import Direction, Talk
from bridge.runtime import Runtime
from bridge.store.callbacks.communications import Communication, Greeting


def with_greeting(
    runtime: Runtime, communication: Communication, reading: ParsedCallback, received_at: datetime
) -> Communication:
    """The call with what this callback says of it; in any order and repetition the same.

    Only of a call of our own that rang the person first; the caller sees to that.
    """
    event = reading.event
    if event is None or communication.attempt_id is None:
        return communication
    if communication.direction is not Direction.OUTBOUND:
        return communication
    before = communication.greeting
    found = Greeting(
        heard_at=received_at if event.talk is Talk.HEARD and not reading.key else None,
        asked_at=received_at if reading.key == CONNECT_KEY else None,
        taken_at=_taken_at(reading, received_at),
    )
    merged = _both(before, found)
    goal = goal_of(communication.campaign or "", runtime.settings.campaign_goals)
    ended_at = merged.ended_at
    abandoned = (
        None
        if ended_at is None
        else is_abandoned(ended_at, merged.taken_at, goal, asked=merged.asked_at is not None)
    )
    return replace(communication, greeting=replace(merged, abandoned=abandoned))


def _taken_at(reading: ParsedCallback, received_at: datetime) -> datetime | None:
    """When somebody of the firm was on the line: so many seconds before the talk had ended."""
    if reading.event is None or reading.event.talk is not Talk.BRIDGED:
        return None
    return received_at - timedelta(seconds=reading.talked_for or 0)


def _both(first: Greeting, second: Greeting) -> Greeting:
    return Greeting(
        _earlier(first.heard_at, second.heard_at),
        _earlier(first.asked_at, second.asked_at),
        _earlier(first.taken_at, second.taken_at),
    )


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    return min((moment for moment in (first, second) if moment is not None), default=None)
