"""A number at which the person of a case is not to be found: never called or texted for them again.

record_wrong_number    whoever noticed it: somebody who has read a text, a key, staff
lift_wrong_number      the number is right after all
settle_wrong_number    somebody has looked for a better one

It is wrong for a case, not for everybody: another person may have the number rightly. It is wrong,
too, for the cases that are certain to be the same person's because they share another phone with
it. What SmartAdvocate lists lifts nothing, and neither does START: the number was listed all along,
and a stranger's phone takes texts very well.

What was agreed to at the number ends in the same transaction, whoever had agreed: nobody knows
since when it is another person's, and who has it now must agree themselves.

The case is told, and To do asks for a better number until the case no longer has this one. The
caller commits, and wakes the workers.
"""

from dataclasses import dataclass, field

import structlog

from bridge.consent.consents import end_wrong
from bridge.consent.held_leads import decide_again_at
from bridge.domain.events import Channel
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.phones import E164
from bridge.domain.shared_phones import ties
from bridge.reporting.turn_endings import queue_note, release_turn
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.cases import identity
from bridge.store.consent import wrong_numbers
from bridge.store.consent.wrong_numbers import WrongNumber, WrongNumberWay
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, turns

WRONG = "it is a wrong number for this case"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SaidWrong:
    """A number that is wrong, for whom, and who says so."""

    phone: E164
    case_id: int | None
    """The case for which it is wrong; None: for every known case that has it."""
    way: WrongNumberWay
    by: str
    """Who at the firm has said so."""
    sid: str | None = None
    """The text or call in which it came out."""
    reason: str = field(default="", repr=False)


def record_wrong_number(runtime: Runtime, connection: Connection, said: SaidWrong) -> list[int]:
    """Record it; return the cases for which it is news."""
    callbacks.lock(connection)
    now = runtime.clock()
    new = [
        case_id
        for case_id in sorted(_cases(runtime, connection, said))
        if wrong_numbers.add(
            connection, case_id, said.phone, said.way, sid=said.sid, by=said.by, now=now
        )
    ]
    end_wrong(
        runtime, connection, said.phone, by=said.by, proof=said.reason.strip() or said.sid or ""
    )
    _cancel_planned(runtime, connection, new, said.phone)
    about = EventNote(
        NoteKind.NUMBER_WRONG,
        said.sid or f"wrong-{runtime.new_id()}",
        said.phone,
        words=said.reason,
        by=said.by,
    )
    for case_id in new:
        queue_note(runtime, connection, case_id, about)
    log.info("Wrong number recorded", way=said.way, cases=new)
    return new


def lift_wrong_number(
    runtime: Runtime, connection: Connection, wrong_id: int, by: str, reason: str
) -> WrongNumber | None:
    """The number is right after all; None: it wasn't recorded, or is lifted already."""
    callbacks.lock(connection)
    now = runtime.clock()
    lifted = wrong_numbers.lift(connection, wrong_id, by=by, reason=reason, now=now)
    if lifted is not None:
        sid = f"lifted-wrong-{wrong_id}"
        about = EventNote(NoteKind.NUMBER_LIFTED, sid, lifted.phone, words=reason, by=by)
        queue_note(runtime, connection, lifted.case_id, about)
        decide_again_at(connection, set(), now, {lifted.case_id})
    return lifted


def settle_wrong_number(runtime: Runtime, connection: Connection, wrong_id: int, by: str) -> bool:
    """Somebody has looked for a better number; False: that was settled already."""
    return wrong_numbers.settle(connection, wrong_id, by=by, now=runtime.clock())


def _cases(runtime: Runtime, connection: Connection, said: SaidWrong) -> frozenset[int]:
    """The cases for which the number is wrong."""
    own = runtime.settings.own_numbers
    sharing = identity.sharing(connection, said.phone, own)
    if said.case_id is None:
        return sharing
    others = identity.phones_of(connection, said.case_id) - {said.phone}
    tied = (identity.sharing(connection, other, own) for other in others)
    same = frozenset(case_id for cases in tied if ties(cases) for case_id in cases)
    return (same & sharing) | {said.case_id}


def _cancel_planned(
    runtime: Runtime, connection: Connection, case_ids: list[int], phone: E164
) -> None:
    """Cancel what is planned to this number; the case goes on with its next one."""
    now = runtime.clock()
    planned = [
        attempt for attempt in attempts.planned_for(connection, case_ids) if attempt.phone == phone
    ]
    for attempt in planned:
        attempt_transitions.cancel(connection, attempt.id, now, WRONG)
    for turn_id in sorted({one.turn_id for one in planned if one.channel is Channel.CALL}):
        release_turn(runtime, connection, turns.get(connection, turn_id), now, WRONG)
