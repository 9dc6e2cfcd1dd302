"""What people write: stop, start, refusals, words; and that nobody is answered twice."""

import pytest

from bridge.callbacks.intake import replay
from bridge.sandbox.casebook import phone
from bridge.sandbox.manner import Manner
from bridge.store.callbacks.callbacks import Verdict
from tests.support import tables
from tests.support.signing import ACCOUNT_SID
from tests.support.world import FROM, World, Worldwide


def _planned(world: World, *case_ids: int, number: str = "4025550107") -> None:
    for case_id in case_ids:
        world.case(case_id, number)
    world.poll()


def test_stop_ends_everything_at_once(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="10m")
    _planned(world, 7)
    assert world.place() == 1
    assert world.exchange.text_in("+14025550107", "STOP")
    # No worker has looked yet: the web app itself has cancelled what was planned.
    world.clock.advance(minutes=11)
    assert world.place() == 0
    world.settle()
    assert world.exchange.calls() == []
    case = world.shown(7)
    assert case.status == "Do not Dial"
    assert sum("opted out" in note for note in case.notes) == 1
    # Somebody sets it To Dial again by mistake.
    world.case(7, "4025550107")
    assert world.poll() == 0
    assert world.exchange.replies() == []


_ADDED = {
    "EventType": "onMessageAdded",
    "ConversationSid": "CH" + "c" * 32,
    "Index": "0",
    "MessageSid": "IM" + "d" * 32,
    "Source": "SMS",
    "AccountSid": ACCOUNT_SID,
    "Body": "STOP",
    "ParticipantSid": "MB" + "e" * 32,
    "DateCreated": "2026-11-23T17:00:00.000Z",
    "Attributes": "{}",
    "RetryCount": "0",
    "ChatServiceSid": "IS" + "f" * 32,
}


def test_stop_by_a_conversation_counts_for_its_author(world: World) -> None:
    _planned(world, 7)
    url = f"{world.url}/twilio/messages/inbound"
    # Neither what the firm itself writes, nor what a number says that is no phone.
    for number, author in enumerate((FROM, "agent_jane", "+14025550107")):
        said = _ADDED | {"Author": author, "MessageSid": f"IM{number:032x}"}
        assert world.exchange._courier.post(url, said) is not None
    world.settle()
    assert world.shown(7).status == "Do not Dial"
    rows = [row.split() for row in tables.callbacks(world.runtime.db, None, 3).splitlines()]
    for number, verdict in ((0, "recorded"), (1, "review"), (2, "matched")):
        (row,) = [row for row in rows if f"IM{number:032x}" in row]
        assert verdict in row


def test_stop_with_thanks_is_confirmed_once_since_twilio_does_not(world: World) -> None:
    _planned(world, 7)
    for _ in range(2):
        world.exchange.text_in("+14025550107", "Stop. Thank you", sid="SM" + "a" * 32)
    ((who, words),) = world.exchange.replies()
    assert who == "+14025550107"
    assert words.startswith("Example & Partners: you are opted out")
    world.settle()
    assert sum("opted out" in note for note in world.shown(7).notes) == 1


@pytest.mark.parametrize(
    ("body", "kind"), [("STOP", None), ("basta ya", "STOP"), ("Stop.", "STOP"), ("HELP", None)]
)
def test_nobody_is_answered_twice(world: World, body: str, kind: str | None) -> None:
    _planned(world, 7)
    world.exchange.text_in("+14025550107", body, opt_out_type=kind)
    world.settle()
    assert world.exchange.replies() == []
    assert (world.shown(7).status == "Do not Dial") is (body != "HELP")


def test_we_must_stop_this_bill_is_no_refusal(world: World) -> None:
    _planned(world, 7)
    world.exchange.text_in("+14025550107", "we must stop this <b>bill</b> & fast", pictures=2)
    world.settle()
    assert world.place() == 1
    note = world.shown(7).notes[0]
    assert "“we must stop this &lt;b&gt;bill&lt;/b&gt; &amp; fast”" in note
    assert "with 2 pictures" in note


def test_pictures_alone_are_a_note(world: World) -> None:
    _planned(world, 7)
    world.exchange.text_in("+14025550107", "", pictures=1)
    world.settle()
    assert world.shown(7).notes[0].startswith("Text from (402) 555-0107 with 1 picture.")


def test_a_refusal_in_free_words_suspends_and_waits_for_a_human(world: World) -> None:
    _planned(world, 7)
    world.exchange.text_in("+14025550107", "take me off your list")
    assert world.place() == 0
    world.settle()
    case = world.shown(7)
    assert "sounds like an opt-out" in case.notes[0]
    assert case.status == "To Dial"
    assert "take" not in tables.callbacks(world.runtime.db, Verdict.REVIEW, 10)
    assert "text-in" in tables.callbacks(world.runtime.db, Verdict.REVIEW, 10)
    world.clock.advance(hours=3)
    assert world.poll() == 0
    assert "sounded like an opt-out" in tables.skipped(world.runtime.db)


def test_a_wrong_number_is_left_alone_and_the_next_one_is_used(world: World) -> None:
    two = [phone("4025550107"), phone("4025550108", primary=False)]
    world.case(7, phones=two)
    world.case(9, phones=[phone("4025550109")])
    world.manners["+14025550108"] = Manner("busy")
    world.exchange.text_in("+14025550107", "you have the wrong number")
    world.poll()
    world.place()
    world.settle()
    assert [one.to for one in world.exchange.calls()] == ["+14025550108", "+14025550109"]


def test_start_lifts_what_a_text_had_set_and_nothing_else(world: World) -> None:
    number = world.case(7, manner=Manner("busy"))
    world.round()
    world.exchange.text_in(number, "STOP")
    world.settle()
    world.exchange.text_in(number, "START")
    world.settle()
    case = world.shown(7)
    assert case.status == "Do not Dial"
    assert "opted in again" in case.notes[-1]
    world.case(7, manner=Manner(key="9"))
    world.clock.advance(days=1, hours=1)
    world.round()
    world.exchange.text_in(number, "START")
    world.settle()
    world.case(7)
    world.clock.advance(days=2)
    assert world.poll() == 0


@pytest.mark.parametrize(("scope", "calls"), [("person", 0), ("number", 1), ("channel", 1)])
def test_what_a_stop_ends_is_a_setting(worldwide: Worldwide, scope: str, calls: int) -> None:
    world = worldwide(OPT_OUT_SCOPE=scope, TEXT_ENABLED="true", TEXT_LEAD="0")
    two = [phone("4025550107"), phone("4025550108", primary=False)]
    world.case(7, phones=two)
    world.poll()
    world.exchange.text_in("+14025550107", "STOP")
    world.settle()
    assert (world.shown(7).status == "Do not Dial") is (scope == "person")
    for _ in range(3):
        world.clock.advance(minutes=1)
        world.poll()
        world.place()
        world.clock.advance(seconds=2)
        world.place()
    world.settle()
    reached = {one.to for one in world.exchange.texts()} | {
        one.to for one in world.exchange.calls()
    }
    assert len([one for one in world.exchange.calls() if not one.parent_sid]) == calls
    if scope == "number":
        assert reached == {"+14025550108"}
    if scope == "channel":
        assert "+14025550107" not in {one.to for one in world.exchange.texts()}


def test_a_stranger_who_writes_stop_is_remembered(world: World) -> None:
    world.exchange.text_in("+14025550107", "STOP")
    world.settle()
    world.case(7)
    assert world.poll() == 0
    world.deliver()
    assert world.shown(7).status == "Do not Dial"


def test_a_replayed_text_changes_nothing(world: World) -> None:
    _planned(world, 7)
    world.exchange.text_in("+14025550107", "STOP")
    world.exchange.text_in("+14025550107", "hello there")
    world.settle()
    before = world.shown(7)
    replay(world.runtime, [1, 2, 3, 4])
    world.settle()
    assert world.shown(7) == before
