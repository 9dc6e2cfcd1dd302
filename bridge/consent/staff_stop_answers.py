"""Somebody at the firm says whom staff meant when they set a case to Do not Dial.

stop_all    the person: this case and those that are held for it are opted out, by hand
only_that   that case alone: those that are held for it are released

Each is answered once, for all cases that are held for the same one. The caller commits, with the
line in the audit trail.
"""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Asked:
    """The question that a hold is part of."""

    held: HeldCase
    stopped: int
    """The case on which staff have set Do not Dial."""
    alike: list[HeldCase]
    """All that are held for the same question; empty where it is answered for this hold."""


def stop_all(runtime: Runtime, connection: Connection, pause_id: int, by: str) -> HeldCase:
    """It is meant for the person: no more contact about any of these cases.

    Returns the hold as it was before.

    Raises:
        LookupError: there is no such hold.
    """
    asked = _asked(connection, pause_id)
    if asked.alike:
        reason = f"Do not Dial of case {asked.stopped} is meant for the person"
        for case_id in sorted({asked.stopped, *(other.case_id for other in asked.alike)}):
            phone = first_phone(connection, case_id)
            at = runtime.clock()
            close_for_person(runtime, connection, case_id, phone=phone, by=by, reason=reason, at=at)
        _lift(runtime, connection, asked.alike, by, "Yes, stop all")
    return asked.held


def only_that(runtime: Runtime, connection: Connection, pause_id: int, by: str) -> HeldCase:
    """It is meant for that case alone. Returns the hold as it was before.

    Raises:
        LookupError: there is no such hold.
    """
    asked = _asked(connection, pause_id)
    if asked.alike:
        cases.set_stopped(connection, asked.stopped, None)
        _lift(runtime, connection, asked.alike, by, "No, only that case")
    for other in asked.alike:
        about = EventNote(
            NoteKind.NOT_THIS_CASE,
            f"hold-{other.pause_id}",
            None,
            ends=f"case {asked.stopped}",
            by=by,
        )
        queue_note(runtime, connection, other.case_id, about)
    return asked.held


def _asked(connection: Connection, pause_id: int) -> _Asked:
    callbacks.lock(connection)
    held = pauses.held_case(connection, pause_id)
    stopped = case_of(held.reason) if held else None
    if held is None or stopped is None:
        raise LookupError(pause_id)
    is_answered = held.lifted_at is not None
    alike = [] if is_answered else pauses.held_cases(connection, [held.reason])
    return _Asked(held, stopped, alike)


def _lift(
    runtime: Runtime, connection: Connection, held: list[HeldCase], by: str, answer: str
) -> None:
    ids = [other.pause_id for other in held]
    pauses.lift_these(connection, ids, by=by, reason=answer, now=runtime.clock())
