"""The bridge as it is deployed: its web and worker processes, and when each of them does something.

A worker does all that there is to do every second or so. Most of a month there is nothing, so that
here it is asked when there may be something, and sometimes besides.
"""

import random
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from tests.simulation.agenda import Agenda
from tests.simulation.exchange import Exchange
from tests.simulation.firm import Firm
from tests.simulation.processes import Fate, Web, WebAnswer, Worker
from tests.simulation.story import Story

_WORKERS, _WEBS = 2, 2
_LOOKS_INTO_THE_VOID = 0.004
_HOURS_TO_SWEEP = {True: (0.2, 2), False: (12, 48)}
"""By whether any turn is under way: hours from one sweep to the next."""
_NEXT = """
SELECT min(at) FROM (
  SELECT min(due_at) AS at FROM attempts WHERE state = 'planned' AND due_at > :now
  UNION ALL SELECT min(check_at) FROM attempts
    WHERE state IN ('reserved', 'unknown', 'placed', 'unresolved') AND check_at > :now
  UNION ALL SELECT min(check_at) FROM communications WHERE check_at > :now
  UNION ALL SELECT min(due_at) FROM lanes WHERE due_at > :now
  UNION ALL SELECT min(held_until) FROM lanes WHERE held_until > :now
  UNION ALL SELECT min(until) FROM skipped_cases WHERE until > :now
)
"""
_OPEN = "state IN ('reserved', 'unknown', 'placed', 'unresolved')"
_WORK = {
    "take in": "SELECT exists(SELECT 1 FROM callbacks WHERE verdict = 'new')",
    "lease": "SELECT exists(SELECT 1 FROM lanes WHERE due_at <= :now)",
    "place": "SELECT exists(SELECT 1 FROM attempts WHERE state = 'planned' AND due_at <= :now)",
    "reconcile": (
        f"SELECT exists(SELECT 1 FROM attempts WHERE {_OPEN} AND check_at <= :now) OR"
        " exists(SELECT 1 FROM attempts WHERE machine_at IS NOT NULL) OR"
        " exists(SELECT 1 FROM communications WHERE check_at <= :now)"
    ),
}
_UNDER_WAY = "SELECT exists(SELECT 1 FROM turns WHERE state <> 'ended')"
_WAITING = "SELECT case_id FROM skipped_cases WHERE until > :now OR until IS NULL"


class Deployment:
    """Two web and two worker processes."""

    def __init__(
        self,
        database: sqlite3.Connection,
        database_url: str,
        environment: Mapping[str, str],
        fate: Fate,
        agenda: Agenda,
        story: Story,
        chance_of: Callable[[str], random.Random],
    ) -> None:
        self.environment = dict(environment)
        self.dawdles = 0.0
        """How often a worker leaves a step out until its next turn."""
        self.is_quiet: Callable[[], bool] = lambda: True
        """Whether no call is under way."""
        self.due: Callable[[datetime], list[int]] = lambda _now: []
        """The cases that are due in SmartAdvocate."""
        self.next_due_after: Callable[[datetime], datetime | None] = lambda _now: None
        self._database, self._database_url = database, database_url
        self._fate, self._agenda, self._story = fate, agenda, story
        self._chance_of, self._chance = chance_of, chance_of("deployment")
        self._count = 0
        self._is_down = False
        self._webs: list[Web | None] = [None] * _WEBS
        self._workers: list[Worker | None] = [None] * _WORKERS
        self._next_turn = agenda.after(1, self._take_turns)
        self._pause = 2.0
        self._told = 0
        self._next_sweep = agenda.now

    def follow(self, exchange: Exchange, firm: Firm) -> None:
        """Know when there may be something to do."""
        self.is_quiet = exchange.is_quiet
        self.due, self.next_due_after = firm.due, firm.next_due_after

    # Its processes.

    def start(self) -> None:
        """Start all of them: each is there once it has something to do."""
        self._is_down = False
        self._webs, self._workers = [None] * _WEBS, [None] * _WORKERS
        self._wake_up(self._chance.uniform(0, 3))

    def _how(self, role: str) -> tuple[object, ...]:
        self._count += 1
        name = f"{role} {self._count}"
        chance = self._chance_of(name)
        return name, self._database_url, self.environment, self._fate, self._agenda, chance

    def deploy(self, changed: Mapping[str, str]) -> None:
        """All processes are killed wherever they stand; others take their places."""
        self._story.tell("deploy", "kills all processes")
        self.environment |= changed
        self.kill()
        self._is_down = True
        self._agenda.after(self._chance.uniform(1, 15), self.start)

    def kill(self) -> None:
        """All processes are killed wherever they stand."""
        for process in (*self._webs, *self._workers):
            if process is not None:
                process.kill()

    # What they do.

    def post(self, url: str, fields: Mapping[str, str], token: str) -> WebAnswer | None:
        """Have a callback arrive at a web process; None where none answers."""
        idle = [index for index, web in enumerate(self._webs) if web is None or not web.is_busy]
        if self._is_down or not idle:
            return None
        index = self._chance.choice(idle)
        web = self._webs[index]
        if web is None or web.is_dead:
            web = self._webs[index] = Web(*self._how("web"))
        answer = web.post(url, fields, token)
        self._wake_up(self._chance.uniform(0.02, 8))
        return answer

    def _take_turns(self) -> None:
        """One of the workers, or both, do what there is to do."""
        is_both = self._chance.random() < 0.2
        for index in self._chance.sample(range(_WORKERS), 2 if is_both else 1):
            worker = self._workers[index]
            if self._is_down or (worker is not None and worker.is_busy):
                continue
            if worker is None or worker.is_dead:
                worker = self._workers[index] = Worker(*self._how("worker"))
            self._agenda.after(0, partial(self._work, worker))
        # While one stands still, the other has its turns.
        self._next_turn = self._agenda.after(self._chance.uniform(0.5, 5), self._take_turns)

    def _work(self, worker: Worker) -> None:
        for name, step in worker.steps.items():
            if not self._is_worth(worker, name) or self._chance.random() < self.dawdles:
                continue
            if worker.is_dead or worker.is_busy:
                return
            worker.do(step)
            if self._chance.random() < self._fate.rates.freezes:
                worker.do(self._fate.freeze)
            self._agenda.wait(self._chance.uniform(0, 0.1))
        self._schedule()

    def _is_worth(self, worker: Worker, name: str) -> bool:
        """Whether a step may do anything: what looks into the void does so less often here."""
        if self._chance.random() < _LOOKS_INTO_THE_VOID:
            return True
        if name == "poll":
            return self._is_worth_polling()
        if name == "deliver":
            return bool(worker.held)
        if name == "sweep":
            return self._is_worth_sweeping()
        now = f"{self._agenda.now + timedelta(seconds=2):%Y-%m-%d %H:%M:%S.%f}"
        return bool(self._database.execute(_WORK[name], {"now": now}).fetchone()[0])

    def _is_worth_polling(self) -> bool:
        now = f"{self._agenda.now:%Y-%m-%d %H:%M:%S.%f}"
        waiting = {row[0] for row in self._database.execute(_WAITING, {"now": now})}
        return not waiting.issuperset(self.due(self._agenda.now))

    def _is_worth_sweeping(self) -> bool:
        if self._agenda.now < self._next_sweep:
            return False
        is_under_way = bool(self._database.execute(_UNDER_WAY).fetchone()[0])
        hours = self._chance.choice(_HOURS_TO_SWEEP[is_under_way])
        self._next_sweep = self._agenda.now + timedelta(hours=hours)
        return True

    def _schedule(self) -> None:
        """The next turn: soon while something happens, else at the next known moment."""
        now, told = self._agenda.now, self._story.events
        self._pause = self._chance.uniform(0.5, 5) if told != self._told else self._pause * 6
        self._pause = min(self._pause, 30 if not self.is_quiet() else 6 * 3600)
        self._told = told
        moment = now + timedelta(seconds=self._pause)
        known = self._next_known()
        if known is not None and now < known < moment:
            moment = known + timedelta(seconds=self._chance.uniform(0, 3))
        self._next_turn.drop()
        self._next_turn = self._agenda.at(moment, self._take_turns)

    def _wake_up(self, seconds: float) -> None:
        moment = self._agenda.now + timedelta(seconds=seconds)
        if self._next_turn.at > moment:
            self._next_turn.drop()
            self._next_turn = self._agenda.at(moment, self._take_turns)

    def _next_known(self) -> datetime | None:
        """When there is something to do next, as the rows and the firm's book have it."""
        now = f"{self._agenda.now:%Y-%m-%d %H:%M:%S.%f}"
        row = self._database.execute(_NEXT, {"now": now}).fetchone()
        moments = [datetime.fromisoformat(row[0]).replace(tzinfo=UTC)] if row[0] else []
        due = self.next_due_after(self._agenda.now)
        return min([*moments, *([due] if due else [])], default=None)
