"""Staff have set a case to Do not Dial: the same person's other cases are held until it is asked.

save        what was read of a case is stored; others are held if staff have stopped it, or it is if
            they have stopped one of them before it came up
hold_new    the latter, of a case that was stored for the first time
unread      a case's siblings that may have been stopped since they were last read

SmartAdvocate lists only what is due, so nobody tells the bridge of such a change: whoever is about
to be called has their other cases read again (`dialing/confirming.py`). The answers are
`consent/staff_stop_answers.py`.
"""

from datetime import datetime

import structlog

from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.staff_stops import is_by_staff, is_meant_for
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.cases import cases, identity, reading
from bridge.store.cases.reading import KnownCase
from bridge.store.db import Connection
from bridge.store.dialing import pauses

log = structlog.get_logger(__name__)


def save(runtime: Runtime, connection: Connection, shown: CaseInfo) -> None:
    """Store what SmartAdvocate shows of a case, and hold whom a stop by staff may be meant for."""
    known = reading.known_of(connection, shown.case_id)
    if known is not None:
        _notice(runtime, connection, known, shown)
    reading.save(connection, shown, known, runtime.clock())
    if known is None or not known.is_read:
        hold_new(runtime, connection, shown.case_id)


def hold_new(runtime: Runtime, connection: Connection, case_id: int) -> None:
    """Hold a case that comes up after staff have stopped another one of the person's."""
    own_numbers = runtime.settings.own_numbers
    who = identity.identify(connection, case_id, None, own_numbers)
    for stopped in cases.stopped(connection, who.cases - {case_id}):
        if _is_dialed(runtime, connection, case_id):
            _hold(runtime, connection, case_id, stopped)
            log.info("Held: staff had stopped another case", stopped=stopped, held=[case_id])


def _notice(runtime: Runtime, connection: Connection, known: KnownCase, shown: CaseInfo) -> None:
    """Hold the person's other cases if staff have set this one to Do not Dial since it was read."""
    before = known.shown
    if before is None or not is_by_staff(before.status, shown.status, known.own.closed_at):
        return
    own_numbers = runtime.settings.own_numbers
    if _is_asked(runtime, connection, shown.case_id) or identity.has_refused(
        connection, shown.case_id, None, own_numbers
    ):
        return
    cases.set_stopped(connection, shown.case_id, runtime.clock())
    who = identity.identify(connection, shown.case_id, None, own_numbers)
    held = [
        case_id
        for case_id in sorted(who.cases - {shown.case_id})
        if _is_dialed(runtime, connection, case_id)
        and _hold(runtime, connection, case_id, shown.case_id)
    ]
    if held:
        log.info("Held: staff have stopped another case", stopped=shown.case_id, held=held)


def unread(
    runtime: Runtime, connection: Connection, case_id: int, read_before: datetime
) -> list[int]:
    """The person's other cases that are dialed, as far as is known, and were last read before."""
    who = identity.identify(connection, case_id, None, runtime.settings.own_numbers)
    return [
        other
        for other in sorted(who.cases - {case_id})
        if cases.read_at(connection, other) < read_before and _is_dialed(runtime, connection, other)
    ]


def _is_asked(runtime: Runtime, connection: Connection, case_id: int) -> bool:
    """Whether a case is held until it is known who opted out: Do not Dial is the answer then."""
    return any(
        kept.source == pauses.BY_SHARED_NUMBER and kept.pause.what == str(case_id)
        for kept in pauses.active(connection, runtime.clock(), PauseScope.CASE)
    )


def _is_dialed(runtime: Runtime, connection: Connection, case_id: int) -> bool:
    """Whether a case was neither stopped nor closed when it was last read."""
    case = cases.get(connection, case_id)
    if case is None or case.status in {None, DialerStatus.DO_NOT_DIAL}:
        return False
    if cases.own_moments(connection, case_id).closed_at is not None:
        return False
    return not identity.has_refused(connection, case_id, None, runtime.settings.own_numbers)


def _hold(runtime: Runtime, connection: Connection, case_id: int, stopped: int) -> bool:
    """Hold a case, and note why; False where it was held for this already."""
    pause = Pause(PauseScope.CASE, str(case_id), None, is_meant_for(stopped))
    if not pauses.add(connection, pause, pauses.BY_SHARED_NUMBER, runtime.clock()):
        return False
    about = EventNote(NoteKind.PERHAPS_STOPPED, f"stopped-{stopped}", None, ends=f"case {stopped}")
    queue_note(runtime, connection, case_id, about)
    return True
