"""The whole bridge between both stand-ins in one thread: no socket is opened, nobody is waited for.

    Town     all of it, on the test's clock: what happens, and in which order
    Worker   what the worker holds in memory: it may die, and so may the web app; a new one goes on

`Town.live` lets everything happen that is due, as the worker's loop and the dialer would do it, and
moves the clock on when nothing is. Requests pass through `Town.around`, so that a test may strike
there. SmartAdvocate and Twilio are in `outside_in_process.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import requests
from sqlalchemy import func, select, true

from bridge import sweep
from bridge.app import create_app
from bridge.callbacks import intake
from bridge.dialing import canary, confirming, placing, polling, reconciliation, reserving
from bridge.environment import load
from bridge.reporting import delivery
from bridge.runtime import INTAKE_BATCH, Runtime, build, smartadvocate, twilio
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.manner import Manner
from bridge.store.batching import Batcher, Transactions
from bridge.store.callbacks.writer import CallbackWriter
from bridge.store.db import Database
from bridge.store.tables import attempts, callbacks, deliveries, lanes, metadata, turns
from bridge.store.wakeup import Notifier
from tests.support.clock import Clock
from tests.support.outside_in_process import KEY, PUBLIC, TOKEN, Exchange, Firm, Wire, response
from tests.support.settings import DIALING
from tests.support.signing import ACCOUNT_SID

_SMARTADVOCATE, _TWILIO = "http://smartadvocate.example.com", "http://twilio.example.com"
_MOST_ROUNDS = 60


class Died(BaseException):
    """The process that was at work has died: nothing of it catches this, and nothing goes on."""


Answer = Callable[[], requests.Response]
Around = Callable[[str, Answer], requests.Response]
"""What happens around a remote request: its name, and what carries it out."""


def _undisturbed(_name: str, carry_out: Answer) -> requests.Response:
    return carry_out()


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
            transactions=Transactions(self.database),
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
            transactions=Transactions(self.database),
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
        "TWILIO_API_URL": _TWILIO,
        "SMARTADVOCATE_URL": _SMARTADVOCATE,
        "SMARTADVOCATE_API_KEY": KEY,
        **DIALING,
        "TEXT_ENABLED": "true",
        "TEXT_LEAD": "1m",
        "DIAL_POLL_SECONDS": "240",
    }
