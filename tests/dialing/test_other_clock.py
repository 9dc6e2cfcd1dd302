"""SmartAdvocate's clock and zone are judged by its list, before anything is claimed."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.sandbox.casebook import Case
from bridge.sandbox.dialects import named
from bridge.sandbox.manner import Manner
from bridge.store import notices
from bridge.store.dialing import turns
from bridge.store.notices import NoticeName
from tests.support import tables
from tests.support.world import World, Worldwide


def _notices(world: World) -> dict[NoticeName, str]:
    with world.runtime.db.read() as connection:
        return {one.name: one.says for one in notices.active(connection)}


def test_a_clock_that_goes_a_little_ahead_makes_nobody_wait_for_ever(world: World) -> None:
    world.sa.speak(named(["fast-clock"]))
    for case_id in range(1, 7):
        world.case(case_id, manner=Manner("busy"), dial_at="2026-11-23T12:01:10")
    assert world.poll() == 0  # 12:01:00 here, 12:01:20 there
    assert [case.updates for case in world.sa.book.all()] == [0] * 6
    assert "before its next call" in tables.skipped(world.runtime.db)
    assert world.poll() == 6
    assert world.place() == 6
    assert _notices(world) == {}


def test_dates_of_another_zone_are_said_before_anything_is_claimed(world: World) -> None:
    world.sa.speak(named(["utc"]))
    for case_id in range(1, 7):
        world.case(case_id, dial_at="2026-11-23T16:59:00")  # a minute ago, in UTC
    assert world.poll() == 0
    assert {case.status for case in world.sa.book.all()} == {"To Dial"}
    assert sum(case.updates for case in world.sa.book.all()) == 0
    says = _notices(world)[NoticeName.ZONE]
    assert "SMARTADVOCATE_TIMEZONE=UTC would fit" in says
    with world.runtime.db.read() as connection:
        assert turns.count_open(connection) == 0


def test_a_zone_that_is_right_again_is_no_longer_complained_of(world: World) -> None:
    world.sa.speak(named(["utc"]))
    world.case(1, dial_at="2026-11-23T16:59:00")
    world.poll()
    assert NoticeName.ZONE in _notices(world)
    world.case(1)
    world.poll()
    assert NoticeName.ZONE not in _notices(world)


def test_a_clock_far_ahead_is_no_zone_when_the_server_says_the_time(world: World) -> None:

    world.sa.speak(replace(named([]), ahead=timedelta(minutes=50)))
    world.case(1, dial_at="2026-11-23T12:50:00")
    world.poll()
    assert "its clock goes ahead" in _notices(world)[NoticeName.CLOCK]
    assert NoticeName.ZONE not in _notices(world)


def test_dates_that_come_due_hours_late_are_noticed_when_cases_come_back(
    worldwide: Worldwide,
) -> None:
    """SmartAdvocate stands in Los Angeles: 13:00 as we write it is due three hours later there."""
    world = worldwide(DIAL_PERSON_GAP="0", DIAL_POLL_SECONDS="600")
    world.case(7, manner=Manner("busy"))
    world.round()
    assert world.shown(7).status == "To Dial"
    far_west = ZoneInfo("America/Los_Angeles")
    world.sa.speak(replace(world.sa.dialect, zone=far_west, takes_any_moment=True))
    for _ in range(25):
        world.poll()
    assert (
        "SMARTADVOCATE_TIMEZONE=America/Los_Angeles would fit" in _notices(world)[NoticeName.ZONE]
    )


@pytest.mark.parametrize("minutes", [40, 125])
def test_a_bridge_that_was_away_complains_of_no_zone(world: World, minutes: int) -> None:
    world.case(7, manner=Manner("busy"))
    world.round()
    world.clock.advance(minutes=minutes)
    world.poll()
    assert _notices(world) == {}


def test_a_case_left_in_the_dialer_by_an_older_bridge_goes_back(world: World) -> None:
    """Its turn was closed as changed by somebody, its claim stands: it is put back."""
    world.case(7)
    world.poll()
    with world.runtime.db.begin() as connection:
        turn = turns.of_case(connection, 7)
        assert turn is not None
        turns.end(connection, turn.id, "somebody has set another time", world.runtime.clock())
    world.clock.advance(minutes=10)
    world.sweep()
    assert world.shown(7).status == "To Dial"


def test_what_is_listed_early_is_called_at_its_own_moment(world: World) -> None:
    """Hours ahead, and no zone: SmartAdvocate lists what isn't due."""
    real = world.sa.book.answer

    def early(call: str, sent: object) -> object:
        answer = real(call, sent)  # type: ignore[arg-type]
        return (
            [case.shown() for case in world.sa.book.all()] if call == "GetCasesToDial" else answer
        )

    world.sa.book.answer = early  # type: ignore[method-assign]
    world.sa.book.add(
        Case(1, [{"Phone": "4025550101"}], status="To Dial", dial_at="2026-11-23T12:20:00")
    )
    assert world.poll() == 0
    world.clock.advance(minutes=20)
    assert world.poll() == 1
