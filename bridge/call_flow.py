"""What people hear on the line and read in reply: the answers to Twilio's questions.

answered    the prompt; at an agent's phone, when that is rung first, what the call is; nothing at
            all where the person may no longer be spoken to
pressed     9 opts out, 1 connects; silence hears the prompt again, the number and a goodbye; an
            agent takes the call, or puts it off
after_dial  goodbye, or that nobody is there; an agent is asked what it was
agent_said  thanks, once it is stored
tested      a test call that somebody at the console asked for
called      a person calls in: put through to the firm unless they press 9, rejected, or given a
            busy signal; pressed_by_caller has what follows a key
ready_call, ready_text   an agent's phone is ready again
replied     the reply that confirms an opt-out by text, or none
firm_words  a text of the settings with the firm's name and number filled in; voicemail_words a
            voicemail, with the number that calls go out from
"""

from bridge.adapters.twilio import twiml
from bridge.adapters.twilio.urls import AGENT, CALL_STATUS, DIALED, KEYPRESS, Urls, callback_url
from bridge.agents import name_of
from bridge.consent.inbound_texts import CONNECT_KEY, OPT_OUT_KEY
from bridge.domain.agents import AFTER_THE_CALL, AT_THE_RING, AgentWord
from bridge.domain.call_screening import Reception
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.decisions import Permission
from bridge.domain.events import Talk
from bridge.domain.message_wording import fill_in
from bridge.domain.not_dialed_sentences import not_dialed
from bridge.domain.opt_out_sentences import said, written
from bridge.domain.phones import E164, display
from bridge.domain.preferences import PreferenceKind
from bridge.reporting.last_checks import may_dial, may_greet, was_dialed
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store.cases import identity
from bridge.store.consent import preferences
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.dialing import attempts, turns
from bridge.store.dialing.attempts import Attempt, AttemptState

_OUR_FIRM = "our office"
_NO_VOICEMAIL = "Leave no voicemail."
_PUT_OFF = {AgentWord.LATER: "in an hour", AgentWord.TOMORROW: "another day"}
_TURNED_AWAY = {Reception.REJECTED: twiml.rejected, Reception.BUSY: twiml.busy}


def answered(runtime: Runtime, attempt_id: str | None) -> str:
    """The prompt for whoever has picked up."""
    attempt = _attempt(runtime, attempt_id)
    settings = runtime.settings
    firm, phone = settings.firm_name, settings.firm_phone
    if attempt is None or firm is None or phone is None:
        return twiml.goodbye()
    action = _urls(runtime, attempt).of(KEYPRESS)
    if attempt.via_firm:
        return _stopped(runtime, attempt) or _announced(runtime, attempt, action)
    greets = may_greet(runtime, attempt)
    return twiml.greeting(firm, phone, action) if greets else twiml.goodbye()


def pressed(runtime: Runtime, attempt_id: str | None, key: str, opt_out: OptOutScope | None) -> str:
    """What follows a key, or none; `opt_out` is what the key has ended, if that is stored."""
    try:
        attempt = _attempt(runtime, attempt_id)
    except UNREACHABLE:
        if key != OPT_OUT_KEY:
            raise
        if opt_out is None:
            return _opt_out_failed(runtime.settings)
        return twiml.opted_out(said(opt_out, runtime.settings.firm_name or _OUR_FIRM))
    if attempt is None:
        return twiml.goodbye()
    urls = _urls(runtime, attempt)
    if attempt.via_firm:
        return _agent_pressed(runtime, attempt, urls, key)
    if key == OPT_OUT_KEY and opt_out is None:
        return _opt_out_failed(runtime.settings)
    return _answer_key(runtime.settings, urls, key, opt_out)


def _answer_key(settings: Settings, urls: Urls, key: str, opt_out: OptOutScope | None) -> str:
    firm, phone, caller_id = settings.firm_name, settings.firm_phone, settings.from_number
    if firm is None or phone is None:
        return twiml.goodbye()
    if key == OPT_OUT_KEY and opt_out is not None:
        return twiml.opted_out(said(opt_out, firm))
    if key == CONNECT_KEY:
        return twiml.put_through(firm, phone, caller_id, urls.of(DIALED), settings.talk_limit)
    if not key:
        return twiml.prompt_again(firm, phone, urls.of(KEYPRESS))
    return twiml.greeting(firm, phone, urls.of(KEYPRESS))


def _opt_out_failed(settings: Settings) -> str:
    return twiml.opt_out_failed(settings.firm_name or _OUR_FIRM, settings.firm_phone)


def after_dial(runtime: Runtime, attempt_id: str | None, spoke: Talk) -> str:
    """What is said when putting somebody through has ended."""
    settings, attempt = runtime.settings, _attempt(runtime, attempt_id)
    if attempt is not None and attempt.via_firm:
        if spoke is Talk.MISSED:
            return twiml.not_reached()
        return twiml.what_was_it(_urls(runtime, attempt).of(AGENT))
    if spoke is not Talk.MISSED or settings.firm_phone is None:
        return twiml.goodbye()
    return twiml.nobody_there(settings.firm_name or _OUR_FIRM, settings.firm_phone)


def tested(runtime: Runtime) -> str:
    """A test call was answered: what it is, and goodbye."""
    return twiml.test_call(runtime.settings.firm_name or _OUR_FIRM)


def ready_call(runtime: Runtime, phone: str) -> str:
    """An agent has called from this phone to be rung again."""
    return twiml.is_ready(name_of(runtime.settings, E164(phone)))


def ready_text(runtime: Runtime, phone: str) -> str:
    """The same by text."""
    return twiml.reply(f"{name_of(runtime.settings, E164(phone))} is ready for calls.")


def called(runtime: Runtime, turned_away: Reception | None, caller: E164 | None) -> str:
    """A person who calls is put through, unless the call is turned away.

    Before that, key 9 opts out whoever can be: a caller with a number. The firm sees it.
    """
    settings = runtime.settings
    if turned_away is not None:
        return _TURNED_AWAY[turned_away]()
    if settings.firm_phone is None or caller is None:
        return _put_caller_through(settings)
    key_url, dialed_url = (
        callback_url(settings.public_url or "", route) for route in (KEYPRESS, DIALED)
    )
    return twiml.put_caller_through(
        settings.firm_name or _OUR_FIRM,
        settings.firm_phone,
        (key_url, dialed_url),
        settings.talk_limit,
    )


def pressed_by_caller(runtime: Runtime, key: str, opt_out: OptOutScope | None) -> str:
    """What follows a key of a person who calls in: 9 opts out, any other connects at once."""
    settings = runtime.settings
    if key != OPT_OUT_KEY:
        return _put_caller_through(settings)
    if opt_out is None:
        return _opt_out_failed(settings)
    return twiml.opted_out(said(opt_out, settings.firm_name or _OUR_FIRM))


def _put_caller_through(settings: Settings) -> str:
    if settings.firm_phone is None:
        return twiml.goodbye()
    action = callback_url(settings.public_url or "", DIALED)
    return twiml.put_through(
        settings.firm_name or _OUR_FIRM, settings.firm_phone, None, action, settings.talk_limit
    )


def replied(runtime: Runtime, opt_out: OptOutScope | None) -> str:
    """One reply that confirms an opt-out by text, or no reply."""
    if opt_out is None:
        return twiml.no_reply()
    settings = runtime.settings
    return twiml.reply(written(opt_out, settings.firm_name or _OUR_FIRM, settings.firm_phone))


def agent_said(runtime: Runtime, attempt_id: str | None, key: str) -> str:
    """What an agent hears who has said by key what a call was."""
    attempt = _attempt(runtime, attempt_id)
    if attempt is None or attempt.agent is None:
        return twiml.goodbye()
    word = AFTER_THE_CALL.get(key)
    if word is None:
        return twiml.what_was_it(_urls(runtime, attempt).of(AGENT))
    is_stored = attempt.agent_said not in {None, AgentWord.TAKEN}
    return twiml.noted() if is_stored else twiml.not_noted()


def _announced(runtime: Runtime, attempt: Attempt, action: str) -> str:
    """What an agent hears of a call: nothing that tells a stranger whose it is."""
    with runtime.db.read() as connection:
        turn = turns.get(connection, attempt.turn_id)
        wanted = _wanted(runtime, connection, attempt)
    words = runtime.settings.dial_announcement.format(
        case=" ".join(str(attempt.case_id)),
        campaign=turn.campaign or "not named",
        attempt=turn.attempts + 1,
        firm=runtime.settings.firm_name or _OUR_FIRM,
    )
    if PreferenceKind.NO_VOICEMAILS in wanted:
        words = f"{words} {_NO_VOICEMAIL}"
    return twiml.for_the_agent(words, action)


def _wanted(runtime: Runtime, connection: Connection, attempt: Attempt) -> set[PreferenceKind]:
    who = identity.identify(
        connection, attempt.case_id, attempt.phone, runtime.settings.own_numbers
    )
    return {wanted.kind for wanted in preferences.in_effect(connection, who)}


def _agent_pressed(runtime: Runtime, attempt: Attempt, urls: Urls, key: str) -> str:
    """What follows the key of an agent who is rung; what it says was stored before."""
    word = AT_THE_RING.get(key)
    if word in _PUT_OFF:
        return twiml.put_off(_PUT_OFF[word])
    if word is not AgentWord.TAKEN:
        return _announced(runtime, attempt, urls.of(KEYPRESS))
    return _connect_person(runtime, attempt, urls)


def _connect_person(runtime: Runtime, attempt: Attempt, urls: Urls) -> str:
    settings = runtime.settings
    if settings.from_number is None:
        return twiml.goodbye()
    return _stopped(runtime, attempt) or twiml.put_through_to_person(
        attempt.phone,
        settings.from_number,
        settings.dial_ring_seconds,
        (urls.of(DIALED), urls.of(CALL_STATUS)),
        settings.talk_limit,
    )


def _stopped(runtime: Runtime, attempt: Attempt) -> str | None:
    """What the firm hears where the person may not be dialed any more; None where they may."""
    if attempt.state in {AttemptState.CANCELED, AttemptState.REFUSED}:
        return twiml.not_now(not_dialed(()))
    if was_dialed(runtime, attempt):
        return twiml.goodbye()
    decision = may_dial(runtime, attempt)
    if decision.permission is Permission.ALLOW:
        return None
    return twiml.not_now(not_dialed(one.rule for one in decision.restrictions))


def _attempt(runtime: Runtime, attempt_id: str | None) -> Attempt | None:
    if attempt_id is None:
        return None
    with runtime.db.read() as connection:
        return attempts.get(connection, attempt_id)


def _urls(runtime: Runtime, attempt: Attempt) -> Urls:
    return Urls(runtime.settings.public_url or "", attempt.case_id, attempt.id)


def voicemail_words(settings: Settings, template: str) -> str:
    """A voicemail of the settings as it is left.

    It names the number that the bridge answers: whoever calls there can opt out by a key at any
    hour, and is put through to the firm otherwise.
    """
    phone = display(settings.from_number) if settings.from_number else ""
    return fill_in(template, firm=settings.firm_name or "", phone=phone)


def firm_words(settings: Settings, template: str) -> str:
    """A text of the settings as people get it."""
    phone = display(settings.firm_phone) if settings.firm_phone else ""
    return fill_in(template, firm=settings.firm_name or "", phone=phone)
