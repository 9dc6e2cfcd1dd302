"""A person calls in: put through to the firm, or turned away before the call costs anything.

    receive         look once at each call and text that comes in
        _answer     a call, before it is answered; what is kept with it says how
        _own_words  a text from one of our own numbers: nobody's, and not answered

Runs in the transaction that takes the call in, which the web app does itself: what a worker has
yet to take in would go uncounted, however many calls that were. Could the web app not do it, the
caller was put through: a worker that takes the call in later leaves it at that.
"""

from dataclasses import replace
from datetime import datetime

import structlog

from bridge.adapters.twilio.callbacks import Reading
from bridge.domain import callers
from bridge.domain.callers import Caller, Reception
from bridge.domain.events import Status, Topic
from bridge.domain.notes import Remark, Say
from bridge.domain.phones import last_four, ten_digits
from bridge.runtime import Runtime
from bridge.store import callbacks, contacts, notices
from bridge.store.callbacks import Verdict
from bridge.store.contacts import Contact
from bridge.store.db import Connection
from bridge.store.notices import Name
from bridge.turning import remark

OWN_WORDS = "own-words"
# How Twilio ends a call that is turned away (twilio.md, 1.5).
_ENDS = {Reception.REJECTED: Status.NO_ANSWER, Reception.BUSY: Status.BUSY}
_SAYS = {Reception.REJECTED: Say.CALL_IN_A_CIRCLE, Reception.BUSY: Say.TOO_MANY_CALLS}
COMPLAINTS = {
    Reception.REJECTED: "rejected: it came from our own number, or by way of it",
    Reception.BUSY: "turned away with a busy signal: more calls within an hour than "
    "CALLS_IN_PER_HOUR",
}

log = structlog.get_logger(__name__)


def receive(
    runtime: Runtime,
    connection: Connection,
    contact: Contact,
    reading: Reading,
    received_at: datetime,
) -> Contact:
    """A call or text that comes in, looked at once, and marked if nothing is to follow from it.

    Other callbacks about it may have come before.
    """
    caller, sid = reading.caller, contact.sid
    if caller is not None and callbacks.is_undecided(connection, sid, Topic.CALL_IN):
        is_late = callers.was_answered(received_at, runtime.clock())
        return contact if is_late else _answer(runtime, connection, contact, caller)
    if reading.words is not None and callbacks.is_undecided(connection, sid, Topic.TEXT_IN):
        return _own_words(runtime, connection, contact) or contact
    return contact


def verdict_of(contact: Contact) -> Verdict:
    """The verdict on a callback of a call or text from which nothing follows."""
    return Verdict.KEPT if contact.case_id is None else Verdict.MATCHED


def _answer(runtime: Runtime, connection: Connection, contact: Contact, caller: Caller) -> Contact:
    """The call, marked and at its end if it is turned away; its case is told once an hour."""
    settings, now = runtime.settings, runtime.clock()
    earlier = contacts.came_in(
        connection, Topic.CALL_IN, contact.phone, now - callers.COUNTED_FOR, besides=contact.sid
    )
    how = callers.receive(caller, settings.own_numbers, earlier, settings.calls_in_per_hour)
    kept, is_news = callers.mark(how, earlier)
    if how is Reception.PUT_THROUGH:
        return contact
    if is_news:
        _tell(runtime, connection, contact, caller, how)
    log.warning("A call in was turned away", sid=contact.sid, reason=how, case=contact.case_id)
    ended = replace(contact.progress, status=_ENDS[how], ended_at=contact.progress.ended_at or now)
    return replace(contact, progress=ended, told_note=kept)


def _own_words(runtime: Runtime, connection: Connection, contact: Contact) -> Contact | None:
    """A text that our own number sent us, marked so that nothing follows; None for all others."""
    if contact.phone is None or contact.phone not in runtime.settings.own_numbers:
        return None
    says = (
        f"a text came in from {last_four(contact.phone)}, our own number: it was kept and left "
        "alone. See what answers texts by itself, or hands on what the firm writes."
    )
    notices.add(connection, Name.LOOP, f"text {last_four(contact.phone)}", says, runtime.clock())
    return replace(contact, told_note=OWN_WORDS)


def _tell(
    runtime: Runtime, connection: Connection, contact: Contact, caller: Caller, how: Reception
) -> None:
    """The case of whoever calls; the operator where something of ours is to be mended."""
    settings, phone = runtime.settings, contact.phone
    own = settings.own_numbers
    if how is Reception.REJECTED:
        whose = caller.phone if caller.phone in own else caller.forwarded_by or caller.phone
        says = (
            f"a call in came from {last_four(whose)}, our own number, or was forwarded by it, and "
            "was rejected: it would go in a circle. See whether FIRM_PHONE forwards to the bridge."
        )
        notices.add(connection, Name.LOOP, f"call {last_four(whose)}", says, runtime.clock())
    most = settings.calls_in_per_hour
    if how is Reception.BUSY and phone is None:
        says = (
            f"more than {most * callers.PHONES_WITHHELD} calls within an hour came from callers "
            "who withhold their number, and further ones hear a busy signal. If these are people, "
            "raise CALLS_IN_PER_HOUR."
        )
        notices.add(connection, Name.WITHHELD, "", says, runtime.clock())
    if phone is None or phone in own or phone == caller.called:
        return
    if contact.case_id is not None or ten_digits(phone) is not None:
        about = Remark(_SAYS[how], contact.sid, phone, ends=callers.times(most))
        remark(runtime, connection, contact.case_id, about)
