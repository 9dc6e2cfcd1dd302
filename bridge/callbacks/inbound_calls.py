"""A person calls in: put through to the firm, or turned away before the call costs anything.

screen            each call and text that comes in, once
  _make_ready     from an agent's phone: it is rung again
  _screen_call    a call, before it is answered; its mark says how
  _own_text       a text from one of our own numbers: nobody's, and not answered

Runs in the transaction that processes the call, which the web app does itself: calls that wait for
a worker would go uncounted. Could the web app not do it, the caller was put through: a worker that
processes the call later leaves it at that.
"""

from dataclasses import replace
from datetime import datetime

import structlog

from bridge import agents
from bridge.adapters.twilio.callbacks import ParsedCallback
from bridge.domain import call_screening
from bridge.domain.agents import says_ready
from bridge.domain.call_screening import Caller, Reception
from bridge.domain.events import Status, Topic
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.phones import last_four, ten_digits
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.callbacks import callbacks, communications
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.callbacks.communications import Communication
from bridge.store.db import Connection
from bridge.store.notices import NoticeName

OWN_WORDS = "own-words"
READY = "agent-ready"
"""The mark of a call or text by which an agent's phone is ready again."""
# How Twilio ends a call that is turned away (docs/reference/twilio.md#twiml).
_ENDS = {Reception.REJECTED: Status.NO_ANSWER, Reception.BUSY: Status.BUSY}
_SAYS = {Reception.REJECTED: NoteKind.CALL_IN_A_CIRCLE, Reception.BUSY: NoteKind.TOO_MANY_CALLS}
COMPLAINTS = {
    Reception.REJECTED: "rejected: it came from our own number or was forwarded by it",
    Reception.BUSY: "given a busy signal: more calls within an hour than CALLS_IN_PER_HOUR",
}

log = structlog.get_logger(__name__)


def screen(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    reading: ParsedCallback,
    received_at: datetime,
) -> Communication:
    """A call or text that comes in, looked at once, and marked if nothing is to follow from it.

    Other callbacks about it may have come before.
    """
    caller, sid = reading.caller, communication.sid
    if _is_from_ready_agent(runtime, connection, communication, reading):
        return _make_ready(runtime, connection, communication)
    if caller is not None and callbacks.is_undecided(connection, sid, Topic.CALL_IN):
        is_late = call_screening.was_answered(received_at, runtime.clock())
        return (
            communication if is_late else _screen_call(runtime, connection, communication, caller)
        )
    if reading.words is not None and callbacks.is_undecided(connection, sid, Topic.TEXT_IN):
        return _own_text(runtime, connection, communication) or communication
    return communication


def verdict_of(communication: Communication) -> Verdict:
    """The verdict on a callback of a call or text from which nothing follows."""
    return Verdict.RECORDED if communication.case_id is None else Verdict.MATCHED


def _is_from_ready_agent(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    reading: ParsedCallback,
) -> bool:
    """Whether an agent calls, or texts READY, and that wasn't processed yet."""
    caller, words = reading.caller, reading.words
    if runtime.settings.agent_at(communication.phone) is None:
        return False
    if words is not None and says_ready(words.body):
        return callbacks.is_undecided(connection, communication.sid, Topic.TEXT_IN)
    return (
        caller is not None
        and caller.phone != caller.called
        and caller.forwarded_by in {None, caller.called}
        and callbacks.is_undecided(connection, communication.sid, Topic.CALL_IN)
        and not _may_be_diverted(runtime, connection, communication)
    )


def _may_be_diverted(
    runtime: Runtime, connection: Connection, communication: Communication
) -> bool:
    """Whether this may be our own call to an agent, which a phone system sends back to us.

    It says nothing of that where it shows its own number as the caller's.
    """
    if communication.phone in agents.on_calls(connection):
        return True
    since = runtime.clock() - runtime.settings.talk_limit
    return communication.phone == runtime.settings.firm_phone and (
        communications.is_any_put_through(connection, since, besides=communication.sid)
    )


def _make_ready(
    runtime: Runtime, connection: Connection, communication: Communication
) -> Communication:
    """The agent's phone is ready again; the call or text is marked, and nothing else follows."""
    if communication.phone is not None:
        agents.make_ready(runtime, connection, communication.phone)
    return replace(communication, reported_note=READY)


def _screen_call(
    runtime: Runtime, connection: Connection, communication: Communication, caller: Caller
) -> Communication:
    """The call, marked and at its end if it is turned away; its case is told once an hour."""
    settings, now = runtime.settings, runtime.clock()
    earlier = communications.marks_of_inbound(
        connection,
        Topic.CALL_IN,
        communication.phone,
        now - call_screening.COUNTED_FOR,
        besides=communication.sid,
    )
    how = call_screening.screen(caller, settings.own_numbers, earlier, settings.calls_in_per_hour)
    kept, is_news = call_screening.marked_as(how, earlier)
    if how is Reception.PUT_THROUGH:
        return communication
    if is_news:
        _report_turned_away(runtime, connection, communication, caller, how)
    log.warning(
        "Call in turned away", sid=communication.sid, reason=how, case=communication.case_id
    )
    ended = replace(
        communication.progress, status=_ENDS[how], ended_at=communication.progress.ended_at or now
    )
    return replace(communication, progress=ended, reported_note=kept)


def _own_text(
    runtime: Runtime, connection: Connection, communication: Communication
) -> Communication | None:
    """A text that our own number sent us, marked so that nothing follows; None for all others."""
    if communication.phone is None or communication.phone not in runtime.settings.own_numbers:
        return None
    says = (
        f"a text came in from {last_four(communication.phone)}, our own number, and was ignored. "
        "Check what sends automatic replies, or forwards the firm's own texts."
    )
    notices.add(
        connection, NoticeName.LOOP, f"text {last_four(communication.phone)}", says, runtime.clock()
    )
    return replace(communication, reported_note=OWN_WORDS)


def _report_turned_away(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    caller: Caller,
    how: Reception,
) -> None:
    """The case of whoever calls; the operator where something of ours is to be mended."""
    settings, phone = runtime.settings, communication.phone
    own = settings.own_numbers
    if how is Reception.REJECTED:
        whose = caller.phone if caller.phone in own else caller.forwarded_by or caller.phone
        says = (
            f"a call in came from {last_four(whose)}, our own number, or was forwarded by it, and "
            "was rejected: it would go in a circle. Check whether FIRM_PHONE forwards calls to us."
        )
        notices.add(connection, NoticeName.LOOP, f"call {last_four(whose)}", says, runtime.clock())
    most = settings.calls_in_per_hour
    if how is Reception.BUSY and phone is None:
        says = (
            f"more than {most * call_screening.PHONES_WITHHELD} calls within an hour came from "
            "callers who withhold their number, and further ones get a busy signal. If these "
            "are people, raise CALLS_IN_PER_HOUR."
        )
        notices.add(connection, NoticeName.WITHHELD, "", says, runtime.clock())
    if phone is None or phone in own or phone == caller.called:
        return
    if communication.case_id is not None or ten_digits(phone) is not None:
        about = EventNote(
            _SAYS[how], communication.sid, phone, ends=call_screening.count_times(most)
        )
        queue_note(runtime, connection, communication.case_id, about)
