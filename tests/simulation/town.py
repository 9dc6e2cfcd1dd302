"""Who lives in the town, what the firm has set, and what befalls both in a month."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bridge.sandbox.fields import FIRM_NUMBER
from bridge.sandbox.line import Call
from bridge.sandbox.manner import BUSY, FAILED, HUMAN, MACHINE, NO_ANSWER, Manner
from tests.simulation.firm import pick
from tests.simulation.parties import LATER
from tests.simulation.places import PLACES, Place
from tests.simulation.temper import Temper, mixed

FIRM_PHONE, INTAKE_PHONE = "+14025550199", "+14025550198"
FIRM_PHONES = frozenset({FIRM_PHONE, INTAKE_PHONE})
STARTS = (datetime(2026, 10, 12, 10, tzinfo=UTC), datetime(2026, 2, 9, 10, tzinfo=UTC))
"""Both months have a change of clocks and two federal holidays or one, and days of states."""

TEMPERAMENTS: Mapping[str, float] = {
    "listens and says nothing": 3,
    "never answers": 3,
    "is often busy": 3,
    "has a machine": 3,
    "presses 1": 5,
    "presses 9": 2,
    "presses 8": 1,
    "hangs up": 1,
    "texts STOP": 2,
    "texts ALTO": 1,
    "texts STOP while it rings": 2,
    "calls in": 2,
    "calls in and presses 9": 1,
    "asks for later": 1,
    "writes something": 1,
    "changes the number": 2,
    "has no working number": 1,
    "is reached through a silent carrier": 1,
    "loses consent": 1,
}
"""Temperaments and how common they are in all towns together; each has its own mixture."""


@dataclass
class Person:
    """Somebody in the town."""

    case_id: int
    number: str
    temperament: str
    places: tuple[Place, ...]
    moved_to: str = ""
    """The number that they have later on."""


@dataclass
class Town:
    """Everybody in it, by number."""

    chance: random.Random
    temper: Temper
    persons: list[Person] = field(default_factory=list)
    by_number: dict[str, list[Person]] = field(default_factory=dict)

    def settle(self, cases: int) -> None:
        """Have so many people move in; some share a phone with the one before."""
        used: dict[str, int] = {}
        temperaments = mixed(self.chance, TEMPERAMENTS)
        for case_id in range(1, cases + 1):
            place = self.chance.choice(PLACES)
            if self.persons and self.chance.random() < self.temper.shares:
                before = self.persons[-1]
                number, places = before.number, before.places
            else:
                number = self._number(place, used)
                elsewhere = self.chance.choice(PLACES) if self.chance.random() < 0.15 else place
                # The case's ZIP code is the first's, its area code the other's.
                places = (elsewhere, place)
            temperament = pick(self.chance, temperaments)
            person = Person(case_id, number, temperament, places)
            self._move_in(person, number)
            if temperament == "changes the number":
                person.moved_to = self._number(place, used)
                self._move_in(person, person.moved_to)
            if person not in self.persons:
                self.persons.append(person)

    def _move_in(self, person: Person, number: str) -> None:
        self.by_number.setdefault(number, []).append(person)

    def _number(self, place: Place, used: dict[str, int]) -> str:
        line = used[place.area_code] = used.get(place.area_code, 0) + 1
        return f"+1{place.area_code}555{line:04d}"

    def places_of(self, number: str) -> set[Place]:
        """Everywhere the person at a number may be."""
        return {place for person in self.by_number.get(number, ()) for place in person.places}

    # What the exchange asks.

    def reacts(self, number: str) -> Manner:
        """How whoever has this number takes a call or text, this time."""
        if number in FIRM_PHONES | {FIRM_NUMBER}:
            answers = pick(self.chance, {HUMAN: 9, NO_ANSWER: 1})
            return Manner(answers, talks_for=self.chance.randint(20, 300))
        person = self.by_number[number][0]
        text = pick(self.chance, {"delivered": 8, "sent": 1, "undelivered": 1})
        manner = Manner(
            text=text,
            text_error=30003 if text == "undelivered" else None,
            talks_for=self.chance.randint(20, 400),
            picks_up_for_firm=True,
        )
        return self._in_character(person.temperament, manner)

    def _in_character(self, temperament: str, manner: Manner) -> Manner:
        answers = HUMAN if self.chance.random() < 0.8 else NO_ANSWER
        more: dict[str, object] = {"answers": answers}
        if temperament == "never answers":
            more = {"answers": NO_ANSWER}
        elif temperament == "is often busy":
            more = {"answers": pick(self.chance, {BUSY: 3, HUMAN: 1}), "key": "1"}
        elif temperament == "has a machine":
            more = {"answers": MACHINE}
        elif temperament == "has no working number":
            more = {"answers": FAILED}
        elif temperament == "hangs up":
            more |= {"hangs_up": True}
        elif temperament.startswith("presses "):
            more |= {"key": temperament[-1]}
        elif temperament == "texts STOP":
            more |= {"reply": "STOP"}
        elif temperament == "texts ALTO":
            more |= {"reply": "ALTO"}
        elif temperament == "texts STOP while it rings":
            more = {"answers": HUMAN, "key": "1", "while_ringing": "STOP"}
        elif temperament == "asks for later":
            more |= {"reply": LATER}
        elif temperament == "writes something":
            more |= {"reply": "Thanks, I have the papers", "key": "1"}
        return _manner(manner, more)

    def calls_back(self, number: str) -> bool:
        """Whether whoever has this number calls in, now that they have read a text."""
        calls_in = self.by_number[number][0].temperament.startswith("calls in")
        return calls_in and self.chance.random() < self.temper.calls_back

    def key_of_agent(self, call: Call, path: str) -> str:
        """What an agent presses at the ring, and what behind the call."""
        if call.to not in FIRM_PHONES:
            return ""
        if path.endswith("keypress"):
            return pick(self.chance, {"1": 20, "2": 1, "3": 1, "": 1})
        if path.endswith("agent"):
            return pick(self.chance, {"1": 8, "2": 2, "3": 1, "4": 1, "": 2})
        return ""


def _manner(manner: Manner, more: Mapping[str, object]) -> Manner:
    return Manner(**{**vars(manner), **more})


def settings(chance: random.Random) -> dict[str, str]:
    """What the firm has set: another firm a seed."""
    agents = f"Front desk={FIRM_PHONE}; Intake={INTAKE_PHONE}"
    return {
        "DIAL_MODE": pick(chance, {"client_first": 3, "agent_first": 1}),
        "TEXT_ENABLED": pick(chance, {"true": 2, "false": 1}),
        "TEXT_LEAD": pick(chance, {"10m": 2, "1m": 1}),
        "DIAL_CALLS_PER_SECOND": pick(chance, {"0.05": 1, "0.2": 1, "1": 1}),
        "DIAL_MAX_CALLS": pick(chance, {"1": 1, "2": 1, "5": 1}),
        "DIAL_PERSON_GAP": pick(chance, {"4h": 3, "0": 1}),
        "DIAL_MAX_ATTEMPTS": pick(chance, {"4": 1, "8": 1}),
        "OPT_OUT_SCOPE": pick(chance, {"person": 2, "number": 1}),
        **chance.choice(({"DIAL_AGENTS": agents}, {}, {})),
    }


@dataclass(frozen=True)
class Month:
    """From when until when."""

    begins: datetime
    days: int = 30

    @property
    def ends(self) -> datetime:
        """The end of the last day; what is under way may end later."""
        return self.begins + timedelta(days=self.days)
