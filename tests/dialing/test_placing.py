"""Placed at most once, whatever Twilio answers and whenever a worker dies."""

from datetime import timedelta

import pytest

from bridge.dialing import placing, reserving
from bridge.sandbox.casebook import phone
from bridge.sandbox.faults import Fault
from bridge.sandbox.manner import Manner
from bridge.store.dialing import attempts, pauses, turns
from bridge.store.dialing.attempts import AttemptState
from tests.support import tables
from tests.support.processes import wait_until
from tests.support.signing import call_fields
from tests.support.world import World, Worldwide

TWO = [phone("4025550107"), phone("4025550108", primary=False, text=False)]


def _asked_to_call(world: World) -> list[str]:
    return [
        one.params["To"][0]
        for one in world.exchange.journal()
        if one.method == "POST" and one.path.endswith("/Calls.json")
    ]


def test_the_request_is_what_twilio_wants(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_RING_SECONDS="30")
    world.case(7)
    world.poll()
    world.place()
    (call,) = world.exchange.calls()
    said = {name: list(values) for name, values in call.params.items()}
    (query,) = {said[name][0].partition("?")[2] for name in ("Url", "StatusCallback")}
    assert query.startswith("CaseID=7&Attempt=")
    assert query.endswith("#rc=5&rp=ct,rt,5xx&tt=15000")
    assert said["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert (said["Timeout"], said["AsyncAmd"]) == (["30"], ["true"])
    assert said["MachineDetection"] == ["Enable"]
    assert "/twilio/voice/amd?" in said["AsyncAmdStatusCallback"][0]


def test_a_bad_number_leads_to_the_next_one(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_PERSON_GAP="0")
    world.case(7, phones=TWO, manner=Manner(refuse_call=21217))
    world.manners["+14025550107"] = Manner(refuse_call=21217)
    world.manners["+14025550108"] = Manner("busy")
    world.poll()
    world.place()
    world.settle()
    assert _asked_to_call(world) == ["+14025550107", "+14025550108"]
    case = world.shown(7)
    assert (case.status, case.disposition, case.attempts) == ("To Dial", "Busy", "1")
    assert sum("Please check it" in note for note in case.notes) == 1
    # It stays out of use at the next attempt.
    world.clock.advance(hours=1)
    world.round()
    assert _asked_to_call(world)[-1] == "+14025550108"


def test_a_bad_number_alone_is_told_as_a_failed_call(world: World) -> None:
    world.case(7, manner=Manner(refuse_call=21217))
    world.poll()
    world.place()
    world.settle()
    case = world.shown(7)
    assert (case.status, case.disposition, case.attempts) == ("To Dial", "No Answer", "1")
    world.clock.advance(hours=2)
    assert world.poll() == 0
    assert "it is out of use" in tables.skipped(world.runtime.db) or "no phone" in (
        tables.skipped(world.runtime.db)
    )


def test_the_next_attempt_goes_to_the_other_number(world: World) -> None:
    world.case(7, phones=TWO)
    world.manners = {"+14025550107": Manner("no-answer"), "+14025550108": Manner("no-answer")}
    world.round()
    world.clock.advance(hours=5)
    world.round()
    assert _asked_to_call(world) == ["+14025550107", "+14025550108"]


def test_who_has_opted_out_at_twilio_is_not_called_either(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0")
    world.case(7, manner=Manner(refuse_text=21610))
    world.poll()
    world.place()
    world.settle()
    assert _asked_to_call(world) == []
    case = world.shown(7)
    assert case.status == "Do not Dial"
    assert len(case.notes) == 1
    assert "opted out" in case.notes[0]


def test_twilio_wants_it_later(worldwide: Worldwide) -> None:
    world = worldwide(CAMPAIGN_GOALS="*=heard")
    world.case(7)
    world.poll()
    world.exchange.order(Fault(only="calls", status=429, code=20429, count=2))
    assert world.place(1) == 1
    for _ in range(3):
        world.clock.advance(seconds=40)
        world.place(1)
    world.settle()
    assert len(_asked_to_call(world)) == 3
    assert len(world.exchange.calls()) == 1
    assert world.shown(7).disposition == "Successful"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(only="calls", status=500, count=1),
        Fault(only="calls", drop="before", count=1),
    ],
    ids=["500", "dropped before"],
)
def test_a_lost_answer_of_a_call_that_never_was(world: World, fault: Fault) -> None:
    world.case(7, manner=Manner("busy"))
    world.poll()
    world.exchange.order(fault)
    assert world.place() == 1
    assert world.place() == 0
    for seconds in (59, 2, 61, 1):
        world.clock.advance(seconds=seconds)
        world.ask()
        if seconds != 1:
            assert len(_asked_to_call(world)) == 1 or seconds == 61
            world.place()
    world.settle()
    assert len(world.exchange.calls()) == 1
    assert (world.shown(7).disposition, world.shown(7).attempts) == ("Busy", "1")


@pytest.mark.parametrize("mute", [False, True], ids=["callbacks come", "no callback comes"])
def test_a_lost_answer_of_a_call_that_was_placed(world: World, mute: bool) -> None:
    world.case(7, manner=Manner("busy", mute=mute))
    world.poll()
    world.exchange.order(Fault(only="calls", drop="after", count=1))
    assert world.place() == 1
    world.settle()
    for _ in range(5):
        world.clock.advance(seconds=61)
        world.ask()
        assert world.place() == 0
    assert len(world.exchange.calls()) == 1
    case = world.shown(7)
    assert (case.status, case.disposition, case.attempts) == ("To Dial", "Busy", "1")
    assert len(case.notes) == 1


def test_twilio_hangs_after_accepting(worldwide: Worldwide) -> None:
    world = worldwide()
    patient = world.twilio
    world.twilio = type(patient)(patient._account, answer_seconds=0.5)
    world.case(7, manner=Manner("busy", mute=True))
    world.poll()
    world.exchange.order(Fault(only="calls", hang=3, count=1))
    assert world.place() == 1
    world.twilio = patient
    world.exchange.order(None)
    wait_until(lambda: len(world.exchange.calls()) == 1, "the call wasn't accepted")
    world.settle()
    world.clock.advance(seconds=61)
    assert world.ask() == 1
    assert world.place() == 0
    assert len(world.exchange.calls()) == 1
    assert world.shown(7).disposition == "Busy"


@pytest.mark.parametrize("placed", [False, True], ids=["before the request", "after the request"])
def test_a_worker_dies_while_placing(world: World, placed: bool) -> None:
    world.case(7, manner=Manner("busy", mute=True))
    world.poll()
    reserved = world.reserve()
    assert reserved is not None
    if placed:
        placing._request(world.runtime, world.twilio, reserved)
    # The worker is gone; another one looks.
    assert world.place() == 0
    world.settle()
    for _ in range(4):
        world.clock.advance(seconds=61)
        world.ask()
        world.place()
        world.settle()
    assert len(world.exchange.calls()) == 1
    assert (world.shown(7).disposition, world.shown(7).attempts) == ("Busy", "1")


def test_a_worker_that_was_stopped_meanwhile_places_nothing(world: World) -> None:
    """Stopped for minutes between reserving and placing, its call was given to another."""
    world.case(7, manner=Manner("busy"))
    world.poll()
    reserved = world.reserve()
    assert reserved is not None
    for _ in range(2):
        world.clock.advance(seconds=61)
        world.ask()
    assert world.place() == 1
    placing.place(world.runtime, world.twilio, reserved)
    world.settle()
    assert len(world.exchange.calls()) == 1


def test_a_call_that_comes_late_takes_another_place_in_the_pace(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_CALLS_PER_SECOND="2")
    world.case(1)
    world.case(2)
    world.poll()
    first = world.reserve()
    assert first is not None
    # The second one's moment is half a second after the first one's; the first is late by more.
    world.clock.advance(seconds=0.4)
    second = world.reserve()
    assert second is not None
    again = reserving.postpone(world.runtime, first)
    assert again is not None
    assert again.at - second.at >= timedelta(seconds=0.5)


def test_undecided_for_ten_minutes(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_PERSON_GAP="0")
    world.case(7, manner=Manner("busy", mute=True))
    world.poll()
    world.exchange.order(Fault(only="calls", drop="after", count=1))
    world.place()
    world.exchange.order(Fault(only="reads", status=503))
    for _ in range(12):
        world.clock.advance(seconds=61)
        world.ask()
        assert world.place() == 0
    case = world.shown(7)
    assert case.status == "To Dial"
    assert case.attempts == ""
    assert "may or may not have been placed" in case.notes[0]
    # Due again: still nobody is dialed before Twilio has been asked.
    world.clock.advance(hours=1)
    world.poll()
    world.place()
    assert len(world.exchange.calls()) == 1
    world.exchange.order(None)
    world.clock.advance(hours=1)
    world.ask()
    assert world.shown(7).disposition == "Busy"
    assert len(world.exchange.calls()) == 1


@pytest.mark.parametrize(
    ("status", "code", "pauses"), [(401, 20003, True), (429, 20429, False), (404, 20404, True)]
)
def test_a_refused_question_settles_nothing(
    world: World, status: int, code: int, pauses: bool
) -> None:
    """Twilio's list is what decides whether a call was placed: a refusal of it never does."""
    world.case(7, manner=Manner("busy", mute=True))
    world.poll()
    world.exchange.order(Fault(only="calls", drop="before", count=1))
    world.place()
    world.exchange.order(Fault(only="reads", status=status, code=code))
    for _ in range(4):
        world.clock.advance(seconds=61)
        world.ask()
        assert world.place() == 0
    assert ("the Twilio account is blocked" in tables.pauses(world.runtime.db)) is pauses
    assert len(_asked_to_call(world)) == 1


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (400, 20005), (402, 402), (400, 21210)])
def test_an_account_that_lets_nothing_through_pauses_everything(
    world: World, status: int, code: int
) -> None:
    for case_id in range(1, 6):
        world.case(case_id)
    world.poll()
    world.exchange.order(Fault(only="calls", status=status, code=code))
    assert world.place() == 1
    world.clock.advance(hours=1)
    assert world.place() == 0
    assert len(_asked_to_call(world)) == 1
    assert "the Twilio account is blocked" in tables.pauses(world.runtime.db)
    world.exchange.order(None)
    with world.runtime.db.begin() as connection:
        for kept in pauses.active(connection, world.clock()):
            pauses.lift(
                connection, kept.pause.scope, kept.pause.what, world.clock(), by=pauses.BY_OPERATOR
            )
    world.hear()
    assert world.place() == 5


def test_the_pace_is_kept_and_reached(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_CALLS_PER_SECOND="5")
    for case_id in range(1, 41):
        world.case(case_id)
    world.poll()
    begun = world.clock()
    assert world.place() == 40
    with world.runtime.db.read() as connection:
        found = [turns.of_case(connection, case_id) for case_id in range(1, 41)]
        tried = [attempts.of_turn(connection, turn.id) for turn in found if turn]
    moments = sorted(one.placed_at for of_turn in tried for one in of_turn if one.placed_at)
    assert len(moments) == 40
    second = timedelta(seconds=1)
    for one in moments:
        assert sum(one <= other < one + second for other in moments) <= 5
    took = (moments[-1] - begun).total_seconds()
    assert 39 / took >= 5 * 0.95


def test_no_more_calls_at_a_time_than_allowed(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MAX_CALLS="3", step="0.02")
    for case_id in range(1, 9):
        world.case(case_id)
    world.exchange.queueing = True
    world.poll()
    assert world.place() == 3
    assert world.place() == 0
    world.exchange.queueing = False
    world.settle()
    assert world.place() == 3


def test_one_call_at_a_time_with_a_person_of_two_cases(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_PERSON_GAP="0")
    world.case(1, "4025550155")
    world.case(2, "4025550155")
    world.exchange.queueing = True
    world.poll()
    assert world.place() == 1
    world.exchange.queueing = False
    world.settle()


def test_caps_are_a_persons(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_PERSON_GAP="0")
    for case_id in (1, 2, 3):
        world.case(case_id, "4025550155", Manner("busy"))
    for _ in range(6):
        world.round()
        world.clock.advance(minutes=25)
    assert len(world.exchange.calls()) == 2
    assert "in 24 hours (limit 2)" in tables.verdicts(world.runtime.db, None, "defer", 50)


def test_calls_by_others_count_too(world: World) -> None:
    number = world.case(1, manner=Manner("busy"))
    for sid in ("CA01", "CA02"):
        fields = call_fields(sid, "completed", 3, To=number, CallDuration="30")
        world.exchange._courier.post(f"{world.url}/twilio/voice/status", fields)
    world.take_in()
    assert world.poll() == 0
    assert "2 calls in 24 hours (limit 2)" in tables.skipped(world.runtime.db)


def test_a_call_that_waits_in_twilios_queue_is_cancelled(world: World) -> None:
    world.case(7)
    world.exchange.queueing = True
    world.poll()
    world.place()
    world.clock.advance(seconds=56)
    assert world.ask() == 1
    (call,) = world.exchange.calls()
    assert call.status == "canceled"
    case = world.shown(7)
    assert (case.status, case.attempts) == ("To Dial", "")


def test_callbacks_that_never_come_are_made_up_for(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0", CAMPAIGN_GOALS="*=heard")
    world.case(1, manner=Manner("no-answer", mute=True))
    world.case(2, manner=Manner("human", mute=True))
    world.poll()
    world.place()
    world.clock.advance(seconds=2)
    world.place()
    world.settle()
    world.clock.advance(seconds=60)
    world.ask()
    assert world.shown(1).disposition == "No Answer"
    assert world.shown(2).disposition == "Successful"
    world.clock.advance(hours=2)
    world.ask()
    assert any("delivered" in note for note in world.shown(1).notes)


def test_the_window_closes_before_the_call(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_HOURS="09:00-11:20", TEXT_ENABLED="true")
    world.case(7)
    world.clock.advance(minutes=5)  # 11:05 in Omaha
    world.poll()
    assert world.place() == 1
    (text,) = world.exchange.texts()
    assert 600 <= int(text.params["ValidityPeriod"][0]) <= 900
    world.settle()
    world.clock.advance(minutes=11)
    world.place()
    world.deliver()
    assert world.exchange.calls() == []
    case = world.shown(7)
    assert (case.status, case.dial_at) == ("To Dial", "2026-11-24T10:05:00")


def test_every_attempt_has_its_verdict(world: World) -> None:
    # Were the call answered, that would be decided on as well, sooner or later.
    world.case(7, manner=Manner("no-answer"))
    world.poll()
    world.place()
    said = tables.verdicts(world.runtime.db, 7, None, 10)
    assert said.count("allow") == 2
    with world.runtime.db.read() as connection:
        assert attempts.counts(connection)[("call", AttemptState.PLACED)] == 1
