"""Who has talked with the firm isn't chased: what is planned for the person is taken back.

    weigh      is this call a talk by now, and what does it mean for its case
    release    cancel what is planned for the person; cases wait until the next business day

Runs in the transaction that takes the callback in. What is under way already goes on to its end.
"""

from dataclasses import replace

import structlog

from bridge.adapters.geography import holiday
from bridge.domain.events import Direction, Talk, Topic
from bridge.domain.hours import next_business_day
from bridge.domain.outcomes import CALLED_BACK, REACHED_US, Outcome
from bridge.domain.talks import AfterTalk, is_talk, of_call_in
from bridge.domain.updates import DialerStatus
from bridge.inbound.telling import outcome_of
from bridge.runtime import Runtime
from bridge.store import attempts, callbacks, cases, people, turns
from bridge.store.attempts import State
from bridge.store.contacts import Contact
from bridge.store.db import Connection
from bridge.store.people import Person
from bridge.turning import put_back

_AS_TOLD: dict[str | None, Outcome] = {one.kind: one for one in (CALLED_BACK, REACHED_US)}
_WHY = "the person has talked with the firm"

log = structlog.get_logger(__name__)


def weigh(
    runtime: Runtime, connection: Connection, contact: Contact
) -> tuple[Contact, Outcome | None]:
    """The call or text with the moment of its talk, if it is one.

    And what a talk by the person's own call means, which is decided once, when it becomes one;
    None for all others, which mean what their end says.
    """
    inbound = contact.direction is Direction.INBOUND
    if inbound and contact.talked_at is not None:
        return contact, _AS_TOLD.get(contact.told_note)
    if not _is_talk(runtime, connection, contact, outcome_of(runtime, connection, contact)):
        # Another app's call may turn out to have reached a machine.
        return replace(contact, talked_at=None), None
    moment = contact.talked_at or contact.progress.ended_at or runtime.clock()
    talked = replace(contact, talked_at=moment)
    return talked, _of_call_in(runtime, connection, talked) if inbound else None


def release(runtime: Runtime, connection: Connection, contact: Contact) -> None:
    """Cancel what is planned for the person who has talked; each case's turn ends.

    The talk's own case was told already how it stands; the others are put back.
    """
    if contact.talked_at is None:
        return
    settings, now = runtime.settings, runtime.clock()
    until = next_business_day(contact.talked_at, settings.smartadvocate_zone, holiday)
    own = {contact.case_id} if contact.told_status is not None else set()
    who = _person(runtime, connection, contact)
    # A callback that came so late holds back no other case any more.
    concerned = sorted(case for case in who.cases if case in own or until > now)
    for planned in attempts.planned_for(connection, concerned):
        attempts.change(
            connection, planned.id, was=(State.PLANNED,), state=State.CANCELED, ended_at=now,
            reason=_WHY,
        )  # fmt: skip
    for case_id in concerned:
        turn = turns.of_case(connection, case_id)
        if turn is None or attempts.is_being_called(connection, turn.id):
            continue
        if case_id in own:
            turns.close(connection, turn.id, _WHY, now)
        else:
            put_back(runtime, connection, turn, until, _WHY)
    log.info("A person has talked with the firm", sid=contact.sid, cases=concerned)


def _is_talk(
    runtime: Runtime, connection: Connection, contact: Contact, outcome: Outcome | None
) -> bool:
    """Whether person and firm have talked.

    Of a call in that the bridge has put through, the end of that alone tells: the number's own
    callback counts the ringing as well, and may come first.
    """
    settings, told = runtime.settings, contact.progress
    if contact.phone is None or contact.phone in settings.own_numbers:
        return False
    if not is_talk(outcome, told.duration, settings.talk_from):
        return False
    if contact.direction is Direction.OUTBOUND or told.talk is Talk.BRIDGED:
        return True
    return not callbacks.came(connection, contact.sid, Topic.CALL_IN)


def _of_call_in(runtime: Runtime, connection: Connection, contact: Contact) -> Outcome:
    who = _person(runtime, connection, contact)
    own = None if contact.case_id is None else _status(connection, contact.case_id)
    others = [_status(connection, case_id) for case_id in who.cases]
    return of_call_in(own, others, AfterTalk(runtime.settings.after_talk))


def _status(connection: Connection, case_id: int) -> DialerStatus | None:
    case = cases.get(connection, case_id)
    return None if case is None else case.status


def _person(runtime: Runtime, connection: Connection, contact: Contact) -> Person:
    own_numbers = runtime.settings.own_numbers
    return people.person(connection, contact.case_id, contact.phone, own_numbers)
