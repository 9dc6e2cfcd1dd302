"""A town of people with cases that are due, two strict stand-ins, and what must come of it."""

import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bridge.sandbox import cast, meanwhile, office, proof
from bridge.sandbox.casebook import Case
from bridge.sandbox.cast import Role
from bridge.sandbox.fields import FIRM_NUMBER
from bridge.sandbox.manner import Manner
from bridge.sandbox.papers import Paper, on_file
from bridge.sandbox.people import LEADS
from bridge.sandbox.rest import Server
from bridge.sandbox.smartadvocate import SmartAdvocate
from bridge.sandbox.switchboard import Request, Switchboard, Webhooks
from tests.support.processes import API_KEY, AUTH_TOKEN, Bridge, Process, wait_until
from tests.support.signing import ACCOUNT_SID

_ZONE = ZoneInfo("America/New_York")
_STEP_SECONDS = 0.05
_DESKS = ("+14025550101", "+14025550102", "+14025550103", "+14025550104")
_MORE_AGENTS = "; ".join(f"Desk {phone[-1]}={phone}" for phone in _DESKS)
_AGENTS = {**office.AGENTS, **dict.fromkeys(_DESKS, Manner(key="1"))}
"""So many that nobody waits for them long: they take one call at a time."""
_REST = office.REST / 60
"""Minutes are seconds here (tests/support/hurried.py)."""


class Town:
    """Its people, and a bridge of real processes that is to reach them."""

    def __init__(self, home: Path, database_url: str, **settings: str) -> None:
        self.scene = cast.setting(datetime.now(UTC))
        self.roles: list[Role] = []
        self._papers: list[Paper] = []
        self.manners: dict[str, Manner] = {}
        self.smartadvocate = SmartAdvocate(api_key=API_KEY)
        self.exchange = Switchboard(
            account_sid=ACCOUNT_SID,
            token=AUTH_TOKEN,
            manner=lambda number: self.manners.get(number, Manner()),
            step=_STEP_SECONDS,
            chance=random.Random(20261124),
        )
        self._rest = Server(self.exchange)
        self.bridge = Bridge(home, database_url, self.smartadvocate.url)
        self.bridge.environment |= self._settings() | settings
        self.exchange.webhooks = Webhooks(
            text=f"{self.bridge.url}/twilio/messages/inbound",
            call=f"{self.bridge.url}/twilio/voice/inbound",
            status=f"{self.bridge.url}/twilio/voice/status",
        )

    def _settings(self) -> dict[str, str]:
        return {
            "WEB_CONCURRENCY": "1",
            "TWILIO_API_URL": self._rest.url,
            "TWILIO_FROM_NUMBER": FIRM_NUMBER,
            "FIRM_NAME": "Example & Partners",
            "FIRM_PHONE": "+14025550199",
            "DIAL_ENABLED": "true",
            "DIAL_POLL_SECONDS": "2",
            "DIAL_BATCH": "1000",
            "DIAL_MAX_CALLS": "40",
            "DIAL_RING_SECONDS": "15",
            "DIAL_HOURS": self.scene.hours,
            "DIAL_DAYS": "mon,tue,wed,thu,fri,sat,sun",
            "DIAL_SKIP_HOLIDAYS": "false",
            "FIRM_HOURS": "mon-sun 00:00-24:00",
            "DIAL_STATE_RULES": "off",
            # One of them has two cases, and is called about both of them at once.
            "TEXT_ENABLED": "true",
            "TEXT_LEAD": "10s",
        }

    def settle(self, count: int, *, mute: bool = False) -> None:
        """People move in; `mute`: no status callback about any of them ever comes through."""
        now = datetime.now(_ZONE)
        self.roles = cast.cast(count, self.scene)
        self.manners |= _AGENTS
        self.bridge.environment |= {
            "CAMPAIGN_PURPOSES": f"{LEADS}=lead; *=client",
            "DIAL_AGENTS": f"{office.DIAL_AGENTS}; {_MORE_AGENTS}",
            "DIAL_WRAP_UP": "0",
            "FIRM_HOURS": "mon-sun 00:00-24:00",
        }
        self._papers = on_file(self.roles)
        for number, manner in cast.manners(self.roles).items():
            self.manners[number] = replace(manner, mute=mute or manner.mute)
        for role in self.roles:
            for case in cast.cases(role, now):
                self.smartadvocate.book.add(case)
        meanwhile.arrange(self.roles, self.exchange, self.smartadvocate)

    def start_worker(self, *, dies_at: str | None = None) -> Process:
        """A worker whose minutes are seconds, perhaps one that will die."""
        self._put_on_file()
        environment = self.bridge.environment
        self.bridge.environment = environment | ({"DIES_AT": dies_at} if dies_at else {})
        try:
            return self.bridge.start("tests.support.hurried", "worker")
        finally:
            self.bridge.environment = environment

    def _put_on_file(self) -> None:
        """Once the web app has brought the database up to date."""
        papers, self._papers = self._papers, []
        for paper in papers:
            (self.bridge.home / paper.name).write_text(paper.text)
        with ThreadPoolExecutor() as pool:
            done = list(pool.map(lambda paper: self.bridge.run(*paper.command), papers))
        assert all(command.returncode == 0 for command in done), done

    def calls_asked_for(self) -> list[Request]:
        """Requests to place a call, in the order of arrival."""
        return [
            one
            for one in self.exchange.journal()
            if one.method == "POST" and one.path.endswith("/Calls.json")
        ]

    def await_the_end(self, seconds: float, *, notes: bool = True) -> None:
        """Everybody was reached exactly as allowed, and every case says so.

        `notes`: also every note must be there, once. Not asked for where callbacks are lost.

        Raises:
            AssertionError: something is missing, wrong, or happened twice.
        """
        try:
            # Seldom: looking at everybody costs what the bridge needs to work.
            wait_until(
                lambda: next(self._wrong(notes=notes), None) is None,
                "somebody is still to be reached",
                seconds,
                every=0.5,
            )
        except AssertionError:
            print("\n".join(self.wrong(notes=notes)))  # noqa: T201 - shown when the test fails
            print(self.bridge.logs())  # noqa: T201
            raise
        wait_until(self.exchange.is_quiet, "a call goes on")
        # Whatever comes too often comes late: all that may still come is awaited.
        assert self.bridge.run("dial", "plan").returncode == 0
        assert not self.wrong(notes=notes)

    def wrong(self, *, notes: bool = True) -> list[str]:
        """What isn't as it must be, in words."""
        return list(self._wrong(notes=notes))

    def _wrong(self, *, notes: bool) -> Iterator[str]:
        cases = {one.case_id: _once(one) for one in self.smartadvocate.book.all()}
        calls, texts = self.exchange.calls(), self.exchange.texts()
        for role in self.roles:
            for one in proof.discrepancies(role, cases, calls, texts):
                if (notes or "note" not in one.partition(":")[2]) and not _is_made_up_for(
                    role, one
                ):
                    yield one
        yield from office.discrepancies(_AGENTS, calls, _REST)
        yield from _refused(self.exchange.journal())

    def close(self) -> None:
        """Everything ends."""
        self.bridge.close()
        self._rest.close()
        self.smartadvocate.close()


def _is_made_up_for(role: Role, wrong: str) -> bool:
    """Where the answer about a text was lost, Twilio is asked, and tells what no callback did."""
    return role.person.manner.mute and "note too many: 'Text to" in wrong


def _once(case: Case) -> Case:
    """The notes that count.

    A note has no key: where a worker died, or an answer was lost, it may be there twice. And here
    Twilio is asked after seconds, so that a callback may come later and correct what it said.
    """
    notes = list(dict.fromkeys(case.notes))
    corrected = {_reference(one) for one in notes if one.startswith("Correction: ")}
    kept = [
        one for one in notes if one.startswith("Correction: ") or _reference(one) not in corrected
    ]
    return replace(case, notes=kept)


def _reference(note: str) -> str:
    """The call or text that a note is about: `[CA…1f3a]`."""
    return note.rpartition(" ")[2]


def _refused(journal: Sequence[Request]) -> list[str]:
    """Requests that break Twilio's rules, which aren't the person's doing."""
    return [
        f"Twilio refused {one.method} {one.path} with {one.status}: {_names(one.params)}"
        for one in journal
        if one.status in {401, 404} and not one.fault
    ]


def _names(params: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(params)
