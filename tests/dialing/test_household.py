"""One refusal from a phone that several cases share: nobody is reached, and nobody is cut off."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from bridge.callbacks.intake import replay
from bridge.commands import explain, pause
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.manner import Manner
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.cases import cases
from bridge.store.tables import attempts, opt_outs, pauses
from tests.support import tables
from tests.support.signing import call_fields, text_fields
from tests.support.world import FIRM, World, Worldwide

SHARED = "4025550177"
AT_HOME = f"+1{SHARED}"
WIDE = {"DIAL_CAPS": "99,99,99,99", "DIAL_PERSON_GAP": "0"}


def _household(world: World, *case_ids: int, own: bool = False) -> None:
    """Cases that share a phone; with `own`, each has another first one of its own."""
    shared = phone(SHARED, primary=not own)
    for case_id in case_ids:
        number = f"40255501{case_id:02d}"
        phones = [phone(number), shared] if own else [shared]
        world.case(case_id, phones=phones)
        world.manners[f"+1{number}"] = Manner("busy")
    world.manners[AT_HOME] = Manner("busy")


def _statuses(world: World, *case_ids: int) -> list[str]:
    return [world.shown(case_id).status for case_id in case_ids]


def _notes(world: World, case_id: int) -> list[str]:
    """Those about a refusal, and not about a text that failed."""
    notes = world.shown(case_id).notes
    return [note for note in notes if "opted out" in note and "not delivered" not in note]


def _resume(world: World, *case_ids: int) -> None:
    """An operator has asked, and lets these go on: `bridge dial resume --case`."""
    for case_id in case_ids:
        assert pause.resume(world.runtime.settings, "case", str(case_id)) >= 1
    with world.runtime.db.begin() as connection:
        # The command goes by the real clock.
        connection.execute(
            update(pauses).where(pauses.c.lifted_at.is_not(None)).values(lifted_at=world.clock())
        )


def _days_pass(world: World, days: int = 3) -> set[str]:
    """Everything goes on for some days; return who was reached meanwhile."""
    calls, texts = len(world.exchange.calls()), len(world.exchange.texts())
    for _ in range(days):
        world.clock.advance(days=1)
        world.hear()
        for _ in range(2):
            world.round()
            world.clock.advance(minutes=11)
    called = {one.to for one in world.exchange.calls()[calls:]}
    return called | {one.to for one in world.exchange.texts()[texts:]}


@pytest.mark.parametrize("kind", [None, "STOP"], ids=["a word", "Twilio's OptOutType"])
def test_six_cases_are_held_by_one_stop_and_none_is_ended(
    worldwide: Worldwide, kind: str | None
) -> None:
    world = worldwide(TEXT_ENABLED="true", **WIDE)
    six = range(1, 7)
    _household(world, *six, own=True)
    world.poll()
    world.exchange.text_in(AT_HOME, "STOP", opt_out_type=kind)
    # At once, before any worker looks.
    assert world.place() == 0
    world.settle()
    assert _days_pass(world) == set()
    assert "Do not Dial" not in _statuses(world, *six)
    for case_id in six:
        (note,) = _notes(world, case_id)
        assert "“STOP”: opted out. Do not call or text this number. Several cases" in note
        assert f"release it (bridge dial resume --case {case_id})" in note
    listed = tables.callbacks(world.runtime.db, Verdict.REVIEW, 10)
    assert "whose refusal was it? Held: 1, 2, 3, 4, 5, 6; see `bridge dial pauses`" in listed
    held = tables.pauses(world.runtime.db)
    assert held.count("shared-number") == 6
    assert "…0177: whose refusal was it?" in held
    assert "0177: whose refusal" in tables.skipped(world.runtime.db)
    assert "4025550177" not in held


def test_once_it_is_known_whose_it_was_the_others_go_on_at_their_own_numbers(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, 2, own=True)
    # Neither case is known to the bridge yet.
    world.exchange.text_in(AT_HOME, "STOP")
    world.poll()
    world.exchange.text_in(AT_HOME, "STOP")
    world.settle()
    # It was the person of case 2.
    world.sa.book.add(Case(**vars(world.shown(2)) | {"status": "Do not Dial"}))
    _resume(world, 1)
    assert _days_pass(world) == {"+14025550101"}
    assert _statuses(world, 1, 2) == ["To Dial", "Do not Dial"]
    # Somebody sets case 2 To Dial by mistake: it is held still.
    world.case(2, phones=[phone("4025550102"), phone(SHARED, primary=False)])
    assert "+14025550102" not in _days_pass(world)
    explained = explain.explain(world.runtime, world.remote, 1) or ""
    assert "0177 is skipped: it has opted out." in explained


def test_the_key_names_the_case_and_the_rest_of_the_household_is_held(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**WIDE)
    shared = phone(SHARED)
    world.case(1, phones=[shared], manner=None)
    world.manners[AT_HOME] = Manner(key="9")
    world.poll()
    second = [shared, phone("4025550102", primary=False)]
    world.case(2, phones=second, dial_at="2027-01-01T09:00:00")
    world.case(3, phones=[phone("4025550103"), phone("4025550102", primary=False)])
    world.manners["+14025550103"] = Manner("busy")
    for case_id in (2, 3):
        _seen(world, case_id)
    assert world.place() == 1
    world.settle()
    assert _statuses(world, 1, 2, 3) == ["Do not Dial", "To Dial", "To Dial"]
    (mine,) = _notes(world, 1)
    assert "Pressed 9 on a call to (402) 555-0177: opted out. Do not call" in mine
    (others,) = _notes(world, 2)
    assert "(402) 555-0177 about another case: opted out. Do not call or text this number" in others
    assert "on hold" in others
    # The second number of case 2 may be hers who has refused, and case 3 has that.
    (third,) = _notes(world, 3)
    assert third.startswith("Somebody at (402) 555-0177 opted out. It may have been this client")
    assert "whose refusal was it? Held: 2, 3;" in tables.callbacks(
        world.runtime.db, Verdict.REVIEW, 10
    )
    assert _days_pass(world) == set()
    _resume(world, 2, 3)
    world.case(2, phones=second)
    assert _days_pass(world) == {"+14025550102", "+14025550103"}
    assert AT_HOME not in {one.to for one in world.exchange.calls()[1:]}


def _seen(world: World, case_id: int) -> None:
    case = world.remote.case(case_id)
    with world.runtime.db.begin() as connection:
        cases.save_case(connection, case, world.clock())


def test_the_only_case_of_a_phone_is_ended_and_what_may_be_the_same_persons_is_held(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**WIDE)
    world.case(1, phones=[phone("4025550101"), phone(SHARED, primary=False)])
    world.case(2, phones=[phone(SHARED)])
    world.poll()
    world.exchange.text_in("+14025550101", "Stop. My lawyer is Mrs. Doe")
    world.settle()
    assert _statuses(world, 1, 2) == ["Do not Dial", "To Dial"]
    assert "Mrs. Doe”: opted out. Do not call or text this person" in _notes(world, 1)[0]
    (other,) = _notes(world, 2)
    assert other.startswith("Somebody at (402) 555-0101 opted out. It may have been this client")
    assert "Doe" not in other
    assert _days_pass(world) == set()
    _resume(world, 2)
    assert _days_pass(world) == {AT_HOME}
    assert _statuses(world, 1) == ["Do not Dial"]


@pytest.mark.parametrize("placed", [False, True], ids=["asked to send", "in a callback"])
def test_twilio_refuses_a_phone_that_several_share(worldwide: Worldwide, placed: bool) -> None:
    world = worldwide(TEXT_ENABLED="true", **WIDE)
    _household(world, 1, 2)
    if not placed:
        world.manners[AT_HOME] = Manner(refuse_text=21610)
    world.poll()
    assert world.place(1) == 1
    if placed:
        (text,) = world.exchange.texts()
        fields = text_fields(text.sid, "failed", ErrorCode="21610", To=AT_HOME)
        url = text.params["StatusCallback"][0]
        assert world.exchange._courier.post(url, fields) is not None
    world.settle()
    reached = len(world.exchange.texts())
    assert _statuses(world, 1, 2) == ["To Dial", "To Dial"]
    for case_id in (1, 2):
        assert any(
            note.startswith("Twilio reports that somebody at (402) 555-0177 opted out.")
            for note in _notes(world, case_id)
        )
    assert "counts as opted out" not in "".join(_notes(world, 2))
    assert _days_pass(world) == set()
    assert len(world.exchange.texts()) == reached
    review = tables.callbacks(world.runtime.db, Verdict.REVIEW, 10)
    assert ("whose refusal was it?" in review) is placed


def test_start_opens_the_phone_again_and_answers_no_question(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, 2)
    world.poll()
    for words in ("STOP", "START"):
        world.exchange.text_in(AT_HOME, words)
        world.settle()
    assert _days_pass(world) == set()
    for case_id in (1, 2):
        assert "cases that are on hold for it remain on hold" in world.shown(case_id).notes[-1]
    _resume(world, 1, 2)
    # What the firm attests covers nobody who has refused: no machine speaks to them any more.
    world.manners[FIRM] = Manner(key="1")
    assert _days_pass(world) == {FIRM, AT_HOME}


def test_a_closed_case_of_the_household_counts_and_stays_closed(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, 2, own=True)
    world.poll()
    world.sa.book.add(Case(**vars(world.shown(2)) | {"status": "Do not Dial"}))
    _seen(world, 2)
    world.exchange.text_in(AT_HOME, "STOP")
    world.settle()
    assert _statuses(world, 1, 2) == ["To Dial", "Do not Dial"]
    assert [len(_notes(world, case_id)) for case_id in (1, 2)] == [1, 1]
    assert _days_pass(world) == set()


def test_a_case_that_comes_up_later_is_held_too_and_told_once(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, own=True)
    world.poll()
    world.exchange.text_in(AT_HOME, "STOP")
    world.settle()
    assert _statuses(world, 1) == ["Do not Dial"]
    _household(world, 2, own=True)
    assert _days_pass(world) == set()
    assert _statuses(world, 1, 2) == ["Do not Dial", "To Dial"]
    (note,) = _notes(world, 2)
    assert note.startswith("Somebody at (402) 555-0177 opted out. It may have been this client")
    _resume(world, 2)
    assert _days_pass(world) == {"+14025550102"}
    assert len(_notes(world, 2)) == 1


def test_the_reservation_looks_again_whatever_is_planned(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0", **WIDE)
    _household(world, 1, 2, own=True)
    world.poll()
    world.exchange.text_in(AT_HOME, "STOP")
    with world.runtime.db.begin() as connection:
        connection.exec_driver_sql("UPDATE turns SET state = 'claimed', ended_at = NULL")
        connection.execute(update(attempts).values(state="planned", ended_at=None))
        # Even if nobody had been held.
        connection.exec_driver_sql("DELETE FROM pauses")
    assert world.place() == 0
    assert (world.exchange.calls(), world.exchange.texts()) == ([], [])


def test_whoever_refuses_again_after_the_decision_is_asked_about_again(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, 2, own=True)
    world.poll()
    world.exchange.text_in(AT_HOME, "STOP")
    world.settle()
    _resume(world, 1, 2)
    with world.runtime.db.read() as connection:
        newest = max(connection.scalars(select(opt_outs.c.id)))
    replay(world.runtime, list(range(1, 20)))
    world.settle()
    # The same refusal once more, by Twilio: nothing new.
    fields = text_fields("SM" + "7" * 32, "failed", ErrorCode="21610", To=AT_HOME)
    world.exchange._courier.post(f"{world.url}/twilio/messages/status", fields)
    world.settle()
    assert [len(_notes(world, case_id)) for case_id in (1, 2)] == [1, 1]
    with world.runtime.db.read() as connection:
        assert max(connection.scalars(select(opt_outs.c.id))) == newest
    assert _days_pass(world) == {"+14025550101", "+14025550102"}
    world.exchange.text_in(AT_HOME, "STOP")
    world.settle()
    assert [len(_notes(world, case_id)) for case_id in (1, 2)] == [2, 2]
    assert _days_pass(world) == set()


@pytest.mark.parametrize("scope", ["number", "channel"])
def test_a_narrow_scope_ends_the_phone_and_asks_nothing(worldwide: Worldwide, scope: str) -> None:
    world = worldwide(OPT_OUT_SCOPE=scope, **WIDE)
    _household(world, 1, 2, own=True)
    world.exchange.text_in(AT_HOME, "STOP")
    world.poll()
    world.exchange.text_in(AT_HOME, "STOP")
    world.settle()
    assert _statuses(world, 1, 2) == ["In the Dialer", "In the Dialer"]
    assert tables.pauses(world.runtime.db).count("shared-number") == 0
    assert _days_pass(world, 1) == {"+14025550101", "+14025550102"}


def _happens(world: World, event: str) -> None:
    if event == "key":
        fields = call_fields("CA" + "9" * 32, "in-progress", 2, To=AT_HOME, Digits="9")
        url = f"{world.url}/twilio/voice/keypress?CaseID=1&Attempt=none"
        assert world.exchange._courier.post(url, fields) is not None
    elif event == "21610":
        fields = text_fields("SM" + "6" * 32, "failed", ErrorCode="21610", To=AT_HOME)
        url = f"{world.url}/twilio/messages/status"
        assert world.exchange._courier.post(url, fields) is not None
    else:
        world.exchange.text_in(AT_HOME, event)


@pytest.mark.parametrize(
    "order",
    [
        ("STOP", "STOP", "key"),
        ("key", "STOP", "21610"),
        ("21610", "STOP", "START"),
        ("STOP", "START", "STOP"),
        ("START", "key", "START"),
        ("STOP", "21610", "STOP"),
    ],
    ids="-".join,
)
def test_in_any_order_nobody_is_reached_and_whoever_is_not_named_is_asked_about(
    worldwide: Worldwide, order: Sequence[str]
) -> None:
    world = worldwide(**WIDE)
    _household(world, 1, 2, own=True)
    world.poll()
    for event in order:
        _happens(world, event)
        world.take_in()
    world.settle()
    assert _days_pass(world, 1) == set()
    named = "Do not Dial" if "key" in order else "To Dial"
    assert _statuses(world, 1, 2) == [named, "To Dial"]
    asks = [note for note in _notes(world, 2) if "is on hold" in note]
    assert len([note for note in asks if "opted in again" not in note]) == 1
    assert "Held: " in tables.callbacks(world.runtime.db, Verdict.REVIEW, 10)
