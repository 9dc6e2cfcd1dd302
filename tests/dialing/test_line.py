"""What people hear on the line, and what comes of the keys they press."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bridge.callbacks import intake
from bridge.domain.callback_results import CallbackResult
from bridge.runtime import Runtime
from bridge.sandbox.manner import Manner
from tests.support.signing import call_fields
from tests.support.world import FIRM, FROM, World, Worldwide


def test_9_opts_out_at_once(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0", DIAL_PERSON_GAP="0")
    number = world.case(7, manner=Manner(key="9", text="sent"))
    other = world.case(8, "4025550107")
    assert number == other
    world.poll()
    world.place()
    world.clock.advance(seconds=2)
    world.place()
    world.settle_calls()
    call = next(one for one in world.exchange.calls() if one.heard)
    assert "You will not be called or texted by Example & Partners again" in call.heard[-1]
    # Before any worker has looked: nothing of this person's is placed any more.
    world.clock.advance(hours=1)
    assert world.place() == 0
    world.settle()
    # The call was about one case; the other shares the phone, and may be another person's.
    statuses = sorted(world.shown(case_id).status for case_id in (7, 8))
    assert statuses == ["Do not Dial", "To Dial"]
    for case_id in (7, 8):
        assert sum("Pressed 9" in note for note in world.shown(case_id).notes) == 1
    world.clock.advance(days=2)
    world.case(7)
    assert world.poll() == 0


def _refusing(monkeypatch: pytest.MonkeyPatch, world: World, *ways: str) -> Callable[..., None]:
    """The database refuses, and only what keeps callbacks still gets through."""

    def refuse(*_: Any) -> Any:
        raise OperationalError("refused", None, Exception())

    for way in ways:
        monkeypatch.setattr(world.runtime.db, way, refuse)
    return monkeypatch.undo


@pytest.mark.parametrize("ways", [["begin"], ["begin", "read"]])
def test_9_promises_nothing_that_is_not_stored(
    world: World, monkeypatch: pytest.MonkeyPatch, ways: list[str]
) -> None:
    number = world.case(7, manner=Manner("busy"))
    world.round()
    (call,) = world.exchange.calls()
    url = call.params["StatusCallback"][0].replace("/voice/status", "/voice/keypress")
    fields = call_fields(call.sid, "in-progress", 2, To=number, Direction="outbound-api")
    undo = _refusing(monkeypatch, world, *ways)
    heard = world.exchange._courier.post(url, fields | {"Digits": "9"})
    undo()
    assert heard is not None
    assert heard.status_code == 200
    assert "that did not work. Please call Example &amp; Partners at 4 0 2 5 5" in heard.text
    assert "will not be called" not in heard.text
    # It was kept: a worker opts the person out, and Twilio's repetition is told so.
    world.settle()
    assert world.shown(7).status == "Do not Dial"
    heard = world.exchange._courier.post(url, fields | {"Digits": "9"})
    assert heard is not None
    assert "You will not be called or texted by Example &amp; Partners again." in heard.text
    world.settle()
    assert sum("Pressed 9" in note for note in world.shown(7).notes) == 1


def test_a_text_that_a_worker_processes_is_not_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.case(7)
    world.poll()
    undo = _refusing(monkeypatch, world, "begin")
    world.exchange.text_in("+14025550107", "Stop. Thank you")
    undo()
    world.settle()
    assert world.exchange.replies() == []
    assert world.shown(7).status == "Do not Dial"


def test_a_text_is_answered_although_a_worker_was_faster(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    process_now = intake.process_now

    def late(runtime: Runtime, accepted: intake.KeptCallback) -> CallbackResult:
        world.take_in()
        return process_now(runtime, accepted)

    monkeypatch.setattr(intake, "process_now", late)
    world.case(7)
    world.poll()
    world.exchange.text_in("+14025550107", "Stop. Thank you")
    ((_, words),) = world.exchange.replies()
    assert words.startswith("Example & Partners: you are opted out")
    world.settle()
    assert sum("opted out" in note for note in world.shown(7).notes) == 1


@pytest.mark.parametrize(
    ("goal", "status", "disposition", "says"),
    [
        (
            "talked",
            "To Dial",
            "No Answer",
            "answered and heard the message, did not ask to be connected (25 s).",
        ),
        ("heard", "Do not Dial", "Successful", "answered and heard the message (25 s)."),
    ],
)
def test_silence_hears_the_number_and_a_goodbye(
    worldwide: Worldwide, goal: str, status: str, disposition: str, says: str
) -> None:
    world = worldwide(CAMPAIGN_GOALS=f"Intake follow-up={goal}")
    world.case(7, manner=Manner(talks_for=25))
    world.round()
    (call,) = world.exchange.calls()
    assert len(call.heard) == 3
    assert all(words.count("Example & Partners") == 1 for words in call.heard)
    assert "4 0 2 5 5 5 0 1 9 9" in call.heard[-1]
    case = world.shown(7)
    assert (case.status, case.disposition, case.attempts) == (status, disposition, "1")
    assert len(case.notes) == 1
    assert case.notes[0].startswith(f"Call to (402) 555-0107: {says}")


def test_another_key_hears_the_prompt_again(world: World) -> None:
    world.case(7, manner=Manner(key="51"))
    world.round()
    assert world.exchange.calls()[0].bridged


def test_nobody_at_the_firm_picks_up(world: World) -> None:
    world.case(7, manner=Manner(key="1"))
    world.manners[FIRM] = Manner(picks_up_for_firm=False)
    world.round()
    call = world.exchange.calls()[0]
    assert "nobody at Example & Partners can take your call" in call.heard[-1]
    case = world.shown(7)
    assert (case.status, case.disposition, case.attempts) == ("To Dial", "No Answer", "1")
    assert "nobody at the firm picked up" in case.notes[0]


@pytest.mark.parametrize("said", ["machine_start", "fax"])
def test_a_machine_is_hung_up_on(world: World, said: str) -> None:
    world.case(7, manner=Manner("machine", talks_for=9))
    world.exchange.records_for = 5.0
    world.poll()
    world.place()
    world.hear_machine(said)
    world.settle()
    updates = [one for one in world.exchange.journal() if "/Calls/CA" in one.path]
    assert [dict(one.params) for one in updates if one.method == "POST"] == [
        {"Status": ["completed"]}
    ]
    case = world.shown(7)
    assert (case.status, case.disposition) == ("To Dial", "Answering Machine")


def test_a_voicemail_is_left_after_the_beep(worldwide: Worldwide) -> None:
    world = worldwide(VOICEMAIL_BODY="This is {firm}. Please call {phone}.")
    world.case(7, manner=Manner("machine", talks_for=9))
    world.exchange.records_for = 5.0
    world.poll()
    world.place()
    (call,) = world.exchange.calls()
    assert call.params["MachineDetection"] == ["DetectMessageEnd"]
    world.hear_machine("machine_end_beep")
    world.settle()
    # The number that the call came from, where key 9 opts out whoever calls back.
    assert call.heard[-1] == "This is Example & Partners. Please call (402) 555-0100."
    assert world.shown(7).disposition == "Answering Machine"


def test_agent_first(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    number = world.case(7, manner=Manner(talks_for=120))
    world.manners[FIRM] = Manner(key="1")
    world.round()
    firm, person = world.exchange.calls()
    assert (firm.to, person.to, person.sender) == (FIRM, number, FROM)
    assert "MachineDetection" not in firm.params
    assert "Press 1 to call, 2 in an hour, 3 not today." in firm.heard[0]
    case = world.shown(7)
    assert (case.status, case.disposition, case.attempts) == ("Do not Dial", "Successful", "1")
    assert len(case.notes) == 1


def test_agent_first_and_the_client_is_away(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7, manner=Manner("no-answer"))
    world.manners[FIRM] = Manner(key="1")
    world.round()
    case = world.shown(7)
    assert (case.status, case.disposition, case.attempts) == ("To Dial", "No Answer", "1")


@pytest.mark.parametrize("firm", [Manner("no-answer"), Manner(), Manner("busy")])
def test_agent_first_and_nobody_at_the_firm(worldwide: Worldwide, firm: Manner) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7)
    world.manners[FIRM] = firm
    world.round()
    # Somebody who picked up may have had the person dialed: Twilio is asked.
    world.clock.advance(seconds=31)
    world.ask()
    assert [one.to for one in world.exchange.calls()] == [FIRM]
    case = world.shown(7)
    # No attempt with the person, and none of the caps used up: the call keeps its place in line.
    assert (case.status, case.disposition, case.attempts) == ("In the Dialer", "Never Dialed", "")
    assert case.notes == []
    world.manners[FIRM] = Manner(key="1")
    world.clock.advance(minutes=10)
    world.round()
    assert world.shown(7).disposition == "Successful"


def test_a_person_calls_in(world: World) -> None:
    number = world.case(7)
    world.round()
    world.exchange.call_in(number)
    world.settle()
    assert "answered, talked 40 s" in world.shown(7).notes[-1]
    assert world.shown(7).notes[-1].startswith("Call from (402) 555-0107")


def test_a_person_calls_in_and_nobody_picks_up(world: World) -> None:
    number = world.case(7)
    world.round()
    world.manners[FIRM] = Manner(picks_up_for_firm=False)
    call = world.exchange.call_in(number)
    world.settle()
    assert "nobody at Example & Partners" in call.heard[-1]
    assert "missed" in world.shown(7).notes[-1]
    assert len(world.shown(7).notes) == 2


def test_a_caller_whose_end_nobody_told_is_asked_about(world: World) -> None:
    number = world.case(7)
    world.round()
    fields = call_fields("CA" + "5" * 32, "ringing", 0, From=number, To=FROM, Direction="inbound")
    world.exchange._courier.post(f"{world.url}/twilio/voice/inbound", fields)
    world.take_in()
    world.clock.advance(minutes=11)
    assert world.ask() == 1  # Twilio doesn't know it: it is asked no more
    world.clock.advance(hours=2)
    assert world.ask() == 0


@pytest.mark.parametrize(
    "route", ["/twilio/voice/answer", "/twilio/voice/keypress", "/twilio/voice/dialed"]
)
def test_a_call_that_nobody_knows_is_ended_politely(world: World, route: str) -> None:
    fields = call_fields("CA" + "6" * 32, "in-progress", 0) | {"Digits": "1"}
    for query in ("", "?Attempt=unknown", "?Attempt="):
        answer = world.exchange._courier.post(f"{world.url}{route}{query}", fields)
        assert answer is not None
        assert answer.headers["Content-Type"].startswith("text/xml")
        assert "<Hangup" in answer.text or "<Say>" in answer.text


@pytest.mark.parametrize("bridged", [True, False])
def test_agent_first_and_the_agent_hangs_up_first(worldwide: Worldwide, bridged: bool) -> None:
    """The firm's side ends before the person's leg does, whose last callback is lost."""
    world = worldwide(DIAL_MODE="agent_first")
    number = world.case(7, manner=Manner("human" if bridged else "no-answer", mute=True))
    world.manners[FIRM] = Manner(key="1")
    world.round()
    assert world.shown(7).status == "In the Dialer"
    world.clock.advance(seconds=31)
    world.ask()
    assert [one.to for one in world.exchange.calls()] == [FIRM, number]
    case = world.shown(7)
    assert (case.disposition, case.attempts) == ("Successful" if bridged else "No Answer", "1")


def test_9_at_the_firms_own_phone_opts_nobody_out(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    number = world.case(7, manner=Manner(talks_for=50))
    world.manners[FIRM] = Manner(key="91")
    world.round()
    assert [one.to for one in world.exchange.calls()] == [FIRM, number]
    assert world.shown(7).disposition == "Successful"
    assert len(world.shown(7).notes) == 1


def test_the_firm_hears_that_the_client_is_away(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7, manner=Manner("no-answer"))
    world.manners[FIRM] = Manner(key="1")
    world.round()
    assert world.exchange.calls()[0].heard[-1] == "The client did not answer. Goodbye."


@pytest.mark.parametrize("leg", ["busy", "no-answer", "failed", "canceled"])
def test_a_leg_that_nobody_took_was_no_talk_whatever_else_is_unsaid(world: World, leg: str) -> None:
    number = world.case(7)
    world.round()
    sid = "CA" + "5" * 32
    fields = call_fields(sid, "in-progress", 0, From=number, To=FROM, Direction="inbound")
    answer = world.exchange._courier.post(
        f"{world.url}/twilio/voice/dialed", fields | {"DialCallStatus": leg}
    )
    assert answer is not None
    assert "nobody at Example" in answer.text
    world.settle()
    assert "missed" in world.shown(7).notes[-1]
