"""Twilio's REST API through its SDK: placing, asking, ending; its answers sorted by code.

The SDK has no timeouts by default, and what goes wrong surfaces as three families of exceptions
(twilio.md, section 6). Here all become four facts: refused, wait, unsure whether it was done, and
the account lets nothing through. Safe to use from many threads: each has a client of its own.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import requests
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from bridge.adapters.twilio.callbacks import ANSWERS, STATUSES
from bridge.adapters.twilio.codes import Meaning, meaning
from bridge.domain.events import Answer, Channel, Direction, Event, Status
from bridge.domain.phones import E164
from bridge.errors import Barred, BridgeError, NotKnown, Permanent, Transient, Unsure

ANSWER_SECONDS = 35.0
"""Twilio itself gives a request up after 26 to 30 s (twilio.md, section 4)."""

_STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
_MOST_LISTED = 50
_NO_LONGER_LIVE = "21220"
_ABOUT_THE_ACCOUNT = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}
)


@dataclass(frozen=True)
class Account:
    """Whose account and which numbers."""

    sid: str
    token: str
    from_number: E164
    messaging_service: str | None
    api_url: str


@dataclass(frozen=True)
class Dial:
    """A call to be placed."""

    to: E164
    answer_url: str
    status_url: str
    machine_url: str
    ring_seconds: int
    wait_for_beep: bool
    """Whether detection waits for the end of a machine's greeting."""


@dataclass(frozen=True)
class Text:
    """A text to be sent."""

    to: E164
    body: str
    status_url: str
    valid_for: timedelta
    """What isn't delivered by then is dropped."""


@dataclass(frozen=True)
class Found:
    """A call or text as Twilio shows it."""

    sid: str
    created_at: datetime
    sender: str
    parent_sid: str | None
    event: Event | None
    """What it says of the call or text; None for a status that the bridge has no word for."""


class Twilio:
    """The firm's Twilio account."""

    def __init__(self, account: Account, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._account = account
        self._answer_seconds = answer_seconds
        self._local = threading.local()

    def prepare(self) -> None:
        """Make this thread's client ready, so that its first request leaves as quickly as others.

        The SDK loads its modules when they are first used, which takes some 50 ms.
        """
        client = self._client()
        _ = client.calls, client.messages

    def call(self, dial: Dial) -> str:
        """Place a call; return its sid.

        Raises:
            Permanent, Transient, Unsure, Barred: see `_placing`.
        """
        with _placing("the call"):
            made = self._client().calls.create(
                to=dial.to,
                from_=self._account.from_number,
                url=dial.answer_url,
                method="POST",
                status_callback=dial.status_url,
                status_callback_method="POST",
                status_callback_event=_STATUS_EVENTS,
                timeout=dial.ring_seconds,
                machine_detection="DetectMessageEnd" if dial.wait_for_beep else "Enable",
                # A string: the SDK would send Python's True as "True" (twilio.md, 1.1).
                async_amd="true",
                async_amd_status_callback=dial.machine_url,
                async_amd_status_callback_method="POST",
            )
        return str(made.sid)

    def call_firm(self, dial: Dial) -> str:
        """Ring the firm's own phone, without detection: whoever answers presses a key."""
        with _placing("the call"):
            made = self._client().calls.create(
                to=dial.to,
                from_=self._account.from_number,
                url=dial.answer_url,
                method="POST",
                status_callback=dial.status_url,
                status_callback_method="POST",
                status_callback_event=_STATUS_EVENTS,
                timeout=dial.ring_seconds,
            )
        return str(made.sid)

    def text(self, text: Text) -> str:
        """Send a text; return its sid.

        Raises:
            Permanent, Transient, Unsure, Barred: see `_placing`.
        """
        service = self._account.messaging_service
        sender: dict[str, str] = (
            {"messaging_service_sid": service} if service else {"from_": self._account.from_number}
        )
        with _placing("the text"):
            made = self._client().messages.create(
                to=text.to,
                body=text.body,
                status_callback=text.status_url,
                validity_period=int(text.valid_for.total_seconds()),
                **sender,
            )
        return str(made.sid)

    def end(self, sid: str, twiml: str | None = None) -> bool:
        """End a live call, or let it hear other TwiML; False when it is no longer live.

        Raises:
            Transient, Unsure, Barred, Permanent: Twilio didn't do it.
        """
        return self._update(sid, {"twiml": twiml} if twiml else {"status": "completed"})

    def cancel(self, sid: str) -> bool:
        """Cancel a call that waits or rings; False when it is too late."""
        return self._update(sid, {"status": "canceled"})

    def _update(self, sid: str, change: Mapping[str, str]) -> bool:
        try:
            with _placing("the change of the call"):
                self._client().calls(sid).update(**change)
        except Permanent as error:
            if error.code == _NO_LONGER_LIVE:
                return False
            raise
        return True

    def find(self, channel: Channel, sid: str) -> Found:
        """A call or text as it stands now.

        Raises:
            NotKnown: Twilio has none with this sid.
            Transient, Barred, Permanent: Twilio can't be asked.
        """
        with _asking():
            client = self._client()
            if channel is Channel.CALL:
                return _call(client.calls(sid).fetch())
            return _text(client.messages(sid).fetch())

    def sent_to(self, channel: Channel, phone: E164) -> list[Found]:
        """The newest calls or texts to this number.

        Raises:
            Transient, Barred, Permanent: Twilio can't be asked.
        """
        with _asking():
            client = self._client()
            if channel is Channel.CALL:
                return [_call(one) for one in client.calls.list(to=phone, limit=_MOST_LISTED)]
            return [_text(one) for one in client.messages.list(to=phone, limit=_MOST_LISTED)]

    def legs_of(self, sid: str) -> list[Found]:
        """The legs of a call.

        Raises:
            Transient, Barred, Permanent: Twilio can't be asked.
        """
        with _asking():
            legs = self._client().calls.list(parent_call_sid=sid, limit=_MOST_LISTED)
            return [_call(one) for one in legs]

    def is_active(self) -> bool:
        """Whether the account is in use: neither suspended nor closed.

        Raises:
            Transient, Barred, Permanent: Twilio can't be asked, or refuses the credentials.
        """
        with _asking():
            account = self._client().api.accounts(self._account.sid).fetch()
            return bool(account.status == "active")

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = Client(
                self._account.sid,
                self._account.token,
                http_client=TwilioHttpClient(timeout=self._answer_seconds),
                # Or else TWILIO_EDGE and TWILIO_REGION would change the address under our hands.
                environment={"TWILIO_REGION": "", "TWILIO_EDGE": ""},
            )
            client.api.base_url = self._account.api_url
            self._local.client = client
        return client


@contextmanager
def _placing(what: str) -> Iterator[None]:
    """Sort what may go wrong with a request that changes something.

    Raises:
        Permanent: refused; its code is Twilio's.
        Transient: not done, and the same request may pass later.
        Unsure: nobody knows whether it was done: the answer was lost, or says it is Twilio's fault.
        Barred: the account lets nothing through.
    """
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        raise _refusal(error, what) from error
    except requests.ConnectTimeout as error:
        raise Transient("unreachable", "Twilio can't be reached") from error
    except requests.ConnectionError as error:
        if isinstance(getattr(error.args[0] if error.args else None, "reason", None),
                      NewConnectionError):  # fmt: skip
            raise Transient("unreachable", "Twilio can't be reached") from error
        raise Unsure("lost", f"Twilio's answer about {what} was lost") from error
    except TwilioException as error:
        raise _unread_page(error, what) from error
    except (requests.RequestException, ValueError) as error:
        raise Unsure("lost", f"Twilio's answer about {what} was lost") from error


@contextmanager
def _asking() -> Iterator[None]:
    """Sort what may go wrong with a question: there, a lost answer is nothing but a wait."""
    try:
        with _placing("a question"):
            yield
    except Unsure as error:
        raise Transient(error.code, error.sentence) from error


def _unread_page(error: TwilioException, what: str) -> BridgeError:
    """Lists are refused with a plain exception that carries the answer as its second argument."""
    answer = error.args[1] if len(error.args) > 1 else None
    if not isinstance(answer, Response):
        return Unsure("lost", f"Twilio's answer about {what} could not be read")
    try:
        said = json.loads(answer.text)
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    # Never NotKnown, whatever the status: an account that isn't found says nothing of a call.
    refused = TwilioRestException(
        answer.status_code, "", str(said.get("message", "")), said.get("code"), method="LIST"
    )
    return _refusal(refused, what)


def _refusal(error: Any, what: str) -> BridgeError:
    code = error.code if isinstance(error.code, int) else error.status
    said = getattr(error, "msg", None) or getattr(error, "title", "")
    words = f"{code} {' '.join(str(said).split())}"[:300]
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unsure(f"http-{error.status}", f"Twilio failed over {what}: {words}")
    kind: Meaning = meaning(code)
    if error.status == HTTPStatus.TOO_MANY_REQUESTS or kind is Meaning.WAIT:
        return Transient(str(code), f"Twilio wants {what} later: {words}")
    if error.status == HTTPStatus.NOT_FOUND and error.method == "GET":
        return NotKnown(str(code), f"Twilio knows no such call or text: {words}")
    about_the_account = error.status in _ABOUT_THE_ACCOUNT and kind is Meaning.REFUSED
    if about_the_account or kind is Meaning.ACCOUNT:
        return Barred(str(code), f"Twilio lets nothing through: {words}")
    return Permanent(str(code), f"Twilio refused {what}: {words}")


def _call(made: Any) -> Found:
    return _found(
        made,
        Channel.CALL,
        parent_sid=made.parent_call_sid,
        duration=_whole(made.duration),
        answer=ANSWERS.get(made.answered_by or "", Answer.UNSAID),
        ended_at=made.end_time,
    )


def _text(made: Any) -> Found:
    return _found(made, Channel.TEXT, error_code=_whole(made.error_code))


def _found(
    made: Any,
    channel: Channel,
    *,
    parent_sid: str | None = None,
    duration: int | None = None,
    answer: Answer = Answer.UNSAID,
    error_code: int | None = None,
    ended_at: datetime | None = None,
) -> Found:
    status: Status | None = STATUSES[channel].get(str(made.status))
    inbound = str(made.direction).startswith("inbound")
    event = (
        None
        if status is None
        else Event(
            channel=channel,
            sid=str(made.sid),
            status=status,
            direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
            person=_sender(made) if inbound else str(made.to),
            parent_sid=parent_sid,
            occurred_at=ended_at,
            duration=duration,
            answer=answer,
            error_code=error_code,
        )
    )
    return Found(
        sid=str(made.sid),
        created_at=(made.date_created or datetime.now(UTC)).astimezone(UTC),
        sender=_sender(made),
        parent_sid=parent_sid,
        event=event,
    )


def _whole(said: object) -> int | None:
    text = str(said or "")
    return int(text) if text.isdigit() else None


def _sender(made: Any) -> str:
    """`From`, which the SDK calls differently for calls and for texts."""
    shown = vars(made)
    return str(shown.get("_from") or shown.get("from_") or "")
