"""What people say: by a text, and by a key during a call.

    hear_text   stop, start, a refusal in free words, or simply words for the case
    hear_key    9 opts out at once; 1 asks for the firm

Nobody is answered here; `web/twilio.py` does that, and Twilio answers its own words by itself.
"""

from dataclasses import replace

import structlog

from bridge.adapters.twilio.callbacks import Words
from bridge.domain.consent import Wish, listen
from bridge.domain.eligibility import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.notes import Remark, Say
from bridge.domain.phones import ten_digits
from bridge.inbound.refusing import Refusal, refuse, suspend
from bridge.runtime import Runtime
from bridge.store import optouts, people
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
    if contact.phone in runtime.settings.own_numbers:
        return contact, Verdict.KEPT  # the firm's own words, as Conversations tell them too
    verdict = _verdict(contact, heard.wish)
    if contact.told_note is not None or contact.phone is None:
        return contact, verdict
    say = _act(runtime, connection, contact, heard.wish, words.body)
    if say is not None and _can_be_told(contact):
        about = Remark(
            say, contact.sid, contact.phone, words=words.body,
            pictures=words.pictures,
        )  # fmt: skip
        remark(runtime, connection, contact.case_id, about)
    log.info("Heard a text", sid=contact.sid, wish=heard.wish, case=contact.case_id)
    return replace(contact, told_note=f"heard-{heard.wish}"), verdict


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
        scope = OptOutScope(runtime.settings.opt_out_scope)
        refusal = Refusal(
            phone, Channel.TEXT, scope, optouts.BY_TEXT, contact.sid, contact.case_id, body
        )
        refuse(runtime, connection, refusal)
        return None
    if wish is Wish.START:
        # Only what a text had set: a key pressed or a person at the firm is not overruled.
        by_text = (optouts.BY_TEXT, optouts.AT_TWILIO)
        optouts.lift(connection, phone, by_text, contact.sid, runtime.clock())
        who = people.person(connection, contact.case_id, phone, runtime.settings.own_numbers)
        still = people.opted_out(connection, who)
        return Say.STILL_OPTED_OUT if still else Say.WANTS_TEXTS
    if wish in _FOR_A_HUMAN:
        reason = "a text sounded like a refusal: a person must decide"
        only = wish is Wish.WRONG_NUMBER
        suspend(runtime, connection, phone, reason, number_only=only)
    return _SAYS[wish]


def _verdict(contact: Contact, wish: Wish) -> Verdict:
    # A refusal of somebody without a number, as in a chat, is heard by nobody but a human.
    if wish in _FOR_A_HUMAN or (wish is Wish.STOP and contact.phone is None):
        return Verdict.REVIEW
    if contact.case_id is not None:
        return Verdict.MATCHED
    return Verdict.BY_PHONE if _can_be_told(contact) else Verdict.UNMATCHED


def _can_be_told(contact: Contact) -> bool:
    by_phone = contact.phone is not None and ten_digits(contact.phone) is not None
    return contact.case_id is not None or by_phone
