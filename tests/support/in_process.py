"""The whole bridge between both stand-ins in one thread: no socket is opened, nobody is waited for.

    Town        all of it, on the test's clock: what happens, and in which order
    Firm        SmartAdvocate, without its server
    Exchange    Twilio, without its server and its threads
    Web, Worker the bridge's two processes: either may die, and a new one takes its place

`Town.live` lets everything happen that is due, as the worker's loop and the dialer would do it, and
moves the clock on when nothing is. Requests pass through `Town.around`, so that a test may strike
there. Twilio's statuses come in the order in which they arose, what detection found comes last.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import Any, cast
from urllib.parse import parse_qs, parse_qsl, urldefrag, urlsplit

import requests
from requests.adapters import BaseAdapter
from sqlalchemy import func, select, true

from bridge import sweep
from bridge.app import create_app
from bridge.callbacks import intake
from bridge.dialing import canary, confirming, placing, polling, reconciliation, reserving
from bridge.environment import load
from bridge.reporting import delivery
from bridge.runtime import INTAKE_BATCH, Runtime, build, smartadvocate, twilio
from bridge.sandbox import rest
from bridge.sandbox.casebook import Case, Casebook, Refused, phone
from bridge.sandbox.courier import Courier, _overrides, signature
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.sandbox.switchboard import Switchboard, Webhooks
from bridge.store.batching import Batcher
from bridge.store.callbacks.writer import CallbackWriter
from bridge.store.db import Database
from bridge.store.tables import attempts, callbacks, deliveries, lanes, metadata, turns
from bridge.store.wakeup import Notifier
from tests.support.clock import Clock
from tests.support.signing import ACCOUNT_SID

TOKEN, KEY = "token-of-the-tests", "key-of-the-tests"
PUBLIC = "https://firm.example.com"
FROM, FIRM = "+14025550100", "+14025550199"
RETRIES = "#rc=5&rp=ct,rt,5xx&tt=15000"
_SMARTADVOCATE, _TWILIO = "http://smartadvocate.example.com", "http://twilio.example.com"
_MOST_ROUNDS = 60


class Died(BaseException):
    """The process that was at work has died: nothing of it catches this, and nothing goes on."""


Answer = Callable[[], requests.Response]
Around = Callable[[str, Answer], requests.Response]
"""What happens around a remote request: its name, and what carries it out."""


def _undisturbed(_name: str, carry_out: Answer) -> requests.Response:
    return carry_out()


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
    made = requests.Response()
    made.status_code, made._content, made.encoding = status, body, "utf-8"
    made.headers.update(headers)
    made.raw = BytesIO()
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


class _Unheard:
    """Wakes nobody up: nobody sleeps here, and a lost notice loses nothing (store/wakeup.py)."""

    def notify(self) -> None: ...
    def close(self) -> None: ...


@dataclass
class Worker:
    """What one worker process holds in memory."""

    runtime: Runtime
    remote: Any
    twilio: Any


@dataclass
class Deaths:
    """How often each process has died."""

    web: int = 0
    worker: int = 0

    @property
    def all(self) -> int:
        return self.web + self.worker


@dataclass
class Town:
    """A bridge on this database, its firm, its people."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    settings: Mapping[str, str] = field(default_factory=dict)
    around: Around = _undisturbed

    def __post_init__(self) -> None:
        self.people: dict[str, Manner] = {}
        self.deaths = Deaths()
        self.firm = Firm(self.clock)
        self.exchange = Exchange(self.clock, self.people, self._post)
        self.on_stretch: Callable[[], None] = lambda: None
        """Called when a process begins something: a turn of the worker, a request to the web."""
        loaded = load(_environment(self.database.url) | dict(self.settings))
        built = build(loaded, connections=1)
        built.close()
        self._ids = 0
        self._blank = replace(
            built,
            db=self.database,
            notifier=cast(Notifier, _Unheard()),
            clock=self.clock,
            new_id=self._new_id,
            jitter=lambda: 0.5,
        )
        self._app = create_app(self._blank)
        self._web = self._app.test_client()
        self._begin_web()
        self.worker = self._new_worker()

    def _new_id(self) -> str:
        self._ids += 1
        return f"{self._ids:032x}"

    def case(self, case_id: int, number: str, manner: Manner, **more: Any) -> str:
        """Open a case that is due; return its person's number in E.164."""
        self.firm.book.add(Case(case_id, [phone(number)], **{"status": "To Dial"} | more))
        self.people[f"+1{number}"] = manner
        return f"+1{number}"

    # The bridge's processes.

    def _fresh(self) -> Runtime:
        """What a new process has in memory; the database's connections stay, to save the time."""
        return replace(
            self._blank,
            callback_writer=CallbackWriter(self.database),
            intake=Batcher(largest=INTAKE_BATCH),
            started_at=self.clock(),
        )

    def _begin_web(self) -> None:
        self._app.extensions["bridge"] = self._fresh()

    def _new_worker(self) -> Worker:
        runtime = self._fresh()
        remote, line = smartadvocate(runtime.settings, self.clock), twilio(runtime.settings)
        remote._session().mount("http://", Wire(self._ask_firm))
        line._client().http_client.session.mount("http://", Wire(self._ask_twilio))
        return Worker(runtime, remote, line)

    def _ask_firm(self, request: requests.PreparedRequest) -> requests.Response:
        call = urlsplit(str(request.url)).path.rpartition("/")[2]
        return self.around(f"SmartAdvocate {call}", lambda: self.firm.answer(request))

    def _ask_twilio(self, request: requests.PreparedRequest) -> requests.Response:
        name = f"Twilio {request.method} {_resource(urlsplit(str(request.url)).path)}"
        return self.around(name, lambda: self.exchange.answer(request))

    def _post(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> requests.Response | None:
        target = url.removeprefix(PUBLIC)
        self.on_stretch()
        try:
            said = self._web.post(
                target.partition("?")[0],
                data=dict(fields),
                headers=dict(headers),
                environ_overrides={"RAW_URI": target},
                query_string=parse_qs(target.partition("?")[2]),
            )
        except Died:
            self.deaths.web += 1
            self._begin_web()
            return None
        return response(said.status_code, dict(said.headers), said.data)

    # What the worker does, in the order of its loop and the dialer's.

    def work(self) -> None:
        """One turn of the worker; should it die, a new one begins with its next turn."""
        one = self.worker
        self.on_stretch()
        try:
            polling.poll(one.runtime, one.remote)
            canary.check(one.runtime)
            reconciliation.reconcile(one.runtime, one.twilio)
            reconciliation.handle_machines(one.runtime, one.twilio)
            self._place(one)
            while intake.process_pending(one.runtime):
                pass
            while leases := delivery.take(one.runtime, 8):
                for held in leases:
                    delivery.deliver_lane(one.runtime, one.remote, held, lambda: False)
        except Died:
            self._mourn()

    def sweep(self) -> None:
        """What a worker does from time to time."""
        self.on_stretch()
        try:
            sweep.run_due(self.worker.runtime)
        except Died:
            self._mourn()

    def _mourn(self) -> None:
        self.deaths.worker += 1
        self.worker = self._new_worker()

    def _place(self, one: Worker) -> None:
        looked = reserving.reserve(one.runtime)
        while looked.moved or looked.reserved is not None:
            if looked.to_refresh is not None:
                confirming.refresh(one.runtime, one.remote, looked.to_refresh)
            if looked.reserved is not None:
                self.clock.now = max(self.clock.now, looked.reserved.at)
                placing.place(one.runtime, one.twilio, looked.reserved)
            looked = reserving.reserve(one.runtime)

    # Time passes.

    def act(self) -> None:
        """Let everything happen that is due now, in turns: the world's, and then the worker's."""
        for _ in range(_MOST_ROUNDS):
            self.work()
            if not self.exchange.play():
                return
        raise AssertionError("the bridge never comes to rest")

    def live(self, pauses: Iterable[timedelta], is_over: Callable[[], bool]) -> bool:
        """Act, with these pauses between, until it is over; return whether it ever was."""
        self.act()
        for pause in pauses:
            if is_over():
                return True
            self.clock.now += pause
            self.act()
        return is_over()

    def recover(self, pauses: Iterable[timedelta], is_over: Callable[[], bool]) -> bool:
        """The same, with a worker that also does what it does from time to time."""
        for pause in pauses:
            self.clock.now += pause
            self.act()
            if is_over():
                return True
            self.sweep()
        return False

    def in_flight(self) -> dict[str, int]:
        """What the bridge still has to do, by what it is."""
        open_rows = {
            "attempts": attempts.c.state.in_(
                ("planned", "reserved", "unknown", "placed", "unresolved")
            ),
            "turns": turns.c.state != "ended",
            "deliveries": deliveries.c.state == "pending",
            "dead deliveries": deliveries.c.state == "dead",
            "callbacks": callbacks.c.verdict == "new",
            "lanes": true(),
        }
        tables = {"dead deliveries": deliveries} | {
            table.name: table for table in (attempts, turns, deliveries, callbacks, lanes)
        }
        counted = [
            select(func.count()).select_from(tables[name]).where(what).scalar_subquery().label(name)
            for name, what in open_rows.items()
        ]
        with self.database.read() as connection:
            row = connection.execute(select(*counted)).one()
        return {name: found for name, found in row._mapping.items() if found}


def emptied(database: Database) -> None:
    """Empty all tables: the next story begins with nothing."""
    deletions = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
    with database.begin() as connection:
        # One round trip where the driver takes many statements at once.
        for statement in deletions if database.is_sqlite else ["; ".join(deletions)]:
            connection.exec_driver_sql(statement)


def _resource(path: str) -> str:
    """What a path of Twilio's is about, without account and SID."""
    parts = path.removesuffix(".json").split("/")
    return f"a {parts[-2].lower()[:-1]}" if parts[-2] in {"Calls", "Messages"} else parts[-1]


def _environment(database_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "PUBLIC_URL": PUBLIC,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM_NUMBER": FROM,
        "TWILIO_API_URL": _TWILIO,
        "SMARTADVOCATE_URL": _SMARTADVOCATE,
        "SMARTADVOCATE_API_KEY": KEY,
        "FIRM_NAME": "Example & Partners",
        "FIRM_PHONE": FIRM,
        # Everybody is a client who has agreed to be called and texted by a machine.
        "DIAL_MODE": "client_first",
        "CAMPAIGN_PURPOSES": "*=client",
        "CONSENT_BASIS": "client:voice=the retainer; client:text=the retainer",
        "VOICE_PERMITS": "NE=a registration that is made up",
        "DIAL_ENABLED": "true",
        "TEXT_ENABLED": "true",
        "TEXT_LEAD": "1m",
        "DIAL_POLL_SECONDS": "240",
    }
