"""All that may happen to an attempt, step by step (promise 5 in docs/explanation/never-twice.md).

Each step is a conditional UPDATE that names the states it may come from, and returns whether it
happened: whoever comes too late changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, update

from bridge.domain.agents import AgentWord
from bridge.domain.phones import E164
from bridge.store.dialing.attempts import OPEN, UNDER_WAY, Attempt, AttemptState
from bridge.store.rows import row_writer
from bridge.store.tables import attempts
from bridge.store.transitions import Transition, change_while

_UNANSWERED = (AttemptState.RESERVED, AttemptState.UNKNOWN)
"""Requested, without an answer so far."""

TRANSITIONS: Mapping[str, Transition] = {
    "plan": Transition((), AttemptState.PLANNED, "its case was claimed"),
    "reserve": Transition((AttemptState.PLANNED,), AttemptState.RESERVED, "it is due and allowed"),
    "cancel": Transition((AttemptState.PLANNED,), AttemptState.CANCELED, "no longer allowed"),
    "unreserve": Transition((AttemptState.RESERVED,), AttemptState.PLANNED, "not sent, try later"),
    "refuse": Transition((AttemptState.RESERVED,), AttemptState.REFUSED, "Twilio refused it"),
    "mark_unknown": Transition(
        (AttemptState.RESERVED,), AttemptState.UNKNOWN, "the answer was lost"
    ),
    "mark_unresolved": Transition(
        _UNANSWERED, AttemptState.UNRESOLVED, "Twilio could not be asked"
    ),
    "mark_placed": Transition(_UNANSWERED, AttemptState.PLACED, "Twilio accepted it"),
    "attach_sid": Transition(
        (*_UNANSWERED, AttemptState.UNRESOLVED, AttemptState.CANCELED),
        AttemptState.PLACED,
        "a callback or a check found it",
    ),
    "mark_never_sent": Transition(
        (*_UNANSWERED, AttemptState.UNRESOLVED), AttemptState.CANCELED, "Twilio never got it"
    ),
    "end": Transition((*OPEN, AttemptState.ENDED), AttemptState.ENDED, "its end was reported"),
    "end_unreported": Transition(OPEN, AttemptState.ENDED, "nobody can say how it ended"),
    "take_back": Transition(
        (*OPEN, AttemptState.ENDED), AttemptState.CANCELED, "the person was not reached"
    ),
}
"""Every step by the name of its function below. The diagram in docs/glossary.md is made of it."""

_PLAN = row_writer(attempts)


def plan(connection: Connection, attempt: Attempt, now: datetime) -> None:
    """Add a call or text that is to be placed."""
    plan_each(connection, [attempt], now)


def plan_each(connection: Connection, planned: Sequence[Attempt], now: datetime) -> None:
    """Add calls and texts that are to be placed."""
    if not planned:
        return
    _PLAN(
        connection,
        [
            {
                "id": attempt.id,
                "turn_id": attempt.turn_id,
                "case_id": attempt.case_id,
                "channel": attempt.channel,
                "phone": attempt.phone,
                "via_firm": attempt.via_firm,
                "state": TRANSITIONS["plan"].target,
                "due_at": attempt.due_at,
                "not_after": attempt.not_after,
                "created_at": now,
            }
            for attempt in planned
        ],
    )


def reserve(
    connection: Connection,
    identity: str,
    *,
    placed_at: datetime,
    check_at: datetime,
    tries: int,
    agent: E164 | None = None,
) -> bool:
    """Reserve a planned attempt: from here on nobody else places it.

    `agent` is the phone of the firm that is rung for it first; that has no other call then.
    """
    return _step(
        connection,
        "reserve",
        identity,
        placed_at=placed_at,
        check_at=check_at,
        checks=0,
        tries=tries,
        agent=agent,
    )


def unreserve(connection: Connection, identity: str, due_at: datetime) -> bool:
    """Plan again what was reserved and is known not to have been sent."""
    later = {"placed_at": None, "check_at": None, "due_at": due_at, "agent": None}
    return _step(connection, "unreserve", identity, **later)


def refuse(connection: Connection, identity: str, now: datetime, reason: str) -> bool:
    """Twilio has refused the request."""
    return _step(connection, "refuse", identity, ended_at=now, check_at=None, reason=reason)


def cancel(connection: Connection, identity: str, now: datetime, reason: str) -> bool:
    """Cancel a planned attempt: it is not placed."""
    return _step(connection, "cancel", identity, ended_at=now, reason=reason)


def mark_placed(connection: Connection, identity: str, sid: str, check_at: datetime) -> bool:
    """Twilio has accepted the request, and answered with the sid."""
    return _step(connection, "mark_placed", identity, sid=sid, check_at=check_at, checks=0)


def mark_unknown(connection: Connection, identity: str, reason: str) -> bool:
    """The answer to the request was lost."""
    return _step(connection, "mark_unknown", identity, reason=reason)


def mark_unresolved(connection: Connection, identity: str, check_at: datetime, reason: str) -> bool:
    """Twilio could not be asked in time; it is asked again later."""
    return _step(connection, "mark_unresolved", identity, check_at=check_at, reason=reason)


def mark_never_sent(connection: Connection, identity: str, now: datetime, reason: str) -> bool:
    """Twilio never got the request; False if a callback has brought its sid meanwhile."""
    return _step(
        connection, "mark_never_sent", identity, ended_at=now, check_at=None, reason=reason
    )


def attach_sid(connection: Connection, identity: str, sid: str, check_at: datetime) -> bool:
    """A callback, or Twilio when asked, shows that this attempt is the call or text `sid`."""
    return _step(connection, "attach_sid", identity, sid=sid, check_at=check_at)


def end(connection: Connection, identity: str, now: datetime) -> bool:
    """The call or text has ended."""
    return _step(connection, "end", identity, reason=None, **_over(now))


def end_unreported(connection: Connection, identity: str, now: datetime, reason: str) -> bool:
    """It is over, and nobody can say how; False when its end is known by now."""
    return _step(connection, "end_unreported", identity, reason=reason, **_over(now))


def take_back(connection: Connection, identity: str, now: datetime, reason: str | None) -> bool:
    """It has ended without reaching the person, and doesn't count as an attempt."""
    return _step(connection, "take_back", identity, reason=reason, **_over(now))


def reschedule(connection: Connection, identity: str, due_at: datetime) -> bool:
    """Give a planned attempt another time."""
    return change_while(connection, attempts, identity, (AttemptState.PLANNED,), due_at=due_at)


def ring_firm_first(connection: Connection, identity: str) -> bool:
    """Have the firm rung first for a planned call."""
    return change_while(connection, attempts, identity, (AttemptState.PLANNED,), via_firm=True)


def move_reserved(
    connection: Connection, identity: str, placed_at: datetime, check_at: datetime
) -> bool:
    """Give a reserved attempt another time to be sent at."""
    return change_while(
        connection,
        attempts,
        identity,
        (AttemptState.RESERVED,),
        placed_at=placed_at,
        check_at=check_at,
    )


def schedule_check(connection: Connection, identity: str, check_at: datetime) -> bool:
    """Have Twilio asked about an open attempt at this time."""
    return change_while(connection, attempts, identity, OPEN, check_at=check_at)


def record_missing(connection: Connection, identity: str, checks: int) -> bool:
    """Twilio's list didn't show an open attempt, `checks` times so far."""
    return change_while(connection, attempts, identity, OPEN, checks=checks)


def record_first_word(connection: Connection, identity: str, word: AgentWord) -> bool:
    """An agent who is rung has said by key what to do; False where one has already."""
    return _say(connection, identity, word, UNDER_WAY, attempts.c.agent_said.is_(None))


def record_last_word(connection: Connection, identity: str, word: AgentWord) -> bool:
    """An agent has said by key what a call was; False where one has already.

    Also of one whose end was known first: the key was pressed before that.
    """
    unsaid = or_(attempts.c.agent_said.is_(None), attempts.c.agent_said == AgentWord.TAKEN)
    return _say(connection, identity, word, (*OPEN, AttemptState.ENDED), unsaid)


def mark_machine(connection: Connection, identity: str, machine_at: datetime) -> bool:
    """A machine has answered the call."""
    return change_while(connection, attempts, identity, UNDER_WAY, machine_at=machine_at)


def clear_machine(connection: Connection, identity: str) -> bool:
    """The call that a machine has answered was dealt with."""
    return change_while(connection, attempts, identity, OPEN, machine_at=None)


def _say(
    connection: Connection,
    identity: str,
    word: AgentWord,
    states: Sequence[AttemptState],
    unsaid: ColumnElement[bool],
) -> bool:
    said = connection.execute(
        update(attempts)
        .where(attempts.c.id == identity, attempts.c.state.in_(states), unsaid)
        .values(agent_said=word)
    )
    return said.rowcount == 1


def _step(connection: Connection, name: str, identity: str, **values: Any) -> bool:
    return TRANSITIONS[name].apply(connection, attempts, identity, **values)


def _over(now: datetime) -> Mapping[str, datetime | None]:
    return {"ended_at": now, "check_at": None, "machine_at": None}
