"""Somebody at the firm has asked who opted out at a phone that several cases share.

this_client   the person of a held case did: opted out everywhere, the case becomes Do not Dial
not_this_one  somebody else did: the case is released, and its person may be reached elsewhere

Both answer for one case and one phone, once. The caller commits, with the line in the audit trail.
"""

from datetime import datetime

from bridge.consent.consents import Refused, end_refused
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.opt_out_sentences import noted
from bridge.domain.phones import E164
from bridge.domain.shared_phones import whose
from bridge.reporting.turn_endings import close_case, queue_note
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.cases import identity
from bridge.store.consent import opt_outs
from bridge.store.consent.opt_outs import NewOptOut
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, pauses
from bridge.store.dialing.pauses import HeldCase

_WHY = "the person opted out"


def this_client(runtime: Runtime, connection: Connection, pause_id: int, by: str) -> HeldCase:
    """The person of this held case opted out. Returns the hold as it was before.

    The opt-out counts from the moment at which it came: whoever was released since stays released.

    Raises:
        LookupError: there is no such hold.
    """
    held = _held(connection, pause_id)
    if held.lifted_at is not None:
        return held
    phone = _phone_asked_about(runtime, connection, held)
    reason = "It was this client who opted out at a phone that several cases share"
    at = opt_outs.newest_at(connection, phone) or held.created_at
    close_for_person(runtime, connection, held.case_id, phone=phone, by=by, reason=reason, at=at)
    now = runtime.clock()
    pauses.lift_these(connection, [pause_id], by=by, reason="This client opted out", now=now)
    return held


def not_this_one(runtime: Runtime, connection: Connection, pause_id: int, by: str) -> HeldCase:
    """It was somebody else: release the case. Returns the hold as it was before.

    Raises:
        LookupError: there is no such hold.
    """
    held = _held(connection, pause_id)
    if held.lifted_at is not None:
        return held
    now = runtime.clock()
    pauses.lift_these(connection, [pause_id], by=by, reason="Not this client", now=now)
    phone = _phone_asked_about(runtime, connection, held)
    about = EventNote(NoteKind.NOT_THIS_CLIENT, f"hold-{pause_id}", phone, by=by)
    queue_note(runtime, connection, held.case_id, about)
    return held


def close_for_person(
    runtime: Runtime,
    connection: Connection,
    case_id: int,
    *,
    phone: E164 | None,
    by: str,
    reason: str,
    at: datetime,
) -> None:
    """Opt out a case's person as of this moment, and hold nobody else: that was asked already."""
    now, sid = runtime.clock(), f"hand-{runtime.new_id()}"
    new = NewOptOut(
        phone or E164(""),
        case_id,
        Channel.CALL,
        OptOutScope.PERSON,
        opt_outs.BY_HAND,
        sid,
        by[:64],
        reason,
    )
    opt_outs.add(connection, new, at, recorded_at=now)
    refused = Refused(
        new.phone, new.channel, new.scope, case_id, new.source, sid, new.recorded_by, reason
    )
    end_refused(runtime, connection, refused)
    for attempt in attempts.planned_for(connection, [case_id]):
        attempt_transitions.cancel(connection, attempt.id, now, _WHY)
    close_case(runtime, connection, case_id, sid, _WHY)
    ends = noted(OptOutScope.PERSON, Channel.CALL)
    about = EventNote(NoteKind.STOPPED_BY_HAND, sid, phone or None, words=reason, ends=ends, by=by)
    queue_note(runtime, connection, case_id, about)


def _phone_asked_about(runtime: Runtime, connection: Connection, held: HeldCase) -> E164 | None:
    """The phone at which somebody opted out: of the person's, the one that the question is about.

    The question has the last four digits alone. None where no phone of theirs ends so any more.
    """
    who = identity.identify(connection, held.case_id, None, runtime.settings.own_numbers)
    fitting = sorted(phone for phone in who.phones if whose(phone) == held.reason)
    closed = [phone for phone in fitting if opt_outs.is_asked_at(connection, phone)]
    return next(iter([*closed, *fitting]), None)


def _held(connection: Connection, pause_id: int) -> HeldCase:
    callbacks.lock(connection)
    held = pauses.held_case(connection, pause_id)
    if held is None:
        raise LookupError(pause_id)
    return held
