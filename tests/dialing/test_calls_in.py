"""Who calls in: put through for a time, never in a circle, and not without end."""

import pytest

from bridge.callbacks import processing
from bridge.checking.examination import examine
from bridge.checking.findings import FAILURE, WARNING, Finding
from bridge.sandbox.casebook import phone
from bridge.sandbox.manner import Manner
from bridge.store import notices
from bridge.store.callbacks import callbacks
from bridge.store.callbacks.callbacks import Verdict
from tests.support import tables
from tests.support.processes import wait_until
from tests.support.signing import call_fields
from tests.support.world import FIRM, FROM, World, Worldwide

HERS = "+14025550107"
REJECTED, BUSY = "no-answer", "busy"
CALL_IN = "/twilio/voice/inbound"


def _legs(world: World) -> list[str]:
    return [call.to for call in world.exchange.calls() if call.parent_sid]


def _notes(world: World, says: str) -> int:
    return sum(says in note for note in world.shown(7).notes)


def _noticed(world: World) -> list[str]:
    with world.runtime.db.read() as connection:
        return [one.subject for one in notices.active(connection)]


def _checked(world: World, says: str) -> Finding:
    """What `bridge check` says: again, if the machine is too busy to connect to its database."""
    found: list[Finding] = []

    def is_said() -> bool:
        found[:] = [one for one in examine(world.environment) if says in one.sentence]
        return bool(found)

    wait_until(is_said, f"bridge check says nothing of {says}")
    return found[0]


def test_our_own_number_is_not_put_through(world: World) -> None:
    """Nor is an agent's phone (`test_agents.py`): whoever calls from there is ready again."""
    world.case(7, phones=[phone(FROM[2:])])
    calls = [world.exchange.call_in(FROM) for _ in range(2)]
    world.settle()
    assert [call.status for call in calls] == [REJECTED, REJECTED]
    assert _legs(world) == []
    assert world.shown(7).notes == []
    assert _noticed(world) == [f"call …{FROM[-4:]}"]
    assert "our own number" in tables.callbacks(world.runtime.db, Verdict.RECORDED, 10)


def test_what_the_firms_phone_forwards_goes_in_no_circle(world: World) -> None:
    world.case(7)
    world.poll()
    for _ in range(3):
        assert world.exchange.call_in(HERS, forwarded_by=FIRM).status == REJECTED
    world.settle()
    assert _legs(world) == []
    assert world.shown(7).notes == [note for note in world.shown(7).notes if "Call from" in note]
    assert _notes(world, "The firm's phone had forwarded it back to us") == 1
    # It is over: nobody asks Twilio about it, and it holds no call to her back.
    world.clock.advance(minutes=11)
    assert world.ask() == 0
    assert world.place() == 1


@pytest.mark.parametrize("forwarded_by", [FROM, "+14025550166", "anonymous"])
def test_a_call_that_others_forward_is_put_through(world: World, forwarded_by: str) -> None:
    """Some carriers name the called number itself as the one that forwarded: no circle."""
    world.exchange.call_in(HERS, forwarded_by=forwarded_by)
    assert _legs(world) == [FIRM]


def test_any_other_number_of_ours_forwards_in_a_circle_too(world: World) -> None:
    world.exchange.numbers = ("+14025550133", FROM)
    assert world.exchange.call_in(HERS, forwarded_by=FROM).status == REJECTED
    assert world.exchange.call_in("+14025550133").status == REJECTED
    assert _legs(world) == []


@pytest.mark.parametrize("worker_is_there", [True, False])
def test_too_many_calls_of_one_phone_hear_a_busy_signal(
    worldwide: Worldwide, worker_is_there: bool
) -> None:
    world = worldwide(CALLS_IN_PER_HOUR="3")
    world.case(7)
    world.poll()
    heard = []
    for _ in range(8):
        world.clock.advance(minutes=1)
        heard.append(world.exchange.call_in(HERS).status)
        if worker_is_there:
            world.settle()
    assert heard == ["completed"] * 3 + [BUSY] * 5
    assert _legs(world) == [FIRM] * 3
    # Another phone is not held back.
    assert world.exchange.call_in("+14025550108").status == "completed"
    world.settle()
    assert _notes(world, "called more than 3 times within an hour") == 1
    assert _notes(world, "missed") == 0
    assert _notes(world, "answered") == 3
    # She is put through again when the first calls are an hour ago, and noted anew when that ends.
    world.clock.advance(minutes=53)
    again = [world.exchange.call_in(HERS).status for _ in range(2)]
    world.clock.advance(minutes=1)
    again += [world.exchange.call_in(HERS).status for _ in range(3)]
    assert again == ["completed", BUSY, "completed", BUSY, BUSY]
    world.settle()
    assert _notes(world, "called more than 3 times") == 1
    world.clock.advance(minutes=3)
    assert [world.exchange.call_in(HERS).status for _ in range(2)] == ["completed", BUSY]
    world.settle()
    assert _notes(world, "called more than 3 times") == 2


def test_twilios_repetition_counts_once_and_hears_the_same(worldwide: Worldwide) -> None:
    world = worldwide(CALLS_IN_PER_HOUR="2")
    answers = []
    for call in "1122334433":
        fields = call_fields(
            f"CA{call * 32}", "ringing", 0, From=HERS, To=FROM, Direction="inbound"
        )
        answer = world.exchange._courier.post(f"{world.url}{CALL_IN}", fields)
        assert answer is not None
        answers.append('reason="busy"' in answer.text)
    assert answers == [call in "34" for call in "1122334433"]


@pytest.mark.parametrize(("caller", "others"), [(FROM, {}), (HERS, {"ForwardedFrom": FIRM})])
def test_another_callback_of_the_call_may_come_first(
    world: World, caller: str, others: dict[str, str]
) -> None:
    fields = call_fields("CA" + "d" * 32, "ringing", 0, From=caller, To=FROM, Direction="inbound")
    world.exchange._courier.post(f"{world.url}/twilio/voice/status", fields)
    world.take_in()
    answer = world.exchange._courier.post(f"{world.url}{CALL_IN}", fields | others)
    assert answer is not None
    assert "<Reject" in answer.text
    assert "<Dial" not in answer.text


def test_a_call_is_no_earlier_one_of_itself(worldwide: Worldwide) -> None:
    world = worldwide(CALLS_IN_PER_HOUR="1")
    fields = call_fields("CA" + "d" * 32, "ringing", 0, From=HERS, To=FROM, Direction="inbound")
    world.exchange._courier.post(f"{world.url}/twilio/voice/status", fields)
    world.take_in()
    answer = world.exchange._courier.post(f"{world.url}{CALL_IN}", fields)
    assert answer is not None
    assert "<Dial" in answer.text


def test_a_call_that_was_put_through_counts_as_one_although_a_worker_takes_it_in(
    worldwide: Worldwide, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = worldwide(CALLS_IN_PER_HOUR="1")
    world.case(7)
    world.poll()
    world.exchange.call_in(HERS)
    world.settle()

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    world.clock.advance(minutes=5)
    with monkeypatch.context() as patched:
        patched.setattr(callbacks, "by_key", fails)
        assert world.exchange.call_in(HERS).status == "completed"
    # A worker leaves it to the web app for as long as that may answer.
    world.settle()
    assert "new" in tables.callbacks(world.runtime.db, Verdict.NEW, 10)
    world.clock.advance(seconds=15)
    world.settle()
    assert _legs(world) == [FIRM] * 2
    assert _notes(world, "Call from (402) 555-0107: answered") == 2
    assert _notes(world, "busy signal") == 0
    # The web app decides again, and counts it.
    assert world.exchange.call_in(HERS).status == BUSY
    world.settle()
    assert _notes(world, "called more than once within an hour.") == 1


def test_callers_without_a_number_share_one_wide_count(worldwide: Worldwide) -> None:
    world = worldwide(CALLS_IN_PER_HOUR="1")
    # Softphones, which have no number either, call out in their own way and are not counted.
    for call in range(5):
        fields = call_fields(
            f"CA{call}" + "0" * 30, "completed", 3, Direction="inbound", From="client:agent"
        )
        world.exchange._courier.post(f"{world.url}/twilio/voice/status?CaseID=9", fields)
    world.take_in()
    withheld = ["anonymous", "+266696687", "sip:bob@example.com", ""]
    heard = [world.exchange.call_in(one).status for one in [*withheld, *withheld]]
    assert heard == ["completed"] * 6 + [BUSY] * 2
    world.settle()
    # The operator is told, since no case can be.
    assert _noticed(world) == [""]
    said = _checked(world, "withhold")
    assert said.level == WARNING
    assert "more than 6 calls within an hour" in said.sentence
    assert "CALLS_IN_PER_HOUR" in said.sentence


def test_the_web_app_could_not_decide_and_the_caller_is_put_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(processing, "screen", fails)
    assert world.exchange.call_in(HERS).status == "completed"
    assert _legs(world) == [FIRM]


@pytest.mark.parametrize("mode", ["client_first", "agent_first"])
def test_a_talk_ends_at_its_limit(worldwide: Worldwide, mode: str) -> None:
    world = worldwide(DIAL_TALK_LIMIT="5m", DIAL_MODE=mode)
    number = world.case(7, manner=Manner(key="1", talks_for=9000))
    world.manners[FIRM] = Manner(key="1", talks_for=9000)
    world.round()
    world.exchange.call_in(number)
    world.settle()
    assert [call.duration for call in world.exchange.calls() if call.parent_sid] == [300, 300]
    assert _notes(world, "Call from (402) 555-0107: answered (5 min).") == 1


def test_a_talk_ends_after_two_hours_unless_told_otherwise(world: World) -> None:
    world.manners[FIRM] = Manner(talks_for=20_000)
    world.exchange.call_in(HERS)
    assert [call.duration for call in world.exchange.calls() if call.parent_sid] == [7200]


def test_texts_of_our_own_numbers_are_kept_and_not_answered(world: World) -> None:
    for number, sender in enumerate((FROM, FIRM)):
        world.exchange.text_in(sender, "Stop. Thank you", sid=f"SM{number}" + "0" * 30)
    world.settle()
    assert world.exchange.replies() == []
    assert sorted(_noticed(world)) == ["text …0100", "text …0199"]
    # Nobody has refused anything.
    world.case(7, manner=Manner(key="1"))
    world.round()
    assert world.shown(7).disposition == "Successful"


@pytest.mark.parametrize(
    ("firm", "says"),
    [
        (FROM, "is TWILIO_FROM_NUMBER as well"),
        ("+14025550133", "is a number of this Twilio account"),
        (FIRM, None),
        ("+14025550", None),
    ],
)
def test_check_fails_on_a_firm_phone_of_ours(world: World, firm: str, says: str | None) -> None:
    world.exchange.numbers = (FROM, "+14025550133")
    found = [
        one
        for one in examine(world.environment | {"FIRM_PHONE": firm})
        if "in a circle" in one.sentence
    ]
    assert [one.level for one in found] == ([FAILURE] if says else [])
    assert all(says is not None and says in one.sentence for one in found)


@pytest.mark.parametrize("phone", [FROM, "+14025550133"])
def test_check_fails_on_an_agents_phone_of_ours(world: World, phone: str) -> None:
    world.exchange.numbers = (FROM, "+14025550133")
    found = list(examine(world.environment | {"DIAL_AGENTS": f"Intake={phone}"}))
    circles = [one for one in found if "in a circle" in one.sentence]
    assert [one.level for one in circles] == [FAILURE]
    assert circles[0].sentence.startswith(f"DIAL_AGENTS {phone} is ")
    (agents,) = [one.sentence for one in found if one.subject == "agents"]
    assert agents == (
        "1 phone takes agent-first calls (Intake), rung mon,tue,wed,thu,fri 09:00-17:30 in "
        "America/New_York"
    )
