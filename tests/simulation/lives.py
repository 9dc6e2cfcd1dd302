"""What people do of their own accord, and the firm's staff with their cases."""

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bridge.commands import consents
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.dialects import DATE_FORM
from tests.simulation.parties import REFUSALS
from tests.simulation.town import Person

if TYPE_CHECKING:
    from tests.simulation.month import World

_LABELS = ("Do not Dial", "Do not Dial", "To Dial", "Attorney Hold")


class Lives:
    """Puts on the agenda what people and staff do."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._chance: random.Random = world.chance_of("lives")

    def begin(self) -> None:
        """Open the cases, and let things take their course."""
        opened: dict[str, datetime] = {}
        for person in self._world.town.persons:
            due = self._due(opened.get(person.number))
            opened[person.number] = due
            self._open_case(person, due)
            self._live(person, due)
        self._world.firm.book.on_claim = self._sees_claim

    def _due(self, of_same_phone: datetime | None) -> datetime:
        """When a case is due first; a family's often at the same time: it was one accident."""
        if of_same_phone is not None and self._chance.random() < 0.7:
            return of_same_phone + timedelta(minutes=self._chance.randint(0, 10))
        day = self._world.month.begins + timedelta(days=self._chance.triangular(0, 24, 1))
        at = day.astimezone(self._world.firm.book.dialect.zone)
        hour, minute = self._chance.randint(8, 17), self._chance.randrange(60)
        return at.replace(hour=hour, minute=minute, second=0).astimezone(UTC)

    def _open_case(self, person: Person, due: datetime) -> None:
        at = due.astimezone(self._world.firm.book.dialect.zone)
        case = Case(
            person.case_id,
            [phone(person.number[2:])],
            status="To Dial",
            dial_at=f"{at:{DATE_FORM}}",
            zip_code=person.places[0].zip_code,
        )
        self._world.firm.open_case(case)

    def _live(self, person: Person, due: datetime) -> None:
        later = due + timedelta(hours=self._chance.uniform(0.1, 72))
        number, firm, exchange = person.number, self._world.firm, self._world.exchange
        does = {
            "changes the number": partial(firm.renumber, person.case_id, person.moved_to[2:]),
            "texts STOP": partial(exchange.begin_text_in, number, self._refusal(0)),
            "texts ALTO": partial(exchange.begin_text_in, number, self._refusal(3)),
            "loses consent": partial(self._revoke, number),
            "calls in": partial(exchange.begin_call_in, number),
            "calls in and presses 9": partial(exchange.begin_call_in, number, "9"),
        }.get(person.temperament)
        # Half of those who text a refusal do so in reply to a text alone.
        is_reply_alone = person.temperament.startswith("texts ") and self._chance.random() < 0.5
        if does is not None and not is_reply_alone:
            self._world.agenda.at(later, does)
        if self._chance.random() < self._world.temper.meddles:
            self._meddle(person.case_id, later + timedelta(hours=self._chance.uniform(0, 48)))

    def _refusal(self, first: int) -> str:
        """In English, or in Spanish."""
        return self._chance.choice(REFUSALS[first : first + 3])

    def _revoke(self, number: str) -> None:
        """The operator enters that a person has taken back what they had agreed to."""
        channels = (Channel.CALL, Channel.TEXT)
        runtime = self._world.operator.runtime
        consents.revoke(runtime, E164(number), channels, "the operator", "said so on the phone")
        self._world.story.tell("operator", f"revokes what {number} had agreed to")
        self._world.oracle.on_revoked(number)

    # Staff.

    def _sees_claim(self, case_id: int) -> None:
        """A case is In the Dialer, and somebody of staff happens to work on it."""
        if self._chance.random() < self._world.temper.meddles / 2:
            soon = timedelta(seconds=self._chance.uniform(5, 1200))
            self._meddle(case_id, self._world.agenda.now + soon)

    def _meddle(self, case_id: int, at: datetime) -> None:
        """Have somebody of staff set a status by hand, or another date."""
        firm = self._world.firm
        if self._chance.random() < 0.25:
            moment = at + timedelta(hours=self._chance.uniform(1, 72))
            self._world.agenda.at(at, partial(firm.redate, case_id, moment))
        else:
            label = self._chance.choice(_LABELS)
            self._world.agenda.at(at, partial(firm.relabel, case_id, label))
