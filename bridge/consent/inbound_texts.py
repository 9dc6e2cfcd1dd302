"""What people say: by a text, and by a key during a call.

    hear_text   stop, start (`opt_ins.py`), a refusal in free words, or simply words for the
                case; beyond ten of a phone within an hour they wait for one note (`text_floods.py`)
    hear_key    9 opts out at once; 1 asks for the firm

Nobody is answered here; `web/twilio.py` does that, and Twilio answers its own words by itself.
"""

from dataclasses import replace

import structlog

from bridge.adapters.twilio.callbacks import InboundText
from bridge.consent.held_cases import open_question
from bridge.consent.opt_ins import record_opt_in
from bridge.consent.opt_outs import OptOutRequest, hold_for_review, note_repeated, record_opt_out
from bridge.consent.text_floods import hold_text
from bridge.domain import text_flood
from bridge.domain.eligibility import OptOutScope
from bridge.domain.events import Channel, Topic
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.opt_out_language.classifier import Intent, classify, says_more
from bridge.domain.phones import E164, ten_digits
from bridge.reporting.turn_endings import queue_note
from bridge.runtime import Runtime
from bridge.store.callbacks import communications
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.callbacks.communications import Communication
from bridge.store.consent import opt_outs
from bridge.store.db import Connection

OPT_OUT_KEY = "9"

_SAYS: dict[Intent, NoteKind] = {
    Intent.WORDS: NoteKind.WROTE,
    Intent.HELP: NoteKind.WROTE,
    Intent.REFUSAL: NoteKind.REFUSED,
    Intent.WRONG_NUMBER: NoteKind.WRONG_NUMBER,
}
_FOR_A_HUMAN = frozenset({Intent.REFUSAL, Intent.WRONG_NUMBER})

log = structlog.get_logger(__name__)


def process_text(
    runtime: Runtime, connection: Connection, communication: Communication, words: InboundText
) -> tuple[Communication, Verdict]:
    """Do what a text asks for; return it marked as heard, and the verdict on its callback."""
    heard = classify(
        words.body,
        opt_out_type=words.opt_out_type,
        spanish=runtime.settings.opt_out_spanish,
    )
    if communication.reported_note is not None or communication.phone is None:
        return communication, _verdict(runtime, connection, communication, heard.wish)
    since = runtime.clock() - text_flood.COUNTED_FOR
    earlier = communications.marks_of_inbound(connection, Topic.TEXT_IN, communication.phone, since)
    held = _can_be_told(communication) and text_flood.is_held(heard.wish, earlier)
    # Among so many, START lifts nothing: by turns with STOP it would be a note each time.
    acts = not (held and heard.wish is Intent.START)
    say = _act(runtime, connection, communication, heard.wish, words.body) if acts else None
    # What a STOP ends is noted whatever its place; what else it says is words like any.
    held = held or (say is NoteKind.STOPPED_AGAIN and text_flood.is_full(earlier))
    if held:
        hold_text(runtime, connection, communication.phone)
    elif say is NoteKind.STOPPED_AGAIN:
        note_repeated(
            runtime, connection, _stop(runtime, communication, communication.phone, words.body)
        )
    elif say is not None and _can_be_told(communication):
        about = EventNote(
            say, communication.sid, communication.phone, words=words.body, pictures=words.pictures
        )
        queue_note(runtime, connection, communication.case_id, about)
    log.info(
        "Heard a text",
        sid=communication.sid,
        wish=heard.wish,
        held=held,
        case=communication.case_id,
    )
    verdict = _verdict(runtime, connection, communication, heard.wish)
    return replace(
        communication, reported_note=text_flood.marked_as(heard.wish, held=held)
    ), verdict


def process_key(
    runtime: Runtime, connection: Connection, communication: Communication, key: str
) -> None:
    """Opt the person out when the key says so."""
    if key == OPT_OUT_KEY and communication.phone is not None:
        scope = OptOutScope(runtime.settings.opt_out_scope)
        refusal = OptOutRequest(
            communication.phone,
            Channel.CALL,
            scope,
            opt_outs.BY_KEY,
            communication.sid,
            communication.case_id,
        )
        record_opt_out(runtime, connection, refusal)


def _act(
    runtime: Runtime, connection: Connection, communication: Communication, wish: Intent, body: str
) -> NoteKind | None:
    """Do it; return what the note about it says, unless the doing has noted it."""
    phone = communication.phone
    if phone is None:
        return None
    if wish is Intent.STOP:
        told = record_opt_out(runtime, connection, _stop(runtime, communication, phone, body))
        says_new = not told and says_more(body) and _can_be_told(communication)
        return NoteKind.STOPPED_AGAIN if says_new else None
    if wish is Intent.START:
        record_opt_in(runtime, connection, communication, phone, body)
        return None
    if wish in _FOR_A_HUMAN:
        reason = f"a text from …{phone[-4:]} sounded like a refusal: a person must decide"
        only = wish is Intent.WRONG_NUMBER
        hold_for_review(runtime, connection, phone, reason, number_only=only)
    return _SAYS[wish]


def _stop(runtime: Runtime, communication: Communication, phone: E164, body: str) -> OptOutRequest:
    scope = OptOutScope(runtime.settings.opt_out_scope)
    return OptOutRequest(
        phone, Channel.TEXT, scope, opt_outs.BY_TEXT, communication.sid, communication.case_id, body
    )


def _verdict(
    runtime: Runtime, connection: Connection, communication: Communication, wish: Intent
) -> Verdict:
    # A refusal of somebody without a number, as in a chat, is heard by nobody but a human.
    if wish in _FOR_A_HUMAN or (wish is Intent.STOP and communication.phone is None):
        return Verdict.REVIEW
    if wish is Intent.STOP and open_question(runtime, connection, communication.phone) is not None:
        return Verdict.REVIEW
    if communication.case_id is not None:
        return Verdict.MATCHED
    return Verdict.BY_PHONE if _can_be_told(communication) else Verdict.UNMATCHED


def _can_be_told(communication: Communication) -> bool:
    by_phone = communication.phone is not None and ten_digits(communication.phone) is not None
    return communication.case_id is not None or by_phone
