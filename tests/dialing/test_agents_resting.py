"""A phone of the firm's that nobody picks up rests, until READY comes from it."""

from datetime import UTC, datetime

import pytest

from bridge import agents
from bridge.domain.agents import AgentState
from bridge.domain.phones import E164
from bridge.sandbox.casebook import phone
from bridge.sandbox.manner import Manner
from tests.dialing.desks import DESK, HERS, INTAKE, TWO, on_sqlite, phones_rung, states, told_about
from tests.support.posting import Twilio
from tests.support.signing import call_fields
from tests.support.world import FIRM, FROM, World, Worldwide


def test_a_phone_that_nobody_picks_up_rests(worldwide: Worldwide) -> None:
    """For ten minutes, then for twenty, then until the next morning; no attempt counts."""
    world = worldwide(DIAL_MODE="agent_first")
    for case_id in range(7, 17):
        world.case(case_id)
    world.manners[FIRM] = Manner("no-answer")
    rung: list[datetime] = []
    world.exchange.on_ringing = lambda _: rung.append(world.clock())
    begun = world.clock()
    for _ in range(150):
        world.round()
        world.clock.advance(seconds=30)
    assert [round((at - begun).total_seconds() / 60) for at in rung] == [1, 12, 32]
    assert states(world) == [AgentState.HELD]
    assert {told_about(world, case_id) for case_id in range(7, 17)} == {
        ("To Dial", "Never Dialed", "")
    }
    # The firm opens at nine in New York, and people in Omaha may be reached an hour later.
    world.clock.now = datetime(2026, 11, 24, 13, 58, tzinfo=UTC)
    world.round()
    assert (len(rung), states(world)) == (3, [AgentState.CLOSED])
    world.clock.now = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
    assert states(world) == [AgentState.READY]
    world.manners[FIRM] = Manner(key="1")
    for _ in range(30):
        world.round()
        world.clock.advance(seconds=30)
    assert {told_about(world, case_id)[1] for case_id in range(7, 17)} == {"Successful"}


@on_sqlite
def test_a_machine_at_the_firm_takes_no_call(worldwide: Worldwide) -> None:
    """It picks up, presses nothing, and the next agent is rung for the same case."""
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7)
    world.manners |= {DESK: Manner("machine"), INTAKE: Manner(key="11")}
    world.round()
    world.clock.advance(seconds=31)
    world.ask()
    assert states(world) == [AgentState.RESTING, AgentState.READY]
    world.round()
    assert [call.to for call in world.exchange.calls()] == [DESK, INTAKE, HERS]
    assert told_about(world) == ("Do not Dial", "Successful", "1")
    assert states(world) == [AgentState.RESTING, AgentState.WRAP_UP]


@on_sqlite
def test_a_phone_that_is_busy_has_missed_nothing(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7, manner=Manner(talks_for=12))
    world.manners[DESK], world.manners[INTAKE] = Manner("busy"), Manner(key="1")
    world.round()
    assert states(world)[0] is AgentState.WRAP_UP
    world.clock.advance(minutes=4)
    assert states(world)[0] is AgentState.READY


def _held(world: World) -> None:
    """Nobody has taken three rings in a row at the front desk."""
    with world.runtime.db.begin() as connection:
        for _ in range(3):
            agents.missed(world.runtime, connection, E164(DESK))
    assert states(world)[0] is AgentState.HELD


@pytest.mark.parametrize("body", ["READY", " ready. ", "Ready"])
@on_sqlite
def test_ready_by_text(worldwide: Worldwide, body: str) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7, phones=[phone(DESK[2:]), phone(HERS[2:])])
    world.poll()
    _held(world)
    assert world.exchange.text_in(DESK, body)
    world.settle()
    assert states(world)[0] is AgentState.READY
    assert world.exchange.replies() == [(DESK, "Front desk is ready for calls.")]
    # A phone of the firm's is nobody's: no case is told, and none is dialed there.
    assert world.shown(7).notes == []
    world.manners |= dict.fromkeys((DESK, INTAKE), Manner(key="11"))
    world.place()
    world.settle()
    assert [call.to for call in world.exchange.calls() if call.parent_sid] == [HERS]


@on_sqlite
def test_who_waited_while_nobody_picked_up_is_called_on_the_same_day(
    worldwide: Worldwide,
) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7)
    world.manners[FIRM] = Manner("no-answer")
    for _ in range(80):
        world.round()
        world.clock.advance(seconds=30)
    assert (states(world), len(phones_rung(world))) == ([AgentState.HELD], 3)
    world.clock.advance(hours=1)
    world.round()
    assert told_about(world) == ("To Dial", "Never Dialed", "")
    world.manners[FIRM] = Manner(key="11")
    world.exchange.text_in(FIRM, "READY")
    world.settle()
    world.round()
    assert [call.to for call in world.exchange.calls() if call.parent_sid] == [HERS]


@on_sqlite
def test_other_words_from_an_agents_phone_are_no_opt_out(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7)
    world.poll()
    _held(world)
    for body in ("STOP", "ready or not", "please take me off your list"):
        world.exchange.text_in(DESK, body)
    # Only an agent's phone is made ready by these words.
    world.exchange.text_in(HERS, "READY")
    world.settle()
    assert world.exchange.replies() == []
    assert states(world)[0] is AgentState.HELD
    assert "READY" in world.shown(7).notes[0]
    world.manners[INTAKE] = Manner(key="11")
    world.place()
    world.settle()
    assert told_about(world)[1] == "Successful"


@on_sqlite
def test_ready_by_a_call(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    _held(world)
    call = world.exchange.call_in(DESK)
    world.settle()
    assert call.heard == ["Thank you. Front desk is ready for calls. Goodbye."]
    assert len(world.exchange.calls()) == 1
    assert states(world)[0] is AgentState.READY
    # What a phone of the firm's forwards to us is no call from it.
    _held(world)
    assert world.exchange.call_in(DESK, forwarded_by=INTAKE).status == "no-answer"
    assert states(world)[0] is AgentState.HELD


@on_sqlite
def test_a_phone_system_that_sends_our_call_back_is_no_agent(worldwide: Worldwide) -> None:
    """It shows its own number as the caller's, and nobody has pressed anything."""
    world = worldwide(DIAL_MODE="client_first")
    twilio = Twilio(world.runtime)
    route = "/twilio/voice/inbound"
    hers = {"From": HERS, "To": FROM, "Direction": "inbound"}
    from_a_person = call_fields(f"CA{'1' * 32}", "ringing", 0, **hers)
    assert twilio.post(route, from_a_person).status_code == 200
    sent_back = call_fields(f"CA{'2' * 32}", "ringing", 0, From=FIRM, To=FROM, Direction="inbound")
    assert "<Reject" in twilio.post(route, sent_back).text
    over = call_fields(f"CA{'1' * 32}", "completed", 5, **hers)
    assert twilio.post("/twilio/voice/status", over).status_code == 204
    world.take_in()
    alone = call_fields(f"CA{'3' * 32}", "ringing", 0, From=FIRM, To=FROM, Direction="inbound")
    assert "is ready for calls" in twilio.post(route, alone).text
