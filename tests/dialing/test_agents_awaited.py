"""Cases wait for the firm: for its hours, for an agent who is free, and when nobody takes calls."""

from datetime import UTC, datetime

import pytest

from bridge.domain.agents import AgentState
from bridge.sandbox.manner import Manner
from bridge.store.dialing import pauses
from tests.dialing.desks import on_sqlite, paused, phones_rung, states, told_about
from tests.support import tables
from tests.support.world import FIRM, World, Worldwide


@on_sqlite
@pytest.mark.parametrize(
    ("now", "state"),
    [
        (datetime(2026, 11, 23, 13, 20, tzinfo=UTC), AgentState.CLOSED),
        (datetime(2026, 11, 23, 22, 31, tzinfo=UTC), AgentState.CLOSED),
        # Saturday, and Thanksgiving.
        (datetime(2026, 11, 28, 17, 0, tzinfo=UTC), AgentState.CLOSED),
        (datetime(2026, 11, 26, 17, 0, tzinfo=UTC), AgentState.CLOSED),
        (datetime(2026, 11, 23, 22, 25, tzinfo=UTC), AgentState.READY),
    ],
)
def test_agents_are_rung_in_the_firms_hours_alone(
    worldwide: Worldwide, now: datetime, state: AgentState
) -> None:
    """Outside of them no case is claimed, and so none waits In the Dialer."""
    world = worldwide(DIAL_MODE="agent_first", DIAL_HOURS="00:00-24:00", DIAL_STATE_RULES="off")
    world.clock.now = now
    world.case(7)
    world.manners[FIRM] = Manner(key="1")
    assert states(world) == [state]
    world.round()
    is_open = state is AgentState.READY
    assert phones_rung(world) == [FIRM] * is_open
    assert told_about(world)[0] == ("Do not Dial" if is_open else "To Dial")


@on_sqlite
def test_what_was_claimed_before_the_firm_closed_is_released(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_HOURS="00:00-24:00", DIAL_STATE_RULES="off")
    world.clock.now = datetime(2026, 11, 23, 22, 27, tzinfo=UTC)
    world.case(7)
    world.poll()
    world.clock.advance(minutes=3)
    world.place()
    world.settle()
    assert phones_rung(world) == []
    assert told_about(world) == ("To Dial", "Never Dialed", "")
    assert world.shown(7).dial_at == "2026-11-24T09:00:00"


@on_sqlite
def test_no_text_announces_a_call_that_nobody_takes(worldwide: Worldwide) -> None:
    world = worldwide(
        DIAL_MODE="agent_first",
        TEXT_ENABLED="true",
        TEXT_LEAD="10m",
        DIAL_HOURS="00:00-24:00",
        DIAL_STATE_RULES="off",
    )
    world.clock.now = datetime(2026, 11, 23, 22, 18, tzinfo=UTC)
    world.case(7)
    world.poll()
    # The call would come after the firm has closed.
    world.clock.advance(minutes=3)
    world.place()
    world.settle()
    assert world.exchange.texts() == []
    assert world.shown(7).dial_at == "2026-11-24T09:00:00"
    world.clock.now = datetime(2026, 11, 24, 14, 1, tzinfo=UTC)
    world.round()
    assert len(world.exchange.texts()) == 1
    assert phones_rung(world) == []
    world.clock.advance(minutes=10)
    world.round()
    assert phones_rung(world) == [FIRM]


@on_sqlite
def test_cases_wait_in_order_and_to_dial(worldwide: Worldwide) -> None:
    """Two for each agent are In the Dialer; the others keep their place in SmartAdvocate."""
    world = worldwide(DIAL_MODE="agent_first", DIAL_BATCH="50")
    for case_id in range(1, 9):
        world.case(case_id, f"402555{case_id:04}")
    world.manners[FIRM] = Manner(key="11")
    reached: list[int] = []
    for _ in range(8):
        world.round()
        assert sum(world.shown(one).status == "In the Dialer" for one in range(1, 9)) <= 2
        reached = [int(call.to[-4:]) for call in world.exchange.calls() if call.parent_sid]
        world.clock.advance(seconds=46)
    assert reached == list(range(1, 9))


@on_sqlite
def test_who_may_hear_a_machine_does_not_wait_for_an_agent(worldwide: Worldwide) -> None:
    """In Indiana an attestation isn't enough: of these cases two for each agent are claimed."""
    world = worldwide(DIAL_MODE="client_first")
    for case_id in range(1, 7):
        world.case(case_id, f"317555{case_id:04}", zip_code="46204")
    for case_id in range(11, 14):
        world.case(case_id, f"402555{case_id:04}", Manner(key="1"))
    agent = Manner("no-answer", picks_up_for_firm=True)
    world.manners[FIRM] = agent
    world.poll()
    world.place()
    claimed = [case for case in range(1, 14) if case not in range(7, 11)]
    claimed = [case for case in claimed if world.shown(case).status == "In the Dialer"]
    assert claimed == [1, 2, 11, 12, 13]
    assert sorted(phones_rung(world)) == sorted(
        [FIRM, *(f"+1402555{case:04}" for case in (11, 12, 13))]
    )
    world.settle()
    waiting = tables.skipped(world.runtime.db)
    assert waiting.count("it waits for an agent of the firm to be free") == 4


def _line_of(world: World, first: int, firm: Manner) -> None:
    """Three people press 1, and are put through to this."""
    world.manners[FIRM] = firm
    for case_id in range(first, first + 3):
        world.case(case_id, manner=Manner(key="1"))
        world.round()


def test_three_people_whom_nobody_takes_hold_the_dialing(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="client_first")
    nobody = Manner(picks_up_for_firm=False)
    _line_of(world, 1, Manner())
    assert paused(world) == []
    _line_of(world, 4, nobody)
    (held,) = paused(world)
    assert (held.source, held.pause.until) == (
        pauses.BY_UNANSWERED,
        datetime(2026, 11, 24, 14, 0, tzinfo=UTC),
    )
    calls = len(world.exchange.calls())
    _line_of(world, 7, nobody)
    assert len(world.exchange.calls()) == calls
    # READY from the firm's phone begins anew, and so does a person who was taken.
    assert world.exchange.text_in(FIRM, "READY")
    world.settle()
    assert paused(world) == []
    world.clock.advance(minutes=2)
    world.manners[FIRM] = nobody
    world.poll()
    world.place(2)
    world.settle()
    world.manners[FIRM] = Manner()
    world.place()
    world.settle()
    _line_of(world, 10, Manner())
    assert len(world.exchange.calls()) > calls
    assert paused(world) == []


@on_sqlite
def test_what_nobody_took_holds_until_the_next_morning(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="client_first")
    _line_of(world, 4, Manner(picks_up_for_firm=False))
    world.clock.now = datetime(2026, 11, 24, 13, 59, tzinfo=UTC)
    assert len(paused(world)) == 1
    world.clock.now = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    assert paused(world) == []
