"""Somebody at the firm says whom staff meant when they set a case to Do not Dial.

stop_all    the person: this case and those that are held for it are opted out, by hand
only_that   that case alone: those that are held for it are released

Each is answered once, for all cases that are held for the same one. The caller commits, with the
line in the audit trail.
"""

from bridge.consent.by_hand import first_phone
from bridge.consent.shared_phone_answers import close_for_person
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.staff_stops import case_of
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import pauses
from bridge.store.dialing.pauses import HeldCase


def stop_all(runtime: Runtime, connection: Connection, pause_id: int, by: str) -> HeldCase:
    """It is meant for the person: no more contact about any of these cases. Returns the hold.

    Raises:
        LookupError: there is no such hold.
    """
    held, stopped = _held(connection, pause_id)
    if held.lifted_at is not None:
        return held
    alike = pauses.held_cases(connection, [held.reason])
    reason = f"Do not Dial of case {stopped} is meant for the person"
    for case_id in sorted({stopped, *(other.case_id for other in alike)}):
        phone = first_phone(connection, case_id)
        at = runtime.clock()
        close_for_person(runtime, connection, case_id, phone=phone, by=by, reason=reason, at=at)
    _lift(runtime, connection, alike, by, "Yes, stop all")
    return held


def only_that(runtime: Runtime, connection: Connection, pause_id: int, by: str) -> HeldCase:
    """It is meant for that case alone. Returns the hold as it was before.

    Raises:
        LookupError: there is no such hold.
    """
    held, stopped = _held(connection, pause_id)
    if held.lifted_at is not None:
        return held
    alike = pauses.held_cases(connection, [held.reason])
    cases.set_stopped(connection, stopped, None)
    _lift(runtime, connection, alike, by, "No, only that case")
    for other in alike:
        about = EventNote(
            NoteKind.NOT_THIS_CASE, f"hold-{other.pause_id}", None, ends=f"case {stopped}", by=by
        )
        queue_note(runtime, connection, other.case_id, about)
    return held


def _held(connection: Connection, pause_id: int) -> tuple[HeldCase, int]:
    callbacks.lock(connection)
    held = pauses.held_case(connection, pause_id)
    stopped = case_of(held.reason) if held else None
    if held is None or stopped is None:
        raise LookupError(pause_id)
    return held, stopped


def _lift(
    runtime: Runtime, connection: Connection, held: list[HeldCase], by: str, answer: str
) -> None:
    ids = [other.pause_id for other in held]
    pauses.lift_these(connection, ids, by=by, reason=answer, now=runtime.clock())
