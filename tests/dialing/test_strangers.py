"""Who has a number that proved wrong for a case speaks for themselves alone, not for the case."""

import pytest

from bridge.consent.wrong_numbers import SaidWrong, record_wrong_number
from bridge.domain.phones import E164
from bridge.sandbox.casebook import phone
from bridge.sandbox.manner import Manner
from bridge.store.consent.wrong_numbers import WrongNumberWay
from tests.support.world import World, Worldwide

FIRST, SECOND = "4025550107", "4025550170"


@pytest.fixture
def world(worldwide: Worldwide) -> World:
    made = worldwide(TEXT_ENABLED="false", DIAL_CAPS="99,99,99,99", DIAL_PERSON_GAP="0")
    made.case(7, phones=[phone(FIRST), phone(SECOND, primary=False)])
    for number in (FIRST, SECOND):
        made.manners[f"+1{number}"] = Manner("busy")
    assert made.poll() == 1
    said = SaidWrong(E164(f"+1{FIRST}"), 7, WrongNumberWay.STAFF, "Ann Example")
    with made.runtime.db.begin() as connection:
        record_wrong_number(made.runtime, connection, said)
    made.deliver()
    return made


def test_a_strangers_stop_does_not_end_the_case(world: World) -> None:
    world.exchange.text_in(f"+1{FIRST}", "STOP")
    world.take_in()
    world.deliver()
    assert world.shown(7).status == "To Dial"
    world.round()
    assert [call.to for call in world.exchange.calls()] == [f"+1{SECOND}"]


def test_the_persons_own_stop_does(world: World) -> None:
    world.exchange.text_in(f"+1{SECOND}", "STOP")
    world.take_in()
    world.deliver()
    assert world.shown(7).status == "Do not Dial"
