"""What is said on the line and sent in reply, as TwiML by the SDK.

The firm's name comes first and nothing tells what the call is about: whoever picks up may hear it
(docs/reference/law.md#confidentiality). Every action is an absolute URL.
"""

from datetime import timedelta

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from bridge.domain.phones import E164, display

_GATHER_SECONDS = 6
_CALLER_GATHER_SECONDS = 2
_DIAL_SECONDS = 25
_PAUSE_SECONDS = 1
_KEYS_AT_THE_RING = "Press 1 to call, 2 in an hour, 3 not today."
_KEYS_AFTER_THE_CALL = (
    "What was it? Press 1 if you talked, 2 if you left a voicemail, 3 for a wrong person, 4 for do "
    "not call again."
)


def greeting(firm: str, phone: E164, action: str) -> str:
    """The prompt to a person who has picked up: 9 opts out, 1 connects.

    Silence is posted too: by it the bridge learns that the prompt was heard to its end.
    """
    response = VoiceResponse()
    response.append(_gather(_prompt(firm, phone), action, action_on_empty_result=True))
    return str(response)


def prompt_again(firm: str, phone: E164, action: str) -> str:
    """The prompt again for a person who pressed nothing, then the number and goodbye."""
    response = VoiceResponse()
    response.append(_gather(_prompt(firm, phone), action))
    response.say(f"Please call {firm} at {_spoken(phone)}. Goodbye.")
    response.hangup()
    return str(response)


def put_through(
    firm: str, to: E164, caller_id: E164 | None, action: str, longest: timedelta
) -> str:
    """Connects the person on the line to the firm, for this long at most."""
    response = VoiceResponse()
    if caller_id:
        response.say(f"Please hold while we connect you to {firm}.")
    dial = _dial(action, _DIAL_SECONDS, caller_id, longest)
    dial.number(to)
    response.append(dial)
    return str(response)


def put_caller_through(firm: str, to: E164, urls: tuple[str, str], longest: timedelta) -> str:
    """Connects a person who calls in to the firm, unless they press 9 first.

    `urls` are where Twilio goes on at a key, and when the call has ended. The firm sees the
    person's own number.
    """
    key_url, dialed_url = urls
    response = VoiceResponse()
    words = (
        f"Thank you for calling {firm}. Press 9 to stop our calls and texts, or hold to be "
        "connected."
    )
    response.append(_gather(words, key_url, seconds=_CALLER_GATHER_SECONDS))
    dial = _dial(dialed_url, _DIAL_SECONDS, None, longest)
    dial.number(to)
    response.append(dial)
    return str(response)


def for_the_agent(announcement: str, action: str) -> str:
    """The prompt to an agent who is rung first: what the call is, and what the keys do."""
    return _asked_twice(f"{announcement} {_KEYS_AT_THE_RING}", action)


def what_was_it(action: str) -> str:
    """The prompt to an agent once the person's side has ended."""
    return _asked_twice(_KEYS_AFTER_THE_CALL, action)


def put_off(when: str) -> str:
    """Confirms to an agent that a call was put off."""
    return _farewell(f"We will call {when}. Goodbye.")


def noted() -> str:
    """Confirms to an agent that it was noted what a call was."""
    return _farewell("Thank you. It is noted. Goodbye.")


def not_noted() -> str:
    """Says to an agent that a key could not be stored."""
    return _farewell("We are sorry, that did not work. Please note it in the case. Goodbye.")


def is_ready(name: str) -> str:
    """Confirms to whoever calls from an agent's phone that it is rung again."""
    return _farewell(f"Thank you. {name} is ready for calls. Goodbye.")


def put_through_to_person(
    to: E164, caller_id: E164, ring_seconds: int, urls: tuple[str, str], longest: timedelta
) -> str:
    """Dials the person for the agent who has pressed 1, for this long at most.

    The star ends the person's side, so that the agent can still say what it was.

    `urls` are where Twilio goes on when that has ended, and where it reports on the person's leg.
    """
    action, status_url = urls
    response = VoiceResponse()
    response.say("Calling. Press star when you are done.")
    dial = _dial(action, ring_seconds, caller_id, longest, hangup_on_star=True)
    dial.number(
        to,
        status_callback=status_url,
        status_callback_method="POST",
        status_callback_event="initiated ringing answered completed",
    )
    response.append(dial)
    return str(response)


def opted_out(what_ends: str) -> str:
    """Confirms an opt-out, and hangs up."""
    return _farewell(f"{what_ends} Goodbye.")


def opt_out_failed(firm: str, phone: E164 | None) -> str:
    """Says that an opt-out could not be stored, and whom to tell instead."""
    where = f"call {firm} at {_spoken(phone)}" if phone else "text STOP to the number that called"
    return _farewell(
        f"We are sorry, that did not work. Please {where}, and we will stop calling you. Goodbye."
    )


def not_reached() -> str:
    """For the firm, when it was rung first: the person didn't take the call."""
    return _farewell("The client did not answer. Goodbye.")


def nobody_there(firm: str, phone: E164) -> str:
    """Nobody at the firm picked up."""
    return _farewell(
        f"We are sorry, nobody at {firm} can take your call right now. "
        f"Please call us back at {_spoken(phone)}. Goodbye."
    )


def not_now(why: str) -> str:
    """For the firm: the person may not be called any more; `why` says so, and what to do."""
    return _farewell(f"{why} Goodbye.")


def test_call(firm: str) -> str:
    """For whoever asked at the console whether calls go out."""
    return _farewell(f"This is a test call of {firm}. Goodbye.")


def rejected() -> str:
    """Doesn't take the call: the caller hears that the number is not in service."""
    response = VoiceResponse()
    response.reject()
    return str(response)


def busy() -> str:
    """Doesn't take the call: the caller hears a busy signal."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)


def goodbye() -> str:
    """Hangs up."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def voicemail(words: str) -> str:
    """What is left on a machine, after the beep."""
    response = VoiceResponse()
    response.pause(length=_PAUSE_SECONDS)
    response.say(words)
    response.hangup()
    return str(response)


def no_reply() -> str:
    """No reply to a text."""
    return str(MessagingResponse())


def reply(words: str) -> str:
    """One reply to a text."""
    response = MessagingResponse()
    response.message(words)
    return str(response)


def _prompt(firm: str, phone: E164) -> str:
    """The order is fixed: who calls, how to stop it, how to talk, where to call back.

    The way out comes within two seconds of the name (docs/reference/law.md).
    """
    return (
        f"Hello, this is {firm}. Press 9 to stop these calls. Press 1 to speak with us. "
        f"You can also call us at {_spoken(phone)}."
    )


def _gather(
    words: str,
    action: str,
    *,
    seconds: int = _GATHER_SECONDS,
    action_on_empty_result: bool | None = None,
) -> Gather:
    gather = Gather(
        action=action,
        method="POST",
        num_digits=1,
        timeout=seconds,
        input="dtmf",
        action_on_empty_result=action_on_empty_result,
    )
    gather.say(words)
    return gather


def _asked_twice(words: str, action: str) -> str:
    response = VoiceResponse()
    for _ in range(2):
        response.append(_gather(words, action))
    response.hangup()
    return str(response)


def _dial(
    action: str,
    ring_seconds: int,
    caller_id: E164 | None,
    longest: timedelta,
    *,
    hangup_on_star: bool | None = None,
) -> Dial:
    return Dial(
        action=action,
        method="POST",
        timeout=ring_seconds,
        answer_on_bridge=True,
        caller_id=caller_id,
        time_limit=int(longest.total_seconds()),
        hangup_on_star=hangup_on_star,
    )


def _farewell(words: str) -> str:
    response = VoiceResponse()
    response.say(words)
    response.hangup()
    return str(response)


def _spoken(phone: E164) -> str:
    """A number digit by digit: Twilio reads `12345` as one (docs/reference/twilio.md#twiml)."""
    return " ".join(character for character in display(phone) if character.isdigit())
