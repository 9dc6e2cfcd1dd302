"""What people say: by a text, and by a key during a call.

process_text    stop, start (`opt_ins.py`), a refusal or a limit in free words, or simply words;
                more than ten of a phone within an hour wait for one note (`text_floods.py`)
process_key     9 opts out at once; 1 asks for the firm

Nobody is answered here: `web/twilio.py` does that, and Twilio answers its own words by itself.
"""

from dataclasses import replace
from datetime import timedelta

import structlog

from bridge.adapters.twilio.callbacks import InboundText
from bridge.consent.held_cases import open_question
from bridge.consent.opt_ins import record_opt_in
from bridge.consent.opt_outs import OptOutRequest, note_repeated, record_opt_out
from bridge.consent.suspensions import suspend
from bridge.consent.text_floods import hold_text
from bridge.domain import questions, text_flood
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Direction, Topic
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.opt_out_language.classifier import Intent, classify, says_more
from bridge.domain.phones import E164, ten_digits
from bridge.domain.questions import Question
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.callbacks import communications
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.callbacks.communications import Communication
from bridge.store.consent import opt_outs
from bridge.store.db import Connection

OPT_OUT_KEY, CONNECT_KEY = "9", "1"

_SAYS: dict[Intent, NoteKind] = {
    Intent.WORDS: NoteKind.WROTE,
    Intent.HELP: NoteKind.WROTE,
    Intent.REFUSAL: NoteKind.REFUSED,
    Intent.LIMIT: NoteKind.LIMITED,
    Intent.ENDED: NoteKind.ENDED,
    Intent.WRONG_NUMBER: NoteKind.WRONG_NUMBER,
}
_REPLY_EVERY = timedelta(hours=1)
"""Whoever opts out again, or changes their mind by turns, gets one reply in this time."""

log = structlog.get_logger(__name__)


def process_text(
    runtime: Runtime, connection: Connection, communication: Communication, words: InboundText
) -> tuple[Communication, Verdict, OptOutScope | None]:
    """Do what a text asks for.

    Return it marked as processed, the verdict on its callback, and the opt-out that is to be
    confirmed by a reply: none where Twilio replies by itself, and none within an hour of another.
    """
    classified = classify(words.body, opt_out_type=words.opt_out_type)
    intent, phone = classified.intent, communication.phone
    if communication.reported_note is None and phone is not None:
        communication = _process(
            runtime, connection, communication, phone, intent=intent, words=words
        )
    confirms = None
    if intent is Intent.STOP and not classified.answered:
        confirms = opt_outs.unconfirmed_scope(connection, communication.sid, _REPLY_EVERY)
    return communication, _verdict(runtime, connection, communication, intent), confirms


def question_about(words: InboundText) -> Question | None:
    """What somebody at the firm is asked about a text; None if its words are clear."""
    classified = classify(words.body, opt_out_type=words.opt_out_type)
    return questions.of_text(classified.intent)


def process_key(
    runtime: Runtime, connection: Connection, communication: Communication, key: str
) -> OptOutScope | None:
    """Opt the person out when the key says so; return what that ends, None for other keys."""
    if key != OPT_OUT_KEY or communication.phone is None:
        return None
    is_theirs = communication.direction is Direction.INBOUND
    way = opt_outs.BY_CALL_IN if is_theirs else opt_outs.BY_KEY
    request = _opt_out(runtime, communication, communication.phone, way)
    return record_opt_out(runtime, connection, request).scope


def _process(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    phone: E164,
    *,
    intent: Intent,
    words: InboundText,
) -> Communication:
    since = runtime.clock() - text_flood.COUNTED_FOR
    earlier = communications.marks_of_inbound(connection, Topic.TEXT_IN, phone, since)
    held = _can_be_told(communication) and text_flood.is_held(intent, earlier)
    # Among so many, START lifts nothing: by turns with STOP it would be a note each time.
    acts = not (held and intent is Intent.START)
    say = _act(runtime, connection, communication, intent, words.body) if acts else None
    # What a STOP ends is noted whatever its place; what else it says is words like any.
    held = held or (say is NoteKind.STOPPED_AGAIN and text_flood.is_full(earlier))
    if held:
        hold_text(runtime, connection, phone)
    elif say is NoteKind.STOPPED_AGAIN:
        note_repeated(
            runtime,
            connection,
            _opt_out(runtime, communication, phone, opt_outs.BY_TEXT, words.body),
        )
    elif say is not None and _can_be_told(communication):
        note = EventNote(say, communication.sid, phone, words=words.body, pictures=words.pictures)
        queue_note(runtime, connection, communication.case_id, note)
    log.info(
        "Text processed",
        sid=communication.sid,
        intent=intent,
        held=held,
        case=communication.case_id,
    )
    return replace(communication, reported_note=text_flood.marked_as(intent, held=held))


def _act(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    intent: Intent,
    body: str,
) -> NoteKind | None:
    """Do what a text asks for; return the kind of note that is still due."""
    phone = communication.phone
    if phone is None:
        return None
    if intent is Intent.STOP:
        stop = _opt_out(runtime, communication, phone, opt_outs.BY_TEXT, body)
        is_noted = record_opt_out(runtime, connection, stop).is_noted
        says_new = not is_noted and says_more(body) and _can_be_told(communication)
        return NoteKind.STOPPED_AGAIN if says_new else None
    if intent is Intent.START:
        record_opt_in(runtime, connection, communication, phone, body)
        return None
    asked = questions.of_text(intent)
    if asked is not None:
        suspend(runtime, connection, phone, asked)
    return _SAYS[intent]


def _opt_out(
    runtime: Runtime, communication: Communication, phone: E164, source: str, words: str = ""
) -> OptOutRequest:
    scope = OptOutScope(runtime.settings.opt_out_scope)
    sid, case_id = communication.sid, communication.case_id
    return OptOutRequest(phone, communication.channel, scope, source, sid, case_id, words)


def _verdict(
    runtime: Runtime, connection: Connection, communication: Communication, intent: Intent
) -> Verdict:
    # An opt-out of somebody without a number, as in a chat, needs a human.
    if questions.of_text(intent) or (intent is Intent.STOP and communication.phone is None):
        return Verdict.REVIEW
    if (
        intent is Intent.STOP
        and open_question(runtime, connection, communication.phone) is not None
    ):
        return Verdict.REVIEW
    if communication.case_id is not None:
        return Verdict.MATCHED
    return Verdict.BY_PHONE if _can_be_told(communication) else Verdict.UNMATCHED


def _can_be_told(communication: Communication) -> bool:
    by_phone = communication.phone is not None and ten_digits(communication.phone) is not None
    return communication.case_id is not None or by_phone
