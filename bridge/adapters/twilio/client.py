"""Twilio's REST API through its SDK: placing, asking, ending; its answers sorted by code.

The SDK has no timeouts by default, and what goes wrong surfaces as three families of exceptions
(twilio.md, section 6). Here all become four facts: refused, wait, unsure whether it was done, and
the account lets nothing through. Safe to use from many threads: each has a client of its own.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bridge.adapters.retry_after import retry_after
from bridge.adapters.twilio.failures import sorted_out
from bridge.adapters.twilio.fetched import FetchedRecord, fetched_call, fetched_text
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.errors import OutcomeUnknown, Permanent, Transient

ANSWER_SECONDS = 35.0
"""Twilio itself gives a request up after 26 to 30 s (twilio.md, section 4)."""

_STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
_MOST_LISTED = 50
_NO_LONGER_LIVE = "21220"


@dataclass(frozen=True)
class Account:
    """Whose account and which numbers."""

    sid: str
    token: str = field(repr=False)
    from_number: E164
    messaging_service: str | None
    api_url: str


@dataclass(frozen=True)
class OutgoingCall:
    """A call to be placed."""

    to: E164
    answer_url: str
    status_url: str
    machine_url: str
    ring_seconds: int
    wait_for_beep: bool
    """Whether detection waits for the end of a machine's greeting."""


@dataclass(frozen=True)
class OutgoingText:
    """A text to be sent."""

    to: E164
    body: str = field(repr=False)
    status_url: str
    valid_for: timedelta
    """What isn't delivered by then is dropped."""


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

    def call(self, dial: OutgoingCall) -> str:
        """Place a call; return its sid.

        Raises:
            Permanent, Transient, Unsure, Barred: see `_placing` below.
        """
        with self._placing("the call"):
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
            return _sid(made, "CA")

    def call_firm(self, dial: OutgoingCall) -> str:
        """Ring the firm's own phone, without detection: whoever answers presses a key."""
        with self._placing("the call"):
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
            return _sid(made, "CA")

    def text(self, text: OutgoingText) -> str:
        """Send a text; return its sid.

        Raises:
            Permanent, Transient, Unsure, Barred: see `_placing` below.
        """
        service = self._account.messaging_service
        sender: dict[str, str] = (
            {"messaging_service_sid": service} if service else {"from_": self._account.from_number}
        )
        with self._placing("the text"):
            made = self._client().messages.create(
                to=text.to,
                body=text.body,
                status_callback=text.status_url,
                validity_period=int(text.valid_for.total_seconds()),
                **sender,
            )
            return _sid(made, "SM", "MM")

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
            with self._placing("the change of the call"):
                self._client().calls(sid).update(**change)
        except Permanent as error:
            if error.code == _NO_LONGER_LIVE:
                return False
            raise
        return True

    def find(self, channel: Channel, sid: str) -> FetchedRecord:
        """A call or text as it stands now.

        Raises:
            NotKnown: Twilio has none with this sid.
            Transient, Barred, Permanent: Twilio can't be asked.
        """
        with self._asking():
            client = self._client()
            if channel is Channel.CALL:
                return fetched_call(client.calls(sid).fetch())
            return fetched_text(client.messages(sid).fetch())

    def sent_to(self, channel: Channel, phone: E164) -> list[FetchedRecord]:
        """The newest calls or texts to this number.

        Raises:
            Transient, Barred, Permanent: Twilio can't be asked.
        """
        with self._asking():
            client = self._client()
            if channel is Channel.CALL:
                return [
                    fetched_call(one) for one in client.calls.list(to=phone, limit=_MOST_LISTED)
                ]
            return [fetched_text(one) for one in client.messages.list(to=phone, limit=_MOST_LISTED)]

    def legs_of(self, sid: str) -> list[FetchedRecord]:
        """The legs of a call.

        Raises:
            Transient, Barred, Permanent: Twilio can't be asked.
        """
        with self._asking():
            legs = self._client().calls.list(parent_call_sid=sid, limit=_MOST_LISTED)
            return [fetched_call(one) for one in legs]

    def is_active(self) -> bool:
        """Whether the account is in use: neither suspended nor closed.

        Raises:
            Transient, Barred, Permanent: Twilio can't be asked, or refuses the credentials.
        """
        with self._asking():
            account = self._client().api.accounts(self._account.sid).fetch()
            return bool(account.status == "active")

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = Client(
                self._account.sid,
                self._account.token,
                http_client=TwilioHttpClient(
                    timeout=self._answer_seconds, request_hooks={"response": self._note_pause}
                ),
                # Or else TWILIO_EDGE and TWILIO_REGION would change the address under our hands.
                environment={"TWILIO_REGION": "", "TWILIO_EDGE": ""},
            )
            client.api.base_url = self._account.api_url
            self._local.client = client
        return client

    def _note_pause(self, answer: requests.Response, **_: Any) -> None:
        """The SDK's exceptions don't carry the answer's headers."""
        self._local.pause = retry_after(answer.headers, datetime.now(UTC))

    @contextmanager
    def _placing(self, what: str) -> Iterator[None]:
        """Sort what may go wrong with a request that changes something.

        Raises:
            Permanent: refused; its code is Twilio's.
            Transient: not done, and the same request may pass later.
            Unsure: nobody knows whether it was done: the answer was lost, or Twilio failed over it.
            Barred: the account lets nothing through.
        """
        self._local.pause = None
        with sorted_out(what, lambda: getattr(self._local, "pause", None)):
            yield

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Sort what may go wrong with a question: there, a lost answer is nothing but a wait."""
        try:
            with self._placing("a question"):
                yield
        except OutcomeUnknown as error:
            raise Transient(error.code, error.sentence) from error


def _sid(made: Any, *prefixes: str) -> str:
    """The sid of what was made.

    Raises:
        ValueError: Twilio's answer has none: it may have been made all the same.
    """
    sid = made.sid
    if not isinstance(sid, str) or not sid.startswith(prefixes):
        raise ValueError("an answer without a sid")
    return sid
