"""START: the phone is open again, and each case that has it is told what still holds it.

START comes from a phone and names nobody. It lifts what a text had set at that phone, and no more:
a key pressed and a person at the firm are not overruled, a refusal that is certain to be another
case's person's stands for her, and whatever waits for somebody at the firm goes on waiting.
"""

from collections.abc import Collection

from bridge.domain.eligibility import OptOutScope, Scope
from bridge.domain.households import owner_of
from bridge.domain.notes import Remark, Say
from bridge.domain.phones import E164, ten_digits
from bridge.inbound.holding import what_to_do
from bridge.runtime import Runtime
from bridge.store import optouts, pauses, people
from bridge.store.contacts import Contact
from bridge.store.db import Connection
from bridge.store.pauses import Kept
from bridge.turning import remark

_OF_PHONE = frozenset({OptOutScope.NUMBER, OptOutScope.CHANNEL})


def reopen(
    runtime: Runtime, connection: Connection, contact: Contact, phone: E164, words: str
) -> None:
    """Open the phone, and tell its cases; where none is known, whichever has it."""
    sharing = people.sharing(connection, phone, runtime.settings.own_numbers)
    if contact.case_id is not None:
        sharing |= {contact.case_id}
    optouts.lift(connection, phone, owner_of(None, sharing), contact.sid, runtime.clock())
    cases: list[int | None] = [*sorted(sharing)]
    if not cases and ten_digits(phone) is not None:
        cases = [None]
    for case_id in cases:
        say, ends = _what_holds(runtime, connection, case_id, phone)
        about = Remark(say, contact.sid, phone, words=words, ends=ends)
        remark(runtime, connection, case_id, about)


def _what_holds(
    runtime: Runtime, connection: Connection, case_id: int | None, phone: E164
) -> tuple[Say, str]:
    """What the note of a case says, and what is to be done there."""
    who = people.person(connection, case_id, phone, runtime.settings.own_numbers)
    ended = [
        one
        for one in people.opted_out(connection, who, case_id)
        if one.scope not in _OF_PHONE or one.phone == phone
    ]
    scopes = {one.scope for one in ended}
    holds = _holds(runtime, connection, case_id, phone)
    asked = [kept for kept in holds if kept.source == pauses.BY_HOUSEHOLD]
    others = [kept for kept in holds if kept.source != pauses.BY_HOUSEHOLD]
    if OptOutScope.PERSON in scopes:
        by_text = any(one.source in optouts.BY_TEXTS for one in ended)
        return Say.STAYS_OPTED_OUT if by_text else Say.STILL_OPTED_OUT, ""
    if asked or OptOutScope.SOMEONE in scopes:
        asks = what_to_do(case_id) if asked and case_id is not None else ""
        return Say.STILL_HELD, f"{asks} {_how_to_resume(others)}".strip()
    if ended:
        return Say.STILL_OPTED_OUT, ""
    return (Say.STILL_SUSPENDED, _how_to_resume(others)) if others else (Say.WANTS_TEXTS, "")


def _holds(
    runtime: Runtime, connection: Connection, case_id: int | None, phone: E164
) -> list[Kept]:
    """The pauses of this case and of this phone."""
    either = {(Scope.CASE, str(case_id)), (Scope.NUMBER, phone)}
    return [
        kept
        for kept in pauses.standing(connection, runtime.clock())
        if (kept.pause.scope, kept.pause.what) in either
    ]


def _how_to_resume(holds: Collection[Kept]) -> str:
    """The commands that let go what is suspended, as a sentence; empty if nothing is."""
    named = sorted({(kept.pause.scope, kept.pause.what) for kept in holds})
    commands = ", ".join(f"bridge dial resume --{scope} {what}" for scope, what in named)
    return f"To go on: {commands}." if commands else ""
