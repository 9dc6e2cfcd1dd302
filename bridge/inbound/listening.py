"""What people say: by a text, and by a key during a call.

    hear_text   stop, start (`reopening.py`), a refusal in free words, or simply words for the
                case; beyond ten of a phone within an hour they wait for one note (`flooding.py`)
    hear_key    9 opts out at once; 1 asks for the firm

Nobody is answered here; `web/twilio.py` does that, and Twilio answers its own words by itself.
"""

from dataclasses import replace

import structlog

from bridge.adapters.twilio.callbacks import Words
from bridge.domain import flood
from bridge.domain.consent import Wish, listen, says_more
from bridge.domain.eligibility import OptOutScope
from bridge.domain.events import Channel, Topic
from bridge.domain.notes import Remark, Say
from bridge.domain.phones import E164, ten_digits
from bridge.inbound.flooding import hold
from bridge.inbound.holding import question
from bridge.inbound.refusing import Refusal, refuse, repeat, suspend
from bridge.inbound.reopening import reopen
from bridge.runtime import Runtime
from bridge.store import contacts, optouts
from bridge.store.callbacks import Verdict
from bridge.store.contacts import Contact
from bridge.store.db import Connection
from bridge.turning import remark

OPT_OUT_KEY = "9"

_SAYS: dict[Wish, Say] = {
    Wish.WORDS: Say.WROTE,
    Wish.HELP: Say.WROTE,
    Wish.REFUSAL: Say.REFUSED,
    Wish.WRONG_NUMBER: Say.WRONG_NUMBER,
}
_FOR_A_HUMAN = frozenset({Wish.REFUSAL, Wish.WRONG_NUMBER})

log = structlog.get_logger(__name__)


def hear_text(
    runtime: Runtime, connection: Connection, contact: Contact, words: Words
) -> tuple[Contact, Verdict]:
    """Do what a text asks for; return it marked as heard, and the verdict on its callback."""
    heard = listen(
        words.body,
        opt_out_type=words.opt_out_type,
        spanish=runtime.settings.opt_out_spanish,
    )
    if contact.told_note is not None or contact.phone is None:
        return contact, _verdict(runtime, connection, contact, heard.wish)
    since = runtime.clock() - flood.COUNTED_FOR
    earlier = contacts.came_in(connection, Topic.TEXT_IN, contact.phone, since)
    held = _can_be_told(contact) and flood.is_held(heard.wish, earlier)
    # Among so many, START lifts nothing: by turns with STOP it would be a note each time.
    acts = not (held and heard.wish is Wish.START)
    say = _act(runtime, connection, contact, heard.wish, words.body) if acts else None
    # What a STOP ends is noted whatever its place; what else it says is words like any.
    held = held or (say is Say.STOPPED_AGAIN and flood.is_full(earlier))
    if held:
        hold(runtime, connection, contact.phone)
    elif say is Say.STOPPED_AGAIN:
        repeat(runtime, connection, _stop(runtime, contact, contact.phone, words.body))
    elif say is not None and _can_be_told(contact):
        about = Remark(
            say, contact.sid, contact.phone, words=words.body,
            pictures=words.pictures,
        )  # fmt: skip
        remark(runtime, connection, contact.case_id, about)
    log.info("Heard a text", sid=contact.sid, wish=heard.wish, held=held, case=contact.case_id)
    verdict = _verdict(runtime, connection, contact, heard.wish)
    return replace(contact, told_note=flood.mark(heard.wish, held=held)), verdict


def hear_key(runtime: Runtime, connection: Connection, contact: Contact, key: str) -> None:
    """Opt the person out when the key says so."""
    if key == OPT_OUT_KEY and contact.phone is not None:
        scope = OptOutScope(runtime.settings.opt_out_scope)
        refusal = Refusal(
            contact.phone, Channel.CALL, scope, optouts.BY_KEY, contact.sid, contact.case_id
        )
        refuse(runtime, connection, refusal)


def _act(
    runtime: Runtime, connection: Connection, contact: Contact, wish: Wish, body: str
) -> Say | None:
    """Do it; return what the note about it says, unless the doing has noted it."""
    phone = contact.phone
    if phone is None:
        return None
    if wish is Wish.STOP:
        told = refuse(runtime, connection, _stop(runtime, contact, phone, body))
        says_new = not told and says_more(body) and _can_be_told(contact)
        return Say.STOPPED_AGAIN if says_new else None
    if wish is Wish.START:
        reopen(runtime, connection, contact, phone, body)
        return None
    if wish in _FOR_A_HUMAN:
        reason = f"a text from …{phone[-4:]} sounded like a refusal: a person must decide"
        only = wish is Wish.WRONG_NUMBER
        suspend(runtime, connection, phone, reason, number_only=only)
    return _SAYS[wish]


def _stop(runtime: Runtime, contact: Contact, phone: E164, body: str) -> Refusal:
    scope = OptOutScope(runtime.settings.opt_out_scope)
    return Refusal(phone, Channel.TEXT, scope, optouts.BY_TEXT, contact.sid, contact.case_id, body)


def _verdict(runtime: Runtime, connection: Connection, contact: Contact, wish: Wish) -> Verdict:
    # A refusal of somebody without a number, as in a chat, is heard by nobody but a human.
    if wish in _FOR_A_HUMAN or (wish is Wish.STOP and contact.phone is None):
        return Verdict.REVIEW
    if wish is Wish.STOP and question(runtime, connection, contact.phone) is not None:
        return Verdict.REVIEW
    if contact.case_id is not None:
        return Verdict.MATCHED
    return Verdict.BY_PHONE if _can_be_told(contact) else Verdict.UNMATCHED


def _can_be_told(contact: Contact) -> bool:
    by_phone = contact.phone is not None and ten_digits(contact.phone) is not None
    return contact.case_id is not None or by_phone
