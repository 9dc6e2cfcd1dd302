"""The second road from end to end: due, judged, claimed, placed, answered, told."""

from bridge.sandbox.manner import Manner
from tests.support.world import FIRM, World, Worldwide


def test_a_person_answers_presses_1_and_is_connected(world: World) -> None:
    number = world.case(7, manner=Manner(key="1"))
    assert world.poll() == 1
    assert world.shown(7).status == "In the Dialer"
    assert world.place() == 1
    world.settle()
    call, leg = world.exchange.calls()
    assert (call.to, leg.to, call.bridged) == (number, FIRM, True)
    assert call.heard[0].startswith("Hello, this is Example & Partners")
    case = world.shown(7)
    assert (case.status, case.disposition, case.attempts) == ("Do not Dial", "Successful", "1")
    assert len(case.notes) == 1
    assert "connected to the firm, talked 40 s" in case.notes[0]
    assert world.exchange.tally.lost == []


def test_a_text_goes_out_before_the_call(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="10m")
    world.case(7, manner=Manner("busy"))
    world.poll()
    assert world.place() == 1
    (text,) = world.exchange.texts()
    assert text.body.startswith("Example & Partners will call you shortly")
    assert text.params["ValidityPeriod"] == ["14400"]
    world.clock.advance(minutes=9, seconds=59)
    assert world.place() == 0
    world.clock.advance(seconds=2)
    assert world.place() == 1
    world.settle()
    case = world.shown(7)
    assert (case.status, case.disposition) == ("To Dial", "Busy")
    assert len(case.notes) == 2
