"""What people hear on the line and read in reply: the answers to Twilio's questions.

answered    the prompt; at the firm's phone, when that is rung first, the one for the firm
pressed     1 connects, 9 opts out; silence hears the prompt again, the number and a goodbye
after_dial  goodbye, or that nobody is there
called      a person calls in: put through to the firm, rejected, or given a busy signal
replied     at most one answer to a text, and none where Twilio answers by itself
firm_words  a text or voicemail of the settings, with the firm's name and number filled in
"""

from datetime import timedelta

from bridge.adapters.twilio import twiml
from bridge.adapters.twilio.urls import CALL_STATUS, DIALED, KEYPRESS, Urls, callback_url
from bridge.consent.inbound_texts import OPT_OUT_KEY
from bridge.domain.call_screening import Reception, turned_away
from bridge.domain.eligibility import OptOutScope, concerns
from bridge.domain.events import Talk, Topic
from bridge.domain.message_wording import filled
from bridge.domain.opt_out_language.classifier import Intent, classify
from bridge.domain.phones import display
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store.callbacks import callbacks, communications
from bridge.store.cases import identity
from bridge.store.consent import opt_outs
from bridge.store.dialing import attempts
from bridge.store.dialing.attempts import Attempt, AttemptState

CONNECT_KEY = "1"
_OUR_FIRM = "our office"
_ENDS_BY_TEXT = {
    OptOutScope.PERSON: "you are opted out and will not be contacted again.",
    OptOutScope.NUMBER: "this number is opted out and will not be called or texted again.",
    OptOutScope.CHANNEL: "you are opted out and will not be texted again.",
    OptOutScope.SHARED_NUMBER: "this number is opted out and will not be called or texted again.",
    OptOutScope.CASE: "you are opted out and will not be contacted again.",
}
_ENDS_BY_KEY = {
    OptOutScope.PERSON: "You will not be called or texted by {firm} again.",
    OptOutScope.NUMBER: "This number will not be called or texted by {firm} again.",
    OptOutScope.CHANNEL: "You will not be called by {firm} at this number again.",
}


_TURNED_AWAY = {Reception.REJECTED: twiml.rejected, Reception.BUSY: twiml.busy}
_ANSWERED_EVERY = timedelta(hours=1)


def answered(runtime: Runtime, attempt_id: str | None) -> str:
    """The prompt for whoever has picked up."""
    attempt = _attempt(runtime, attempt_id)
    settings = runtime.settings
    firm, phone = settings.firm_name, settings.firm_phone
    if attempt is None or firm is None or phone is None:
        return twiml.goodbye()
    action = _urls(runtime, attempt).of(KEYPRESS)
    if attempt.via_firm:
        return twiml.for_the_firm(firm, action)
    return twiml.greeting(firm, action)


def pressed(runtime: Runtime, attempt_id: str | None, key: str) -> str:
    """What follows a key, or none."""
    attempt = _attempt(runtime, attempt_id)
    settings = runtime.settings
    firm, phone, caller_id = settings.firm_name, settings.firm_phone, settings.from_number
    if attempt is None or firm is None or phone is None:
        return twiml.goodbye()
    urls = _urls(runtime, attempt)
    if attempt.via_firm:
        return _connect_person(runtime, attempt, urls, key)
    if key == CONNECT_KEY:
        return twiml.put_through(firm, phone, caller_id, urls.of(DIALED), settings.talk_limit)
    if key == OPT_OUT_KEY:
        return twiml.opted_out(_ENDS_BY_KEY[OptOutScope(settings.opt_out_scope)].format(firm=firm))
    if not key:
        return twiml.prompt_again(firm, phone, urls.of(KEYPRESS))
    return twiml.greeting(firm, urls.of(KEYPRESS))


def after_dial(runtime: Runtime, attempt_id: str | None, spoke: Talk) -> str:
    """What is said when putting somebody through has ended."""
    settings, attempt = runtime.settings, _attempt(runtime, attempt_id)
    if spoke is not Talk.MISSED or settings.firm_phone is None:
        return twiml.goodbye()
    if attempt is not None and attempt.via_firm:
        return twiml.not_reached()
    return twiml.nobody_there(settings.firm_name or _OUR_FIRM, settings.firm_phone)


def called(runtime: Runtime, sid: str) -> str:
    """A person who calls is put through, unless that was decided otherwise when it was taken in.

    The firm sees the person's own number. Asked again about the same call, the answer is the same.
    """
    settings = runtime.settings
    with runtime.db.read() as connection:
        how = turned_away(communications.reported_note(connection, sid))
    if how is not None:
        return _TURNED_AWAY[how]()
    if settings.firm_phone is None:
        return twiml.goodbye()
    action = callback_url(settings.public_url or "", DIALED)
    return twiml.put_through(
        settings.firm_name or _OUR_FIRM, settings.firm_phone, None, action, settings.talk_limit
    )


def replied(runtime: Runtime, sid: str, event: str, body: str, opt_out_type: str | None) -> str:
    """One confirmation of a refusal, where Twilio doesn't send one by itself; else nothing.

    Whoever refuses again is not answered again, nor within an hour after having changed their mind.
    """
    settings = runtime.settings
    heard = classify(body, opt_out_type=opt_out_type, spanish=settings.opt_out_spanish)
    if heard.wish is not Intent.STOP or heard.answered:
        return twiml.no_reply()
    with runtime.db.read() as connection:
        again = callbacks.first_event(connection, sid, Topic.TEXT_IN) != event
        scope = None if again else opt_outs.unconfirmed_scope(connection, sid, _ANSWERED_EVERY)
    if scope is None:
        return twiml.no_reply()
    firm = settings.firm_name or _OUR_FIRM
    where = f" Questions? Call {display(settings.firm_phone)}." if settings.firm_phone else ""
    return twiml.reply(f"{firm}: {_ENDS_BY_TEXT[scope]}{where}")


def silence() -> str:
    """No answer to a text."""
    return twiml.no_reply()


def _connect_person(runtime: Runtime, attempt: Attempt, urls: Urls, key: str) -> str:
    settings = runtime.settings
    taken_back = attempt.state in {AttemptState.CANCELED, AttemptState.REFUSED}
    if not key or settings.from_number is None:
        return twiml.goodbye()
    if taken_back or _has_refused(runtime, attempt):
        return twiml.not_now()
    return twiml.put_through_to_person(
        attempt.phone,
        settings.from_number,
        settings.dial_ring_seconds,
        (urls.of(DIALED), urls.of(CALL_STATUS)),
        settings.talk_limit,
    )


def _has_refused(runtime: Runtime, attempt: Attempt) -> bool:
    """The person may have opted out while the firm's phone rang."""
    with runtime.db.read() as connection:
        who = identity.identify(
            connection, attempt.case_id, attempt.phone, runtime.settings.own_numbers
        )
        return any(
            one.scope is OptOutScope.SHARED_NUMBER or concerns(one, attempt.channel, attempt.phone)
            for one in identity.opted_out(connection, who, attempt.case_id)
        )


def _attempt(runtime: Runtime, attempt_id: str | None) -> Attempt | None:
    if attempt_id is None:
        return None
    with runtime.db.read() as connection:
        return attempts.get(connection, attempt_id)


def _urls(runtime: Runtime, attempt: Attempt) -> Urls:
    return Urls(runtime.settings.public_url or "", attempt.case_id, attempt.id)


def firm_words(settings: Settings, template: str) -> str:
    """A text or voicemail of the settings as people get it."""
    phone = display(settings.firm_phone) if settings.firm_phone else ""
    return filled(template, firm=settings.firm_name or "", phone=phone)
