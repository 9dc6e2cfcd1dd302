"""Who has talked with the firm isn't chased: neither after a call out nor after one in."""

from datetime import UTC, datetime

import pytest

from bridge.callbacks import intake
from bridge.sandbox.casebook import phone
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.store.callbacks import communications
from bridge.store.dialing import turns
from tests.support import tables
from tests.support.signing import call_fields
from tests.support.world import FIRM, FROM, World, Worldwide

MINE, SHARED = "4025550107", "4025550177"
SID = "CA" + "5" * 32


def _person_of_two_cases(world: World, manner: Manner | None = None) -> None:
    """One number is case 7's alone, another ties it to case 8."""
    both = [phone(MINE), phone(SHARED, name="Home", primary=False)]
    world.case(7, MINE, manner, phones=both)
    world.case(8, SHARED)


def _in_turn(world: World, case_id: int) -> bool:
    with world.runtime.db.read() as connection:
        return turns.of_case(connection, case_id) is not None


def _talked_at(world: World, sid: str) -> datetime | None:
    with world.runtime.db.read() as connection:
        found = communications.find(connection, sid)
    assert found is not None
    return found.talked_at


def _told(world: World, case_id: int) -> tuple[str, str, str]:
    case = world.shown(case_id)
    return case.status, case.disposition, case.attempts


def _calls_in(world: World, seconds: int = 64, number: str = MINE) -> Call:
    world.manners[FIRM] = Manner(talks_for=seconds)
    call = world.exchange.call_in(f"+1{number}")
    world.settle()
    return call


def _by_another_app(world: World, **more: str) -> None:
    fields = call_fields(SID, "completed", 3, To=f"+1{MINE}", CallDuration="64") | more
    world.exchange._courier.post(f"{world.url}/twilio/voice/status?CaseID=7", fields)
    world.settle()


def test_who_calls_in_and_talks_is_reached_and_the_other_case_waits(world: World) -> None:
    _person_of_two_cases(world)
    assert world.poll() == 2
    call = _calls_in(world)
    assert world.place() == 0
    assert _told(world, 7) == ("Do not Dial", "Successful", "1")
    (note,) = world.shown(7).notes
    assert note.startswith(
        "Call from (402) 555-0107: answered, talked 1 min 4 s. Planned calls are canceled. [CA"
    )
    # The next business day, at the first moment of the person's own window.
    assert _told(world, 8) == ("To Dial", "Never Dialed", "")
    assert world.shown(8).dial_at == "2026-11-24T10:05:00"
    assert world.shown(8).notes == []
    assert not _in_turn(world, 7)
    assert not _in_turn(world, 8)
    assert _talked_at(world, call.sid) == datetime(2026, 11, 23, 17, 1, 3, tzinfo=UTC)
    world.clock.advance(hours=3)
    world.round()
    assert [one.to for one in world.exchange.calls() if not one.inbound] == [FIRM]


def test_weekends_and_holidays_are_no_business_days(world: World) -> None:
    world.clock.advance(days=2)  # the day before Thanksgiving
    _person_of_two_cases(world)
    world.poll()
    _calls_in(world)
    assert world.shown(8).dial_at == "2026-11-27T10:05:00"


@pytest.mark.parametrize("talks", [True, False], ids=["for 12 s", "with nobody"])
def test_a_call_in_that_was_no_talk_releases_nothing(world: World, talks: bool) -> None:
    """Whatever the number's own callback says: it counts the ringing too."""
    _person_of_two_cases(world)
    world.poll()
    world.manners[FIRM] = Manner(talks_for=12, picks_up_for_firm=talks)
    call = world.exchange.call_in(f"+1{MINE}")
    world.settle()
    assert _in_turn(world, 7)
    assert _in_turn(world, 8)
    assert _told(world, 7) == ("In the Dialer", "Never Dialed", "")
    assert len(world.shown(7).notes) == 1
    assert "Planned" not in world.shown(7).notes[0]
    assert _talked_at(world, call.sid) is None


def test_the_numbers_own_callback_comes_before_the_end_of_the_talk(world: World) -> None:
    """Of a call that was put through, the end of that alone tells that it was a talk."""
    _person_of_two_cases(world)
    world.poll()
    fields = call_fields(SID, "ringing", 0, From=f"+1{MINE}", To=FROM, Direction="inbound")
    post = world.exchange._courier.post
    post(f"{world.url}/twilio/voice/inbound", fields)
    ended = {"CallStatus": "completed", "SequenceNumber": "1", "CallDuration": "90"}
    post(f"{world.url}/twilio/voice/status", fields | ended)
    world.settle()
    assert _in_turn(world, 7)
    dialed = {"CallStatus": "completed", "DialCallStatus": "completed", "DialBridged": "true"}
    post(f"{world.url}/twilio/voice/dialed", fields | dialed | {"DialCallDuration": "64"})
    world.settle()
    assert _told(world, 7) == ("Do not Dial", "Successful", "1")
    assert "answered, talked 1 min 4 s. Planned calls are canceled" in world.shown(7).notes[-1]
    assert not _in_turn(world, 8)


def test_a_case_may_only_be_released(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_AFTER_TALK="release")
    _person_of_two_cases(world)
    world.poll()
    _calls_in(world)
    for case_id in (7, 8):
        assert _told(world, case_id) == ("To Dial", "Never Dialed", "")
        assert world.shown(case_id).dial_at == "2026-11-24T10:05:00"
    assert "Planned calls wait until the next business day" in world.shown(7).notes[0]
    assert world.place() == 0


@pytest.mark.parametrize(
    ("after", "told", "updates"),
    [
        ("successful", ("Do not Dial", "Successful", "2"), 1),
        ("release", ("To Dial", "Busy", "1"), 0),
    ],
)
def test_a_case_that_waits_for_its_next_call(
    worldwide: Worldwide, after: str, told: tuple[str, str, str], updates: int
) -> None:
    world = worldwide(DIAL_AFTER_TALK=after)
    world.case(7, manner=Manner("busy"))
    world.round()
    before = world.shown(7).updates
    world.clock.advance(minutes=5)
    _calls_in(world)
    assert _told(world, 7) == told
    assert world.shown(7).updates == before + updates
    assert len(world.shown(7).notes) == 2


def test_a_case_that_is_never_dialed_hears_of_the_call_alone(world: World) -> None:
    world.case(7, MINE, Manner(key="1"))
    world.round()
    before = world.shown(7).updates
    world.clock.advance(minutes=5)
    _calls_in(world)
    assert world.shown(7).updates == before
    assert world.shown(7).notes[-1].startswith("Call from (402) 555-0107: answered (1 min 4 s). [")


def test_of_a_number_of_two_cases_nothing_is_guessed(world: World) -> None:
    for case_id in (7, 8):
        world.case(case_id, MINE)
    world.poll()
    _calls_in(world)
    for case_id in (7, 8):
        assert _told(world, case_id) == ("To Dial", "Never Dialed", "")
        assert world.shown(case_id).dial_at == "2026-11-24T10:05:00"
        (note,) = world.shown(case_id).notes
        assert "Planned calls wait until the next business day" in note
    assert world.place() == 0


def test_a_talk_by_a_call_out_releases_the_other_case(world: World) -> None:
    """Its own case is told by its outcome, once."""
    for case_id in (7, 8):
        world.case(case_id, MINE, Manner(key="1", talks_for=94))
    world.poll()
    assert world.place(1) == 1
    world.settle()
    stand = sorted(_told(world, case_id) for case_id in (7, 8))
    assert stand == [("Do not Dial", "Successful", "1"), ("To Dial", "Never Dialed", "")]
    (other,) = (one for one in (7, 8) if world.shown(one).status == "To Dial")
    assert world.shown(other).dial_at == "2026-11-24T10:05:00"
    assert world.place() == 0


@pytest.mark.parametrize(
    "manner",
    [
        Manner(key="1", talks_for=12),
        Manner(talks_for=64),
        Manner("machine", talks_for=64),
        Manner(key="9", talks_for=64),
    ],
    ids=["a short one", "no key", "a machine", "refused"],
)
def test_a_call_out_that_was_no_talk_is_none(world: World, manner: Manner) -> None:
    for case_id in (7, 8):
        world.case(case_id, MINE, manner)
    world.poll()
    assert world.place(1) == 1
    world.settle()
    assert _talked_at(world, world.exchange.calls()[0].sid) is None
    if manner.key != "9":
        assert _in_turn(world, 7) or _in_turn(world, 8)


def test_agent_first(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    for case_id in (7, 8):
        world.case(case_id, MINE, Manner(talks_for=94))
    world.manners[FIRM] = Manner(key="1", talks_for=120)
    world.poll()
    assert world.place(1) == 1
    world.settle()
    firm, leg = world.exchange.calls()
    assert _talked_at(world, firm.sid) is None
    assert _talked_at(world, leg.sid) is not None
    assert not _in_turn(world, 7)
    assert not _in_turn(world, 8)


def test_a_talk_by_another_app_releases_too_and_its_case_is_not_put_back(world: World) -> None:
    _person_of_two_cases(world)
    world.poll()
    _by_another_app(world, AnsweredBy="human")
    assert _told(world, 7) == ("Do not Dial", "Successful", "1")
    assert _told(world, 8) == ("To Dial", "Never Dialed", "")
    # Case 8 alone: the other's outcome has ended its turn.
    assert tables.deliveries(world.runtime.db, None, 50).count("turn-") == 1
    assert world.place() == 0
    assert _talked_at(world, SID) is not None


def test_a_machine_that_another_app_reached_releases_nothing(world: World) -> None:
    _person_of_two_cases(world)
    world.poll()
    _by_another_app(world, AnsweredBy="machine_start")
    assert _in_turn(world, 8)
    assert _talked_at(world, SID) is None


def test_another_apps_machine_that_is_recognised_late_was_no_talk(world: World) -> None:
    _person_of_two_cases(world)
    world.poll()
    _by_another_app(world)
    assert _talked_at(world, SID) is not None
    _by_another_app(world, AnsweredBy="machine_start")
    assert _talked_at(world, SID) is None


def test_an_agents_own_side_of_a_softphone_is_no_call_in(world: World) -> None:
    world.case(7, MINE)
    world.poll()
    _by_another_app(world, Direction="inbound", From="client:agent", To=f"+1{MINE}")
    assert _in_turn(world, 7)
    assert world.shown(7).disposition == "Never Dialed"


def test_a_call_that_rings_meanwhile_goes_on_to_its_end(world: World) -> None:
    _person_of_two_cases(world)
    world.manners[f"+1{SHARED}"] = Manner("busy")
    world.exchange.queueing = True
    world.poll()
    assert world.place(1) == 1
    ringing = 7 if world.exchange.calls()[0].to == f"+1{MINE}" else 8
    world.manners[FIRM] = Manner(talks_for=64)
    world.exchange.call_in(f"+1{MINE}")
    world.take_in()
    assert _in_turn(world, ringing)
    world.exchange.queueing = False
    world.settle()
    assert not _in_turn(world, ringing)
    assert world.place() == 0


def test_taken_in_again_it_releases_nothing_again(world: World) -> None:
    _person_of_two_cases(world, Manner("busy"))
    world.poll()
    _calls_in(world)
    before = [world.shown(one) for one in (7, 8)]
    world.clock.advance(days=1)
    world.poll()
    assert _in_turn(world, 8)
    intake.replay(world.runtime, list(range(1, 20)))
    world.settle()
    assert _in_turn(world, 8)
    assert world.shown(7) == before[0]
    assert world.shown(8).notes == before[1].notes


def test_a_callback_that_comes_days_later_holds_no_other_case_back(
    worldwide: Worldwide,
) -> None:
    world = worldwide(CALLBACK_MAX_AGE="7d")
    _person_of_two_cases(world)
    world.clock.advance(days=3, hours=24)
    world.poll()
    _by_another_app(world, AnsweredBy="human")
    assert _talked_at(world, SID) == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    assert _told(world, 7) == ("Do not Dial", "Successful", "1")
    assert _in_turn(world, 8)
