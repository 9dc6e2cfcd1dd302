"""Whatever SmartAdvocate answers, in whatever zone and by whatever clock: exact all the same.

A firm's week between people who are busy, with a SmartAdvocate that changes its ways at every
step. However it goes, nobody is called more often than allowed or before the bridge's own moment,
no label of the firm's own is overwritten, and no case stays In the Dialer for ever.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bridge.sandbox.casebook import Case, Refused
from bridge.sandbox.dialects import PLAIN, Dialect
from bridge.sandbox.manner import Manner
from tests.support.clock import Clock
from tests.support.world import World

CASES = 4
GAP = timedelta(hours=4)
ZONES = ("America/New_York", "UTC", "America/Los_Angeles")
ANSWERS: tuple[Any, ...] = (
    None,
    {},
    {"Success": True},
    {"Success": False, "Message": "locked"},
    {"Error": "no"},
    "no",
    7,
    {"Message": "1 row"},
    {"Results": [{"CaseID": 1, "Success": False}]},
)
SUCCESS: tuple[Any, ...] = (None, {}, {"Success": True})
TAKES = ("all", "claims", "nothing")
HOLDS = ("Attorney Hold", "Closed")


@dataclass(frozen=True)
class Ways:
    """How SmartAdvocate behaves for a while."""

    takes: str
    """What of what it is told it does, whatever it answers: all, claims or nothing."""
    answer: Any
    dialect: Dialect
    hours: int
    """Until the next step."""
    hold: str | None
    """A label that somebody sets on a case while phones ring."""


WAYS = st.builds(
    Ways,
    takes=st.sampled_from(TAKES),
    answer=st.sampled_from(ANSWERS),
    dialect=st.builds(
        lambda zone, ahead, minutes, wrapped: replace(
            PLAIN,
            zone=ZoneInfo(zone),
            ahead=timedelta(seconds=ahead),
            rounds_dates=minutes,
            is_wrapped=wrapped,
            takes_any_moment=True,
        ),
        st.sampled_from(ZONES),
        st.sampled_from([0, 10, 400]),
        st.booleans(),
        st.booleans(),
    ),
    hours=st.sampled_from([0, 1, 3, 5, 24]),
    hold=st.sampled_from([None, None, *HOLDS]),
)


@dataclass
class Firm:
    """A world whose SmartAdvocate answers as it is told."""

    world: World
    ways: Ways = field(default_factory=lambda: Ways("all", {}, PLAIN, 0, None))
    holds: dict[int, str] = field(default_factory=dict)

    def behave(self, ways: Ways) -> None:
        self.ways = ways
        self.world.sa.speak(ways.dialect)

    def answer(self, call: str, sent: Any, real: Any) -> Any:
        if call != "UpdateCaseStatus":
            return real(call, sent)
        is_claim = not any("Disposition" in entry for entry in sent["Cases"])
        if self.ways.takes == "all" or (self.ways.takes == "claims" and is_claim):
            real(call, sent)
        elif self.ways.dialect.is_wrapped or self.ways.answer in SUCCESS:
            # One that says yes and does nothing can't be helped.
            raise Refused(200, "not taken")
        return self.ways.answer

    def step(self, ways: Ways) -> None:
        """A poll, calls, somebody at the firm, and what comes of it."""
        self.behave(ways)
        self.world.hear()
        self.world.poll()
        self.world.place()
        if ways.hold is not None:
            ringing = [one for one in self.world.sa.book.all() if one.status == "In the Dialer"]
            for case in ringing[:1]:
                self.world.sa.book.relabel(case.case_id, ways.hold)
                self.holds[case.case_id] = ways.hold
        self.world.settle()
        self.world.clock.advance(hours=ways.hours)
        self.world.sweep()


@contextmanager
def _firm(template: Path, **more: str) -> Iterator[Firm]:
    with tempfile.TemporaryDirectory(prefix="bridge-tests-") as home:
        shutil.copy(template, Path(home) / "bridge.db")
        clock = Clock(datetime.fromisoformat("2026-11-30T15:00:00+00:00"))
        world = World(
            f"sqlite:///{home}/bridge.db",
            clock,
            DIAL_CAPS="50,50,50,50",
            DIAL_HOURS="00:00-24:00",
            DIAL_STATE_RULES="off",
            DIAL_DAYS="mon,tue,wed,thu,fri,sat,sun",
            **more,
        )
        firm = Firm(world)
        real = world.sa.book.answer
        world.sa.book.answer = (  # type: ignore[method-assign]
            lambda call, sent: firm.answer(call, sent, real)
        )
        for case_id in range(1, CASES + 1):
            world.case(case_id, manner=Manner("busy"))
        try:
            yield firm
        finally:
            world.close()


@given(st.lists(WAYS, min_size=1, max_size=4))
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_nobody_is_called_too_often_and_nobody_is_lost(
    sqlite_template: Path, steps: list[Ways]
) -> None:
    with _firm(sqlite_template) as firm:
        for ways in steps:
            firm.step(ways)
        calls: dict[str, list[datetime]] = {}
        for call in firm.world.exchange.calls():
            calls.setdefault(call.to, []).append(call.created_at)
        for moments in calls.values():
            apart = [later - one for one, later in pairwise(moments)]
            assert all(between >= GAP for between in apart), apart
        _assert_found_again(firm)


def _assert_found_again(firm: Firm) -> None:
    """With a SmartAdvocate that is as it should be, every case gets on."""
    usual = Ways(takes="all", answer={}, dialect=PLAIN, hours=5, hold=None)
    for _ in range(4):
        firm.step(usual)
    assert firm.world.sa.book.lapses() == [] or all(
        "current time" in lapse for lapse in firm.world.sa.book.lapses()
    )
    called = {call.to for call in firm.world.exchange.calls()}
    for case in firm.world.sa.book.all():
        if case.case_id in firm.holds:
            assert case.status == firm.holds[case.case_id]
        else:
            assert case.status in {"To Dial", "Do not Dial"}
            assert f"+1{case.phones[0]['Phone']}" in called


@pytest.mark.parametrize("answer", ANSWERS)
def test_whose_outcomes_are_not_taken_is_called_at_the_bridges_own_moments(
    sqlite_template: Path, answer: Any
) -> None:
    """And SmartAdvocate lists them as due again and again."""
    more = {"DIAL_PERSON_GAP": "0", "DIAL_RETRY_BUSY": "20m"}
    with _firm(sqlite_template, **more) as firm:
        for _ in range(8):
            for case in firm.world.sa.book.all():
                case.status, case.dial_at = "To Dial", Case(1, []).dial_at
                firm.world.sa.book.add(case)
            firm.step(Ways(takes="claims", answer=answer, dialect=PLAIN, hours=0, hold=None))
        calls: dict[str, list[datetime]] = {}
        for call in firm.world.exchange.calls():
            calls.setdefault(call.to, []).append(call.created_at)
        assert len(calls) == CASES
        for moments in calls.values():
            assert len(moments) >= 2
            assert all(later - one >= timedelta(minutes=20) for one, later in pairwise(moments))
