"""The firm's agents: one call at a time each, what their keys do, and when their phones rest."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge import agents
from bridge.domain.agents import AgentState
from bridge.domain.phones import E164
from bridge.sandbox.casebook import phone
from bridge.sandbox.faults import Fault
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.store.dialing import pauses
from bridge.store.dialing.pauses import StoredPause
from tests.support import tables
from tests.support.posting import Twilio
from tests.support.signing import call_fields
from tests.support.world import FIRM, FROM, World, Worldwide

DESK, INTAKE = "+14025550110", "+14025550111"
TWO = f"Front desk={DESK}; Intake={INTAKE}"
HERS = "+14025550107"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def _told(world: World, case_id: int = 7) -> tuple[str, str, str]:
    case = world.shown(case_id)
    return case.status, case.disposition, case.attempts


def _states(world: World) -> list[AgentState]:
    with world.runtime.db.read() as connection:
        return [one.state for one in agents.standings(world.runtime, connection)]


def _paused(world: World) -> list[StoredPause]:
    with world.runtime.db.read() as connection:
        return pauses.active(connection, world.clock())


def _rung(world: World) -> list[str]:
    return [call.to for call in world.exchange.calls() if not call.parent_sid]


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
    assert _told(world) == told
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
    assert _told(world) == ("To Dial", "Never Dialed", "")
    (note,) = world.shown(7).notes
    assert says in note
    assert "No attempt was counted." in note
    shown = datetime.fromisoformat(world.shown(7).dial_at or "")
    zone = world.runtime.settings.smartadvocate_zone
    assert shown.replace(tzinfo=zone) - later < timedelta(minutes=2)
    world.clock.now = later - timedelta(minutes=3)
    world.round()
    assert _rung(world) == [DESK]
    world.clock.now = later + timedelta(minutes=2)
    world.round()
    assert _rung(world) == [DESK, INTAKE]
    assert _told(world) == ("Do not Dial", "Successful", "1")


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
    assert _states(world) == [AgentState.HELD]
    assert {_told(world, case_id) for case_id in range(7, 17)} == {("To Dial", "Never Dialed", "")}
    # The firm opens at nine in New York, and people in Omaha may be reached an hour later.
    world.clock.now = datetime(2026, 11, 24, 13, 58, tzinfo=UTC)
    world.round()
    assert (len(rung), _states(world)) == (3, [AgentState.CLOSED])
    world.clock.now = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
    assert _states(world) == [AgentState.READY]
    world.manners[FIRM] = Manner(key="1")
    for _ in range(30):
        world.round()
        world.clock.advance(seconds=30)
    assert {_told(world, case_id)[1] for case_id in range(7, 17)} == {"Successful"}


@on_sqlite
def test_a_machine_at_the_firm_takes_no_call(worldwide: Worldwide) -> None:
    """It picks up, presses nothing, and the next agent is rung for the same case."""
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7)
    world.manners |= {DESK: Manner("machine"), INTAKE: Manner(key="11")}
    world.round()
    world.clock.advance(seconds=31)
    world.ask()
    assert _states(world) == [AgentState.RESTING, AgentState.READY]
    world.round()
    assert [call.to for call in world.exchange.calls()] == [DESK, INTAKE, HERS]
    assert _told(world) == ("Do not Dial", "Successful", "1")
    assert _states(world) == [AgentState.RESTING, AgentState.WRAP_UP]


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
        busy = _rung(world)[rung:]
        assert len(set(busy)) == len(busy) == placed <= 2
        world.settle()
        rung += placed
    reached = [call.to for call in world.exchange.calls() if call.parent_sid]
    assert len(set(reached)) == len(reached) == 20
    assert {_told(world, case_id) for case_id in range(1, 21)} == {
        ("Do not Dial", "Successful", "1")
    }


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
    assert _states(world) == [state]
    world.round()
    is_open = state is AgentState.READY
    assert _rung(world) == [FIRM] * is_open
    assert _told(world)[0] == ("Do not Dial" if is_open else "To Dial")


@on_sqlite
def test_what_was_claimed_before_the_firm_closed_is_released(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_HOURS="00:00-24:00", DIAL_STATE_RULES="off")
    world.clock.now = datetime(2026, 11, 23, 22, 27, tzinfo=UTC)
    world.case(7)
    world.poll()
    world.clock.advance(minutes=3)
    world.place()
    world.settle()
    assert _rung(world) == []
    assert _told(world) == ("To Dial", "Never Dialed", "")
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
    assert _rung(world) == []
    world.clock.advance(minutes=10)
    world.round()
    assert _rung(world) == [FIRM]


@on_sqlite
def test_an_agent_whom_twilio_refuses_is_held_and_the_person_is_not(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7)
    world.manners |= {DESK: Manner(refuse_call=21211), INTAKE: Manner(key="11")}
    world.round()
    assert [call.to for call in world.exchange.calls()] == [INTAKE, HERS]
    assert _told(world) == ("Do not Dial", "Successful", "1")
    assert _states(world)[0] is AgentState.HELD


@on_sqlite
def test_an_agent_is_free_again_when_twilio_never_got_the_call(worldwide: Worldwide) -> None:
    """The worker died before its request: the attempt alone shows that the agent is busy."""
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7)
    world.poll()
    assert world.reserve() is not None
    assert _states(world) == [AgentState.RINGING]
    assert world.place() == 0
    for _ in range(2):
        world.clock.advance(minutes=2)
        world.ask()
    assert _states(world) == [AgentState.READY]
    world.manners[FIRM] = Manner(key="1")
    world.place()
    world.settle()
    assert _told(world)[1] == "Successful"


@on_sqlite
def test_a_call_whose_answer_was_lost_is_found_by_the_agents_phone(worldwide: Worldwide) -> None:
    """An agent has one call at a time: the one that Twilio lists is ours."""
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7, manner=Manner(mute=True))
    world.manners[FIRM] = Manner("no-answer", mute=True)
    world.exchange.order(Fault(only="calls", drop="after", count=1))
    world.round()
    assert _states(world) == [AgentState.RINGING]
    for _ in range(2):
        world.clock.advance(minutes=2)
        world.ask()
    assert _rung(world) == [FIRM]
    assert _states(world) == [AgentState.RESTING]
    world.manners[FIRM] = Manner(key="1", mute=True)
    world.clock.advance(minutes=10)
    world.round()
    world.clock.advance(minutes=2)
    world.ask()
    assert _told(world) == ("Do not Dial", "Successful", "1")


@on_sqlite
def test_an_agent_is_free_again_when_every_callback_was_lost(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7, manner=Manner(mute=True))
    world.manners[FIRM] = Manner(key="1", mute=True)
    world.round()
    assert _states(world) == [AgentState.TALKING]
    world.clock.advance(minutes=2)
    world.ask()
    assert _states(world) == [AgentState.WRAP_UP]
    assert _told(world) == ("Do not Dial", "Successful", "1")
    world.clock.advance(seconds=45)
    assert _states(world) == [AgentState.READY]


def _held(world: World) -> None:
    """Nobody has taken three rings in a row at the front desk."""
    with world.runtime.db.begin() as connection:
        for _ in range(3):
            agents.missed(world.runtime, connection, E164(DESK))
    assert _states(world)[0] is AgentState.HELD


@pytest.mark.parametrize("body", ["READY", " ready. ", "Ready"])
@on_sqlite
def test_ready_by_text(worldwide: Worldwide, body: str) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7, phones=[phone(DESK[2:]), phone(HERS[2:])])
    world.poll()
    _held(world)
    assert world.exchange.text_in(DESK, body)
    world.settle()
    assert _states(world)[0] is AgentState.READY
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
    assert (_states(world), len(_rung(world))) == ([AgentState.HELD], 3)
    world.clock.advance(hours=1)
    world.round()
    assert _told(world) == ("To Dial", "Never Dialed", "")
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
    assert _states(world)[0] is AgentState.HELD
    assert "READY" in world.shown(7).notes[0]
    world.manners[INTAKE] = Manner(key="11")
    world.place()
    world.settle()
    assert _told(world)[1] == "Successful"


@on_sqlite
def test_ready_by_a_call(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    _held(world)
    call = world.exchange.call_in(DESK)
    world.settle()
    assert call.heard == ["Thank you. Front desk is ready for calls. Goodbye."]
    assert len(world.exchange.calls()) == 1
    assert _states(world)[0] is AgentState.READY
    # What a phone of the firm's forwards to us is no call from it.
    _held(world)
    assert world.exchange.call_in(DESK, forwarded_by=INTAKE).status == "no-answer"
    assert _states(world)[0] is AgentState.HELD


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


@on_sqlite
def test_a_phone_that_is_busy_has_missed_nothing(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_AGENTS=TWO)
    world.case(7, manner=Manner(talks_for=12))
    world.manners[DESK], world.manners[INTAKE] = Manner("busy"), Manner(key="1")
    world.round()
    assert _states(world)[0] is AgentState.WRAP_UP
    world.clock.advance(minutes=4)
    assert _states(world)[0] is AgentState.READY


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
    assert _paused(world) == []
    _line_of(world, 4, nobody)
    (held,) = _paused(world)
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
    assert _paused(world) == []
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
    assert _paused(world) == []


@on_sqlite
def test_what_nobody_took_holds_until_the_next_morning(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="client_first")
    _line_of(world, 4, Manner(picks_up_for_firm=False))
    world.clock.now = datetime(2026, 11, 24, 13, 59, tzinfo=UTC)
    assert len(_paused(world)) == 1
    world.clock.now = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    assert _paused(world) == []


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
    assert sorted(_rung(world)) == sorted([FIRM, *(f"+1402555{case:04}" for case in (11, 12, 13))])
    world.settle()
    waiting = tables.skipped(world.runtime.db)
    assert waiting.count("it waits for an agent of the firm to be free") == 4


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
    assert _states(world) == [AgentState.WRAP_UP]
    assert world.place() == 0
    world.clock.advance(seconds=15)
    assert _states(world) == [AgentState.READY]
    assert world.place() == 1
