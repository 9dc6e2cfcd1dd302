"""The firm's own labels are final: what the bridge doesn't know it doesn't overwrite."""

from dataclasses import replace

import pytest

from bridge.sandbox.casebook import Case
from bridge.sandbox.dialects import named
from bridge.sandbox.manner import Manner
from bridge.store import notices
from bridge.store.callbacks.callbacks import Verdict
from tests.support import tables
from tests.support.world import World, Worldwide

LABELS = ["Do Not Call", "Attorney Hold", "Closed"]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("manner", [Manner("busy"), Manner(key="1")], ids=["busy", "talked"])
def test_a_label_set_while_it_rings_stays(world: World, label: str, manner: Manner) -> None:
    world.case(7, manner=manner)
    world.poll()
    world.place()
    world.sa.book.relabel(7, label)
    world.settle()
    case = world.shown(7)
    assert case.status == label
    assert case.disposition != "Never Dialed"
    assert case.attempts == ""
    assert f"The case remains “{label}”." in case.notes[0]
    assert world.sa.book.lapses() == []
    review = tables.callbacks(world.runtime.db, Verdict.REVIEW, 10)
    assert f'SMARTADVOCATE_LABELS="Do not Dial={label}"' in review
    with world.runtime.db.read() as connection:
        assert [one.subject for one in notices.active(connection)] == [label]


@pytest.mark.parametrize("label", LABELS)
def test_a_label_set_before_the_call_lets_the_case_go(worldwide: Worldwide, label: str) -> None:
    world = worldwide(TEXT_ENABLED="true")
    world.case(7)
    world.poll()
    world.place()
    world.sa.book.relabel(7, label)
    world.clock.advance(minutes=11)
    world.place()
    world.settle()
    world.clock.advance(minutes=10)
    world.sweep()
    assert world.exchange.calls() == []
    assert world.shown(7).status == label
    assert world.sa.book.lapses() == []


def test_a_stop_overwrites_no_label_of_the_firms_own(world: World) -> None:
    number = world.case(7, manner=Manner("busy"))
    world.round()
    world.sa.book.relabel(7, "Attorney Hold")
    world.exchange.text_in(number, "STOP")
    world.settle()
    assert world.shown(7).status == "Attorney Hold"
    assert any("opted out" in note for note in world.shown(7).notes)
    assert world.sa.book.lapses() == []


def test_a_case_that_is_due_under_an_unknown_label_is_skipped_with_the_line_to_set(
    world: World,
) -> None:
    world.sa.speak(named(["own-labels"]))
    world.case(7, status="Ready to call")
    assert world.poll() == 0
    assert world.shown(7).updates == 0
    assert 'SMARTADVOCATE_LABELS="To Dial=Ready to call"' in tables.skipped(world.runtime.db)


def test_the_firms_own_word_for_to_dial_is_written_back_as_it_spells_it(
    worldwide: Worldwide,
) -> None:
    world = worldwide(SMARTADVOCATE_LABELS="To Dial=Ready to call")
    world.sa.speak(named(["own-labels"]))
    world.case(7, status="Ready to call", manner=Manner("busy"))
    world.round()
    assert (world.shown(7).status, world.shown(7).disposition) == ("Ready to call", "Busy")


def test_another_spelling_of_a_label_needs_no_setting(world: World) -> None:

    world.sa.speak(replace(named([]), to_dial="TO  DIAL"))
    world.case(7, status="TO  DIAL", manner=Manner("busy"))
    world.round()
    assert world.shown(7).status == "TO  DIAL"


def test_a_date_that_staff_set_while_it_rings_stays(world: World) -> None:
    world.case(7, manner=Manner("busy"))
    world.poll()
    world.place()
    shown = world.shown(7)
    world.sa.book.add(Case(**vars(shown) | {"status": "To Dial", "dial_at": "2026-11-30T10:00:00"}))
    world.settle()
    case = world.shown(7)
    assert (case.dial_at, case.disposition, case.attempts) == ("2026-11-30T10:00:00", "Busy", "1")
