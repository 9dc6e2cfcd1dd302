"""A person who has talked with the firm isn't called again at once: planned contacts are canceled.

assess_talk       is this call a talk by now, and what does it mean for its case
release_contacts  cancel what is planned for the person; cases wait until the next business day

Runs in the transaction that processes the callback. What is under way goes on to its end.
"""

from dataclasses import replace

import structlog

from bridge.adapters.geography import holiday
from bridge.domain.case_updates import DialerStatus
from bridge.domain.events import Direction, Talk, Topic
from bridge.domain.hours import next_business_day
from bridge.domain.outcomes import CALLED_BACK, REACHED_US, Outcome
from bridge.domain.talks import AfterTalk, is_talk, of_call_in
from bridge.reporting.case_reports import outcome_of
from bridge.reporting.turn_endings import release_turn
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.callbacks.communications import Communication
from bridge.store.cases import cases, identity
from bridge.store.cases.identity import PersonIdentity
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, turns

_AS_TOLD: dict[str | None, Outcome] = {
    outcome.kind: outcome for outcome in (CALLED_BACK, REACHED_US)
}
_WHY = "the person has talked with the firm"

log = structlog.get_logger(__name__)


def assess_talk(
    runtime: Runtime, connection: Connection, communication: Communication
) -> tuple[Communication, Outcome | None]:
    """The call or text with the moment of its talk, if it is one.

    And what a talk by the person's own call means, which is decided once, when it becomes one;
    None for all others, which mean what their end says.
    """
    inbound = communication.direction is Direction.INBOUND
    if inbound and communication.talked_at is not None:
        return communication, _AS_TOLD.get(communication.reported_note)
    if not _is_talk(
        runtime, connection, communication, outcome_of(runtime, connection, communication)
    ):
        # Another app's call may turn out to have reached a machine.
        return replace(communication, talked_at=None), None
    moment = communication.talked_at or communication.progress.ended_at or runtime.clock()
    talked = replace(communication, talked_at=moment)
    return talked, _of_call_in(runtime, connection, talked) if inbound else None


def release_contacts(
    runtime: Runtime, connection: Connection, communication: Communication
) -> None:
    """Cancel what is planned for the person who has talked; each case's turn ends.

    The talk's own case was told already how it stands; the others are put back.
    """
    if communication.talked_at is None or not turns.is_any_under_way(connection):
        return
    settings, now = runtime.settings, runtime.clock()
    until = next_business_day(communication.talked_at, settings.firm_zone, holiday)
    own = {communication.case_id} if communication.reported_status is not None else set()
    who = _person(runtime, connection, communication)
    # A callback that came so late holds back no other case any more.
    concerned = sorted(case for case in who.cases if case in own or until > now)
    for planned in attempts.planned_for(connection, concerned):
        attempt_transitions.cancel(connection, planned.id, now, _WHY)
    for case_id in concerned:
        turn = turns.of_case(connection, case_id)
        if turn is None or attempts.is_being_called(connection, turn.id):
            continue
        if case_id in own:
            turns.end(connection, turn.id, _WHY, now)
        else:
            release_turn(runtime, connection, turn, until, _WHY)
    log.info("Planned contacts released after a talk", sid=communication.sid, cases=concerned)


def _is_talk(
    runtime: Runtime, connection: Connection, communication: Communication, outcome: Outcome | None
) -> bool:
    """Whether person and firm have talked.

    Of a call in that the bridge has put through, the end of that alone tells: the number's own
    callback counts the ringing as well, and may come first.
    """
    settings, told = runtime.settings, communication.progress
    if communication.phone is None or communication.phone in settings.own_numbers:
        return False
    if not is_talk(outcome, told.duration, settings.talk_from):
        return False
    if communication.direction is Direction.OUTBOUND or told.talk is Talk.BRIDGED:
        return True
    return not callbacks.exists(connection, communication.sid, Topic.CALL_IN)


def _of_call_in(runtime: Runtime, connection: Connection, communication: Communication) -> Outcome:
    who = _person(runtime, connection, communication)
    own = None if communication.case_id is None else _status(connection, communication.case_id)
    others = [_status(connection, case_id) for case_id in who.cases]
    return of_call_in(own, others, AfterTalk(runtime.settings.after_talk))


def _status(connection: Connection, case_id: int) -> DialerStatus | None:
    case = cases.get(connection, case_id)
    return None if case is None else case.status


def _person(
    runtime: Runtime, connection: Connection, communication: Communication
) -> PersonIdentity:
    own_numbers = runtime.settings.own_numbers
    return identity.identify(connection, communication.case_id, communication.phone, own_numbers)
