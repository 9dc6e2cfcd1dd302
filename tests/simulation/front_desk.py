"""The firm's operator: comes in the morning, resumes what stands still, answers what is asked."""

import random
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from bridge.consent import shared_phone_answers, staff_stop_answers, suspensions
from bridge.domain.contact_facts import PauseScope
from bridge.domain.opt_out_language.suggestions import suggested
from bridge.domain.phones import E164
from bridge.domain.preferences import Preference
from bridge.domain.questions import Question
from bridge.domain.staff_stops import case_of
from bridge.store.dialing import pauses
from tests.simulation.parties import LATER

if TYPE_CHECKING:
    from tests.simulation.month import World

_BY = "the operator"
_ASKED = """
SELECT callbacks.id, communications.phone, callbacks.received_at
FROM callbacks JOIN communications USING (sid)
WHERE callbacks.question = :question AND callbacks.settled_at IS NULL ORDER BY callbacks.id
"""
_HELD = """
SELECT id, what, reason FROM pauses
WHERE source = :source AND lifted_at IS NULL ORDER BY id
"""


class FrontDesk:
    """Whoever works with the console and the command line."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._chance: random.Random = world.chance_of("front desk")

    def come_in(self) -> None:
        """A morning's work."""
        self.resume_everything()
        if self._chance.random() < 0.8:
            self._keep_wishes()
            self._answer_holds()

    def resume_everything(self) -> None:
        """Resume what stands still."""
        operator = self._world.operator
        with operator.runtime.db.begin() as connection:
            for scope in (PauseScope.EVERYTHING, PauseScope.TEXTS):
                if pauses.lift(connection, scope, "", operator.now(), by=pauses.BY_OPERATOR):
                    self._tell(f"resumes {scope}")

    def _keep_wishes(self) -> None:
        """Who has asked for another day is called from then on."""
        runtime = self._world.operator.runtime
        for callback_id, number, received_at in self._rows(_ASKED, question=Question.LIMIT):
            wanted = suggested(LATER, date.fromisoformat(str(received_at)[:10]))
            wishes = [Preference(kind, E164(number), value) for kind, value in wanted.items()]
            with runtime.db.begin() as connection:
                suspensions.keep_preferences(runtime, connection, callback_id, wishes, _BY)
            self._tell(f"keeps that {number} wants {' and '.join(wish.says for wish in wishes)}")

    def _answer_holds(self) -> None:
        """Whose opt-out was it? Was staff's Do not Dial meant for the person's other cases, too?"""
        runtime = self._world.operator.runtime
        for pause_id, case_id, reason in self._rows(_HELD, source=pauses.BY_SHARED_NUMBER):
            is_meant, stopped = self._chance.random() < 0.3, case_of(reason)
            if stopped is not None:
                answer = staff_stop_answers.stop_all if is_meant else staff_stop_answers.only_that
            elif is_meant:
                answer = shared_phone_answers.this_client
            else:
                answer = shared_phone_answers.not_this_one
            with runtime.db.begin() as connection:
                answer(runtime, connection, pause_id, _BY)
            self._tell(f"answers for case {case_id}: {'yes' if is_meant else 'no'}")
            if is_meant:
                for concerned in {int(case_id), stopped or int(case_id)}:
                    self._world.oracle.on_stopped_by_hand(self._world.firm.numbers_of(concerned))

    def _rows(self, query: str, **asked: str) -> Iterator[tuple[int, str, str]]:
        yield from self._world.database.execute(query, asked).fetchall()

    def _tell(self, what: str) -> None:
        self._world.story.tell("operator", what)
