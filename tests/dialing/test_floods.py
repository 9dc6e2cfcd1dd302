"""A flood of texts is one note an hour, and a refusal in it counts whatever its place."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from bridge import sweep
from bridge.callbacks import intake
from bridge.consent import text_floods
from bridge.runtime import Runtime
from bridge.store.tables import (
    callbacks,
    communications,
    deliveries,
    lanes,
    opt_outs,
    pauses,
    schedules,
)
from tests.support.clock import Clock
from tests.support.posting import Twilio
from tests.support.signing import ACCOUNT_SID
from tests.support.world import World

HERS = "+14025550107"
TEXT_IN = "/twilio/messages/inbound"


def _notes(world: World, says: str = "") -> list[str]:
    return [note for note in world.shown(7).notes if says in note]


def _flood(world: World, count: int, says: Callable[[int], str] = "word {}".format) -> None:
    for number in range(count):
        world.clock.advance(seconds=10)
        world.exchange.text_in(HERS, says(number))


@pytest.fixture
def flooded(world: World) -> World:
    """Ten notes, and thirty texts that wait."""
    world.case(7)
    world.poll()
    _flood(world, 40)
    world.settle()
    return world


def test_later_texts_become_one_note_although_nothing_follows(flooded: World) -> None:
    world = flooded
    assert [note.split("“")[1].split("”")[0] for note in _notes(world)] == [
        f"word {number}" for number in range(10)
    ]
    world.clock.advance(minutes=50)
    world.sweep()
    assert len(_notes(world)) == 10
    world.clock.advance(minutes=10)
    for _ in range(3):
        world.sweep()
    (summary,) = _notes(world)[10:]
    assert summary.startswith("Text from (402) 555-0107: “word 39”.")
    assert (
        "last of 30 more texts between Mon Nov 23, 12:02 PM ET and Mon Nov 23, 12:07 PM ET"
        in summary
    )
    # Everything is kept.
    with world.runtime.db.read() as connection:
        kept = connection.scalars(select(callbacks.c.body).where(callbacks.c.channel == "text-in"))
        assert len(list(kept)) == 40
    # A later text is noted by itself again.
    world.clock.advance(hours=1)
    world.exchange.text_in(HERS, "sorry")
    world.settle()
    assert _notes(world)[-1].startswith("Text from (402) 555-0107: “sorry”. [")


def test_a_flood_that_goes_on_is_one_note_an_hour(world: World) -> None:
    world.case(7)
    world.poll()
    for _ in range(16):
        _flood(world, 1)
        world.clock.advance(minutes=6)
        _flood(world, 2)
        world.sweep()
    world.clock.advance(hours=2)
    world.sweep()
    notes = _notes(world)
    sums = [note for note in notes if "more texts" in note]
    assert (len(notes) - len(sums), len(sums)) == (10, 2)
    assert 10 + sum(int(note.split("last of ")[1].split()[0]) for note in sums) == 48


@pytest.mark.parametrize(
    ("place", "words", "says"),
    [
        (9, "STOP", "opted out"),
        (19, "STOP", "opted out"),
        (10, "take me off your list", "sounds like an opt-out"),
        (15, "you have the wrong number", "sounds like a wrong number"),
    ],
)
def test_a_refusal_counts_at_once_and_is_noted_whatever_its_place(
    world: World, place: int, words: str, says: str
) -> None:
    world.case(7)
    world.poll()
    _flood(world, 20, lambda number: words if number == place else f"word {number}")
    # No worker has looked yet.
    assert world.place() == 0
    world.settle()
    assert len(_notes(world, says)) == 1
    world.clock.advance(hours=1)
    world.sweep()
    assert len(_notes(world, says)) == 1
    expected = 20 - 10 - (1 if place >= 10 else 0)
    assert len(_notes(world, f"last of {expected} more texts")) == 1


def test_a_flood_of_changes_of_mind_ends_opted_out_and_answers_once(world: World) -> None:
    world.case(7)
    world.poll()
    _flood(world, 60, lambda number: ("Stop. Thank you", "start please")[number % 2])
    world.settle()
    world.clock.advance(hours=1)
    world.sweep()
    assert len(world.exchange.replies()) == 1
    assert len(_notes(world, "START was among them but did not lift the opt-out")) == 1
    assert len(_notes(world)) <= 12
    assert world.shown(7).status == "Do not Dial"


def test_a_flood_of_refusals_is_not_a_flood_of_notes(world: World) -> None:
    world.case(7)
    world.poll()
    _flood(world, 40, lambda _: "take me off your list")
    world.settle()
    world.clock.advance(hours=1)
    world.sweep()
    assert len(_notes(world)) == 11
    assert len(_notes(world, "30 of them sound like an opt-out again.")) == 1


def test_two_workers_and_a_crash_write_it_once(
    flooded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = flooded
    world.clock.advance(hours=1)

    def dies(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(text_floods, "queue_note", dies)
        with pytest.raises(ZeroDivisionError):
            text_floods.report_floods(world.runtime)
    told: list[int] = []
    workers = [
        threading.Thread(target=lambda: told.append(text_floods.report_floods(world.runtime)))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    world.deliver()
    assert sorted(told) == [0, 0, 0, 1]
    assert len(_notes(world, "30 more texts")) == 1


def test_a_summary_for_a_stranger_goes_by_phone_and_without_words_if_these_are_erased(
    world: World,
) -> None:
    _flood(world, 12)
    with world.runtime.db.begin() as connection:
        connection.execute(update(callbacks).values(body=None, target=None))
    world.case(7)
    world.clock.advance(hours=1)
    world.sweep()
    (summary,) = _notes(world, "last of 2 more texts")
    gone = "(the words are no longer kept)"
    assert summary.startswith(f"Text from (402) 555-0107 {gone}. This is the last of 2")


def test_one_text_beyond_the_ten_is_noted_with_its_words(world: World) -> None:
    world.case(7)
    world.poll()
    _flood(world, 11)
    world.clock.advance(hours=1)
    world.sweep()
    assert len(_notes(world, "“word 10”. This note is late: more than 10 texts")) == 1


def test_the_same_text_is_answered_once_whatever_else_its_repetition_says(world: World) -> None:
    fields = {
        "AccountSid": ACCOUNT_SID,
        "MessageSid": "SM" + "a" * 32,
        "From": HERS,
        "To": "+14025550100",
        "Body": "Stop. Thank you",
    }
    said = []
    for more in ({}, {}, {"Timestamp": "Mon, 23 Nov 2026 17:00:00 +0000"}, {"ErrorCode": "11200"}):
        answer = world.exchange._courier.post(f"{world.url}{TEXT_IN}", fields | more)
        assert answer is not None
        said.append("<Message>" in answer.text)
    assert said == [True, False, False, False]


_WORDS = st.sampled_from(["hello", "STOP", "START", "take me off your list", "wrong number"])


@given(st.lists(_WORDS, min_size=11, max_size=18), st.data())
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_neither_order_nor_repetition_loses_or_doubles_a_text(
    runtime: Runtime, clock: Clock, texts: list[str], data: st.DataObject
) -> None:
    """Taken in by workers, in any order and twice: each text is noted once, or counted once."""
    with runtime.db.begin() as connection:
        for table in (callbacks, communications, deliveries, lanes, opt_outs, pauses, schedules):
            connection.execute(delete(table))
    twilio = Twilio(runtime)
    for number, body in enumerate(texts):
        fields = {
            "AccountSid": ACCOUNT_SID,
            "MessageSid": f"SM{number}" + "0" * 30,
            "From": HERS,
            "To": "+14025550100",
            "Body": body,
        }
        assert twilio.post(TEXT_IN, fields).status_code == 200
    with runtime.db.begin() as connection:
        ids = list(connection.scalars(select(callbacks.c.id)))
        for table in (communications, deliveries, lanes, opt_outs, pauses, schedules):
            connection.execute(delete(table))
    shuffled = data.draw(st.permutations(ids + ids[:5]))
    for identity in shuffled:
        intake.replay(runtime, [identity])
    clock.advance(hours=1, minutes=1)
    sweep.run_due(runtime)
    intake.replay(runtime, shuffled)
    sweep.run_due(runtime)
    with runtime.db.read() as connection:
        marks = list(connection.scalars(select(communications.c.reported_note)))
        notes = [row.payload["remark"] for row in connection.execute(select(deliveries))]
        assert len(marks) == len(texts)
        summed = marks.count("summed-up")
        sums = [one for one in notes if one["say"] == "flood"]
        assert len(sums) == (1 if summed else 0)
        if summed > 1:
            assert f"last of {summed} more" in sums[0]["ends"]
        noted = [one for one in notes if one["say"] != "flood"]
        assert len({one["sid"] for one in noted}) == len(noted) <= 13
        refused = connection.scalar(select(opt_outs.c.id).where(opt_outs.c.phone == HERS).limit(1))
        assert (refused is not None) is ("STOP" in texts)
