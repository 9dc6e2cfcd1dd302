"""One seed: a month of the firm, from its first case to its last note."""

import random
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.sandbox.fields import FIRM_NUMBER
from bridge.store.db import Database
from bridge.store.migrate import migrate
from tests.simulation import accounts, temper
from tests.simulation.agenda import Agenda
from tests.simulation.deployment import Deployment
from tests.simulation.exchange import ACCOUNT_SID, Exchange
from tests.simulation.firm import Firm
from tests.simulation.lives import Lives
from tests.simulation.network import Answer, Asked, Network, Standin, in_process
from tests.simulation.oracle import Oracle
from tests.simulation.post_office import TOKEN, PostOffice
from tests.simulation.processes import Fate, Process
from tests.simulation.quiet import Errors, quiet
from tests.simulation.rest import Rest
from tests.simulation.story import Story
from tests.simulation.temper import CALM, PostRates
from tests.simulation.town import FIRM_PHONE, STARTS, Month, Town, settings
from tests.simulation.troubles import Troubles

WHOLE_MONTH = 300
"""Cases of a month as `make simulate` plays it."""
_PUBLIC_URL = "https://bridge.example.com"
TWILIO, SMARTADVOCATE = "twilio.example.com", "smartadvocate.example.com"
_CALM_DAYS = 4


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
        chance = self.chance_of("town")
        self.temper = temper.draw(self.chance_of("temper"))
        self.month = Month(chance.choice(STARTS))
        self.agenda = Agenda(self.month.begins)
        self.story = Story(lambda: self.agenda.now)
        self.firm_settings = settings(chance)
        self.town = Town(self.chance_of("people"), self.temper)
        self.town.settle(cases)
        # One firm in four has a SmartAdvocate in another zone than its setting says.
        zone = ZoneInfo("America/Chicago") if chance.random() < 0.25 else None
        ahead = timedelta(seconds=chance.uniform(-8, 8))
        self.firm = Firm(self.agenda, self.story, zone=zone, ahead=ahead)
        self.fate = Fate(self.agenda, self.chance_of("fate"), self.story.tell)
        self.fate.is_down = self._is_down
        self.down: set[str] = set()
        """Hosts that are down."""
        self._chance = self.chance_of("outages")
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA synchronous = OFF")
        self.database_url = f"sqlite:///{path}"
        self.deployment = Deployment(
            self.database,
            self.database_url,
            self._environment(),
            self.fate,
            self.agenda,
            self.story,
            self.chance_of,
        )
        self.mail = PostOffice(
            self.agenda, self.chance_of("mail"), self.story, self.deployment.post
        )
        self.exchange = Exchange(
            self.agenda, self.chance_of("exchange"), self.story, self.town, self.mail
        )
        self.exchange.public_url = _PUBLIC_URL
        self.exchange.ahead = timedelta(seconds=chance.uniform(-2, 2))
        self.deployment.follow(self.exchange, self.firm)
        self.network = Network(
            self.fate,
            {
                TWILIO: partial(self._outside, TWILIO, Rest(self.exchange).answer),
                SMARTADVOCATE: partial(self._outside, SMARTADVOCATE, self.firm.answer),
            },
        )
        self.oracle = Oracle(
            self.database,
            self.town,
            self.firm,
            self.exchange,
            self.firm_settings,
            lambda: self.agenda.now,
        )
        self.exchange.watch = self.oracle
        self.operator = Process(
            "operator",
            self.database_url,
            self.deployment.environment,
            Fate(self.agenda, self.chance_of("operator"), self.story.tell),
            self.agenda,
            self.chance_of("operator's clock"),
        )
        self.operator.offset = timedelta()
        self._lives, self._troubles = Lives(self), Troubles(self)
        accounts.watch_notes(self)

    def chance_of(self, what: str) -> random.Random:
        """Chance of its own for something: what else is drawn doesn't change it."""
        return random.Random(f"{self.seed} {what}")

    def _environment(self) -> Mapping[str, str]:
        return {
            "DATABASE_URL": "sqlite:///month.db",
            "PUBLIC_URL": _PUBLIC_URL,
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
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
        self.deployment.start()
        self._lives.begin()
        self._troubles.begin()
        self.fate.rates, self.mail.rates = self.temper.rates, self.temper.post
        self.deployment.dawdles = self.temper.dawdles
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
            self.oracle.check()
            for error in self._errors.take():
                self.oracle.complain(f"the bridge logged an error: {error}")
        self.agenda.now = max(self.agenda.now, until)

    def _calm_down(self) -> None:
        """Nothing goes wrong any more, and all that was begun comes to an end."""
        self.story.tell("month", "is over; nothing goes wrong any more")
        self.fate.rates, self.mail.rates = CALM, PostRates(0, 0, 0)
        self.deployment.dawdles = 0
        self.down.clear()
        self.deployment.deploy({})
        self._troubles.front_desk.resume_everything()

    def _end(self) -> None:
        self.deployment.kill()
        self.agenda.close()
        self.operator.kill()
        self.database.close()

    # The world outside.

    def _is_down(self, host: str) -> bool:
        return host in self.down and self._chance.random() < 0.5

    def _outside(self, host: str, answer: Standin, asked: Asked) -> Answer:
        if host in self.down:
            return Answer(503, '{"code": 20500, "message": "down"}')
        return answer(asked)
