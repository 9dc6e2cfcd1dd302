"""What people, staff and machines do to the firm in a month."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bridge.commands import consents
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.dialects import DATE_FORM
from bridge.store.dialing import pauses
from tests.simulation.exchange import REFUSALS

if TYPE_CHECKING:
    from tests.simulation.month import World

Action = Callable[[], None]


class Troubles:
    """Puts on the agenda what befalls the town."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._chance = random.Random(f"{world.seed} troubles")

    def begin(self) -> None:
        """Open the cases, and let things take their course."""
        self._open_cases()
        self._befall()

    def _open_cases(self) -> None:
        zone = self._world.firm.book.dialect.zone
        for person in self._world.town.persons:
            day = self._world.month.begins + timedelta(days=self._chance.triangular(0, 24, 1))
            at = day.astimezone(zone).replace(
                hour=self._chance.randint(8, 17), minute=self._chance.randrange(60), second=0
            )
            case = Case(
                person.case_id,
                [phone(person.number[2:])],
                status="To Dial",
                dial_at=f"{at:{DATE_FORM}}",
                zip_code=person.places[0].zip_code,
            )
            self._world.firm.open_case(case)
            self._live(person.case_id, person.temperament, at.astimezone(UTC))

    def _live(self, case_id: int, temperament: str, due: datetime) -> None:
        """What somebody does of their own accord, and the firm's staff with their case."""
        person = next(one for one in self._world.town.persons if one.case_id == case_id)
        later = due + timedelta(hours=self._chance.uniform(0.1, 72))
        text = partial(self._world.exchange.begin_text_in, person.number)
        call = partial(self._world.exchange.begin_call_in, person.number)
        if temperament == "changes the number":
            self._world.agenda.at(
                later, partial(self._world.firm.renumber, case_id, person.moved_to[2:])
            )
        elif temperament == "texts STOP" and self._chance.random() < 0.5:
            self._world.agenda.at(
                later,
                partial(text, self._chance.choice(REFUSALS[:3])),
            )
        elif temperament == "texts ALTO" and self._chance.random() < 0.5:
            self._world.agenda.at(later, partial(text, self._chance.choice(REFUSALS[3:])))
        elif temperament == "loses consent":
            self._world.agenda.at(later, partial(self._revoke, person.number))
        elif temperament == "calls in":
            self._world.agenda.at(later, call)
        elif temperament == "calls in and presses 9":
            self._world.agenda.at(later, partial(call, "9"))
        if self._chance.random() < 0.15:
            label = self._chance.choice(("Do not Dial", "To Dial", "Attorney Hold"))
            self._world.agenda.at(
                later + timedelta(hours=self._chance.uniform(0, 48)),
                partial(self._world.firm.relabel, case_id, label),
            )

    # What befalls the firm.

    def _befall(self) -> None:
        for _ in range(self._chance.randint(3, 7)):
            self._some_time(partial(self._world.deploy, {}))
        for host in self._world.hosts:
            for _ in range(self._chance.randint(1, 2)):
                self._some_time(partial(self._break, host))
        if self._chance.random() < 0.7:
            self._some_time(self._begin_rotation)
        for _ in range(self._chance.randint(1, 2)):
            self._some_time(self._declare_emergency)
        for day in range(self._world.month.days):
            self._world.agenda.at(
                self._world.month.begins + timedelta(days=day, hours=5), self.resume_everything
            )

    def _some_time(self, action: Action) -> None:
        """Have something happen on some day, in the firm's hours."""
        moment = self._world.month.begins + timedelta(
            days=self._chance.randrange(self._world.month.days - 2),
            hours=self._chance.uniform(3, 14),
        )
        self._world.agenda.at(moment, action)

    def _break(self, host: str) -> None:
        if host in self._world.down:
            return
        minutes = self._chance.choice((5, 30, 240, 600))
        self._world.story.tell(host, f"is down for {minutes} minutes")
        self._world.down.add(host)
        self._world.agenda.after(minutes * 60, partial(self._mend, host))

    def _mend(self, host: str) -> None:
        self._world.down.discard(host)
        self._world.story.tell(host, "is up")

    def _begin_rotation(self) -> None:
        self._world.story.tell("operator", "sets the other auth token, too")
        self._world.deploy({"TWILIO_AUTH_TOKEN_SECONDARY": "token-behind"})
        self._world.agenda.after(self._chance.uniform(600, 7200), self._rotate)

    def _rotate(self) -> None:
        self._world.story.tell(
            "Twilio", "signs with the other auth token, and takes the old one no more"
        )
        self._world.exchange.mail.token = "token-behind"
        changed = {
            "TWILIO_AUTH_TOKEN": "token-behind",
            "TWILIO_AUTH_TOKEN_SECONDARY": "token-before",
        }
        self._world.agenda.after(self._chance.uniform(5, 600), partial(self._world.deploy, changed))

    def _declare_emergency(self) -> None:
        state = self._chance.choice(self._world.town.persons).places[0].state
        if state in self._world.oracle.closed_states:
            return
        with self._world.operator.runtime.db.begin() as connection:
            held = Pause(PauseScope.STATE, state, None, "an emergency")
            pauses.add(connection, held, pauses.BY_OPERATOR, self._world.agenda.now)
        self._world.story.tell("operator", f"pauses {state}: an emergency")
        self._world.agenda.after(5, partial(self._world.oracle.closed_states.add, state))
        self._world.agenda.after(
            self._chance.uniform(1, 4) * 86400, partial(self._lift_emergency, state)
        )

    def _revoke(self, number: str) -> None:
        """The operator enters that a person has taken back what they had agreed to."""
        channels = (Channel.CALL, Channel.TEXT)
        runtime = self._world.operator.runtime
        consents.revoke(runtime, E164(number), channels, "the operator", "said so on the phone")
        self._world.story.tell("operator", f"revokes what {number} had agreed to")
        self._world.oracle.on_revoked(number)

    def _lift_emergency(self, state: str) -> None:
        self._world.oracle.closed_states.discard(state)
        with self._world.operator.runtime.db.begin() as connection:
            pauses.lift(
                connection, PauseScope.STATE, state, self._world.agenda.now, by=pauses.BY_OPERATOR
            )
        self._world.story.tell("operator", f"resumes {state}")

    def resume_everything(self) -> None:
        """The operator comes in the morning, and resumes what stands still."""
        with self._world.operator.runtime.db.begin() as connection:
            for scope in (PauseScope.EVERYTHING, PauseScope.TEXTS):
                if pauses.lift(
                    connection, scope, "", self._world.agenda.now, by=pauses.BY_OPERATOR
                ):
                    self._world.story.tell("operator", f"resumes {scope}")
