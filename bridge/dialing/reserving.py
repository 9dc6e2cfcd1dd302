"""What is planned and due is decided on once more and reserved, in one transaction.

    reserve         the next text or call: pace, calls under way, hours, caps, opt-outs → reserved
      _preflight    its turn has ended, no agent can take it, its case was read too long ago, or it
                    follows its text
    postpone        what has missed its moment gets another

A case that must be read before (`confirming.py`) is named instead of reserved. `placing.py` places
what was reserved, `putting_off.py` has what becomes of the others. One lock over all workers
(store/pace.py) makes sure that no two transactions count the same room twice (promise 7 in
docs/explanation/never-twice.md).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bridge import circuit_breaker, eligibility
from bridge.background import PlannedContact
from bridge.circuit_breaker import SMARTADVOCATE, TWILIO
from bridge.dialing import call_takers, canary, confirming, putting_off
from bridge.dialing.call_takers import CallTakers
from bridge.domain.agents import Agent
from bridge.domain.case_updates import CaseInfo
from bridge.domain.contact_facts import PauseScope
from bridge.domain.decisions import Decision, Permission
from bridge.domain.events import Channel
from bridge.domain.phones import E164, parse_phone
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.dialing import agents, attempt_transitions, attempts, decisions, pace, turns
from bridge.store.dialing.attempts import Attempt, AttemptState
from bridge.store.dialing.turns import Turn, TurnState

AHEAD = timedelta(milliseconds=250)
"""Calls are reserved so long before their moment, so that the pace is kept to the millisecond."""

ASK_AFTER = timedelta(seconds=60)
"""Twilio's list of calls is sure to show a call by then.

See docs/reference/twilio.md#placing-a-call.
"""

LONGEST_VALID = timedelta(hours=4)
"""What isn't delivered by then makes no sense any more."""

_READ_AGAIN = timedelta(seconds=30)
_HEADROOM = 0.96
"""Of the allowed pace: requests that leave evenly don't arrive quite evenly."""

_TEXT_CHECKED_AGAIN = timedelta(seconds=1)
_BROKEN_AGAIN = timedelta(minutes=5)
_TEXT_IS_WAITED_FOR = timedelta(minutes=1)
_COMMITTED_WITHIN = timedelta(milliseconds=60)
_TOO_LATE = timedelta(seconds=2)
"""What was decided so long ago is decided on again before it is placed."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reserved:
    """A call or text that this worker, and no other, is to place."""

    attempt: Attempt
    at: datetime
    window_ends: datetime


@dataclass(frozen=True)
class ReserveResult:
    """What came of an attempt to reserve something."""

    reserved: Reserved | None = None
    moved: bool = False
    """Something was moved out of the way: the next may be reserved at once."""
    to_refresh: Attempt | None = None
    """Its case is to be read first (`confirming.refresh`)."""


_MOVED = ReserveResult(moved=True)


def reserve(runtime: Runtime) -> ReserveResult:
    """Reserve the next text or call that may be placed, if any.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    now = runtime.clock()
    with runtime.db.read() as connection:
        if not _may_find_one(runtime, connection, now):
            return ReserveResult()
    found: Attempt | None = None
    try:
        with runtime.db.begin() as connection:
            next_call_at = _next_call_at(runtime, connection)
            if circuit_breaker.is_open(runtime, connection, TWILIO) or _is_all_paused(
                runtime, connection
            ):
                return ReserveResult()
            takers = call_takers.read(runtime, connection)
            found, moment = attempts.due(connection, Channel.TEXT, now), now
            if found is None and _may_call(runtime, connection, next_call_at):
                found = attempts.due(connection, Channel.CALL, now, takers.ways)
                moment = next_call_at
            if found is None:
                return ReserveResult()
            return _decide(runtime, connection, found, moment, takers)
    except UNREACHABLE:
        raise
    except Exception:
        if found is None:
            raise
        # An error at one must not stand in the way of all others.
        with runtime.db.begin() as connection:
            putting_off.defer(connection, found, now + _BROKEN_AGAIN)
        log.exception("No decision on an attempt", attempt=found.id, case=found.case_id)
        return _MOVED


def _may_find_one(runtime: Runtime, connection: Connection, now: datetime) -> bool:
    """Whether anything may be placed now, as far as can be seen without the lock that all want."""
    if attempts.is_due(connection, Channel.TEXT, now):
        return True
    if not attempts.is_due(connection, Channel.CALL, now):
        return False
    ways = call_takers.read(runtime, connection).ways
    return attempts.is_due(connection, Channel.CALL, now, ways) and _may_call(
        runtime, connection, pace.next_at(connection)
    )


def _next_call_at(runtime: Runtime, connection: Connection) -> datetime:
    """The pace's next place, locked; far enough ahead for this transaction to be committed."""
    next_at = pace.lock(connection, runtime.clock())
    return max(next_at, runtime.clock() + _COMMITTED_WITHIN)


def _may_call(runtime: Runtime, connection: Connection, next_call_at: datetime) -> bool:
    """Whether the pace and the number of calls under way leave room for a call now."""
    most = canary.most_calls(runtime, connection)
    soon = next_call_at <= runtime.clock() + AHEAD
    return soon and attempts.calls_under_way(connection) < most


def next_due(runtime: Runtime) -> datetime | None:
    """When something may be reserved next: a planned attempt is due, and the pace has room."""
    with runtime.db.read() as connection:
        due_at = attempts.next_due(connection, runtime.clock())
        if due_at is None:
            return None
        return max(due_at, pace.next_at(connection) - AHEAD)


def _is_all_paused(runtime: Runtime, connection: Connection) -> bool:
    canary.check_locked(runtime, connection)
    return any(
        pause.scope is PauseScope.EVERYTHING
        for pause in eligibility.active_pauses(runtime, connection)
    )


def _decide(
    runtime: Runtime,
    connection: Connection,
    attempt: Attempt,
    moment: datetime,
    takers: CallTakers,
) -> ReserveResult:
    """Decide on a planned attempt, in the transaction that reserves it."""
    case = cases.get(connection, attempt.case_id)
    if case is None:
        raise LookupError(f"case {attempt.case_id} has an attempt and isn't known")
    in_the_way = _preflight(runtime, connection, attempt, case, takers)
    if in_the_way is not None:
        return in_the_way
    contact = PlannedContact(case, attempt.channel, attempt.phone, attempt.id, attempt.turn_id)
    decision = eligibility.decide(runtime, connection, contact, stage=decisions.PLACED)
    if decision.permission is Permission.DEFER:
        putting_off.defer_by(runtime, connection, attempt, decision)
        return _MOVED
    if decision.permission is Permission.REFUSE:
        putting_off.not_allowed(runtime, connection, attempt, case, decision)
        return _MOVED
    if _is_to_ring_firm_first(attempt, decision):
        # No machine may speak to the person any more. It comes up again at once, as a call that
        # a phone of the firm takes; never the other way round.
        attempt_transitions.ring_firm_first(connection, attempt.id)
        return _MOVED
    agent = takers.next if attempt.via_firm else None
    return _reserve(runtime, connection, attempt, moment, decision, agent=agent)


def _is_to_ring_firm_first(attempt: Attempt, decision: Decision) -> bool:
    voice = decision.voice
    return voice is not None and not voice.may_speak and not attempt.via_firm


def _preflight(
    runtime: Runtime,
    connection: Connection,
    attempt: Attempt,
    case: CaseInfo,
    takers: CallTakers,
) -> ReserveResult | None:
    """What is in the way before anything is decided; None when nothing is."""
    now = runtime.clock()
    turn = turns.get(connection, attempt.turn_id)
    if turn.state is TurnState.ENDED:
        attempt_transitions.cancel(connection, attempt.id, now, "its turn is over")
        return _MOVED
    waits = _without_agent(runtime, connection, attempt, takers) or _unread(
        runtime, connection, attempt, turn
    )
    if waits is not None:
        return waits
    changed = confirming.changed_by_hand(case, now)
    if changed is not None:
        confirming.release_claim(runtime, connection, attempt, changed)
        return _MOVED
    if attempt.phone not in _phones(case):
        putting_off.next_number(runtime, connection, attempt, "the case has this number no longer")
        return _MOVED
    if attempt.channel is Channel.CALL and _waits_for_text(runtime, connection, attempt):
        putting_off.defer(connection, attempt, now + _TEXT_CHECKED_AGAIN)
        return _MOVED
    return None


def _without_agent(
    runtime: Runtime, connection: Connection, attempt: Attempt, takers: CallTakers
) -> ReserveResult | None:
    """Released where no agent can be rung for long by the time of the call; None where one can.

    A text goes out only where an agent may be rung when its call is due.
    """
    if not call_takers.rings_agent(connection, attempt):
        return None
    is_text = attempt.channel is Channel.TEXT
    dialed_at = takers.now + runtime.settings.text_lead if is_text else takers.now
    if not takers.waits_too_long(dialed_at):
        return None
    until = takers.released_until(dialed_at)
    putting_off.release(runtime, connection, attempt, call_takers.NOBODY, until)
    return _MOVED


def _unread(
    runtime: Runtime, connection: Connection, attempt: Attempt, turn: Turn
) -> ReserveResult | None:
    """Put off until the case was read again; None when it was."""
    now = runtime.clock()
    readable_from = confirming.readable_from(turn, now)
    if turn.confirmed_at is None and now < readable_from:
        putting_off.defer(connection, attempt, readable_from)
        return _MOVED
    if not confirming.is_to_be_read(turn, cases.read_at(connection, attempt.case_id), now):
        return None
    putting_off.defer(connection, attempt, now + _READ_AGAIN)
    is_open = circuit_breaker.is_open(runtime, connection, SMARTADVOCATE)
    return ReserveResult(moved=True, to_refresh=None if is_open else attempt)


def _phones(case: CaseInfo) -> set[E164]:
    return {phone for case_phone in case.phones if (phone := parse_phone(case_phone.number))}


def _reserve(
    runtime: Runtime,
    connection: Connection,
    attempt: Attempt,
    moment: datetime,
    decision: Decision,
    *,
    agent: Agent | None,
) -> ReserveResult:
    """Reserve: from here on nobody else places it, and the pace has its place."""
    tries = attempt.tries + 1
    if not attempt_transitions.reserve(
        connection,
        attempt.id,
        placed_at=moment,
        check_at=moment + ASK_AFTER,
        tries=tries,
        agent=agent.phone if agent else None,
    ):
        return _MOVED
    if agent is not None:
        agents.mark_rung(connection, agent.phone, moment)
    if attempt.channel is Channel.CALL:
        pace.set_next(connection, moment + _interval(runtime))
        _drop_texts(connection, attempt, moment)
    ends = decision.window_ends or moment + LONGEST_VALID
    reserved = replace(
        attempt,
        state=AttemptState.RESERVED,
        placed_at=moment,
        tries=tries,
        agent=agent.phone if agent else None,
    )
    return ReserveResult(Reserved(reserved, moment, ends))


def _drop_texts(connection: Connection, call: Attempt, now: datetime) -> None:
    """A text that announces the call makes no sense behind it."""
    for planned in attempts.of_turn(connection, call.turn_id):
        if planned.channel is Channel.TEXT:
            attempt_transitions.cancel(connection, planned.id, now, "the call went first")


def postpone(runtime: Runtime, reserved: Reserved) -> Reserved | None:
    """Another moment for what has missed its own; None when it is not to be placed by us now.

    A worker that was stopped for a minute may find that Twilio was asked, and its contact given
    to another: that is placed by the other alone. What is late by more than a moment is planned
    again and decided on again: the person may have opted out, or the window have closed.
    """
    attempt = reserved.attempt
    is_call = attempt.channel is Channel.CALL
    with runtime.db.begin() as connection:
        now = runtime.clock()
        if now - reserved.at > _TOO_LATE:
            attempt_transitions.unreserve(connection, attempt.id, now)
            return None
        # Twice as far ahead as at first: a slow database must not make it late for ever.
        moment = max(_next_call_at(runtime, connection), now + AHEAD) if is_call else now
        if not attempt_transitions.move_reserved(
            connection, attempt.id, moment, moment + ASK_AFTER
        ):
            return None
        if is_call:
            pace.set_next(connection, moment + _interval(runtime))
    return replace(reserved, attempt=replace(attempt, placed_at=moment), at=moment)


def _interval(runtime: Runtime) -> timedelta:
    return timedelta(seconds=1 / (runtime.settings.dial_calls_per_second * _HEADROOM))


def _waits_for_text(runtime: Runtime, connection: Connection, call: Attempt) -> bool:
    """The text goes first; the call follows once it is out, or is known not to be.

    One that Twilio wants much later than that isn't waited for.
    """
    soon = runtime.clock() + max(runtime.settings.text_lead, _TEXT_IS_WAITED_FOR)
    return any(
        earlier.channel is Channel.TEXT
        and (
            earlier.state in {AttemptState.RESERVED, AttemptState.UNKNOWN}
            or (earlier.state is AttemptState.PLANNED and earlier.due_at <= soon)
        )
        for earlier in attempts.of_turn(connection, call.turn_id)
    )
