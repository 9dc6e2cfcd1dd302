"""What counts as Successful: a talk, or the message heard, as the campaign wants it."""

import pytest

from bridge.sandbox.manner import Manner
from tests.support.signing import call_fields
from tests.support.world import FIRM, World, Worldwide

_GOALS = ("talked", "heard")


def _told(world: World) -> tuple[str, str, str]:
    case = world.shown(7)
    return case.status, case.disposition, case.attempts


def _post(world: World, route: str, **fields: str) -> None:
    """A callback about the call to the person that comes by itself; a worker takes it in."""
    (call,) = [one for one in world.exchange.calls() if one.parent_sid is None]
    query = call.params["StatusCallback"][0].partition("?")[2].partition("#")[0]
    base = call_fields(call.sid, "in-progress", 9, To=call.to)
    assert world.exchange._courier.post(f"{world.url}{route}?{query}", base | fields) is not None
    world.settle()


@pytest.mark.parametrize("goal", _GOALS)
def test_hanging_up_in_the_middle_is_no_success(worldwide: Worldwide, goal: str) -> None:
    world = worldwide(CAMPAIGN_GOALS=f"*={goal}")
    world.case(7, manner=Manner(hangs_up=True, talks_for=2))
    world.round()
    (call,) = world.exchange.calls()
    assert len(call.heard) == 1
    assert _told(world) == ("To Dial", "No Answer", "1")
    # As after no answer: in four hours.
    assert world.shown(7).dial_at == "2026-11-23T16:02:00"
    (note,) = world.shown(7).notes
    assert "answered, but hung up before the message ended (2 s). Next call" in note


@pytest.mark.parametrize(
    ("campaign", "disposition"),
    [("Notification  CAMPAIGN", "Successful"), ("Intake follow-up", "No Answer")],
)
def test_each_campaign_has_its_goal(worldwide: Worldwide, campaign: str, disposition: str) -> None:
    world = worldwide(CAMPAIGN_GOALS="Notification campaign=heard; *=talked")
    world.case(7, campaign=campaign)
    world.round()
    assert world.shown(7).disposition == disposition


@pytest.mark.parametrize("goal", _GOALS)
@pytest.mark.parametrize(
    ("takes", "told"),
    [(True, ("Do not Dial", "Successful", "1")), (False, ("To Dial", "No Answer", "1"))],
)
def test_whoever_presses_1_is_judged_by_the_connection(
    worldwide: Worldwide, goal: str, takes: bool, told: tuple[str, str, str]
) -> None:
    world = worldwide(CAMPAIGN_GOALS=f"*={goal}")
    world.case(7, manner=Manner(key="1"))
    world.manners[FIRM] = Manner(picks_up_for_firm=takes)
    world.round()
    assert _told(world) == told
    assert ("nobody at the firm picked up" in world.shown(7).notes[0]) is not takes


@pytest.mark.parametrize("goal", _GOALS)
def test_a_machine_stays_one_though_it_hears_it_all(worldwide: Worldwide, goal: str) -> None:
    world = worldwide(CAMPAIGN_GOALS=f"*={goal}")
    world.case(7, manner=Manner("machine", talks_for=40))
    world.round()
    # Until it was hung up on, if it was.
    assert world.exchange.calls()[0].heard
    assert _told(world) == ("To Dial", "Answering Machine", "1")


@pytest.mark.parametrize(
    ("goal", "disposition", "says"),
    [
        ("talked", "No Answer", "did not ask to be connected"),
        ("heard", "Successful", "heard the message"),
    ],
)
def test_whoever_presses_9_did_not_talk(
    worldwide: Worldwide, goal: str, disposition: str, says: str
) -> None:
    world = worldwide(CAMPAIGN_GOALS=f"*={goal}")
    world.case(7, manner=Manner(key="9", talks_for=12))
    world.round()
    # The refusal and the outcome wait for SmartAdvocate together, and the refusal stays.
    assert _told(world) == ("Do not Dial", disposition, "1")
    assert sum("Pressed 9" in note for note in world.shown(7).notes) == 1
    assert sum(says in note for note in world.shown(7).notes) == 1
    _post(world, "/twilio/voice/amd", AnsweredBy="machine_start")
    assert _told(world) == ("Do not Dial", "Answering Machine", "1")


def test_what_is_corrected_before_it_was_told_opens_no_refusal(world: World) -> None:
    """Refusal, outcome and correction wait for SmartAdvocate together."""
    world.case(7, manner=Manner(key="9", talks_for=12))
    world.poll()
    world.place()
    world.settle_calls()
    world.take_in()
    _post(world, "/twilio/voice/amd", AnsweredBy="machine_start")
    assert _told(world) == ("Do not Dial", "Answering Machine", "1")


@pytest.mark.parametrize(
    ("goal", "told"),
    [("talked", ("To Dial", "No Answer", "1")), ("heard", ("Do not Dial", "Successful", "1"))],
)
def test_that_it_was_heard_comes_late(
    worldwide: Worldwide, goal: str, told: tuple[str, str, str]
) -> None:
    """The call's end is taken in before the silence that was posted in its middle."""
    world = worldwide(CAMPAIGN_GOALS=f"*={goal}")
    world.case(7, manner=Manner(hangs_up=True, talks_for=25))
    world.round()
    assert _told(world) == ("To Dial", "No Answer", "1")
    _post(world, "/twilio/voice/keypress", Digits="")
    assert _told(world) == told
    assert world.shown(7).notes[-1].startswith("Correction: Call to (402) 555-0107: answered")
    assert "heard the message" in world.shown(7).notes[-1]
    assert len(world.shown(7).notes) == 2


def test_that_they_talked_comes_late(world: World) -> None:
    world.case(7, manner=Manner(hangs_up=True, talks_for=65))
    world.round()
    _post(world, "/twilio/voice/dialed", DialCallStatus="completed", DialBridged="true")
    assert _told(world) == ("Do not Dial", "Successful", "1")


@pytest.mark.parametrize("seconds", ["2", "25"])
def test_a_call_of_another_app_is_judged_as_ever(world: World, seconds: str) -> None:
    number = world.case(7)
    fields = call_fields("CA" + "5" * 32, "completed", 3, To=number, CallDuration=seconds)
    url = f"{world.url}/twilio/voice/status?CaseID=7"
    world.exchange._courier.post(url, fields | {"AnsweredBy": "human"})
    world.settle()
    assert _told(world) == ("Do not Dial", "Successful", "1")


def test_a_call_that_rings_the_firm_first_is_judged_as_ever(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7, manner=Manner(talks_for=12))
    world.manners[FIRM] = Manner(key="1")
    world.round()
    assert _told(world) == ("Do not Dial", "Successful", "1")
