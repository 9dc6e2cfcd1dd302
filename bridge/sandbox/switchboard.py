"""The stand-in for Twilio behind its REST API: calls and texts, and what becomes of them.

Every call and text takes its course, as the person it is for behaves: TwiML is fetched and played,
keys are pressed, and callbacks are posted, some of them twice or late.
"""

import random
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bridge.sandbox import script
from bridge.sandbox.courier import Courier, PostCounts
from bridge.sandbox.faults import Fault, FaultOrder
from bridge.sandbox.fields import FIRM_NUMBER, call_fields, text_fields, text_in_fields
from bridge.sandbox.line import Call, Line
from bridge.sandbox.manner import Manner
from bridge.sandbox.script import Verb

_LATE_STEPS = 4
_POSTERS = 24
_AFTER_SENT = frozenset({"delivered", "undelivered"})


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Request:
    """One request of the bridge, as the journal keeps it."""

    at: float
    """Seconds of the machine's clock at arrival."""
    method: str
    path: str
    params: Mapping[str, Sequence[str]]
    status: int
    """The status of the answer; 0 for a connection that was dropped."""
    done: bool
    fault: bool


@dataclass
class SentText:
    """A text to a person."""

    sid: str
    to: str
    created_at: datetime
    at: float
    params: Mapping[str, Sequence[str]]
    status: str = "queued"
    error: int | None = None
    is_over: bool = False
    """Whether nothing more will happen to it."""

    @property
    def body(self) -> str:
        """The words."""
        return self.params["Body"][0]


@dataclass(frozen=True)
class Webhooks:
    """Where calls and texts from people are posted."""

    text: str = ""
    call: str = ""
    status: str = ""
    fallback: str = ""
    """Where a call goes whose address doesn't answer."""


@dataclass
class _State:
    calls: dict[str, Call] = field(default_factory=dict)
    texts: dict[str, SentText] = field(default_factory=dict)
    journal: list[Request] = field(default_factory=list)
    replies: list[tuple[str, str]] = field(default_factory=list)


class Switchboard:
    """The account and everything that happens in it. `rest.Server` makes it reachable."""

    def __init__(
        self,
        *,
        account_sid: str,
        token: str,
        manner: Callable[[str], Manner],
        step: float = 0.05,
        numbers: Sequence[str] = (FIRM_NUMBER,),
        chance: random.Random | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.account_sid = account_sid
        self.token = token
        self.numbers = tuple(numbers)
        self.webhooks = Webhooks()
        self.faults = FaultOrder()
        self.queueing = False
        """Whether calls stay in Twilio's queue for now, as above the account's calls per second."""
        self.records_for = step
        """Seconds that a machine goes on recording after everything has been said."""
        self.on_ringing: Callable[[Call], None] = lambda _call: None
        """What happens elsewhere while a person's phone rings."""
        self.on_prompt: Callable[[Call], None] = lambda _call: None
        """What happens elsewhere while a prompt is heard, before a key is pressed."""
        self._manner = manner
        self._step = step
        self._chance = chance
        self._clock = clock
        self._courier = Courier(token)
        self._lock = threading.Lock()
        self._state = _State()
        self._closed = threading.Event()
        self._posters = ThreadPoolExecutor(_POSTERS, thread_name_prefix="twilio")
        self._lines: list[threading.Thread] = []
        self._pending: list[Future[None]] = []

    # What a test or the sandbox may look at.

    @property
    def tally(self) -> PostCounts:
        """What was posted, and what became of it."""
        return self._courier.tally

    def calls(self) -> list[Call]:
        """All calls and their legs, in the order in which they were created."""
        with self._lock:
            return list(self._state.calls.values())

    def texts(self) -> list[SentText]:
        """All texts to people, in the order in which they were created."""
        with self._lock:
            return list(self._state.texts.values())

    def journal(self) -> list[Request]:
        """Every request, in the order of arrival."""
        with self._lock:
            return sorted(self._state.journal, key=lambda request: request.at)

    def replies(self) -> list[tuple[str, str]]:
        """The numbers that were answered by TwiML, and the words."""
        with self._lock:
            return list(self._state.replies)

    def order(self, fault: Fault | None) -> None:
        """Order a fault from now on, or none any more."""
        self.faults.place(fault)

    def is_quiet(self) -> bool:
        """Whether every call and text is over."""
        calls_over = all(call.is_over for call in self.calls())
        return calls_over and all(text.is_over for text in self.texts())

    def drain(self) -> None:
        """Wait until every callback has been posted."""
        for thread in list(self._lines):
            thread.join()
        with self._lock:
            pending, self._pending = self._pending, []
        for post in pending:
            post.result()

    def close(self) -> None:
        """Stop playing."""
        self._closed.set()
        for call in self.calls():
            call.interrupted.set()
        for thread in self._lines:
            thread.join(2)
        self._posters.shutdown(wait=True, cancel_futures=True)

    # What people do.

    def text_in(
        self,
        sender: str,
        body: str,
        *,
        pictures: int = 0,
        opt_out_type: str | None = None,
        sid: str | None = None,
    ) -> bool:
        """Post a text from a person; return whether the bridge accepted it."""
        fields = text_in_fields(
            account_sid=self.account_sid,
            sid=sid or _sid("SM"),
            sender=sender,
            body=body,
            pictures=pictures,
            opt_out_type=opt_out_type,
        )
        answer = self._courier.post(self.webhooks.text, fields)
        if answer is None:
            return False
        replies = script.replies(answer.text, answer.headers.get("Content-Type", ""))
        with self._lock:
            self._state.replies += [(sender, words) for words in replies]
        return True

    def call_in(self, sender: str, *, forwarded_by: str = "", keys: str = "") -> Call:
        """Play a call from a person, who hears everything and hangs up, or is refused."""
        call = Call(
            _sid("CA"), self.numbers[0], sender, self._clock(), time.monotonic(), inbound=True
        )
        call.keys = list(keys)
        with self._lock:
            self._state.calls[call.sid] = call
        fields = call_fields(
            account_sid=self.account_sid,
            sid=call.sid,
            to=call.to,
            sender=sender,
            status="ringing",
            at=call.created_at,
            Direction="inbound",
        )
        fields["Direction"] = "inbound"
        if forwarded_by:
            fields["ForwardedFrom"] = forwarded_by
        Line(self, call).play_inbound(self.fetch(self.webhooks.call, fields))
        if self.webhooks.status:
            taken = call.status == "completed"
            ended = fields | {
                "CallStatus": call.status,
                "CallDuration": "60" if taken else "0",
                "Duration": "1" if taken else "0",
                "SequenceNumber": "0",
            }
            self.post(self.webhooks.status, ended, mute=False)
        return call

    # What the REST API needs.

    def add_to_journal(self, request: Request) -> None:
        """Keep a request."""
        with self._lock:
            self._state.journal.append(request)

    def place(self, params: Mapping[str, Sequence[str]]) -> Call:
        """Start a call that was requested; return it as it was then: Twilio answers first."""
        call = Call(
            _sid("CA"),
            params["To"][0],
            params["From"][0],
            self._clock(),
            time.monotonic(),
            params,
        )
        with self._lock:
            self._state.calls[call.sid] = call
        asked = copy(call)
        self._start(Line(self, call).play)
        return asked

    def send(self, params: Mapping[str, Sequence[str]]) -> SentText:
        """Send a text that was requested; return it as it was then."""
        through_service = "MessagingServiceSid" in params
        text = SentText(
            _sid("SM"),
            params["To"][0],
            self._clock(),
            time.monotonic(),
            params,
            "accepted" if through_service else "queued",
        )
        with self._lock:
            self._state.texts[text.sid] = text
        asked = copy(text)
        self._start(lambda: self._play_text(text))
        return asked

    def now(self) -> datetime:
        """The time by Twilio's clock."""
        return self._clock()

    def manner(self, number: str) -> Manner:
        """How the person at this number behaves."""
        return self._manner(number)

    # What a line needs.

    def calls_to(self, number: str) -> int:
        """How many calls there have been to this number, the present one included."""
        return sum(call.to == number for call in self.calls())

    def wait(self, call: Call, steps: float) -> bool:
        """Let time pass; True if the call was interrupted in the meantime."""
        # Twilio's own clock, not a condition that could be awaited.
        while self.queueing and call.status == "queued" and not self._closed.is_set():
            if call.interrupted.wait(self._step or 0.01):
                return True
        return call.interrupted.wait(self._step * steps) or self._closed.is_set()

    def record(self, call: Call) -> bool:
        """Let a machine record; True if the call was updated in the meantime."""
        return call.interrupted.wait(self.records_for) or self._closed.is_set()

    def rings(self, call: Call) -> None:
        """Called when a person's phone begins to ring."""
        self.on_ringing(call)
        words = self._manner(call.to).while_ringing
        if words is not None:
            self.text_in(call.to, words)

    def prompts(self, call: Call) -> None:
        """Called when a prompt has been heard, before a key is pressed."""
        self.on_prompt(call)

    def fetch(self, url: str, fields: Mapping[str, str]) -> list[Verb]:
        """Fetch a TwiML document; without one the call ends, as when Twilio reports an error."""
        answer = self._courier.post(url, fields) if url else None
        if answer is None:
            return []
        return script.read(answer.text, answer.headers.get("Content-Type", ""))

    def post(self, url: str, fields: Mapping[str, str], *, mute: bool) -> None:
        """Post a callback in the background, sometimes twice, sometimes late."""
        if mute or self._closed.is_set():
            return
        times, late = 1, False
        if self._chance is not None:
            with self._lock:
                times = 2 if self._chance.random() < 0.3 else 1
                late = self._chance.random() < 0.2
        posted = self._posters.submit(self._post_now, url, dict(fields), times, late=late)
        with self._lock:
            self._pending = [post for post in self._pending if not post.done()]
            self._pending.append(posted)

    def new_leg(self, parent: Call, number: str) -> Call:
        """Add a leg to a call."""
        leg = Call(
            _sid("CA"),
            number,
            self.numbers[0],
            self._clock(),
            time.monotonic(),
            parent_sid=parent.sid,
        )
        with self._lock:
            self._state.calls[leg.sid] = leg
        return leg

    def _post_now(self, url: str, fields: Mapping[str, str], times: int, late: bool) -> None:
        if late:
            time.sleep(self._step * _LATE_STEPS)
        for _ in range(times):
            self._courier.post(url, fields)
        self._courier.count(doubled=times - 1, late=int(late))

    def _play_text(self, text: SentText) -> None:
        manner = self._manner(text.to)
        # A text that never left Twilio is not `sent`; one that was may stay `sent` for good.
        for status in ("sent", manner.text) if manner.text in _AFTER_SENT else (manner.text,):
            if self._closed.wait(self._step):
                return
            text.status = status
            text.error = manner.text_error if status == manner.text else None
            url = next(iter(text.params.get("StatusCallback", ())), "")
            fields = text_fields(
                account_sid=self.account_sid,
                sid=text.sid,
                to=text.to,
                status=status,
                at=self._clock(),
                error=text.error,
            )
            if "MessagingServiceSid" in text.params:
                fields["MessagingServiceSid"] = text.params["MessagingServiceSid"][0]
            if url:
                self.post(url, fields, mute=manner.mute)
        text.is_over = True
        if manner.reply is not None and self.webhooks.text and manner.text == "delivered":
            self.text_in(text.to, manner.reply)

    def _start(self, play: Callable[[], None]) -> None:
        thread = threading.Thread(target=play, name="line", daemon=True)
        with self._lock:
            self._lines = [line for line in self._lines if line.is_alive()]
            self._lines.append(thread)
        thread.start()


def _sid(prefix: str) -> str:
    return f"{prefix}{secrets.token_hex(16)}"
