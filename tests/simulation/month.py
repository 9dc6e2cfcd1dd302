"""One seed: a month of the firm, from its first case to its last note."""

import random
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.sandbox.fields import FIRM_NUMBER
from bridge.store.db import Database
from bridge.store.migrate import migrate
from tests.simulation import accounts
from tests.simulation.agenda import Agenda
from tests.simulation.exchange import ACCOUNT_SID, Exchange
from tests.simulation.firm import Firm
from tests.simulation.network import Answer, Asked, Network, Standin, in_process
from tests.simulation.oracle import Oracle
from tests.simulation.post_office import PostRates
from tests.simulation.processes import CALM, Fate, Process, Rates, Web, WebAnswer, Worker
from tests.simulation.quiet import Errors, quiet
from tests.simulation.rest import Rest
from tests.simulation.story import Story
from tests.simulation.town import FIRM_PHONE, STARTS, Month, Town, settings
from tests.simulation.troubles import Troubles

WHOLE_MONTH = 300
"""Cases of a month as `make simulate` plays it."""
_PUBLIC_URL = "https://bridge.example.com"
TWILIO, SMARTADVOCATE = "twilio.example.com", "smartadvocate.example.com"
_WORKERS, _WEBS = 2, 2
_DEEPEST = 3
_CALM_DAYS = 4
_NEXT = """
SELECT min(at) FROM (
  SELECT min(due_at) AS at FROM attempts WHERE state = 'planned' AND due_at > :now
  UNION ALL SELECT min(check_at) FROM attempts
    WHERE state IN ('reserved', 'unknown', 'placed', 'unresolved') AND check_at > :now
  UNION ALL SELECT min(check_at) FROM communications WHERE check_at > :now
  UNION ALL SELECT min(due_at) FROM lanes WHERE due_at > :now
  UNION ALL SELECT min(until) FROM skipped_cases WHERE until > :now
)
"""
_OPEN = "state IN ('reserved', 'unknown', 'placed', 'unresolved')"
_WORK = {
    "take in": "SELECT exists(SELECT 1 FROM callbacks WHERE verdict = 'new')",
    "lease": "SELECT exists(SELECT 1 FROM lanes WHERE due_at <= :now)",
    "deliver": "SELECT 1",
    "place": "SELECT exists(SELECT 1 FROM attempts WHERE state = 'planned' AND due_at <= :now)",
    "reconcile": (
        f"SELECT exists(SELECT 1 FROM attempts WHERE {_OPEN} AND check_at <= :now) OR"
        " exists(SELECT 1 FROM attempts WHERE machine_at IS NOT NULL) OR"
        " exists(SELECT 1 FROM communications WHERE check_at <= :now)"
    ),
}
_UNDER_WAY = "SELECT exists(SELECT 1 FROM turns WHERE state <> 'ended')"
_WAITING = "SELECT case_id FROM skipped_cases WHERE until > :now OR until IS NULL"

Action = Callable[[], None]


@dataclass(frozen=True)
class Result:
    """What came of a seed."""

    seed: int
    complaints: list[str]
    lines: list[str]
    digest: str

    @property
    def is_well(self) -> bool:
        """Whether everything held."""
        return not self.complaints


def make_template(path: Path) -> Path:
    """An empty database, migrated; every month begins with a copy."""
    db = Database(f"sqlite:///{path}", connections=1)
    migrate(db)
    db.close()
    return path


def play(seed: int, template: Path, folder: Path, cases: int = WHOLE_MONTH) -> Result:
    """Play a seed's month to its end, or to the first thing that must not be."""
    path = folder / f"month-{seed}.db"
    shutil.copy(template, path)
    try:
        with quiet() as errors:
            world = World(seed, path, cases, errors)
            with in_process(world.network, world.agenda.pass_time):
                return world.play()
    finally:
        for left in folder.glob(f"{path.name}*"):
            left.unlink()


class World:
    """Everybody and everything of a seed."""

    def __init__(self, seed: int, path: Path, cases: int, errors: Errors) -> None:
        self.seed = seed
        self._errors = errors
        chance = self._chance_of("town")
        self.month = Month(chance.choice(STARTS))
        self.agenda = Agenda(self.month.begins)
        self.story = Story(lambda: self.agenda.now)
        self.firm_settings = settings(chance)
        self.town = Town(self._chance_of("people"))
        self.town.settle(cases)
        # One firm in four has a SmartAdvocate in another zone than its setting says.
        zone = ZoneInfo("America/Chicago") if chance.random() < 0.25 else None
        ahead = timedelta(seconds=chance.uniform(-8, 8))
        self.firm = Firm(self.agenda, self.story, zone=zone, ahead=ahead)
        self.chance = self._chance_of("agenda")
        self.fate = Fate(self.agenda, self._chance_of("fate"), self.story.tell)
        self.fate.is_down, self.fate.meanwhile = self._is_down, self._meanwhile
        self.exchange = Exchange(
            self.agenda, self._chance_of("exchange"), self.story, self.town, self._post
        )
        self.exchange.public_url = _PUBLIC_URL
        self.exchange.ahead = timedelta(seconds=chance.uniform(-2, 2))
        self.network = Network(
            self.fate,
            {
                TWILIO: partial(self._outside, TWILIO, Rest(self.exchange).answer),
                SMARTADVOCATE: partial(self._outside, SMARTADVOCATE, self.firm.answer),
            },
        )
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA synchronous = OFF")
        self.oracle = Oracle(
            self.database,
            self.town,
            self.firm,
            self.exchange,
            self.firm_settings,
            lambda: self.agenda.now,
        )
        self.exchange.watch = self.oracle
        self.database_url = f"sqlite:///{path}"
        self.environment = self._environment()
        self.down: set[str] = set()
        """Hosts that are down."""
        self._web_down = False
        self._count = 0
        self.operator = Process(
            "operator",
            self.database_url,
            self.environment,
            Fate(self.agenda, self._chance_of("operator"), self.story.tell),
            self.agenda,
            self._chance_of("operator's clock"),
        )
        self.operator.offset = timedelta()
        self.webs: list[Web] = []
        self.workers: list[Worker] = []
        self._next_beat = self.agenda.after(1, self._beat)
        self._pause = 2.0
        self._told = 0
        self._troubles = Troubles(self)
        self._next_sweep = self.agenda.now
        accounts.watch_notes(self)

    def _chance_of(self, what: str) -> random.Random:
        return random.Random(f"{self.seed} {what}")

    def _environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": "sqlite:///month.db",
            "PUBLIC_URL": _PUBLIC_URL,
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": self.exchange.mail.token,
            "TWILIO_FROM_NUMBER": FIRM_NUMBER,
            "TWILIO_API_URL": f"https://{TWILIO}",
            "SMARTADVOCATE_URL": f"https://{SMARTADVOCATE}",
            "SMARTADVOCATE_API_KEY": "key-of-the-month",
            "FIRM_NAME": "Example & Partners",
            "FIRM_PHONE": FIRM_PHONE,
            "FIRM_HOURS": "mon-sat 08:00-22:00",
            "CAMPAIGN_PURPOSES": "*=client",
            "CONSENT_BASIS": "client:voice=the retainer; client:text=the retainer",
            "VOICE_PERMITS": "NE=made up; TX=made up",
            "DIAL_ENABLED": "true",
            **self.firm_settings,
        }

    @property
    def hosts(self) -> tuple[str, str]:
        """The remote systems."""
        return TWILIO, SMARTADVOCATE

    # The run.

    def play(self) -> Result:
        """Play it."""
        self._start_processes()
        self._troubles.begin()
        self.fate.rates = Rates()
        self._run(self.month.ends)
        if not self.oracle.complaints:
            self._calm_down()
            self._run(self.month.ends + timedelta(days=_CALM_DAYS))
        if not self.oracle.complaints:
            accounts.close(self)
        self._end()
        return Result(self.seed, self.oracle.complaints, self.story.lines, self.story.digest)

    def _run(self, until: datetime) -> None:
        while not self.oracle.complaints and self.agenda.step(until):
            self._check()
        self.agenda.now = max(self.agenda.now, until)

    def _check(self) -> None:
        self.oracle.check()
        for error in self._errors.take():
            self.oracle.complain(f"the bridge logged an error: {error}")

    def _calm_down(self) -> None:
        """Nothing goes wrong any more, and all that was begun comes to an end."""
        self.story.tell("month", "is over; nothing goes wrong any more")
        self.fate.rates, self.exchange.mail.rates = CALM, PostRates(0, 0, 0)
        self.down.clear()
        self.deploy({})
        self._troubles.resume_everything()

    def _end(self) -> None:
        for process in (*self.webs, *self.workers, self.operator):
            process.kill()
        self.database.close()

    # Processes.

    def _start_processes(self) -> None:
        self._web_down = False
        self.webs = [self._new_web() for _ in range(_WEBS)]
        self.workers = [self._new_worker() for _ in range(_WORKERS)]

    def _new_web(self) -> Web:
        return Web(*self._how("web"))

    def _new_worker(self) -> Worker:
        return Worker(*self._how("worker"))

    def _how(self, role: str) -> tuple[object, ...]:
        self._count += 1
        name = f"{role} {self._count}"
        chance = self._chance_of(name)
        return name, self.database_url, self.environment, self.fate, self.agenda, chance

    def deploy(self, changed: Mapping[str, str]) -> None:
        """All processes are killed wherever they stand; others take their places."""
        self.story.tell("deploy", "kills all processes")
        self.environment |= changed
        for process in (*self.webs, *self.workers):
            process.kill()
        self._web_down = True
        self.agenda.after(self.chance.uniform(1, 15), self._start_processes)

    def _post(self, url: str, fields: Mapping[str, str], token: str) -> WebAnswer | None:
        """Have a callback arrive at a web process; None where none answers."""
        for index, web in enumerate(self.webs):
            if web.is_dead and not web.is_busy:
                self.webs[index] = self._new_web()
        idle = [web for web in self.webs if not web.is_busy]
        if self._web_down or not idle:
            return None
        answer = self.chance.choice(idle).post(url, fields, token)
        self._wake_up(self.chance.uniform(0.02, 8))
        return answer

    def _beat(self) -> None:
        """One of the workers, or both, do what there is to do, step by step."""
        for index in self.chance.sample(range(_WORKERS), 2 if self.chance.random() < 0.2 else 1):
            worker = self.workers[index]
            if worker.is_dead and not worker.is_busy and not self._web_down:
                worker = self.workers[index] = self._new_worker()
            if not worker.is_busy and not worker.is_dead:
                self._work(worker)
        self._schedule()

    def _work(self, worker: Worker) -> None:
        for name, step in worker.steps.items():
            if not self._is_worth(name) or self.chance.random() < 0.1:
                continue
            worker.do(step)
            self._check()
            self.agenda.pass_time(self.chance.uniform(0, 0.1))
            if worker.is_dead:
                return
            if self.chance.random() < self.fate.rates.freezes:
                self._freeze(worker)

    def _is_worth(self, name: str) -> bool:
        """Whether a step may do anything: what looks into the void does so less often here."""
        if self.chance.random() < 0.02:
            return True
        if name == "poll":
            return self._is_worth_polling()
        if name == "sweep":
            if self.agenda.now < self._next_sweep:
                return False
            under_way = self.database.execute(_UNDER_WAY).fetchone()[0]
            hours = self.chance.choice((0.1, 1) if under_way else (6, 24))
            self._next_sweep = self.agenda.now + timedelta(hours=hours)
            return True
        now = f"{self.agenda.now + timedelta(seconds=2):%Y-%m-%d %H:%M:%S.%f}"
        return bool(self.database.execute(_WORK[name], {"now": now}).fetchone()[0])

    def _is_worth_polling(self) -> bool:
        now = f"{self.agenda.now:%Y-%m-%d %H:%M:%S.%f}"
        waiting = {row[0] for row in self.database.execute(_WAITING, {"now": now})}
        return not waiting.issuperset(self.firm.due(self.agenda.now))

    def _freeze(self, worker: Worker) -> None:
        seconds = self.chance.uniform(21, 90)
        self.story.tell(worker.name, f"stands still for {seconds:.0f} s")
        with worker.running():
            self._meanwhile(seconds)

    def _schedule(self) -> None:
        """The next beat: soon while something happens, else at the next known moment."""
        now, told = self.agenda.now, self.story.events
        self._pause = self.chance.uniform(0.5, 5) if told != self._told else self._pause * 6
        self._pause = min(self._pause, 30 if not self.exchange.is_quiet() else 6 * 3600)
        self._told = told
        moment = now + timedelta(seconds=self._pause)
        known = self._next_known()
        if known is not None and now < known < moment:
            moment = known + timedelta(seconds=self.chance.uniform(0, 3))
        self._next_beat.drop()
        self._next_beat = self.agenda.at(moment, self._beat)

    def _wake_up(self, seconds: float) -> None:
        moment = self.agenda.now + timedelta(seconds=seconds)
        if self._next_beat.at > moment:
            self._next_beat.drop()
            self._next_beat = self.agenda.at(moment, self._beat)

    def _next_known(self) -> datetime | None:
        """When there is something to do next, as the rows and the firm's book have it."""
        now = f"{self.agenda.now:%Y-%m-%d %H:%M:%S.%f}"
        row = self.database.execute(_NEXT, {"now": now}).fetchone()
        moments = [datetime.fromisoformat(row[0]).replace(tzinfo=UTC)] if row[0] else []
        due = self.firm.next_due_after(self.agenda.now)
        return min([*moments, *([due] if due else [])], default=None)

    def _meanwhile(self, seconds: float) -> None:
        """Everybody else goes on while somebody stands between two lines."""
        end = self.agenda.now + timedelta(seconds=seconds)
        if len(self.fate.running) <= _DEEPEST:
            if self.chance.random() < 0.3:
                self._wake_up(0)
            while self.agenda.step(end):
                self._check()
        self.agenda.now = max(self.agenda.now, end)

    # The world outside.

    def _is_down(self, host: str) -> bool:
        return host in self.down and self.chance.random() < 0.5

    def _outside(self, host: str, answer: Standin, asked: Asked) -> Answer:
        if host in self.down:
            return Answer(503, '{"code": 20500, "message": "down"}')
        return answer(asked)
