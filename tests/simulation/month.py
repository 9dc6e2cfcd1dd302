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

from bridge.domain.contact_facts import Pause, PauseScope
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.dialects import DATE_FORM
from bridge.store.db import Database
from bridge.store.dialing import pauses
from bridge.store.migrate import migrate
from tests.simulation import accounts
from tests.simulation.agenda import Agenda
from tests.simulation.exchange import ACCOUNT_SID, Exchange, Post
from tests.simulation.firm import Firm
from tests.simulation.network import Answer, Asked, Network, Standin, in_process
from tests.simulation.oracle import Oracle
from tests.simulation.processes import CALM, Fate, Process, Rates, Web, WebAnswer, Worker
from tests.simulation.quiet import Errors, quiet
from tests.simulation.story import Story
from tests.simulation.town import FIRM_NUMBER, FIRM_PHONE, STARTS, Month, Town, settings

WHOLE_MONTH = 300
"""Cases of a month as `make simulate` plays it."""
_PUBLIC_URL = "https://bridge.example.com"
_TWILIO, _SMARTADVOCATE = "twilio.example.com", "smartadvocate.example.com"
_OUTSIDE = (_TWILIO, _SMARTADVOCATE)
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
_WAITING = "SELECT case_id FROM skipped_cases WHERE until > :now OR until IS NULL"

Action = Callable[[], None]


@dataclass(frozen=True)
class Result:
    """What came of a seed."""

    seed: int
    complaints: list[str]
    story: Story

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
                _TWILIO: partial(self._outside, _TWILIO, self.exchange.answer),
                _SMARTADVOCATE: partial(self._outside, _SMARTADVOCATE, self.firm.answer),
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
        self.environment = self._environment(path)
        self._down: set[str] = set()
        self._web_down = False
        self._count = 0
        self.operator = Process(
            "operator",
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
        self._next_sweep = self.agenda.now
        accounts.watch_notes(self)

    def _chance_of(self, what: str) -> random.Random:
        return random.Random(f"{self.seed} {what}")

    def _environment(self, path: Path) -> dict[str, str]:
        return {
            "DATABASE_URL": f"sqlite:///{path}",
            "PUBLIC_URL": _PUBLIC_URL,
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": self.exchange.token,
            "TWILIO_FROM_NUMBER": FIRM_NUMBER,
            "TWILIO_API_URL": f"https://{_TWILIO}",
            "SMARTADVOCATE_URL": f"https://{_SMARTADVOCATE}",
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

    # The run.

    def play(self) -> Result:
        """Play it."""
        self._start_processes()
        self._open_cases()
        self._befall()
        self.fate.rates = Rates()
        self._run(self.month.ends)
        if not self.oracle.complaints:
            self._calm_down()
            self._run(self.month.ends + timedelta(days=_CALM_DAYS))
        if not self.oracle.complaints:
            accounts.close(self)
        self._end()
        return Result(self.seed, self.oracle.complaints, self.story)

    def _run(self, until: datetime) -> None:
        while not self.oracle.complaints and self.agenda.step(until):
            self._check()
        self.agenda.now = max(self.agenda.now, until)

    def _check(self) -> None:
        self.oracle.check()
        for error in self._errors.take():
            self.oracle.complain(f"the bridge logged an error: {error}")

    def _calm_down(self) -> None:
        """The month is over: nothing goes wrong any more, and all that was begun comes to an end."""
        self.story.tell("month", "is over; nothing goes wrong any more")
        self.fate.rates, self.exchange.post = CALM, Post(0, 0, 0)
        self._down.clear()
        self._deploy({})
        self._resume_everything()

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
        return Web(self._name("web"), self.environment, self.fate, self.agenda, self._chance_of(f"web {self._count}"))

    def _new_worker(self) -> Worker:
        return Worker(self._name("worker"), self.environment, self.fate, self.agenda, self._chance_of(f"worker {self._count}"))

    def _name(self, role: str) -> str:
        self._count += 1
        return f"{role} {self._count}"

    def _deploy(self, changed: Mapping[str, str]) -> None:
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
            now = self.agenda.now
            if now < self._next_sweep:
                return False
            self._next_sweep = now + timedelta(minutes=self.chance.choice((2, 20, 90)))
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
        return host in self._down and self.chance.random() < 0.5

    def _outside(self, host: str, answer: Standin, asked: Asked) -> Answer:
        if host in self._down:
            return Answer(503, '{"code": 20500, "message": "down"}')
        return answer(asked)

    def _open_cases(self) -> None:
        zone = self.firm.book.dialect.zone
        for person in self.town.persons:
            day = self.month.begins + timedelta(days=self.chance.triangular(0, 24, 1))
            at = day.astimezone(zone).replace(
                hour=self.chance.randint(8, 17), minute=self.chance.randrange(60), second=0
            )
            case = Case(
                person.case_id,
                [phone(person.number[2:])],
                status="To Dial",
                dial_at=f"{at:{DATE_FORM}}",
                zip_code=person.places[0].zip_code,
            )
            self.firm.open_case(case)
            self._live(person.case_id, person.temperament, at.astimezone(UTC))

    def _live(self, case_id: int, temperament: str, due: datetime) -> None:
        """What somebody does of their own accord, and the firm's staff with their case."""
        person = next(one for one in self.town.persons if one.case_id == case_id)
        later = due + timedelta(hours=self.chance.uniform(0.1, 72))
        text = partial(self.exchange.begin_text_in, person.number)
        call = partial(self.exchange.begin_call_in, person.number)
        if temperament == "changes the number":
            self.agenda.at(later, partial(self.firm.renumber, case_id, person.moved_to[2:]))
        elif temperament == "texts STOP" and self.chance.random() < 0.5:
            self.agenda.at(later, partial(text, self.chance.choice(("STOP", "Stop. Thank you", "UNSUBSCRIBE"))))
        elif temperament == "texts ALTO" and self.chance.random() < 0.5:
            self.agenda.at(later, partial(text, self.chance.choice(("ALTO", "Parar", "basta"))))
        elif temperament == "calls in":
            self.agenda.at(later, call)
        elif temperament == "calls in and presses 9":
            self.agenda.at(later, partial(call, "9"))
        if self.chance.random() < 0.15:
            label = self.chance.choice(("Do not Dial", "To Dial", "Attorney Hold"))
            self.agenda.at(later + timedelta(hours=self.chance.uniform(0, 48)), partial(self.firm.relabel, case_id, label))

    # What befalls the firm.

    def _befall(self) -> None:
        for _ in range(self.chance.randint(3, 7)):
            self._some_time(partial(self._deploy, {}))
        for host in _OUTSIDE:
            for _ in range(self.chance.randint(1, 2)):
                self._some_time(partial(self._break, host))
        if self.chance.random() < 0.7:
            self._some_time(self._begin_rotation)
        for _ in range(self.chance.randint(1, 2)):
            self._some_time(self._declare_emergency)
        for day in range(self.month.days):
            self.agenda.at(self.month.begins + timedelta(days=day, hours=5), self._resume_everything)

    def _some_time(self, action: Action) -> None:
        """Have something happen on some day, in the firm's hours."""
        moment = self.month.begins + timedelta(
            days=self.chance.randrange(self.month.days - 2), hours=self.chance.uniform(3, 14)
        )
        self.agenda.at(moment, action)

    def _break(self, host: str) -> None:
        if host in self._down:
            return
        minutes = self.chance.choice((5, 30, 240, 600))
        self.story.tell(host, f"is down for {minutes} minutes")
        self._down.add(host)
        self.agenda.after(minutes * 60, partial(self._mend, host))

    def _mend(self, host: str) -> None:
        self._down.discard(host)
        self.story.tell(host, "is up")

    def _begin_rotation(self) -> None:
        self.story.tell("operator", "sets the other auth token, too")
        self._deploy({"TWILIO_AUTH_TOKEN_SECONDARY": "token-behind"})
        self.agenda.after(self.chance.uniform(600, 7200), self._rotate)

    def _rotate(self) -> None:
        self.story.tell("Twilio", "signs with the other auth token, and takes the old one no more")
        self.exchange.token = "token-behind"
        changed = {"TWILIO_AUTH_TOKEN": "token-behind", "TWILIO_AUTH_TOKEN_SECONDARY": "token-before"}
        self.agenda.after(self.chance.uniform(5, 600), partial(self._deploy, changed))

    def _declare_emergency(self) -> None:
        state = self.chance.choice(self.town.persons).places[0].state
        if state in self.oracle.closed_states:
            return
        with self.operator.runtime.db.begin() as connection:
            held = Pause(PauseScope.STATE, state, None, "an emergency")
            pauses.add(connection, held, pauses.BY_OPERATOR, self.agenda.now)
        self.story.tell("operator", f"pauses {state}: an emergency")
        self.agenda.after(5, partial(self.oracle.closed_states.add, state))
        self.agenda.after(self.chance.uniform(1, 4) * 86400, partial(self._lift_emergency, state))

    def _lift_emergency(self, state: str) -> None:
        self.oracle.closed_states.discard(state)
        with self.operator.runtime.db.begin() as connection:
            pauses.lift(connection, PauseScope.STATE, state, self.agenda.now, by=pauses.BY_OPERATOR)
        self.story.tell("operator", f"resumes {state}")

    def _resume_everything(self) -> None:
        """The operator comes in the morning, and resumes what stands still."""
        with self.operator.runtime.db.begin() as connection:
            for scope in (PauseScope.EVERYTHING, PauseScope.TEXTS):
                if pauses.lift(connection, scope, "", self.agenda.now, by=pauses.BY_OPERATOR):
                    self.story.tell("operator", f"resumes {scope}")
