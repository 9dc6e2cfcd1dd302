"""The firm's agents take one call at a time each, and their keys say what it was."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.domain.agents import AgentState
from bridge.sandbox.casebook import phone
from bridge.sandbox.faults import Fault
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from tests.dialing.desks import DESK, HERS, INTAKE, TWO, on_sqlite, phones_rung, states, told_about
from tests.support.world import FIRM, Worldwide


@pytest.mark.parametrize(
    ("key", "told", "says"),
    [
        ("1", ("Do not Dial", "Successful", "1"), "connected to the firm, talked 12 s."),
        ("2", ("To Dial", "Answering Machine", "1"), "a voicemail was left."),
        ("3", ("To Dial", "No Answer", "1"), "wrong person."),
        ("4", ("Do not Dial", "Successful", "1"), "asked us not to call again"),
        ("", ("Do not Dial", "Successful", "1"), "connected to the firm, talked 12 s."),
        ("7", ("Do not Dial", "Successful", "1"), "connected to the firm, talked 12 s."),
        ("72", ("To Dial", "Answering Machine", "1"), "a voicemail was left."),
    ],
)
@on_sqlite
def test_a_key_says_what_the_call_was(
    worldwide: Worldwide, key: str, told: tuple[str, str, str], says: str
) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7, manner=Manner(talks_for=12))
    world.manners[DESK] = Manner(key=f"1{key}")
    world.round()
    assert [call.to for call in world.exchange.calls()] == [DESK, HERS]
    assert told_about(world) == told
    (ended,) = [note for note in world.shown(7).notes if note.startswith("Call to")]
    assert says in ended
    assert "Taken by Front desk." in ended


@on_sqlite
def test_a_wrong_person_is_not_called_again_at_that_number(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO, DIAL_PERSON_GAP="0")
    world.case(7, phones=[phone(HERS[2:]), phone("4025550177")])
    world.manners[DESK] = world.manners[INTAKE] = Manner(key="13")
    world.round()
    world.clock.advance(hours=2)
    world.round()
    assert [call.to for call in world.exchange.calls() if call.parent_sid] == [HERS, "+14025550177"]


@pytest.mark.parametrize(
    ("key", "later", "says"),
    [
        ("2", datetime(2026, 11, 23, 18, 2, tzinfo=UTC), "put off for an hour by Front desk"),
        # Nine in Omaha, five minutes after the window opens.
        ("3", datetime(2026, 11, 24, 15, 5, tzinfo=UTC), "put off until another day by Front desk"),
    ],
)
@on_sqlite
def test_an_agent_puts_a_call_off(
    worldwide: Worldwide, key: str, later: datetime, says: str
) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7)
    world.manners |= {DESK: Manner(key=key), INTAKE: Manner(key="1")}
    world.round()
    assert [call.to for call in world.exchange.calls()] == [DESK]
    assert told_about(world) == ("To Dial", "Never Dialed", "")
    (note,) = world.shown(7).notes
    assert says in note
    assert "No attempt was counted." in note
    shown = datetime.fromisoformat(world.shown(7).dial_at or "")
    zone = world.runtime.settings.smartadvocate_zone
    assert shown.replace(tzinfo=zone) - later < timedelta(minutes=2)
    world.clock.now = later - timedelta(minutes=3)
    world.round()
    assert phones_rung(world) == [DESK]
    world.clock.now = later + timedelta(minutes=2)
    world.round()
    assert phones_rung(world) == [DESK, INTAKE]
    assert told_about(world) == ("Do not Dial", "Successful", "1")


def test_nobody_is_rung_for_two_calls_at_once(worldwide: Worldwide) -> None:
    """Two agents, twenty cases: whoever is rung has no other call, and each is called once."""
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO, DIAL_WRAP_UP="0")
    for case_id in range(1, 21):
        world.case(case_id, f"402555{case_id:04}")
    world.manners |= dict.fromkeys((DESK, INTAKE), Manner(key="11"))
    rung = 0
    while rung < 20:
        world.poll()
        placed = world.place()
        busy = phones_rung(world)[rung:]
        assert len(set(busy)) == len(busy) == placed <= 2
        world.settle()
        rung += placed
    reached = [call.to for call in world.exchange.calls() if call.parent_sid]
    assert len(set(reached)) == len(reached) == 20
    assert {told_about(world, case_id) for case_id in range(1, 21)} == {
        ("Do not Dial", "Successful", "1")
    }


@on_sqlite
def test_an_agent_who_hears_why_nobody_is_dialed_is_not_rung_meanwhile(
    worldwide: Worldwide,
) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    for case_id in (7, 8):
        world.case(case_id)
    world.poll()
    world.manners[FIRM] = Manner(key="1")

    def stop(_: Call) -> None:
        assert world.exchange.text_in(HERS, "STOP")

    world.exchange.on_prompt = stop
    assert world.place(1) == 1
    world.settle()
    assert "We did not call this client" in world.exchange.calls()[0].heard[-1]
    assert states(world) == [AgentState.WRAP_UP]
    assert world.place() == 0
    world.clock.advance(seconds=15)
    assert states(world) == [AgentState.READY]
    assert world.place() == 1


@on_sqlite
def test_an_agent_whom_twilio_refuses_is_held_and_the_person_is_not(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7)
    world.manners |= {DESK: Manner(refuse_call=21211), INTAKE: Manner(key="11")}
    world.round()
    assert [call.to for call in world.exchange.calls()] == [INTAKE, HERS]
    assert told_about(world) == ("Do not Dial", "Successful", "1")
    assert states(world)[0] is AgentState.HELD


@on_sqlite
def test_an_agent_is_free_again_when_twilio_never_got_the_call(worldwide: Worldwide) -> None:
    """The worker died before its request: the attempt alone shows that the agent is busy."""
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7)
    world.poll()
    assert world.reserve() is not None
    assert states(world) == [AgentState.RINGING]
    assert world.place() == 0
    for _ in range(2):
        world.clock.advance(minutes=2)
        world.ask()
    assert states(world) == [AgentState.READY]
    world.manners[FIRM] = Manner(key="1")
    world.place()
    world.settle()
    assert told_about(world)[1] == "Successful"


@on_sqlite
def test_a_call_whose_answer_was_lost_is_found_by_the_agents_phone(worldwide: Worldwide) -> None:
    """An agent has one call at a time: the one that Twilio lists is ours."""
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7, manner=Manner(mute=True))
    world.manners[FIRM] = Manner("no-answer", mute=True)
    world.exchange.order(Fault(only="calls", drop="after", count=1))
    world.round()
    assert states(world) == [AgentState.RINGING]
    for _ in range(2):
        world.clock.advance(minutes=2)
        world.ask()
    assert phones_rung(world) == [FIRM]
    assert states(world) == [AgentState.RESTING]
    world.manners[FIRM] = Manner(key="1", mute=True)
    world.clock.advance(minutes=10)
    world.round()
    world.clock.advance(minutes=2)
    world.ask()
    assert told_about(world) == ("Do not Dial", "Successful", "1")


@on_sqlite
def test_an_agent_is_free_again_when_every_callback_was_lost(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7, manner=Manner(mute=True))
    world.manners[FIRM] = Manner(key="1", mute=True)
    world.round()
    assert states(world) == [AgentState.TALKING]
    world.clock.advance(minutes=2)
    world.ask()
    assert states(world) == [AgentState.WRAP_UP]
    assert told_about(world) == ("Do not Dial", "Successful", "1")
    world.clock.advance(seconds=45)
    assert states(world) == [AgentState.READY]
