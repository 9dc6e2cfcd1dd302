"""Staff set one case to Do not Dial: the person's other cases wait until somebody says for whom."""

import pytest

from bridge.consent import staff_stop_answers
from bridge.sandbox.casebook import Case
from bridge.sandbox.faults import Fault
from bridge.sandbox.manner import Manner
from bridge.store.dialing import pauses
from tests.support.world import World, Worldwide

HERS = "4025550107"


@pytest.fixture
def world(worldwide: Worldwide) -> World:
    return worldwide(DIAL_PERSON_GAP="0", DIAL_CAPS="9,9,9,9")


def _staff_stop(world: World, case_id: int) -> None:
    """Somebody at the firm sets Do not Dial in SmartAdvocate."""
    world.sa.book.add(Case(**vars(world.shown(case_id)) | {"status": "Do not Dial"}))


def _held(world: World) -> dict[str, int]:
    """The cases that are held, with the hold of each."""
    with world.runtime.db.read() as connection:
        return {kept.pause.what: kept.id for kept in pauses.active(connection, world.clock())}


def _called(world: World) -> int:
    return len(world.exchange.calls())


def test_both_are_due_and_one_is_stopped(world: World) -> None:
    world.case(7, HERS)
    world.case(8, HERS)
    assert world.poll() == 2
    _staff_stop(world, 7)
    world.place()
    world.settle()
    assert _called(world) == 0
    assert set(_held(world)) == {"8"}
    assert world.shown(8).status == "To Dial"
    (note,) = world.shown(8).notes
    assert note.startswith("Staff set case 7 to Do not Dial, and this case has a phone in common")
    assert world.shown(7).status == "Do not Dial"


def test_one_is_stopped_between_its_calls(world: World) -> None:
    """Nothing tells the bridge of it: the person's other cases are read before she is called."""
    world.case(7, HERS, manner=Manner("busy"))
    world.round()
    _staff_stop(world, 7)
    world.case(8, HERS)
    world.clock.advance(minutes=10)
    world.round()
    assert _called(world) == 1
    assert set(_held(world)) == {"8"}
    # It is asked once: who says that one case alone was meant, has said so for good.
    hold = _held(world)["8"]
    with world.runtime.db.begin() as connection:
        staff_stop_answers.only_that(world.runtime, connection, hold, "Ann")
    world.clock.advance(hours=5)
    world.round()
    assert _called(world) == 2
    assert _held(world) == {}
    assert any("is not meant for this case" in note for note in world.shown(8).notes)


def _stopped_and_read(world: World) -> None:
    """Case 7 has had a call; staff stop it, and the bridge reads that when it is due again."""
    world.case(7, HERS, manner=Manner("busy"))
    world.round()
    world.clock.advance(hours=1)
    world.poll()
    _staff_stop(world, 7)
    world.place()
    assert _called(world) == 1


def test_a_case_that_comes_up_after_the_stop_is_held_too(world: World) -> None:
    _stopped_and_read(world)
    assert _held(world) == {}
    world.case(8, HERS)
    world.clock.advance(minutes=10)
    world.round()
    assert _called(world) == 1
    held = _held(world)
    assert set(held) == {"8"}
    assert any("Staff set case 7 to Do not Dial" in note for note in world.shown(8).notes)
    # Whoever says that one case alone was meant has said so for every other, later ones as well.
    with world.runtime.db.begin() as connection:
        staff_stop_answers.only_that(world.runtime, connection, held["8"], "Ann")
    world.case(9, HERS)
    for called in (2, 3):
        world.clock.advance(minutes=10)
        world.round()
        assert _called(world) == called
    assert _held(world) == {}


def test_a_case_that_staff_dial_again_holds_nobody(world: World) -> None:
    _stopped_and_read(world)
    world.sa.book.add(Case(**vars(world.shown(7)) | {"status": "To Dial"}))
    world.clock.advance(minutes=10)
    world.round()
    assert _called(world) == 2
    world.case(8, HERS)
    world.clock.advance(minutes=10)
    world.poll()
    assert _held(world) == {}


def test_it_is_meant_for_the_person(world: World) -> None:
    world.case(7, HERS, manner=Manner("busy"))
    world.round()
    _staff_stop(world, 7)
    for case_id in (8, 9):
        world.case(case_id, HERS)
    world.round()
    held = _held(world)
    assert set(held) == {"8", "9"}
    with world.runtime.db.begin() as connection:
        staff_stop_answers.stop_all(world.runtime, connection, held["8"], "Ann")
    world.deliver()
    assert _held(world) == {}
    for case_id in (7, 8, 9):
        assert world.shown(case_id).status == "Do not Dial"
    # Another case of hers that comes up later is not called either.
    world.case(10, HERS)
    world.clock.advance(hours=5)
    world.round()
    assert _called(world) == 1


@pytest.mark.parametrize("manner", [Manner(key="1"), Manner(key="9")], ids=["talked", "key 9"])
def test_what_the_bridge_has_written_itself_asks_nothing(world: World, manner: Manner) -> None:
    world.case(7, HERS, manner=manner)
    world.round()
    assert world.shown(7).status == "Do not Dial"
    before = _held(world)
    world.case(8, HERS)
    world.clock.advance(days=1)
    world.round()
    asked = [row for row in _reasons(world) if "by staff" in row]
    assert (asked, before) == ([], {})


def test_the_last_attempt_asks_nothing(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_PERSON_GAP="0", DIAL_CAPS="9,9,9,9", DIAL_MAX_ATTEMPTS="1")
    world.case(7, HERS, manner=Manner("busy"))
    world.round()
    assert world.shown(7).status == "Do not Dial"
    world.case(8, HERS)
    world.clock.advance(minutes=10)
    world.round()
    assert _called(world) == 2
    assert _held(world) == {}


def test_another_phone_is_another_person(world: World) -> None:
    world.case(7, HERS, manner=Manner("busy"))
    world.round()
    _staff_stop(world, 7)
    world.case(8, "4025550108")
    world.round()
    assert _called(world) == 2


def test_while_smartadvocate_does_not_say_the_call_waits(world: World) -> None:
    world.case(7, HERS, manner=Manner("busy"))
    world.round()
    world.case(8, HERS)
    world.clock.advance(minutes=10)
    world.poll()
    _staff_stop(world, 7)
    world.sa.order(Fault(status=503, count=50))
    assert world.place() == 0
    world.sa.order(None)
    world.clock.advance(minutes=11)
    assert world.place() == 0
    assert set(_held(world)) == {"8"}


def _reasons(world: World) -> list[str]:
    with world.runtime.db.read() as connection:
        return [kept.pause.reason for kept in pauses.active(connection, world.clock())]
