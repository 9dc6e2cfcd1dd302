"""How a case's turn ends when no call's outcome ends it: back To Dial, or Do not Dial.

release_turn       To Dial again at a moment, no attempt counted
close_case         Do not Dial: the person wants it so
revert_late_claim  as it was, after a claim that came too late
release_orphan     In the Dialer though its turn has ended: To Dial again, or Do not Dial
reschedule_case    another date for a case that would hide others
revert_listing     In the Dialer by being asked for: as it was listed
queue_note         a note that isn't about how a call or a text ended
"""

from datetime import datetime

import structlog

from bridge.domain.backoff import whole_minute
from bridge.domain.case_updates import CaseInfo, CaseReport, DialerStatus
from bridge.domain.notes import EventNote
from bridge.domain.redaction import without_remote_words
from bridge.reporting.messages import Message, queue_message
from bridge.runtime import Runtime
from bridge.store.cases import cases, identity
from bridge.store.db import Connection
from bridge.store.dialing import turns
from bridge.store.dialing.turns import Turn, TurnState
from bridge.store.reporting import payloads
from bridge.store.reporting.deliveries import DeliveryKind

log = structlog.get_logger(__name__)


def release_turn(
    runtime: Runtime, connection: Connection, turn: Turn, next_call: datetime, why: str
) -> None:
    """End the turn and queue To Dial with this next call; nothing when it was over already."""
    now = runtime.clock()
    cases.lock(connection, turn.case_id)
    if not turns.end(connection, turn.id, why, now):
        return
    again = whole_minute(next_call)
    cases.set_own_moment(connection, turn.case_id, again, now)
    claim = _claim(connection, turn)
    report = CaseReport(disposition=None, next_call=again, attempts_made=0, claim=claim)
    _queue_status(runtime, connection, f"turn-{turn.id}", turn.case_id, report)
    reason, until = without_remote_words(why), next_call.isoformat()
    log.info("Case released", case=turn.case_id, reason=reason, until=until)


def close_case(runtime: Runtime, connection: Connection, case_id: int, sid: str, why: str) -> None:
    """Queue Do not Dial for a case, and end its turn if it is having one."""
    cases.set_own_moment(connection, case_id, None, runtime.clock())
    turn = turns.of_case(connection, case_id)
    if turn is not None:
        turns.end(connection, turn.id, why, runtime.clock())
    report = CaseReport(disposition=None, next_call=None, attempts_made=0)
    _queue_status(runtime, connection, sid, case_id, report)


def revert_late_claim(runtime: Runtime, connection: Connection, turn: Turn) -> None:
    """A claim was taken for a turn that was over by then: the case stands as it did before.

    Whatever the turn's end has written came before the claim, or will be written after this.
    """
    if turn.state is not TurnState.ENDED:
        return
    now = runtime.clock()
    cases.lock(connection, turn.case_id)
    case = cases.get(connection, turn.case_id)
    own_numbers = runtime.settings.own_numbers
    ends_all = identity.has_refused(connection, turn.case_id, None, own_numbers)
    wants = cases.own_moments(connection, turn.case_id)
    is_final = case is not None and case.status is DialerStatus.DO_NOT_DIAL
    soonest = now + runtime.settings.retry_failed
    known = case.next_call if case and case.status is DialerStatus.TO_DIAL else None
    latest = max(known or soonest, wants.not_before or soonest, soonest)
    later = None if is_final or ends_all or wants.closed_at else whole_minute(latest)
    report = CaseReport(disposition=None, next_call=later, attempts_made=0, claim=turn.claim_mark)
    _queue_status(runtime, connection, f"claim-{turn.id}", turn.case_id, report)
    log.warning("Claim reverted: it came after the turn's end", case=turn.case_id, turn=turn.id)


def release_orphan(runtime: Runtime, connection: Connection, turn: Turn) -> None:
    """A case still stands In the Dialer though its turn is over: as the bridge wants it to stand.

    Nothing is written where the claim that stands there is somebody else's.
    """
    now = runtime.clock()
    cases.lock(connection, turn.case_id)
    wants = cases.own_moments(connection, turn.case_id)
    soonest = now + runtime.settings.retry_failed
    later = None if wants.closed_at else whole_minute(max(wants.not_before or soonest, now))
    claim = _claim(connection, turn)
    report = CaseReport(disposition=None, next_call=later, attempts_made=0, claim=claim)
    _queue_status(runtime, connection, f"orphan-{turn.id}", turn.case_id, report)
    log.warning("Orphaned case released", case=turn.case_id, until=str(later))


def _claim(connection: Connection, turn: Turn) -> datetime | None:
    """The claim that is taken back; none to be looked for where claims leave the date as it was."""
    keeps_dates = cases.keeps_dates(connection, turn.case_id)
    return None if keeps_dates else turn.claim_mark


def reschedule_case(
    runtime: Runtime, connection: Connection, case_id: int, next_call: datetime, sid: str
) -> None:
    """Give a case that can't be taken up now another date, so that it hides no others."""
    later = whole_minute(next_call)
    cases.set_own_moment(connection, case_id, later, runtime.clock())
    report = CaseReport(disposition=None, next_call=later, attempts_made=0)
    _queue_status(runtime, connection, sid, case_id, report)


def revert_listing(runtime: Runtime, connection: Connection, case: CaseInfo) -> None:
    """A case that perhaps became In the Dialer by being asked for stands as it was listed."""
    cases.lock(connection, case.case_id)
    due = case.next_call or runtime.clock()
    report = CaseReport(disposition=None, next_call=due, attempts_made=0, as_listed=True)
    _queue_status(runtime, connection, f"listed-{case.case_id}", case.case_id, report)


def queue_note(
    runtime: Runtime, connection: Connection, case_id: int | None, about: EventNote
) -> None:
    """Queue a note for a case; without one, for all cases of the phone."""
    kind = DeliveryKind.PHONE_NOTE if case_id is None else DeliveryKind.NOTE
    payload = payloads.remark_payload(about)
    if case_id is not None:
        cases.lock(connection, case_id)  # ahead of its lane
    queue_message(runtime, connection, Message(kind, about.sid, case_id, payload, about.phone))


def _queue_status(
    runtime: Runtime, connection: Connection, sid: str, case_id: int, report: CaseReport
) -> None:
    payload = payloads.status_payload(report)
    queue_message(runtime, connection, Message(DeliveryKind.STATUS, sid, case_id, payload))
