"""Somebody at the firm records that a person or a number must not be contacted, or lifts that.

opt_out_by_hand  a case's person on all phones and channels, whoever has a number, or that alone
lift_by_hand     an opt-out, whatever way it came, is over
first_phone      the phone with which the opt-out of a case is stored

START by text lifts none of these: who recorded it knows more than a phone says. Each is noted on
the case with who did it and why. The caller commits, and wakes the workers.
"""

from dataclasses import dataclass, field, replace

from bridge.consent.opt_outs import OptOutRequest, end_agreed, record_opt_out
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.phones import E164, parse_phone
from bridge.domain.shared_phones import whose
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.cases import cases, identity
from bridge.store.consent import opt_outs
from bridge.store.consent.opt_outs import OptOutWay, StoredOptOut
from bridge.store.db import Connection
from bridge.store.dialing import pauses

ANOTHER = "Another opt-out of this person is in effect: nobody is called until that is lifted, too."
TO_DIAL = "The dialer status is unchanged: set it to To Dial if calls should resume."
_NO_PHONE = E164("")


@dataclass(frozen=True)
class HandOptOut:
    """What somebody at the firm records: a case's person, or whoever has a number, or both."""

    case_id: int | None
    phone: E164 | None
    by: str
    """Their name."""
    reason: str = field(repr=False)
    way: OptOutWay = OptOutWay.STAFF
    number_scope: OptOutScope = OptOutScope.NUMBER
    """What it ends where only a number is named; with a case, that is the person."""

    @property
    def scope(self) -> OptOutScope:
        """What it ends."""
        return self.number_scope if self.case_id is None else OptOutScope.PERSON


def opt_out_by_hand(runtime: Runtime, connection: Connection, wanted: HandOptOut) -> bool:
    """Record it; False: it was so already.

    Raises:
        ValueError: neither a case nor a number is named.
    """
    case_id, phone = wanted.case_id, wanted.phone
    if case_id is None and phone is None:
        raise ValueError("an opt-out needs a case or a number")
    # Callbacks of the same person wait until this is stored.
    callbacks.lock(connection)
    at = phone or first_phone(connection, case_id)
    request = OptOutRequest(
        at,
        Channel.CALL,
        wanted.scope,
        opt_outs.OF_WAY[wanted.way],
        f"hand-{runtime.new_id()}",
        case_id,
        wanted.reason,
        wanted.by,
    )
    if _is_recorded(connection, case_id, at, wanted.scope):
        end_agreed(runtime, connection, request)
        return False
    record_opt_out(runtime, connection, request)
    return True


def _is_recorded(
    connection: Connection, case_id: int | None, phone: E164, scope: OptOutScope
) -> bool:
    if case_id is not None:
        return opt_outs.by_hand(connection, case_id) is not None
    return opt_outs.is_recorded_by_hand(connection, phone, scope)


def lift_by_hand(
    runtime: Runtime, connection: Connection, *, opt_out_id: int, by: str, reason: str
) -> StoredOptOut | None:
    """Lift an opt-out; return it, or None when it wasn't in effect any more.

    What SmartAdvocate shows stays: whoever set Do not Dial there, or let the bridge set it, may set
    To Dial again. Cases that were held until it was known whose opt-out it was are released.
    """
    callbacks.lock(connection)
    now = runtime.clock()
    lifted = opt_outs.lift_one(connection, opt_out_id, by=by, reason=reason, now=now)
    if lifted is None:
        return None
    if not opt_outs.is_asked_at(connection, lifted.phone):
        _close_question(runtime, connection, lifted.phone, by, reason)
    about = EventNote(
        NoteKind.LIFTED_BY_HAND,
        f"lifted-{opt_out_id}",
        lifted.phone or None,
        words=reason,
        by=by,
    )
    for case_id in _concerned(runtime, connection, lifted):
        ends = ANOTHER if has_refused(runtime, connection, case_id) else TO_DIAL
        queue_note(runtime, connection, case_id, replace(about, ends=ends))
    return lifted


def has_refused(runtime: Runtime, connection: Connection, case_id: int) -> bool:
    """Whether the person of this case has opted out, in whatever way, and that is in effect."""
    return identity.has_refused(connection, case_id, None, runtime.settings.own_numbers)


def first_phone(connection: Connection, case_id: int | None) -> E164:
    """The first phone of a case, as SmartAdvocate lists them; empty if none is known."""
    case = None if case_id is None else cases.get(connection, case_id)
    listed = case.phones if case else ()
    known = (parse_phone(phone.number) for phone in listed)
    return next((phone for phone in known if phone), _NO_PHONE)


def _close_question(
    runtime: Runtime, connection: Connection, phone: E164, by: str, reason: str
) -> None:
    """Nobody has opted out at this phone any more: whose opt-out it was is no matter now.

    Another phone may end in the same four digits, which alone stand in the question: who may have
    opted out there remains on hold.
    """
    now = runtime.clock()
    own_numbers = runtime.settings.own_numbers
    others: set[int] = set()
    for other in opt_outs.asked_alike(connection, phone):
        sharing = identity.sharing(connection, other, own_numbers)
        others |= identity.circle(connection, sharing, other, own_numbers)
    holds = [
        kept.id
        for kept in pauses.holding_for(connection, whose(phone), now)
        if int(kept.pause.what) not in others
    ]
    pauses.lift_these(connection, holds, by=by, reason=reason, now=now)


def _concerned(runtime: Runtime, connection: Connection, lifted: StoredOptOut) -> list[int]:
    """The cases that are told: the person's own, or all with the number."""
    if lifted.case_id is not None:
        return [lifted.case_id]
    return sorted(identity.sharing(connection, lifted.phone, runtime.settings.own_numbers))
