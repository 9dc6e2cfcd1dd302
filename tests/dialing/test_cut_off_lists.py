"""A cap that nobody told us starves nobody; whole lists are left alone."""

import pytest

from bridge.commands import pause
from bridge.sandbox.casebook import Case
from bridge.sandbox.dialects import named
from bridge.sandbox.manner import Manner
from bridge.store import notices
from bridge.store.cases import cases
from bridge.store.notices import NoticeName
from tests.support import tables
from tests.support.world import World


def _hidden(world: World, in_front: int, behind: int) -> None:
    """So many who can't be called now stand before those who can."""
    for case_id in range(1, in_front + 1):
        world.case(case_id, f"80855501{case_id:02d}", zip_code="96801")  # 7 AM in Honolulu
    for case_id in range(50, 50 + behind):
        world.case(case_id, manner=Manner("busy"))


def _polls(world: World, count: int) -> None:
    for _ in range(count):
        world.poll()
        world.place()
        world.deliver()


def test_those_behind_a_cap_are_reached(world: World) -> None:
    world.sa.speak(named(["capped"]))
    _hidden(world, 12, 10)
    _polls(world, 8)
    assert len(world.exchange.calls()) == 10
    waiting = [world.shown(case_id) for case_id in range(1, 13)]
    # Those in front wait at their own moment: after 9 AM in Honolulu, 2 PM in New York.
    assert {case.status for case in waiting} == {"To Dial"}
    moved = [case for case in waiting if case.updates]
    assert len(moved) >= 10
    assert {case.dial_at for case in moved} == {"2026-11-23T14:05:00"}
    assert not any(case.notes for case in waiting)
    with world.runtime.db.read() as connection:
        (notice,) = notices.active(connection)
    assert notice.name is NoticeName.LIST_LIMIT
    assert "no more than 10" in notice.says


def test_broken_cases_move_on_with_one_note_that_says_what_to_mend(world: World) -> None:
    world.sa.speak(named(["capped"]))
    for case_id in range(1, 13):
        world.sa.book.add(Case(case_id, [], status="To Dial"))
    for case_id in range(50, 60):
        world.case(case_id, manner=Manner("busy"))
    _polls(world, 8)
    assert len(world.exchange.calls()) == 10
    broken = [world.shown(case_id) for case_id in range(1, 13)]
    assert all(len(case.notes) <= 1 for case in broken)
    moved = [case for case in broken if case.updates]
    assert len(moved) >= 10
    assert all("it has no phones. Please correct it" in case.notes[0] for case in moved)
    assert all(case.dial_at > "2026-11-24T11:50" for case in moved)
    # The next day they come up again, and no second note says the same.
    world.clock.advance(hours=24, minutes=5)
    _polls(world, 4)
    assert all(len(world.shown(case_id).notes) <= 1 for case_id in range(1, 13))


@pytest.mark.parametrize("count", [1, 5, 9, 12, 23])
def test_whole_lists_are_left_alone(world: World, count: int) -> None:
    _hidden(world, count, 0)
    _polls(world, 5)
    assert sum(case.updates for case in world.sa.book.all()) == 0
    assert tables.skipped(world.runtime.db).count("Pacific/Honolulu") == count


def test_a_whole_list_of_a_round_length_gives_up_one_case_at_most(world: World) -> None:
    _hidden(world, 20, 0)
    _polls(world, 6)
    updated = [case for case in world.sa.book.all() if case.updates]
    assert len(updated) <= 1
    assert all(case.dial_at == "2026-11-23T14:05:00" for case in updated)
    world.clock.advance(hours=3)
    world.hear()
    world.round()
    assert len(world.exchange.calls()) == 20


def test_a_pause_moves_nobody(world: World) -> None:
    world.sa.speak(named(["capped"]))
    for case_id in range(1, 31):
        world.case(case_id, manner=Manner("busy"))
    pause.pause(world.runtime.settings, "everything", "", None, "lunch")
    _polls(world, 5)
    assert sum(case.updates for case in world.sa.book.all()) == 0
    pause.resume(world.runtime.settings, "everything", "")
    _polls(world, 6)
    assert len(world.exchange.calls()) == 30


def test_a_case_that_the_bridge_has_closed_is_not_opened_by_moving_it(world: World) -> None:
    world.sa.speak(named(["capped"]))
    _hidden(world, 12, 10)
    with world.runtime.db.begin() as connection:
        for case_id in range(1, 13):
            cases.set_own_moment(connection, case_id, None, world.clock())
    _polls(world, 8)
    closed = [world.shown(case_id).status == "Do not Dial" for case_id in range(1, 13)]
    assert sum(closed) >= 10  # what is left fills no list any more
    assert len(world.exchange.calls()) == 10
    world.clock.advance(hours=20)
    world.hear()
    _polls(world, 2)
    assert {call.to[:5] for call in world.exchange.calls()} == {"+1402"}
