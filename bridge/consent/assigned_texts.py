"""A text of which no case was known has been assigned to one: the case is told what it said.

An opt-out or a preference by it becomes that person's, and a refusal that nobody has answered
suspends that person too. A STOP is that person's even where an earlier one of the phone was
another's. What else it did when it came is not done again: a START from Monday doesn't lift the
opt-out of Tuesday.
"""

from dataclasses import replace

from bridge.consent.kept_texts import kept_text
from bridge.consent.opt_outs import OptOutRequest, attribute_opt_out, record_opt_out
from bridge.consent.suspensions import suspend
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.questions import Question
from bridge.domain.text_flood import is_stop
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.callbacks import questions
from bridge.store.callbacks.communications import Communication
from bridge.store.consent import opt_outs, preferences
from bridge.store.db import Connection

_SUSPENDS = {
    Question.STOP: NoteKind.REFUSED,
    Question.LIMIT: NoteKind.LIMITED,
    Question.ENDED: NoteKind.ENDED,
    Question.WRONG_NUMBER: NoteKind.WRONG_NUMBER,
}


def tell_case(
    runtime: Runtime, connection: Connection, communication: Communication, case_id: int
) -> None:
    """Tell the case what this text said, as far as its words are kept."""
    words = kept_text(connection, communication.sid)
    said = words.body if words else ""
    sid = communication.sid
    preferences.attribute(connection, sid, case_id)
    phone = communication.phone if is_stop(communication.reported_note) else None
    if attribute_opt_out(runtime, connection, sid, case_id, said, phone=phone):
        return
    if phone is not None and opt_outs.is_anothers(connection, phone, case_id):
        # An earlier STOP from there was another person's; this one is theirs.
        request = OptOutRequest(
            phone,
            Channel.TEXT,
            OptOutScope.PERSON,
            opt_outs.BY_TEXT,
            sid,
            case_id,
            said,
            is_assigned=True,
        )
        record_opt_out(runtime, connection, request)
        return
    say = NoteKind.WROTE
    asked = questions.of_text(connection, communication.sid)
    if asked is not None and communication.phone is not None:
        suspend(runtime, connection, communication.phone, asked, case_id)
        say = _SUSPENDS[asked]
    about = EventNote(say, communication.sid, communication.phone, words=said)
    if words is not None:
        about = replace(about, pictures=words.pictures)
    queue_note(runtime, connection, case_id, replace(about, erased=words is None))
