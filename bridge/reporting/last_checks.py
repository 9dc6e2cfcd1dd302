"""A call of ours is under way: may it still go on to its person?

may_dial    somebody at the firm has taken it: may the person be dialed? If not, the attempt is
            taken back, its turn ends, and the case is told
was_dialed  the person has been dialed: nothing is decided any more
may_greet   the person has picked up: may they be spoken to? If not, what the end of the call means
            says so (`case_reports.outcome_of`)
may_leave   a machine has picked up: may it be left a message?

A phone rings for up to a minute, and a person may opt out meanwhile. Twilio waits for the answer:
facts are read first, and one short transaction keeps what was decided.
"""

from collections.abc import Callable
from datetime import datetime

import structlog

from bridge import agents, eligibility
from bridge.background import PlannedContact
from bridge.domain.agents import HANGING_UP
from bridge.domain.calls_under_way import (
    CallUnderWay,
    decide_at_answer,
    decide_before_dial,
    decide_before_message,
)
from bridge.domain.case_updates import CaseInfo
from bridge.domain.decisions import Decision, Permission, Rule
from bridge.domain.eligibility import Policy
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.redaction import without_remote_words
from bridge.eligibility import OnLine
from bridge.reporting.turn_endings import close_case, queue_note, release_turn
from bridge.runtime import Runtime
from bridge.store.callbacks import communications
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, decisions, turns
from bridge.store.dialing.attempts import Attempt, AttemptState
from bridge.store.dialing.turns import TurnState

_Decide = Callable[[CallUnderWay, Policy, datetime], Decision]

log = structlog.get_logger(__name__)


def may_dial(runtime: Runtime, attempt: Attempt) -> Decision:
    """Decide before the person is dialed for somebody at the firm; what isn't allowed is stopped.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    decided = _decide(runtime, attempt, decide_before_dial)
    is_allowed = decided.decision.permission is Permission.ALLOW
    with runtime.db.begin() as connection:
        _record(runtime, connection, attempt, decided, decisions.ON_LINE)
        if not is_allowed:
            _stop(runtime, connection, attempt, decided.decision)
    if not is_allowed:
        runtime.notifier.notify()
    return decided.decision


def was_dialed(runtime: Runtime, attempt: Attempt) -> bool:
    """Whether the person of a call that somebody at the firm took has been dialed already.

    Asked again by then, Twilio has had its answer: nobody hears another, nothing is decided anew,
    and what the call has come to stands.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    if attempt.state is AttemptState.ENDED:
        return True
    with runtime.db.read() as connection:
        return communications.of_attempt(connection, attempt.id, attempt.phone) is not None


def may_greet(runtime: Runtime, attempt: Attempt) -> bool:
    """Decide whether a person who has picked up may be spoken to. Once stopped, it stays so.

    Asked again after the end of the call, nobody hears the answer, and nothing is decided.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    if attempt.state is AttemptState.ENDED:
        return False
    with runtime.db.read() as connection:
        if decisions.stopped_because(connection, attempt.case_id, attempt.id) is not None:
            return False
    return _may_be_heard(runtime, attempt, decisions.ON_LINE, decide_at_answer)


def may_leave(runtime: Runtime, attempt: Attempt) -> bool:
    """Decide whether a machine that has picked up may be left a message.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    return _may_be_heard(runtime, attempt, decisions.MESSAGE, decide_before_message)


def _may_be_heard(runtime: Runtime, attempt: Attempt, stage: str, by: _Decide) -> bool:
    decided = _decide(runtime, attempt, by)
    with runtime.db.begin() as connection:
        _record(runtime, connection, attempt, decided, stage)
    is_allowed = decided.decision.permission is Permission.ALLOW
    if not is_allowed:
        log.info("Answered, and ended without a word", case=attempt.case_id, attempt=attempt.id)
    return is_allowed


def _decide(runtime: Runtime, attempt: Attempt, by: _Decide) -> OnLine:
    with runtime.db.read() as connection:
        # A case is known before it has an attempt; if it were not, its opt-outs would count.
        case = cases.get(connection, attempt.case_id) or CaseInfo(attempt.case_id, None, 0, None)
        contact = PlannedContact(case, attempt.channel, attempt.phone, attempt.id, attempt.turn_id)
        return eligibility.decide_on_line(runtime, connection, contact, by)


def _record(
    runtime: Runtime, connection: Connection, attempt: Attempt, decided: OnLine, stage: str
) -> None:
    decisions.record(
        connection,
        decided.facts,
        decided.decision,
        runtime.clock(),
        stage=stage,
        attempt_id=attempt.id,
    )


def _stop(runtime: Runtime, connection: Connection, attempt: Attempt, decision: Decision) -> None:
    """The person was not dialed: no attempt counts, and the case says why. Twice changes nothing.

    Whoever has opted out is Do not Dial by then, and so is whoever staff have set so.
    """
    now, why = runtime.clock(), decision.why
    # In the order in which callbacks are processed: cases before attempts.
    cases.lock(connection, attempt.case_id)
    if not attempt_transitions.take_back(connection, attempt.id, now, why):
        return
    if attempt.agent is not None:
        agents.wrap_up(runtime, connection, attempt.agent, HANGING_UP)
    turn = turns.get(connection, attempt.turn_id)
    if turn.state is not TurnState.ENDED:
        if decision.is_restricted_by(Rule.OPTED_OUT, Rule.ATTEMPTS):
            close_case(runtime, connection, attempt.case_id, f"turn-{turn.id}", why)
        elif decision.is_restricted_by(Rule.DO_NOT_DIAL):
            turns.end(connection, turn.id, why, now)
        else:
            later = decision.until or now + runtime.settings.retry_failed
            release_turn(runtime, connection, turn, later, why)
    about = EventNote(NoteKind.NOT_DIALED, f"AT{attempt.id}", attempt.phone, ends=why)
    queue_note(runtime, connection, attempt.case_id, about)
    reason = without_remote_words(why)
    log.info("Stopped before it was dialed", case=attempt.case_id, reason=reason)
