"""A wrong number is never called or texted for its person again; the case goes on with the next."""

from bridge.commands import explain
from bridge.consent.suspensions import confirm_wrong
from bridge.consent.wrong_numbers import SaidWrong, lift_wrong_number, record_wrong_number
from bridge.domain.phones import E164
from bridge.sandbox.casebook import phone
from bridge.sandbox.manner import Manner
from bridge.store.consent.wrong_numbers import WrongNumberWay
from bridge.store.console import to_do
from bridge.store.dialing import turns
from tests.support.world import World, Worldwide

FIRST, SECOND = "4025550107", "4025550170"
WIDE = {"DIAL_CAPS": "99,99,99,99", "DIAL_PERSON_GAP": "0", "DIAL_RETRY_BUSY": "1h"}


def _two_phones(world: World, case_id: int = 7) -> None:
    world.case(case_id, phones=[phone(FIRST), phone(SECOND, primary=False)])
    for number in (FIRST, SECOND):
        world.manners[f"+1{number}"] = Manner("busy")


def _record(world: World, case_id: int = 7) -> list[int]:
    said = SaidWrong(E164(f"+1{FIRST}"), case_id, WrongNumberWay.KEY, "Front desk", "CA1")
    with world.runtime.db.begin() as connection:
        return record_wrong_number(world.runtime, connection, said)


def _days_pass(world: World) -> list[str]:
    """Some days on which the case is due again and again; return who was reached."""
    before = len(world.exchange.calls()), len(world.exchange.texts())
    for _ in range(4):
        world.clock.advance(days=1)
        world.round()
    calls, texts = world.exchange.calls()[before[0] :], world.exchange.texts()[before[1] :]
    return [call.to for call in calls] + [text.to for text in texts]


def test_while_it_is_planned_it_is_canceled_and_the_next_number_is_called(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**WIDE)
    _two_phones(world)
    assert world.poll() == 1
    assert _record(world) == [7]
    assert world.place() == 0
    world.deliver()
    world.round()
    assert [call.to for call in world.exchange.calls()] == [f"+1{SECOND}"]
    assert f"+1{FIRST}" not in _days_pass(world)
    assert any(
        note.startswith("Front desk decided: (402) 555-0107 is a wrong number for this client.")
        for note in world.shown(7).notes
    )
    said = explain.explain(world.runtime, world.remote, 7) or ""
    assert f"Phone +1{FIRST} is skipped: it is a wrong number for this case" in said


def test_a_text_that_was_confirmed_is_for_good(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    _two_phones(world)
    world.round()
    world.exchange.text_in(f"+1{FIRST}", "you have the wrong number")
    world.take_in()
    with world.runtime.db.begin() as connection:
        (asked,) = to_do.listed(connection, to_do.Place(), 10).asked
        assert confirm_wrong(world.runtime, connection, asked.id, "Ann") is None
    assert set(_days_pass(world)) == {f"+1{SECOND}"}


def test_another_persons_case_with_the_number_is_called(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    world.case(7, FIRST, Manner("busy"))
    world.case(8, FIRST)
    world.poll()
    assert _record(world) == [7]
    assert f"+1{FIRST}" in _days_pass(world)
    with world.runtime.db.read() as connection:
        assert turns.of_case(connection, 7) is None


def test_what_was_lifted_is_called_again(worldwide: Worldwide) -> None:
    world = worldwide(**WIDE)
    world.case(7, FIRST, Manner("busy"))
    _record(world)
    assert _days_pass(world) == []
    with world.runtime.db.begin() as connection:
        assert lift_wrong_number(world.runtime, connection, 1, "Ann", "her new phone")
        assert lift_wrong_number(world.runtime, connection, 1, "Ann", "her new phone") is None
    assert f"+1{FIRST}" in _days_pass(world)
