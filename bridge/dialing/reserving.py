"""Road 2: what is planned and due is judged once more and reserved, in one transaction.

    reserve     the next text or call: pace, calls under way, hours, caps, refusals → a row says so
      _hindered     stale, read too long ago, or waiting for its text
      _deferred     later: by a little here, by much back in SmartAdvocate
      _not_allowed  not this number, or not this person any more
    postpone    what has missed its moment gets another

A case that must be read before (`confirming.py`) is named instead of reserved. `placing.py` places
what was reserved. One lock over all workers (store/pace.py) makes sure that no two transactions
count the same room twice (promise 7 in docs/explanation/never-twice.md).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bridge import circuit_breaker, eligibility
from bridge.circuit_breaker import SMARTADVOCATE, TWILIO
from bridge.dialing import canary, confirming
from bridge.dialing.planning import plan_next_number
from bridge.domain.case_updates import CaseInfo
from bridge.domain.eligibility import Decision, PauseScope, Permission, Rule
from bridge.domain.events import Channel
from bridge.domain.phones import E164, parse_phone
from bridge.eligibility import PlannedContact
from bridge.reporting.turn_endings import close_case, release_turn
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.dialing import attempt_transitions, attempts, decisions, pace, turns
from bridge.store.dialing.attempts import Attempt, AttemptState
from bridge.store.dialing.turns import Turn, TurnState

AHEAD = timedelta(milliseconds=250)
"""Calls are reserved so long before their moment, so that the pace is kept to the millisecond."""

ASK_AFTER = timedelta(seconds=60)
"""Twilio's list of calls is sure to show a call by then.

See docs/reference/twilio.md#placing-a-call.
"""

PUT_BACK_FROM = timedelta(minutes=30)
"""Deferred for longer than this, a case goes back to SmartAdvocate instead of waiting here."""

LONGEST_VALID = timedelta(hours=4)
"""What isn't delivered by then makes no sense any more."""

_REFRESH_AGAIN = timedelta(seconds=30)
_HEADROOM = 0.96
"""Of the allowed pace: requests that leave evenly don't arrive quite evenly."""

_LOOK_AGAIN = timedelta(seconds=1)
_POISON_RESTS = timedelta(minutes=5)
_TEXT_IS_WAITED_FOR = timedelta(minutes=1)
_COMMITTED_WITHIN = timedelta(milliseconds=60)
_TOO_LATE = timedelta(seconds=2)
"""What was judged so long ago is judged again before it is placed."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reserved:
    """A call or text that this worker, and no other, is to place."""

    attempt: Attempt
    at: datetime
    window_ends: datetime


@dataclass(frozen=True)
class ReserveResult:
    """What a look at the plans has found."""

    reserved: Reserved | None = None
    moved: bool = False
    """Something was moved out of the way: it is worth looking again at once."""
    to_refresh: Attempt | None = None
    """Its case is to be read first (`confirming.refresh`)."""


def reserve(runtime: Runtime) -> ReserveResult:
    """Take the next text or call that may be placed, if any.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    now = runtime.clock()
    with runtime.db.read() as connection:
        if not _is_worth_it(runtime, connection, now):
            return ReserveResult()
    found: Attempt | None = None
    try:
        with runtime.db.begin() as connection:
            next_call_at = _next_call_at(runtime, connection)
            if circuit_breaker.is_open(runtime, connection, TWILIO) or _is_all_paused(
                runtime, connection
            ):
                return ReserveResult()
            found, moment = attempts.due(connection, Channel.TEXT, now), now
            if found is None and _may_call(runtime, connection, next_call_at):
                found, moment = attempts.due(connection, Channel.CALL, now), next_call_at
            return ReserveResult() if found is None else _decide(runtime, connection, found, moment)
    except UNREACHABLE:
        raise
    except Exception:
        if found is None:
            raise
        # What breaks at one must not stand in the way of all others.
        with runtime.db.begin() as connection:
            _defer(connection, found, now + _POISON_RESTS)
        log.exception("A contact could not be judged", attempt=found.id, case=found.case_id)
        return ReserveResult(moved=True)


def _is_worth_it(runtime: Runtime, connection: Connection, now: datetime) -> bool:
    """Whether anything may be placed now, as far as can be seen without the lock that all want."""
    if attempts.is_due(connection, Channel.TEXT, now):
        return True
    return attempts.is_due(connection, Channel.CALL, now) and _may_call(
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


def next_moment(runtime: Runtime) -> datetime | None:
    """When it is worth looking again: the next plan's time, or the next place in the pace."""
    with runtime.db.read() as connection:
        due_at = attempts.next_due(connection, runtime.clock())
        if due_at is None:
            return None
        return max(due_at, pace.next_at(connection) - AHEAD)


def _is_all_paused(runtime: Runtime, connection: Connection) -> bool:
    canary.watch(runtime, connection)
    return any(
        one.scope is PauseScope.EVERYTHING for one in eligibility.active_pauses(runtime, connection)
    )


def _decide(
    runtime: Runtime, connection: Connection, attempt: Attempt, moment: datetime
) -> ReserveResult:
    """Judge a planned contact, in the transaction that reserves it."""
    case = cases.get(connection, attempt.case_id)
    if case is None:
        raise LookupError(f"case {attempt.case_id} has an attempt and isn't known")
    hindered = _preflight(runtime, connection, attempt, case)
    if hindered is not None:
        return hindered
    contact = PlannedContact(case, attempt.channel, attempt.phone, attempt.id, attempt.turn_id)
    verdict = eligibility.decide(runtime, connection, contact, stage=decisions.PLACED)
    if verdict.permission is Permission.DEFER:
        return _deferred(runtime, connection, attempt, verdict)
    if verdict.permission is Permission.REFUSE:
        return _not_allowed(runtime, connection, attempt, case, verdict)
    return _reserve(runtime, connection, attempt, moment, verdict)


def _preflight(
    runtime: Runtime, connection: Connection, attempt: Attempt, case: CaseInfo
) -> ReserveResult | None:
    """What stands in the way before anything is judged; None when nothing does."""
    now = runtime.clock()
    turn = turns.get(connection, attempt.turn_id)
    if turn.state is TurnState.ENDED:
        attempt_transitions.cancel(connection, attempt.id, now, "its turn is over")
        return ReserveResult(moved=True)
    unread = _unread(runtime, connection, attempt, turn)
    if unread is not None:
        return unread
    changed = confirming.changed_by_hand(case, now)
    if changed is not None:
        confirming.release_claim(runtime, connection, attempt, changed)
        return ReserveResult(moved=True)
    if attempt.phone not in _phones(case):
        return _next_number(runtime, connection, attempt, "the case has this number no longer")
    if attempt.channel is Channel.CALL and _waits_for_text(runtime, connection, attempt):
        return _defer(connection, attempt, now + _LOOK_AGAIN)
    return None


def _unread(
    runtime: Runtime, connection: Connection, attempt: Attempt, turn: Turn
) -> ReserveResult | None:
    """The case is to be read first, now or when its claim has settled; None when it was."""
    now = runtime.clock()
    readable_from = confirming.readable_from(turn, now)
    if turn.confirmed_at is None and now < readable_from:
        return _defer(connection, attempt, readable_from)
    if not confirming.is_to_be_read(turn, cases.read_at(connection, attempt.case_id), now):
        return None
    _defer(connection, attempt, now + _REFRESH_AGAIN)
    rests = circuit_breaker.is_open(runtime, connection, SMARTADVOCATE)
    return ReserveResult(moved=True, to_refresh=None if rests else attempt)


def _phones(case: CaseInfo) -> set[E164]:
    return {phone for one in case.phones if (phone := parse_phone(one.number))}


def _reserve(
    runtime: Runtime,
    connection: Connection,
    attempt: Attempt,
    moment: datetime,
    verdict: Decision,
) -> ReserveResult:
    """Reserve: from here on nobody else places it, and the pace has its place."""
    taken = replace(attempt, state=AttemptState.RESERVED, placed_at=moment, tries=attempt.tries + 1)
    if not attempt_transitions.reserve(
        connection,
        attempt.id,
        placed_at=moment,
        check_at=moment + ASK_AFTER,
        tries=taken.tries,
    ):
        return ReserveResult(moved=True)
    if attempt.channel is Channel.CALL:
        pace.set_next(connection, moment + _interval(runtime))
        _drop_texts(connection, attempt, moment)
    ends = verdict.window_ends or moment + LONGEST_VALID
    return ReserveResult(Reserved(taken, moment, ends))


def _drop_texts(connection: Connection, call: Attempt, now: datetime) -> None:
    """A text that announces the call makes no sense behind it."""
    for one in attempts.of_turn(connection, call.turn_id):
        if one.channel is Channel.TEXT:
            attempt_transitions.cancel(connection, one.id, now, "the call went first")


def postpone(runtime: Runtime, reserved: Reserved) -> Reserved | None:
    """Another moment for what has missed its own; None when it is not to be placed by us now.

    A worker that was stopped for a minute may find that Twilio was asked, and its contact given
    to another: that is placed by the other alone. What is late by more than a moment is planned
    again and judged anew: the person may have refused meanwhile, or the window have closed.
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
        one.channel is Channel.TEXT
        and (
            one.state is AttemptState.RESERVED
            or (one.state is AttemptState.PLANNED and one.due_at <= soon)
        )
        for one in attempts.of_turn(connection, call.turn_id)
    )


def _defer(connection: Connection, attempt: Attempt, due_at: datetime) -> ReserveResult:
    attempt_transitions.reschedule(connection, attempt.id, due_at)
    return ReserveResult(moved=True)


def _deferred(
    runtime: Runtime, connection: Connection, attempt: Attempt, verdict: Decision
) -> ReserveResult:
    now, until = runtime.clock(), verdict.until
    if until is not None and until - now < PUT_BACK_FROM:
        return _defer(connection, attempt, until)
    if attempt.channel is Channel.TEXT:
        # The call's own judgement decides what becomes of the turn.
        attempt_transitions.cancel(connection, attempt.id, now, verdict.why)
        return ReserveResult(moved=True)
    return _release_turn(runtime, connection, attempt, verdict.why, until)


def _release_turn(
    runtime: Runtime,
    connection: Connection,
    attempt: Attempt,
    why: str,
    until: datetime | None = None,
) -> ReserveResult:
    """End the turn, and have the case dialed later: then, or after DIAL_RETRY_FAILED."""
    now = runtime.clock()
    confirming.cancel_turn(connection, attempt, now, why)
    turn = turns.get(connection, attempt.turn_id)
    release_turn(runtime, connection, turn, until or now + runtime.settings.retry_failed, why)
    return ReserveResult(moved=True)


def _not_allowed(
    runtime: Runtime, connection: Connection, attempt: Attempt, case: CaseInfo, verdict: Decision
) -> ReserveResult:
    if attempt.channel is Channel.CALL and verdict.is_restricted_by(Rule.OPTED_OUT, Rule.ATTEMPTS):
        confirming.cancel_turn(connection, attempt, runtime.clock(), verdict.why)
        close_case(runtime, connection, case.case_id, f"turn-{attempt.turn_id}", verdict.why)
        return ReserveResult(moved=True)
    return _next_number(runtime, connection, attempt, verdict.why)


def _next_number(
    runtime: Runtime, connection: Connection, attempt: Attempt, why: str
) -> ReserveResult:
    """Not this number: a call goes to the case's next one, or the case back; a text to nobody."""
    now = runtime.clock()
    attempt_transitions.cancel(connection, attempt.id, now, why)
    if attempt.channel is Channel.CALL and not plan_next_number(runtime, connection, attempt):
        turn = turns.get(connection, attempt.turn_id)
        release_turn(runtime, connection, turn, now + runtime.settings.retry_failed, why)
    return ReserveResult(moved=True)
