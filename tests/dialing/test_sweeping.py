"""Nobody is forgotten, and nobody is reached who no longer expects it."""

from datetime import datetime, timedelta

import pytest

from bridge.callbacks import intake
from bridge.commands import explain
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.sandbox.manner import Manner
from bridge.store.dialing import attempt_transitions, attempts, pauses, turns
from bridge.store.dialing.attempts import AttemptState
from tests.support import tables
from tests.support.world import World, Worldwide


def _pause_everything(world: World) -> None:
    with world.runtime.db.begin() as connection:
        pause = Pause(PauseScope.EVERYTHING, "", None, "office closed")
        pauses.add(connection, pause, "operator", world.clock())


def _resume(world: World) -> None:
    with world.runtime.db.begin() as connection:
        assert (
            pauses.lift(connection, PauseScope.EVERYTHING, "", world.clock(), by=pauses.BY_OPERATOR)
            == 1
        )


def test_stale_plans_are_cancelled_with_a_note(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0")
    world.case(7)
    world.poll()
    _pause_everything(world)
    world.clock.advance(hours=13)
    world.sweep()
    assert "A text to (402) 555-0107 could not be sent in time" in world.shown(7).notes[0]
    world.clock.advance(hours=36)
    world.sweep()
    world.sweep()
    _resume(world)
    assert world.place() == 0
    case = world.shown(7)
    assert "could not be placed in time" in case.notes[1]
    assert (case.status, len(case.notes)) == ("To Dial", 2)


def test_a_case_that_nothing_works_on_is_put_back(world: World) -> None:
    world.case(7)
    world.poll()
    with world.runtime.db.begin() as connection:
        turn = turns.of_case(connection, 7)
        assert turn is not None
        for one in attempts.of_turn(connection, turn.id):
            attempt_transitions.cancel(connection, one.id, world.clock(), "a test")
    world.sweep()
    assert world.shown(7).status == "To Dial"
    assert world.shown(7).updates == 2


def test_a_text_without_a_receipt_is_closed(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true")
    world.case(7, manner=Manner("busy", text="sent"))
    world.poll()
    world.place()
    for _ in range(5):
        world.clock.advance(hours=4)
        world.ask()
    with world.runtime.db.read() as connection:
        assert ("text", AttemptState.PLACED) not in attempts.counts(connection)


@pytest.mark.parametrize("day", ["2026-03-07", "2026-10-31"])
def test_a_change_of_the_clocks_moves_no_plan(world: World, day: str) -> None:
    world.clock.now = datetime.fromisoformat(f"{day}T19:00:00+00:00")
    world.case(7, manner=Manner("machine"))
    world.round()
    # A day later by the clock is Sunday: the next opening is Monday at nine, by the wall clock.
    assert world.shown(7).dial_at[11:] == "10:05:00"  # nine in Omaha, as New York writes it
    weekday = datetime.fromisoformat(world.shown(7).dial_at).weekday()
    assert weekday == 0


def test_next_calls_are_moved_into_the_persons_window(world: World) -> None:
    world.clock.now = datetime.fromisoformat("2026-11-24T23:30:00+00:00")  # 17:30 in Omaha
    world.case(7, manner=Manner("no-answer"))
    world.round()
    # Four hours later is 21:30; Wednesday at nine it is.
    assert world.shown(7).dial_at == "2026-11-25T10:05:00"
    assert "Next call Wed Nov 25, 10:05 AM ET" in world.shown(7).notes[0]


def test_explain_says_why_in_plain_words(world: World) -> None:
    world.case(7, manner=Manner("busy"))
    said = explain.explain(world.runtime, world.remote, 7)
    assert said is not None
    assert "Call to (402) 555-0107: yes, now." in said
    world.clock.now += timedelta(hours=12)
    said = explain.explain(world.runtime, world.remote, 7) or ""
    assert "Not before Tue Nov 24, 10:05 AM ET." in said
    assert "act only from 9:00 AM to 8:00 PM" in said
    assert "(there: Tue Nov 24, 9:05 AM CT)" in said
    assert explain.explain(world.runtime, world.remote, 999) is None
    assert world.exchange.journal() == []


def test_plan_lists_what_is_due(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true")
    assert tables.plan(world.runtime, 24) == "Nothing is due.\n"
    world.case(7)
    world.case(8, "8085550142", zip_code="96801")
    world.poll()
    lines = tables.plan(world.runtime, 24).splitlines()
    assert len(lines) == 4
    assert "text case 7 at (402) 555-0107: yes, now" in lines[1]
    assert "case 8 may be taken up" in lines[3]
    assert world.exchange.journal() == []


def test_a_callback_that_comes_before_the_answer_finds_its_attempt(world: World) -> None:
    world.case(7, manner=Manner("busy"))
    world.poll()
    world.place()
    world.settle()
    with world.runtime.db.read() as connection:
        turn = turns.last_of(connection, 7)
        assert turn is not None
        assert turn.ending == "called"
    assert intake.process_pending(world.runtime) == 0
