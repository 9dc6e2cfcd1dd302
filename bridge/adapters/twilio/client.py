"""Twilio's REST API through its SDK: places, fetches and ends calls, and sends texts.

The SDK has no timeouts by default, and it raises three families of exceptions
(docs/reference/twilio.md#the-python-library); `failures.py` translates them. Safe to use from many
threads: each has a client of its own.
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
from bridge.adapters.twilio.failures import translated_errors
from bridge.adapters.twilio.fetched import FetchedRecord, fetched_call, fetched_text
from bridge.adapters.twilio.number_webhooks import Webhooks, webhooks_of
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.errors import OutcomeUnknown, Permanent, Transient

ANSWER_SECONDS = 35.0
"""Twilio itself gives up a request after 26 to 30 s (docs/reference/twilio.md#limits)."""

_STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
_MAX_LISTED = 50
_CALL_HAS_ENDED = "21220"


@dataclass(frozen=True)
class Account:
    """The account, and the number or service it sends from."""

    sid: str
    token: str = field(repr=False)
    from_number: E164
    messaging_service: str | None
    api_url: str


@dataclass(frozen=True)
class AccountStatus:
    """How Twilio calls the account, and whether it may be used."""

    name: str
    status: str
    """`active`, `suspended` or `closed`."""

    @property
    def is_active(self) -> bool:
        """Whether the account is in use: neither suspended nor closed."""
        return self.status == "active"


@dataclass(frozen=True)
class OutgoingCall:
    """A call to place."""

    to: E164
    answer_url: str
    status_url: str
    machine_url: str
    ring_seconds: int
    wait_for_beep: bool
    """Whether machine detection waits for the end of the greeting."""


@dataclass(frozen=True)
class OutgoingText:
    """A text to send."""

    to: E164
    body: str = field(repr=False)
    status_url: str
    valid_for: timedelta
    """Twilio drops the text if it isn't delivered by then."""


class Twilio:
    """The firm's Twilio account."""

    def __init__(self, account: Account, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._account = account
        self._answer_seconds = answer_seconds
        self._local = threading.local()

    def warm_up(self) -> None:
        """Create this thread's client, so that its first request is as fast as later ones.

        The SDK loads its modules when they are first used, which takes about 50 ms.
        """
        client = self._client()
        _ = client.calls, client.messages

    def call(self, dial: OutgoingCall) -> str:
        """Place a call; return its SID.

        Raises:
            Permanent, Transient, OutcomeUnknown, AccountBlocked: see `_changing` below.
        """
        return self._place(
            dial,
            machine_detection="DetectMessageEnd" if dial.wait_for_beep else "Enable",
            # A string: the SDK would send Python's True as "True"
            # (docs/reference/twilio.md#placing-a-call).
            async_amd="true",
            async_amd_status_callback=dial.machine_url,
            async_amd_status_callback_method="POST",
        )

    def call_firm(self, dial: OutgoingCall) -> str:
        """Ring somebody at the firm, without detection of machines."""
        return self._place(dial)

    def _place(self, dial: OutgoingCall, **detection: str) -> str:
        with self._changing("the call"):
            made = self._client().calls.create(
                to=dial.to,
                from_=self._account.from_number,
                url=dial.answer_url,
                method="POST",
                status_callback=dial.status_url,
                status_callback_method="POST",
                status_callback_event=_STATUS_EVENTS,
                timeout=dial.ring_seconds,
                **detection,
            )
            return _sid(made, "CA")

    def text(self, text: OutgoingText) -> str:
        """Send a text; return its SID.

        Raises:
            Permanent, Transient, OutcomeUnknown, AccountBlocked: see `_changing` below.
        """
        service = self._account.messaging_service
        sender: dict[str, str] = (
            {"messaging_service_sid": service} if service else {"from_": self._account.from_number}
        )
        with self._changing("the text"):
            made = self._client().messages.create(
                to=text.to,
                body=text.body,
                status_callback=text.status_url,
                validity_period=int(text.valid_for.total_seconds()),
                **sender,
            )
            return _sid(made, "SM", "MM")

    def end(self, sid: str, twiml: str | None = None) -> bool:
        """End a live call, or continue it with other TwiML; False if it has ended already.

        Raises:
            Permanent, Transient, OutcomeUnknown, AccountBlocked: see `_changing` below.
        """
        return self._update(sid, {"twiml": twiml} if twiml else {"status": "completed"})

    def cancel(self, sid: str) -> bool:
        """Cancel a queued or ringing call; False if it is too late."""
        return self._update(sid, {"status": "canceled"})

    def _update(self, sid: str, change: Mapping[str, str]) -> bool:
        try:
            with self._changing("the change of the call"):
                self._client().calls(sid).update(**change)
        except Permanent as error:
            if error.code == _CALL_HAS_ENDED:
                return False
            raise
        return True

    def fetch(self, channel: Channel, sid: str) -> FetchedRecord:
        """The current state of a call or text.

        Raises:
            NotKnown: Twilio has none with this SID.
            Transient, AccountBlocked, Permanent: the request failed.
        """
        with self._fetching():
            client = self._client()
            if channel is Channel.CALL:
                return fetched_call(client.calls(sid).fetch())
            return fetched_text(client.messages(sid).fetch())

    def list_to(self, channel: Channel, phone: E164) -> list[FetchedRecord]:
        """The newest calls or texts to this number.

        Raises:
            Transient, AccountBlocked, Permanent: the request failed.
        """
        with self._fetching():
            client = self._client()
            if channel is Channel.CALL:
                calls = client.calls.list(to=phone, limit=_MAX_LISTED)
                return [fetched_call(call) for call in calls]
            texts = client.messages.list(to=phone, limit=_MAX_LISTED)
            return [fetched_text(text) for text in texts]

    def list_legs(self, sid: str) -> list[FetchedRecord]:
        """The legs of a call.

        Raises:
            Transient, AccountBlocked, Permanent: the request failed.
        """
        with self._fetching():
            legs = self._client().calls.list(parent_call_sid=sid, limit=_MAX_LISTED)
            return [fetched_call(leg) for leg in legs]

    def is_active(self) -> bool:
        """Whether the account is active: neither suspended nor closed.

        Raises:
            Transient, AccountBlocked, Permanent: the request failed or the credentials are refused.
        """
        return self.status().is_active

    def status(self) -> AccountStatus:
        """The account's name and status.

        Raises:
            Transient, AccountBlocked, Permanent: Twilio can't be asked, or refuses the credentials.
        """
        with self._fetching():
            account = self._client().api.accounts(self._account.sid).fetch()
            return AccountStatus(str(account.friendly_name), str(account.status))

    def owns(self, phone: E164) -> bool:
        """Whether this is a number of the account.

        Raises:
            Transient, AccountBlocked, Permanent: Twilio can't be asked.
        """
        with self._fetching():
            # Twilio's own filter finds parts of numbers too.
            alike = self._client().incoming_phone_numbers.list(
                phone_number=phone, limit=_MAX_LISTED
            )
            return any(number.phone_number == phone for number in alike)

    def webhooks(self, phone: E164) -> Webhooks | None:
        """Where Twilio posts what comes in at a number of the account; None if it isn't one.

        Raises:
            Transient, AccountBlocked, Permanent: Twilio can't be asked.
        """
        with self._fetching():
            alike = self._client().incoming_phone_numbers.list(
                phone_number=phone, limit=_MAX_LISTED
            )
            return next(
                (webhooks_of(number) for number in alike if number.phone_number == phone), None
            )

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = Client(
                self._account.sid,
                self._account.token,
                http_client=TwilioHttpClient(
                    timeout=self._answer_seconds, request_hooks={"response": self._note_delay}
                ),
                # So that TWILIO_EDGE and TWILIO_REGION can't change the address.
                environment={"TWILIO_REGION": "", "TWILIO_EDGE": ""},
            )
            client.api.base_url = self._account.api_url
            self._local.client = client
        return client

    def _note_delay(self, response: requests.Response, **_: Any) -> None:
        """Remember Retry-After: the SDK's exceptions don't have the response's headers."""
        self._local.delay = retry_after(response.headers, datetime.now(UTC))

    @contextmanager
    def _changing(self, what: str) -> Iterator[None]:
        """Raise the bridge's errors for a request that changes something.

        Raises:
            Permanent: refused; its code is Twilio's.
            Transient: not done, and a retry may succeed.
            OutcomeUnknown: it may have been done: the response was lost, or Twilio failed.
            AccountBlocked: credentials, funds or configuration block all requests.
        """
        self._local.delay = None
        with translated_errors(what, lambda: getattr(self._local, "delay", None)):
            yield

    @contextmanager
    def _fetching(self) -> Iterator[None]:
        """Raise the bridge's errors for a request that only reads: a lost response is Transient."""
        try:
            with self._changing("a query"):
                yield
        except OutcomeUnknown as error:
            raise Transient(error.code, error.sentence) from error


def _sid(made: Any, *prefixes: str) -> str:
    """The SID of the new call or text.

    Raises:
        ValueError: the response has none; the call or text may exist all the same.
    """
    sid = made.sid
    if not isinstance(sid, str) or not sid.startswith(prefixes):
        raise ValueError("a response without a SID")
    return sid
