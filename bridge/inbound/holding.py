"""Cases that may be the person's who refused: held until somebody at the firm knows.

    hold        nothing goes out for these cases until they are resumed
    hold_late   the same for a case that comes up after the refusal
    held_for    the cases that are held for a phone
    question    what is still to be asked about a phone

Decided by people, with what is there: whoever refused becomes Do not Dial in SmartAdvocate and
stays held here; the others are let go by `bridge dial resume --case`, once for each phone.
"""

from collections.abc import Collection

from bridge.domain.eligibility import OptOutScope, Pause, Scope
from bridge.domain.households import whose
from bridge.domain.notes import Remark, Say
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store import pauses, people
from bridge.store.db import Connection
from bridge.turning import remark

OF_NOBODY = (
    "it refuses, but shows no number: nobody is opted out. See who wrote it (`bridge callbacks "
    "show`), and set their case to Do not Dial"
)


def hold(
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
            connection, Pause(Scope.CASE, str(case_id), None, reason), pauses.BY_HOUSEHOLD, now
        )
    ]


def hold_late(runtime: Runtime, connection: Connection, case_id: int) -> None:
    """Hold a case that shares a phone with a refusal that came before it was known to."""
    who = people.person(connection, case_id, None, runtime.settings.own_numbers)
    for refusal in people.opted_out(connection, who, case_id):
        is_open = refusal.scope is OptOutScope.SOMEONE
        if is_open and hold(runtime, connection, [case_id], refusal.phone):
            note = Remark(
                Say.PERHAPS_OPTED_OUT, f"case-{case_id}", refusal.phone, ends=what_to_do(case_id)
            )
            remark(runtime, connection, case_id, note)


def held_for(runtime: Runtime, connection: Connection, phone: E164) -> set[int]:
    """The cases that are held for a refusal from this phone."""
    return pauses.held_for(connection, whose(phone), runtime.clock())


def question(runtime: Runtime, connection: Connection, phone: E164 | None) -> str | None:
    """What an operator is to be asked about a refusal from this phone; None if nothing is."""
    if phone is None:
        return None
    own_numbers = runtime.settings.own_numbers
    sharing = people.sharing(connection, phone, own_numbers)
    circle = people.circle(connection, sharing, phone, own_numbers)
    held = held_for(runtime, connection, phone)
    if circle.isdisjoint(held):
        return None
    named = ", ".join(str(case_id) for case_id in sorted(circle & held))
    return f"whose refusal was it? Held: {named}; see `bridge dial pauses`"


def what_to_do(case_id: int) -> str:
    """How a case comes off its hold, as sentences for its note."""
    return (
        "This case is on hold: ask whose refusal it was. If this client's, set the case to Do not "
        f"Dial; if not, release it (bridge dial resume --case {case_id})."
    )
