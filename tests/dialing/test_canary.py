"""Calls go out one at a time until Twilio is known to reach the bridge, and not for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.commands import pause
from bridge.counts import CANARY
from bridge.dialing import canary, reconciliation
from bridge.sandbox.faults import Fault
from bridge.sandbox.manner import Manner
from bridge.store.dialing import pauses
from tests.support import tables
from tests.support.world import FIRM, World, Worldwide

SILENT = Manner("busy", mute=True)
"""Rings without an answer, and not one callback comes."""


def _people(world: World, count: int, manner: Manner = SILENT) -> None:
    for case_id in range(1, count + 1):
        world.case(case_id, manner=manner)
    world.poll()


def _end_unheard(world: World) -> None:
    """The calls come to their end, and only Twilio, when it is asked, tells so."""
    world.settle_calls()
    world.clock.advance(minutes=1)
    world.ask()


def _paused(world: World) -> str:
    return tables.pauses(world.runtime.db)


def _called(world: World) -> int:
    return len(world.exchange.calls())


def test_after_a_start_two_calls_in_vain_pause_everything(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="false")
    world.restart()
    _people(world, 15)
    for most in (1, 2):
        assert world.place() == 1
        assert world.place() == 0
        _end_unheard(world)
        assert _called(world) == most
    for _ in range(5):
        world.clock.advance(minutes=5)
        world.poll()
        assert world.place() == 0
    held = _paused(world)
    assert "canary" in held
    assert f"PUBLIC_URL={world.url}" in held
    assert "`bridge check`" in held
    assert world.runtime.counts.take()[CANARY, "paused"] == 1


def test_the_first_request_opens_the_way(world: World) -> None:
    world.restart()
    world.exchange.queueing = True
    _people(world, 10, Manner("busy"))
    assert world.place() == 1
    assert world.place() == 0
    world.exchange.queueing = False
    world.settle()
    assert world.place() == 9


def test_a_request_lifts_the_pause_by_itself(world: World) -> None:
    world.restart()
    _people(world, 10)
    for _ in range(2):
        world.place()
        _end_unheard(world)
    canary.check(world.runtime)
    assert "canary" in _paused(world)
    world.clock.advance(seconds=5)
    assert world.exchange.text_in("+14025559999", "Is anybody there?")
    canary.check(world.runtime)
    assert "canary" not in _paused(world)
    assert world.runtime.counts.take()[CANARY, "lifted"] == 1
    world.poll()
    assert world.place() == 8


def test_a_pause_of_somebody_elses_is_not_lifted(world: World) -> None:
    world.restart()
    _people(world, 3)
    for _ in range(2):
        world.place()
        _end_unheard(world)
    canary.check(world.runtime)
    pause.pause(world.runtime.settings, "everything", "", None, "office closed")
    world.clock.advance(seconds=5)
    world.hear()
    canary.check(world.runtime)
    assert "office closed" in _paused(world)
    assert world.place() == 0


def test_after_a_resume_canaries_go_on(world: World) -> None:
    world.restart()
    _people(world, 10)
    for _ in range(2):
        for _ in range(2):
            assert world.place() == 1
            _end_unheard(world)
        assert world.place() == 0
        world.clock.advance(seconds=5)
        with world.runtime.db.begin() as connection:
            held = [one.pause for one in pauses.active(connection, world.clock())]
            assert [
                pauses.lift(connection, one.scope, one.what, world.clock(), by=pauses.BY_OPERATOR)
                for one in held
            ]
        world.poll()
    assert _called(world) == 4


def test_an_hour_of_silence_asks_for_a_canary_again(world: World) -> None:
    _people(world, 6, Manner("busy"))
    world.clock.advance(hours=1)
    world.poll()
    world.exchange.queueing = True
    assert world.place() == 1
    world.exchange.queueing = False
    world.settle()
    assert world.place() == 5


def test_the_way_closes_also_while_calls_go_out(worldwide: Worldwide) -> None:
    """What stands between Twilio and the app breaks while the worker dials on."""
    world = worldwide(DIAL_MAX_CALLS="3")
    _people(world, 12)
    assert world.place() == 3
    _end_unheard(world)
    assert world.place() == 0
    assert "3 calls have ended" in _paused(world)


def test_lost_callbacks_of_single_calls_pause_nothing(world: World) -> None:
    for case_id in range(1, 9):
        world.case(case_id, manner=SILENT if case_id % 2 else Manner("busy"))
    world.poll()
    world.place(4)
    _end_unheard(world)
    world.take_in()
    assert world.place() == 4
    _end_unheard(world)
    assert "canary" not in _paused(world)


def test_what_twilio_never_rang_is_no_canary(world: World) -> None:
    """Refused, never got, or cancelled in its queue: of such calls no callback comes."""
    world.restart()
    _people(world, 9)
    world.manners["+14025550101"] = world.manners["+14025550102"] = Manner(refuse_call=21217)
    assert world.place() == 3
    world.exchange.queueing = True
    for _ in range(3):
        world.place()
        world.clock.advance(minutes=1)
        world.ask()
    world.exchange.queueing = False
    world.exchange.order(Fault(only="calls", drop="before", count=2))
    for _ in range(4):
        world.place(1)
        world.clock.advance(minutes=1)
        world.ask()
    assert "canary" not in _paused(world)


def test_one_at_a_time_over_all_workers(world: World) -> None:
    world.restart()
    _people(world, 3)
    other = replace(world.runtime, started_at=world.clock() - timedelta(seconds=30))
    assert world.reserve() is not None
    assert world.reserve() is None
    # A worker that has heard of Twilio since it began dials on.
    assert world.reserve(other) is None
    world.hear()
    assert world.reserve(other) is not None


@pytest.mark.parametrize("mute", [True, False])
def test_canaries_that_ring_the_firm_first(worldwide: Worldwide, mute: bool) -> None:
    # A phone whose ring nobody took rests: there are two.
    agents = (FIRM, "+14025550198")
    named = f"Front desk={agents[0]}; Intake={agents[1]}"
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=named)
    world.restart()
    _people(world, 4)
    world.manners |= dict.fromkeys(agents, Manner("no-answer", mute=mute))
    for _ in range(2):
        world.place()
        _end_unheard(world)
    canary.check(world.runtime)
    assert ("canary" in _paused(world)) is mute


def test_texts_need_no_canary(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true")
    world.restart()
    _people(world, 5, Manner("busy", mute=True))
    assert world.place() == 5
    assert len(world.exchange.texts()) == 5
    assert reconciliation.reconcile(world.runtime, world.twilio) == 0
