"""SmartAdvocate and Twilio inside the process: asked without a socket, and without a thread.

    Wire       takes the place of a connection in a session of `requests`
    Firm       SmartAdvocate, without its server
    Exchange   Twilio, without its server and its threads

Both are the sandbox's stand-ins. Twilio's statuses come in the order in which they arose; what
detection found comes when the call has ended.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from bridge.sandbox import rest
from bridge.sandbox.casebook import Case, Casebook, Refused
from bridge.sandbox.courier import Courier, _overrides, signature
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.sandbox.switchboard import Switchboard, Webhooks
from tests.support.clock import Clock
from tests.support.signing import ACCOUNT_SID

TOKEN, KEY = "token-of-the-tests", "key-of-the-tests"
PUBLIC = "https://firm.example.com"
RETRIES = "#rc=5&rp=ct,rt,5xx&tt=15000"


class Wire(BaseAdapter):
    """Takes the place of a connection in a session of `requests`."""

    def __init__(self, answer: Callable[[requests.PreparedRequest], requests.Response]) -> None:
        super().__init__()
        self._answer = answer

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        answer = self._answer(request)
        answer.request, answer.url = request, request.url or ""
        return answer

    def close(self) -> None:
        """Nothing is open."""


def response(status: int, headers: Mapping[str, str], body: bytes) -> requests.Response:
    """An answer whose body is still to be read, as from a connection."""
    made = requests.Response()
    made.status_code, made.encoding = status, "utf-8"
    made.headers.update(headers)
    made.raw = HTTPResponse(BytesIO(body), headers, status, preload_content=False)
    return made


class Firm:
    """SmartAdvocate: a casebook that is asked without a server."""

    def __init__(self, clock: Clock) -> None:
        self.book = Casebook(clock)
        self.taken: list[tuple[str, Mapping[str, Any]]] = []
        """What was carried out, the reads included."""
        self._clock = clock

    def answer(self, request: requests.PreparedRequest) -> requests.Response:
        path = urlsplit(request.url or "")
        call = path.path.rpartition("/")[2]
        sent = json.loads(request.body) if request.body else dict(parse_qsl(str(path.query)))
        status, said = 200, {}
        if request.headers.get("X-ApiKey") != KEY:
            status, said = 401, {"Message": "X-ApiKey is missing or wrong"}
        else:
            try:
                said = self.book.answer(str(call), sent)
                self.taken.append((str(call), sent))
            except Refused as refusal:
                status, said = refusal.status, {"Message": str(refusal)}
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Date": format_datetime(self._clock(), usegmt=True),
        }
        return response(status, headers, json.dumps(said).encode())

    def shown(self, case_id: int) -> Case:
        return next(case for case in self.book.all() if case.case_id == case_id)


Post = Callable[[str, Mapping[str, str], Mapping[str, str]], requests.Response | None]
"""A request to the web app: its URL, fields and headers; None: it died before it answered."""


class Poster(Courier):
    """Twilio's way to the web app: repeated as the URL says, with no pause between the tries."""

    def __init__(self, token: str, post: Post) -> None:
        super().__init__(token)
        self._to_web = post

    def post(self, url: str, fields: Mapping[str, str]) -> requests.Response | None:
        bare, fragment = urldefrag(url)
        retries, reasons = _overrides(fragment)
        headers = {"X-Twilio-Signature": signature(TOKEN, bare, fields)}
        self.tally.posted += 1
        for _ in range(retries + 1):
            answer = self._to_web(bare, fields, headers)
            if answer is not None and answer.ok:
                return answer
            failure = "ct" if answer is None else "5xx" if answer.status_code >= 500 else "4xx"
            if failure not in reasons:
                break
        self.tally.lost.append(f"{fields.get('CallSid') or fields.get('MessageSid')} {bare}")
        return None


class Exchange(Switchboard):
    """Twilio, whose calls and texts take their course when `play` says so, one after the other."""

    def __init__(self, clock: Clock, people: Mapping[str, Manner], post: Post) -> None:
        super().__init__(
            account_sid=ACCOUNT_SID,
            token=TOKEN,
            step=0,
            clock=clock,
            manner=lambda number: people.get(number, Manner()),
        )
        self._courier = Poster(TOKEN, post)
        self.heard_from: list[tuple[str, str, int, int]] = []
        """Texts of people that the bridge has taken: whose, the words, and how many calls and
        texts there were by then."""
        self._begun: deque[Callable[[], None]] = deque()
        self._posted: deque[tuple[str, dict[str, str]]] = deque()
        self._detected: deque[tuple[str, dict[str, str]]] = deque()
        self._rest = rest._app(self).test_client()
        self.webhooks = Webhooks(
            f"{PUBLIC}/twilio/messages/inbound{RETRIES}",
            f"{PUBLIC}/twilio/voice/inbound{RETRIES}",
            f"{PUBLIC}/twilio/voice/status{RETRIES}",
        )

    def answer(self, request: requests.PreparedRequest) -> requests.Response:
        url = urlsplit(request.url or "")
        said = self._rest.open(
            str(url.path),
            method=request.method,
            query_string=str(url.query),
            data=request.body,
            headers={**request.headers},
        )
        return response(said.status_code, dict(said.headers), said.data)

    def play(self) -> bool:
        """Let all that was requested take its course; return whether there was anything."""
        played = bool(self._begun)
        while self._begun:
            self._begun.popleft()()
            self._post_all(self._detected)
            self._post_all(self._posted)
        return played

    def text_in(self, sender: str, body: str, **more: Any) -> bool:
        self._post_all(self._posted)
        taken = super().text_in(sender, body, **more)
        if taken:
            self.heard_from.append((sender, body, len(self.calls()), len(self.texts())))
        return taken

    def rings(self, call: Call) -> None:
        self._post_all(self._posted)
        super().rings(call)

    def prompts(self, call: Call) -> None:
        self._post_all(self._posted)
        super().prompts(call)

    def wait(self, call: Call, steps: float) -> bool:
        return call.interrupted.is_set()

    def record(self, call: Call) -> bool:
        return call.interrupted.is_set()

    def post(self, url: str, fields: Mapping[str, str], *, mute: bool) -> None:
        if mute:
            return
        # Detection has a thread of its own: what it finds is posted when the call has ended, so
        # that the order is always the same.
        detected = "MachineDetectionDuration" in fields
        (self._detected if detected else self._posted).append((url, dict(fields)))

    def _start(self, play: Callable[[], None]) -> None:
        self._begun.append(play)

    def _post_all(self, posted: deque[tuple[str, dict[str, str]]]) -> None:
        while posted:
            self._courier.post(*posted.popleft())
