"""START: a phone opts in again, and each case that has it is told what still holds it.

START comes from a phone and names nobody. It lifts what a text had set at that phone, and no more:
a key pressed and a person at the firm are not overruled, an opt-out that is certain to be another
case's person's remains, and whatever waits for somebody at the firm goes on waiting. What had been
agreed to before a STOP stays ended: START is kept as consent to texts at that phone.
"""

from collections.abc import Collection

from bridge.consent.consents import keep_opt_in
from bridge.consent.held_cases import instructions
from bridge.domain.contact_facts import OptOutScope, PauseScope
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.phones import E164, ten_digits
from bridge.domain.shared_phones import owner_of
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.callbacks.communications import Communication
from bridge.store.cases import identity
from bridge.store.consent import opt_outs
from bridge.store.db import Connection
from bridge.store.dialing import pauses
from bridge.store.dialing.pauses import StoredPause

_OF_PHONE = frozenset({OptOutScope.NUMBER, OptOutScope.CHANNEL})


def record_opt_in(
    runtime: Runtime, connection: Connection, communication: Communication, phone: E164, words: str
) -> None:
    """Opt the phone in, and note it on its cases; where none is known, on whichever has it."""
    sharing = identity.sharing(connection, phone, runtime.settings.own_numbers)
    if communication.case_id is not None:
        sharing |= {communication.case_id}
    sid, now = communication.sid, runtime.clock()
    if opt_outs.lift(connection, phone, owner_of(None, sharing), sid, now):
        keep_opt_in(connection, phone, sid, words, now)
    cases: list[int | None] = [*sorted(sharing)]
    if not cases and ten_digits(phone) is not None:
        cases = [None]
    for case_id in cases:
        say, ends = _what_holds(runtime, connection, case_id, phone)
        about = EventNote(say, communication.sid, phone, words=words, ends=ends)
        queue_note(runtime, connection, case_id, about)


def _what_holds(
    runtime: Runtime, connection: Connection, case_id: int | None, phone: E164
) -> tuple[NoteKind, str]:
    """What the note of a case is about, and what it says is to be done."""
    who = identity.identify(connection, case_id, phone, runtime.settings.own_numbers)
    remaining = [
        opt_out
        for opt_out in identity.opted_out(connection, who, case_id)
        if opt_out.scope not in _OF_PHONE or opt_out.phone == phone
    ]
    scopes = {opt_out.scope for opt_out in remaining}
    holds = _holds(runtime, connection, case_id, phone)
    asked = [kept for kept in holds if kept.source == pauses.BY_SHARED_NUMBER]
    others = [kept for kept in holds if kept.source != pauses.BY_SHARED_NUMBER]
    if OptOutScope.PERSON in scopes:
        by_text = any(opt_out.source in opt_outs.BY_TEXTS for opt_out in remaining)
        return NoteKind.STAYS_OPTED_OUT if by_text else NoteKind.STILL_OPTED_OUT, ""
    if asked or OptOutScope.SHARED_NUMBER in scopes:
        asks = instructions(case_id) if asked and case_id is not None else ""
        return NoteKind.STILL_HELD, f"{asks} {_how_to_resume(others)}".strip()
    if remaining:
        return NoteKind.STILL_OPTED_OUT, ""
    return (
        (NoteKind.STILL_SUSPENDED, _how_to_resume(others)) if others else (NoteKind.WANTS_TEXTS, "")
    )


def _holds(
    runtime: Runtime, connection: Connection, case_id: int | None, phone: E164
) -> list[StoredPause]:
    """The pauses of this case and of this phone."""
    either = {(PauseScope.CASE, str(case_id)), (PauseScope.NUMBER, phone)}
    return [
        kept
        for kept in pauses.active(connection, runtime.clock())
        if (kept.pause.scope, kept.pause.what) in either
    ]


def _how_to_resume(holds: Collection[StoredPause]) -> str:
    """The commands that lift these pauses, as a sentence; empty without any."""
    named = sorted({(kept.pause.scope, kept.pause.what) for kept in holds})
    commands = ", ".join(f"bridge dial resume --{scope} {what}" for scope, what in named)
    return f"To resume: {commands}." if commands else ""
