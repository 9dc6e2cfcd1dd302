"""What befalls the firm in a month: deploys, outages, a rotated token, emergencies."""

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bridge.domain.contact_facts import Pause, PauseScope
from bridge.store.dialing import pauses
from tests.simulation.front_desk import FrontDesk
from tests.simulation.post_office import OTHER_TOKEN, TOKEN

if TYPE_CHECKING:
    from tests.simulation.month import World

Action = Callable[[], None]


class Troubles:
    """Puts on the agenda what befalls the town."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._chance: random.Random = world.chance_of("troubles")
        self.front_desk = FrontDesk(world)

    def begin(self) -> None:
        """Let things take their course."""
        for _ in range(self._chance.randint(*self._world.temper.deploys)):
            self._some_time(partial(self._world.deployment.deploy, {}))
        for host in self._world.hosts:
            for _ in range(self._chance.randint(1, 2)):
                self._some_time(partial(self._break, host))
        if self._chance.random() < 0.7:
            self._some_time(self._begin_rotation)
        for _ in range(self._chance.randint(1, 2)):
            self._some_time(self._declare_emergency)
        for day in range(self._world.month.days):
            self._world.agenda.at(
                self._world.month.begins + timedelta(days=day, hours=5), self.front_desk.come_in
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
        self._world.deployment.deploy({"TWILIO_AUTH_TOKEN_SECONDARY": OTHER_TOKEN})
        self._world.agenda.after(self._chance.uniform(600, 7200), self._rotate)

    def _rotate(self) -> None:
        self._world.story.tell(
            "Twilio", "signs with the other auth token, and takes the old one no more"
        )
        self._world.mail.token = OTHER_TOKEN
        changed = {
            "TWILIO_AUTH_TOKEN": OTHER_TOKEN,
            "TWILIO_AUTH_TOKEN_SECONDARY": TOKEN,
        }
        self._world.agenda.after(
            self._chance.uniform(5, 600), partial(self._world.deployment.deploy, changed)
        )

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

    def _lift_emergency(self, state: str) -> None:
        self._world.oracle.closed_states.discard(state)
        with self._world.operator.runtime.db.begin() as connection:
            pauses.lift(
                connection, PauseScope.STATE, state, self._world.agenda.now, by=pauses.BY_OPERATOR
            )
        self._world.story.tell("operator", f"resumes {state}")
