"""A second refusal, a second question, and START: nothing of them is lost, nor undone by others."""

from click.testing import CliRunner

from bridge.cli import cli
from bridge.commands import pause
from bridge.sandbox.casebook import Case, phone
from bridge.store.callbacks.callbacks import Verdict
from tests.dialing.test_household import (
    AT_HOME,
    SHARED,
    WIDE,
    _days_pass,
    _household,
    _notes,
    _resume,
    _statuses,
)
from tests.support import tables
from tests.support.signing import ACCOUNT_SID
from tests.support.world import World, Worldwide

SECOND = "4025550188"
REPLIES = "“{}”: opted out again. The case remains on hold until it is known"


def _writes(world: World, words: str, at: str = AT_HOME) -> None:
    world.clock.advance(minutes=1)
    world.exchange.text_in(at, words)
    world.settle()


def _set(world: World, case_id: int, status: str) -> None:
    world.sa.book.add(Case(**vars(world.shown(case_id)) | {"status": status}))


def test_a_phone_that_changed_hands_is_refused_by_its_new_person_too(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, own=True)
    world.poll()
    _writes(world, "STOP")
    world.case(1, phones=[phone("4025550101")], status="Do not Dial")
    _household(world, 2, own=True)
    with world.runtime.db.begin() as connection:
        connection.exec_driver_sql(
            f"DELETE FROM case_phones WHERE case_id = 1 AND phone = '{AT_HOME}'"
        )
    assert _days_pass(world, 1) == set()
    (late,) = _notes(world, 2)
    # It comes of no call or text that could be referred to.
    assert late.endswith("(bridge dial resume --case 2).")
    _resume(world, 2)
    assert _days_pass(world, 1) == {"+14025550102"}
    _writes(world, "STOP")
    assert "Do not call or text this person." in _notes(world, 2)[-1]
    assert _statuses(world, 2) == ["Do not Dial"]
    # Whatever its status says by mistake.
    _set(world, 2, "To Dial")
    assert _days_pass(world, 2) == set()


def test_another_persons_start_opens_the_phone_and_undoes_no_certain_refusal(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, own=True)
    world.poll()
    _writes(world, "STOP")
    _household(world, 2, own=True)
    assert _days_pass(world, 1) == set()
    _resume(world, 2)
    _writes(world, "START")
    hers, his = (world.shown(case_id).notes[-1] for case_id in (1, 2))
    assert "That does not undo this client's own opt-out, which remains in effect." in hers
    assert "“START”: opted in again." in his
    _set(world, 1, "To Dial")
    assert _days_pass(world, 3) == {"+14025550102", AT_HOME}
    assert {one.to for one in world.exchange.calls()}.isdisjoint({"+14025550101"})
    # STOP from there is new again, and so is her START once she has the phone alone.
    _writes(world, "STOP")
    assert _days_pass(world, 1) == set()
    _set(world, 2, "Do not Dial")
    with world.runtime.db.begin() as connection:
        connection.exec_driver_sql("DELETE FROM case_phones WHERE case_id = 2")
    _writes(world, "START")
    assert "opted in again" in world.shown(1).notes[-1]


def test_each_phone_asks_its_own_question_and_a_resume_answers_one(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, 2, own=True)
    for case_id in (1, 2):
        numbers = (f"40255501{case_id:02d}", SHARED, SECOND)
        phones = [phone(one, primary=one == numbers[0]) for one in numbers]
        world.case(case_id, phones=phones)
    world.poll()
    _writes(world, "STOP")
    _writes(world, "Stop. I am Bob Doe", f"+1{SECOND}")
    for case_id in (1, 2):
        assert (
            "“Stop. I am Bob Doe”: opted out. Do not call or text this number. Several cases"
            in _notes(world, case_id)[-1]
        )
    review = tables.callbacks(world.runtime.db, Verdict.REVIEW, 10)
    assert review.count("whose refusal was it? Held: 1, 2;") == 2
    given = ["dial", "resume", "--case", "2"]
    said = CliRunner().invoke(cli, given, env=world.environment).output
    assert said.startswith(
        "case 2: resumed\nstill paused: case 2 (shared-number: somebody opted out at"
    )
    assert "…0188: whose refusal was it?" in said
    assert said.endswith(": bridge dial resume --case 2\n")
    assert _days_pass(world, 1) == set()
    _resume(world, 2)
    assert _days_pass(world, 1) == {"+14025550102"}


def test_a_phone_that_is_added_after_a_decision_asks_anew(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, 2, own=True)
    world.case(3, phones=[phone("4025550103"), phone(SECOND, primary=False)])
    world.poll()
    _writes(world, "STOP", f"+1{SECOND}")
    _writes(world, "STOP")
    _resume(world, 2)
    assert "+14025550102" in _days_pass(world, 1)
    world.case(2, phones=[phone("4025550102"), phone(SECOND, primary=False)])
    assert _days_pass(world, 1) == set()
    assert "…0188: whose refusal was it?" in tables.pauses(world.runtime.db)


def test_what_a_repeated_stop_says_is_noted_and_a_bare_one_is_not(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, 2, own=True)
    world.case(7)
    world.poll()
    for words in ("STOP", "Stop. This is Bob, and I mean my case", "stop, thank you"):
        _writes(world, words)
        _writes(world, words, "+14025550107")
    for case_id in (1, 2):
        assert REPLIES.format("Stop. This is Bob, and I mean my case") in _notes(world, case_id)[-1]
    assert [len(_notes(world, case_id)) for case_id in (1, 2, 7)] == [2, 2, 2]
    assert "my case”: opted out again. [SM" in _notes(world, 7)[-1]
    assert tables.callbacks(world.runtime.db, Verdict.REVIEW, 10).count("Held: 1, 2;") == 3
    # START and then STOP: the last note must not be that of START.
    for words in ("START", "STOP"):
        _writes(world, words)
    assert REPLIES.format("STOP") in world.shown(2).notes[-1]


def test_a_flood_of_stops_with_words_is_one_note_an_hour(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    world.case(7)
    world.poll()
    for number in range(20):
        world.clock.advance(seconds=10)
        world.exchange.text_in("+14025550107", f"Stop. Reason {number}")
    world.settle()
    assert len(world.shown(7).notes) == 10
    world.clock.advance(hours=1)
    world.sweep()
    (summary,) = world.shown(7).notes[10:]
    assert "last of 10 more texts" in summary
    assert "10 of them sound like an opt-out again." in summary


def test_start_after_a_refusal_in_free_words_says_what_still_waits(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, 2, own=True)
    world.poll()
    _writes(world, "take me off your list")
    _writes(world, "START")
    for case_id in (1, 2):
        note = world.shown(case_id).notes[-1]
        assert "“START”: opted in again" not in note
        resumes = f"bridge dial resume --case {case_id}, bridge dial resume --number {AT_HOME}."
        assert f"To resume: {resumes}" in note
    _writes(world, "STOP")
    _writes(world, "START")
    note = world.shown(2).notes[-1]
    assert "cases that are on hold for it remain on hold. This case is on hold. Ask who" in note
    assert f"bridge dial resume --number {AT_HOME}." in note
    # The refusal in free words, then the one by STOP; the number is let go by itself.
    for _ in range(2):
        assert _days_pass(world, 1) == set()
        _resume(world, 2)
    left = pause.still_held(world.runtime.settings, "case", "2")
    assert left.startswith(f"still paused: number {AT_HOME} (text: a text from …0177 sounded like")
    assert left.endswith(f"bridge dial resume --number {AT_HOME}\n")
    assert _days_pass(world, 2) == {"+14025550102"}
    others = pause.still_held(world.runtime.settings, "number", AT_HOME)
    assert f"still paused: number {AT_HOME} (" in others
    assert "still paused: case 1 (shared-number: " in others


def test_a_refusal_without_a_number_says_why_it_is_to_be_seen(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    fields = {
        "EventType": "onMessageAdded",
        "ConversationSid": "CH" + "a" * 32,
        "Source": "SDK",
        "MessageSid": "IM" + "b" * 32,
        "AccountSid": ACCOUNT_SID,
        "Author": "agent@firm",
        "Body": "STOP",
    }
    url = f"{world.url}/twilio/messages/inbound"
    assert world.exchange._courier.post(url, fields) is not None
    world.settle()
    listed = tables.callbacks(world.runtime.db, Verdict.REVIEW, 10)
    assert "an opt-out without a number: nobody is opted out." in listed
