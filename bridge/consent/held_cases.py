"""Cases that may be the person's who opted out: held until somebody at the firm knows.

hold_cases      nothing goes out for these cases until they are released
hold_new_case   the same for a case that comes up after the opt-out
held_for        the cases that are held for a phone
open_question   what an operator is still to be asked about a phone
asked_about     the cases that are held for that; whose_is_asked says so

People decide: whoever opted out becomes Do not Dial in SmartAdvocate and stays held here; the
others are released by `bridge dial resume --case`, once for each phone.
"""

from collections.abc import Collection, Sequence

from bridge.domain.contact_facts import OptOutScope, Pause, PauseScope
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.phones import E164
from bridge.domain.shared_phones import whose
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.cases import identity
from bridge.store.db import Connection
from bridge.store.dialing import pauses

OF_NOBODY = (
    "an opt-out without a number: nobody is opted out. See who wrote it (`bridge callbacks show`), "
    "and set their case to Do not Dial"
)


def hold_cases(
    runtime: Runtime, connection: Connection, case_ids: Collection[int], phone: E164
) -> list[int]:
    """Hold back all that goes to the persons of these cases.

    Return those that weren't held for this phone yet.
    """
    reason, now = whose(phone), runtime.clock()
    return [
        case_id
        for case_id in sorted(case_ids)
        if pauses.add(
            connection,
            Pause(PauseScope.CASE, str(case_id), None, reason),
            pauses.BY_SHARED_NUMBER,
            now,
        )
    ]


def hold_new_case(runtime: Runtime, connection: Connection, case_id: int) -> None:
    """Hold a case that turns out to share a phone from which somebody opted out before."""
    who = identity.identify(connection, case_id, None, runtime.settings.own_numbers)
    for opt_out in identity.opted_out(connection, who, case_id):
        is_open = opt_out.scope is OptOutScope.SHARED_NUMBER
        if is_open and hold_cases(runtime, connection, [case_id], opt_out.phone):
            note = EventNote(
                NoteKind.PERHAPS_OPTED_OUT,
                f"case-{case_id}",
                opt_out.phone,
                ends=instructions(case_id),
            )
            queue_note(runtime, connection, case_id, note)


def held_for(runtime: Runtime, connection: Connection, phone: E164) -> set[int]:
    """The cases that are held for an opt-out from this phone."""
    return pauses.held_for(connection, whose(phone), runtime.clock())


def open_question(runtime: Runtime, connection: Connection, phone: E164 | None) -> str | None:
    """What an operator must decide about an opt-out from this phone; None if nothing."""
    held = [] if phone is None else asked_about(runtime, connection, phone)
    if not held:
        return None
    named = ", ".join(map(str, held))
    return f"whose refusal was it? Held: {named}; see `bridge dial pauses`"


def asked_about(runtime: Runtime, connection: Connection, phone: E164) -> list[int]:
    """The cases that are held until somebody has said whose opt-out one from this phone was."""
    own_numbers = runtime.settings.own_numbers
    sharing = identity.sharing(connection, phone, own_numbers)
    circle = identity.circle(connection, sharing, phone, own_numbers)
    return sorted(circle & held_for(runtime, connection, phone))


def whose_is_asked(cases: Sequence[int]) -> str:
    """What is said to whoever has recorded such an opt-out; empty where no case is held."""
    if not cases:
        return ""
    named = ", ".join(map(str, cases))
    return f"Whose it is isn't certain: cases {named} are held, and To do asks."


REMAINS_HELD = "The case remains on hold until it is known who opted out."
"""What a note says of a case that was on hold before somebody opted out again."""


def instructions(case_id: int) -> str:
    """How a case comes off its hold, as sentences for its note."""
    return (
        "This case is on hold. Ask who opted out: if this client, set the case to Do not Dial; if "
        f"not, release it (bridge dial resume --case {case_id})."
    )
