"""The bridge's web and worker processes, played as steps; each may die between any two of them.

A process is a runtime. When it dies, in the middle of a step, at a commit or at a request, nothing
of it is used again: its leases run out by the clock, and another process takes its place.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urldefrag, urlencode, urlsplit

import requests
from sqlalchemy import Connection, event

from bridge import sweep
from bridge.app import create_app
from bridge.callbacks import intake
from bridge.dialing import canary, confirming, placing, polling, reconciliation, reserving
from bridge.environment import load
from bridge.reporting import delivery
from bridge.runtime import Runtime, build, smartadvocate, twilio
from bridge.sandbox.courier import signature
from bridge.store.batching import Transactions
from bridge.store.callbacks.writer import CallbackWriter
from bridge.store.db import Database
from bridge.store.reporting import lanes
from bridge.store.reporting.lanes import Lease
from bridge.store.wakeup import Notifier
from tests.simulation.agenda import Agenda
from tests.simulation.temper import CALM

MOST_PLACED = 4
"""Calls and texts that a worker places in one step."""
_FORM = "application/x-www-form-urlencoded"


class Died(BaseException):
    """The process that was doing something is no more. Nothing of the bridge's may catch it."""


class Fate:
    """Decides what befalls whoever is running, at each commit and each request."""

    def __init__(self, agenda: Agenda, chance: random.Random, tell: Callable[[str, str], None]):
        self.rates = CALM
        self.running: Process | None = None
        """Whose line is run just now; those who stand between two lines are busy, not running."""
        self.is_down: Callable[[str], bool] = lambda _host: False
        self.on_strike: Callable[[Process], None] = lambda _process: None
        """Called when a process dies, stands still or loses an answer."""
        self.on_commit: Callable[[Process], None] = lambda _process: None
        self._agenda = agenda
        self._chance = chance
        self._tell = tell

    def stand(self, seconds: float) -> None:
        """Who is running stands between two lines for so long, and everybody else goes on.

        Raises:
            Died: it was killed meanwhile.
        """
        mine, self.running = self.running, None
        try:
            self._agenda.wait(seconds)
        finally:
            self.running = mine
        self._end_dead()

    def freeze(self) -> None:
        """The machine of whoever is running stands still: no lease is renewed."""
        if self.running is None:
            return
        seconds = self._chance.uniform(*self.rates.stands_still_for)
        self._tell(self.running.name, f"stands still for {seconds:.0f} s")
        self.on_strike(self.running)
        self.stand(seconds)

    def _end_dead(self) -> None:
        """What was killed while it stood between two lines does nothing more."""
        if self.running is not None and self.running.is_dead:
            raise Died

    def _strikes(self, probability: float) -> bool:
        return self.running is not None and self._chance.random() < probability

    def _die(self, where: str) -> None:
        process = self.running
        if process is not None and self._strikes(self.rates.dies):
            self._tell(process.name, f"dies {where}")
            self.on_strike(process)
            process.is_dead = True
            raise Died

    def before_commit(self) -> None:
        """A transaction is about to be committed."""
        self._end_dead()
        self._die("before a commit")

    def after_commit(self) -> None:
        """A transaction was committed."""
        if self.running is not None:
            self.on_commit(self.running)
        self._die("behind a commit")
        if self._strikes(self.rates.others_go_on / 4):
            self.stand(self._chance.uniform(0, 1))

    def before_request(self, host: str) -> None:
        """A request is about to leave.

        Raises:
            requests.RequestException: it doesn't arrive.
        """
        self._end_dead()
        self._die(f"before a request to {host}")
        if self.is_down(host):
            self.stand(self._chance.choice((0.1, 5)))
            raise requests.ConnectTimeout("no connection")
        if self.running is not None and self._strikes(self.rates.never_arrives):
            self._tell(self.running.name, f"a request to {host} never arrives")
            self._wait(20)
            raise requests.ReadTimeout("no answer")
        if self._strikes(self.rates.others_go_on):
            self.stand(self._chance.uniform(0, 2))

    def after_request(self, host: str, *, failed: bool) -> bool:
        """A request was carried out; whether its answer is lost."""
        self._die(f"behind a request to {host}")
        if self._strikes(self.rates.freezes):
            self.freeze()
        if self.running is not None and not failed and self._strikes(self.rates.answer_lost):
            self._tell(self.running.name, f"an answer of {host} is lost")
            self.on_strike(self.running)
            self._wait(20)
            return True
        more = 2 if self._strikes(self.rates.others_go_on) else 0
        self.stand(self._chance.uniform(0.02, 0.3 + more))
        return False

    def _wait(self, seconds: float) -> None:
        """Wait for an answer, with all leases renewed meanwhile."""
        for _ in range(4):
            self.stand(seconds / 4)
            if self.running is not None:
                self.running.renew()


class WatchedDatabase(Database):
    """The bridge's database of one process, whose commits meet their fate."""

    def __init__(self, url: str, fate: Fate) -> None:
        super().__init__(url, connections=1)
        self._fate = fate
        event.listen(self.engine, "connect", _hurry)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that writes."""
        with super().begin() as connection:
            yield connection
            self._fate.before_commit()
        self._fate.after_commit()

    @contextmanager
    def single(self) -> Iterator[Connection]:
        """A connection for one writing statement."""
        with super().read() as connection:
            yield connection
        self._fate.after_commit()


def _hurry(connection: object, _record: object) -> None:
    """Nothing has to survive the machine: processes die here, disks don't."""
    connection.execute("PRAGMA synchronous = OFF")  # type: ignore[attr-defined]
    connection.execute("PRAGMA secure_delete = OFF")  # type: ignore[attr-defined]


class Process:
    """One process of the bridge, on a machine whose clock is some seconds off."""

    def __init__(
        self,
        name: str,
        database_url: str,
        environment: Mapping[str, str],
        fate: Fate,
        agenda: Agenda,
        chance: random.Random,
    ) -> None:
        self.name = name
        self.is_dead = self.is_busy = False
        self.fate = fate
        self.agenda = agenda
        self.offset = timedelta(seconds=chance.uniform(-1.5, 1.5))
        self.settings = load(environment)
        db = WatchedDatabase(database_url, fate)
        built = build(replace(self.settings, database_url=database_url), connections=1)
        built.close()
        ids = random.Random(chance.random())
        self.runtime: Runtime = replace(
            built,
            # The deployment's name is made of its address and its database's: the same everywhere.
            settings=self.settings,
            db=db,
            transactions=Transactions(db),
            callback_writer=CallbackWriter(db),
            notifier=Notifier(db),
            clock=self.now,
            new_id=lambda: f"{ids.getrandbits(128):032x}",
            jitter=ids.random,
            started_at=self.now(),
        )

    def now(self) -> datetime:
        """The time by this machine's clock."""
        return self.agenda.now + self.offset

    @contextmanager
    def running(self) -> Iterator[None]:
        """Do a step as this process."""
        before, self.fate.running = self.fate.running, self
        self.is_busy = True
        try:
            yield
        finally:
            self.fate.running, self.is_busy = before, False

    def renew(self) -> None:
        """Renew what it has leased, as a thread of its own does."""

    def kill(self) -> None:
        """It is no more. What it was doing ends where it stands."""
        self.is_dead = True
        if not self.is_busy:
            self.runtime.db.close()


@dataclass(frozen=True)
class WebAnswer:
    """What the web app has answered."""

    status: int
    body: str
    content_type: str


class Web(Process):
    """A web process."""

    def __init__(self, *how: object) -> None:
        super().__init__(*how)  # type: ignore[arg-type]
        self._client = create_app(self.runtime).test_client()

    def post(self, url: str, fields: Mapping[str, str], token: str) -> WebAnswer | None:
        """Have a signed callback arrive; None where the process died over it."""
        bare = urldefrag(url).url
        parts = urlsplit(bare)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            with self.running():
                answer = self._client.post(
                    parts.path,
                    query_string=parts.query,
                    data=urlencode(fields).encode(),
                    content_type=_FORM,
                    headers={"X-Twilio-Signature": signature(token, bare, fields)},
                    environ_overrides={"RAW_URI": target},
                )
        except Died:
            self.runtime.db.close()
            return None
        return WebAnswer(answer.status_code, answer.text, answer.headers.get("Content-Type", ""))


class Worker(Process):
    """A worker process with its dialer. One step is one thing that one of its threads does."""

    def __init__(self, *how: object) -> None:
        super().__init__(*how)  # type: ignore[arg-type]
        self.remote = smartadvocate(self.settings, self.now)
        self.twilio = twilio(self.settings)
        self.held: list[Lease] = []
        """Lanes that it has leased and not begun with."""

    def renew(self) -> None:
        """Renew what it has leased, as a thread of its own does."""
        if self.held:
            with Database.begin(self.runtime.db) as connection:
                lanes.renew(connection, self.held, self.runtime.clock())

    @property
    def steps(self) -> Mapping[str, Callable[[], None]]:
        """Everything that it may do, in the order of its own loop."""
        return {
            "take in": self._take_in,
            "lease": self._lease,
            "deliver": self._deliver,
            "poll": self._poll,
            "place": self._place,
            "reconcile": self._reconcile,
            "sweep": self._sweep,
        }

    def do(self, step: Callable[[], object]) -> None:
        """Do a step, to its end or to the process's."""
        if self.is_dead:
            return
        try:
            with self.running():
                step()
        except Died:
            self.runtime.db.close()

    def _take_in(self) -> None:
        intake.process_pending(self.runtime)

    def _lease(self) -> None:
        self.held = delivery.take(self.runtime, 4)

    def _deliver(self) -> None:
        for held in list(self.held):
            delivery.deliver_lane(self.runtime, self.remote, held, lambda: self.is_dead)
            self.held.remove(held)

    def _poll(self) -> None:
        polling.poll(self.runtime, self.remote)

    def _place(self) -> None:
        canary.check(self.runtime)
        placed = 0
        for _ in range(MOST_PLACED * 4):
            looked = reserving.reserve(self.runtime)
            if looked.to_refresh is not None:
                confirming.refresh(self.runtime, self.remote, looked.to_refresh)
            if looked.reserved is not None:
                placing.place(self.runtime, self.twilio, looked.reserved)
                placed += 1
            if not (looked.moved or looked.reserved) or placed == MOST_PLACED:
                break

    def _reconcile(self) -> None:
        reconciliation.handle_machines(self.runtime, self.twilio)
        reconciliation.reconcile(self.runtime, self.twilio)

    def _sweep(self) -> None:
        sweep.run_due(self.runtime)
