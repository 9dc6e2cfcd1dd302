"""Calls that ring an agent first: what the agent says by key, and how they end.

process_agent_key   a key at the agent's phone: take the call, put it off, or say what it was
end_agent_call      one of the two sides has ended: over once both have
  _conclude         what the call meant, by the agent's word or by what Twilio knows
release_unanswered  nobody took the ring: the phone rests, and the case waits in its place

Run in the transaction that processes the callback: a key counts once it is stored, whoever dies.
"""

from dataclasses import replace
from datetime import timedelta

import structlog

from bridge import agents
from bridge.adapters.twilio.callbacks import ParsedCallback
from bridge.callbacks.standing import with_standing
from bridge.consent.agent_words import record_refusal, record_wrong_person
from bridge.domain.agents import AFTER_THE_CALL, AT_THE_RING, HANGING_UP, AgentWord
from bridge.domain.events import Status, Topic
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.office_hours import midnight_after
from bridge.domain.phones import last_four
from bridge.reporting.after_talk import assess_talk, release_contacts
from bridge.reporting.case_reports import report
from bridge.reporting.turn_endings import queue_note, release_turn
from bridge.runtime import Runtime
from bridge.store.callbacks import communications
from bridge.store.callbacks.communications import Communication
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, turns
from bridge.store.dialing.attempts import Attempt, AttemptState
from bridge.store.dialing.turns import TurnState

ASK_ABOUT_LEGS = timedelta(seconds=30)
NOBODY = "no agent of the firm took the call"

_AN_HOUR = timedelta(hours=1)
_NEVER_RANG = frozenset({Status.BUSY, Status.CANCELED})
_PUT_OFF = {
    AgentWord.LATER: "for an hour",
    AgentWord.TOMORROW: "until another day",
}

log = structlog.get_logger(__name__)


def process_agent_key(
    runtime: Runtime, connection: Connection, attempt_id: str | None, reading: ParsedCallback
) -> None:
    """Do what a key at an agent's phone says; a key that says nothing there changes nothing."""
    attempt = attempts.get(connection, attempt_id, lock=True) if attempt_id else None
    if attempt is None or attempt.agent is None:
        return
    if reading.topic is Topic.AGENT:
        word = AFTER_THE_CALL.get(reading.key)
        if word and attempt_transitions.record_last_word(connection, attempt.id, word):
            _say_what_it_was(runtime, connection, attempt, word)
    else:
        word = AT_THE_RING.get(reading.key)
        if word and attempt_transitions.record_first_word(connection, attempt.id, word):
            agents.taken(runtime, connection, attempt.agent)
            if word in _PUT_OFF:
                _put_off(runtime, connection, attempt, word)
    if word:
        log.info("Key at an agent's phone", agent=last_four(attempt.agent), word=word)


def _put_off(runtime: Runtime, connection: Connection, attempt: Attempt, word: AgentWord) -> None:
    """The case waits for an hour or until the next day: no attempt counts, and it says who.

    Delivery moves the date into a window of the person's own.
    """
    now, zone = runtime.clock(), runtime.settings.firm_zone
    later = now + _AN_HOUR if word is AgentWord.LATER else midnight_after(now, zone)
    by, ends = agents.name_of(runtime.settings, attempt.agent), _PUT_OFF[word]
    why = f"put off {ends} by {by}"
    if not attempt_transitions.take_back(connection, attempt.id, now, why):
        return
    release_turn(runtime, connection, turns.get(connection, attempt.turn_id), later, why)
    about = EventNote(NoteKind.PUT_OFF, f"AT{attempt.id}", attempt.phone, ends=ends, by=by)
    queue_note(runtime, connection, attempt.case_id, about)
    _hang_up(runtime, connection, attempt)


def _say_what_it_was(
    runtime: Runtime, connection: Connection, attempt: Attempt, word: AgentWord
) -> None:
    by = agents.name_of(runtime.settings, attempt.agent)
    if word is AgentWord.STOP:
        record_refusal(runtime, connection, attempt.case_id, attempt.phone, by)
    if word is AgentWord.WRONG_PERSON:
        record_wrong_person(runtime, connection, attempt.case_id, attempt.phone, by)
    leg = communications.of_attempt(connection, attempt.id, attempt.phone)
    if attempt.state is AttemptState.ENDED and leg is not None:
        # The key was processed late: what Twilio knew has been told already.
        _report(runtime, connection, leg)


def end_agent_call(
    runtime: Runtime, connection: Connection, attempt: Attempt, communication: Communication
) -> None:
    """One side has ended; over when both have, or when the person was never dialed.

    An agent's phone that was picked up may have dialed the person: Twilio is asked for the leg.
    """
    now = runtime.clock()
    is_leg = communication.phone == attempt.phone
    ours = (
        communications.of_attempt(connection, attempt.id, attempt.agent)
        if is_leg and attempt.agent
        else communication
    )
    leg = (
        communication
        if is_leg
        else communications.of_attempt(connection, attempt.id, attempt.phone)
    )
    has_our_side_ended = ours is not None and ours.progress.ended
    if leg is not None and leg.progress.ended and has_our_side_ended:
        _conclude(runtime, connection, attempt, leg)
    elif leg is None and communication.progress.status is not Status.COMPLETED:
        release_unanswered(runtime, connection, attempt, communication.progress.status)
    else:
        attempt_transitions.schedule_check(connection, attempt.id, now + ASK_ABOUT_LEGS)


def _conclude(
    runtime: Runtime, connection: Connection, attempt: Attempt, leg: Communication
) -> None:
    """Both sides are over: the agent has said what it was, or won't any more."""
    now = runtime.clock()
    is_news = attempt.state is not AttemptState.ENDED
    if not attempt_transitions.end(connection, attempt.id, now):
        return
    turns.end(connection, attempt.turn_id, "called", now)
    if is_news and attempt.agent is not None and leg.progress.status is Status.COMPLETED:
        agents.wrap_up(runtime, connection, attempt.agent, runtime.settings.dial_wrap_up)
    _report(runtime, connection, leg)


def _report(runtime: Runtime, connection: Connection, leg: Communication) -> None:
    """What the call means for its case, by all that is known of it now."""
    now = runtime.clock()
    told, means = assess_talk(runtime, connection, leg)
    told, _ = report(runtime, connection, told, leg.progress.ended_at or now, means)
    told = with_standing(runtime, connection, told, leg)
    communications.save(connection, told, now)
    if told.talked_at is not None and leg.talked_at is None:
        release_contacts(runtime, connection, told)


def release_unanswered(
    runtime: Runtime, connection: Connection, attempt: Attempt, status: Status
) -> None:
    """The person was not dialed: no attempt counts, and the case waits.

    Where nobody has pressed a key the phone rests, and the call keeps its place in line for
    whoever is free next. `status` is how the agent's side ended: busy is no ring that was missed.
    """
    now = runtime.clock()
    if not attempt_transitions.take_back(connection, attempt.id, now, NOBODY):
        return
    turn = turns.get(connection, attempt.turn_id)
    if attempt.agent is None or attempt.agent_said is not None:
        release_turn(runtime, connection, turn, now + runtime.settings.retry_busy, NOBODY)
        _hang_up(runtime, connection, attempt)
        return
    if status in _NEVER_RANG:
        agents.busy(runtime, connection, attempt.agent)
    else:
        agents.missed(runtime, connection, attempt.agent)
    if turn.state is not TurnState.ENDED:
        attempt_transitions.plan(connection, _again(runtime, attempt), now)


def _again(runtime: Runtime, attempt: Attempt) -> Attempt:
    """The same call once more, where it stood in line."""
    return replace(
        attempt,
        id=runtime.new_id(),
        state=AttemptState.PLANNED,
        agent=None,
        sid=None,
        placed_at=None,
        check_at=None,
        checks=0,
        tries=0,
    )


def _hang_up(runtime: Runtime, connection: Connection, attempt: Attempt) -> None:
    """The agent still hears a goodbye: the line is busy for a moment."""
    if attempt.agent is not None:
        agents.wrap_up(runtime, connection, attempt.agent, HANGING_UP)
