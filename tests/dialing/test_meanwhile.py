"""What a person or a machine does between the claim and the call: it counts, and at once."""

import pytest

from bridge.commands import explain
from bridge.dialing import placing
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.faults import Fault
from bridge.sandbox.manner import Manner
from bridge.store.dialing import turns
from tests.support import tables
from tests.support.world import World, Worldwide


def _by_hand(world: World, case_id: int, **facts: object) -> None:
    """Somebody at the firm changes the case in SmartAdvocate."""
    before = world.shown(case_id)
    world.sa.book.add(Case(**vars(before) | facts))


def test_what_was_refused_while_a_worker_slept_is_not_placed(world: World) -> None:
    """The machine stood still for ten minutes between reserving and placing."""
    world.case(7)
    world.poll()
    reserved = world.reserve()
    assert reserved is not None
    world.clock.advance(minutes=10)
    world.exchange.text_in("+14025550107", "STOP")
    placing.place(world.runtime, world.twilio, reserved)
    world.place()
    world.settle()
    assert world.exchange.calls() == []
    assert world.shown(7).status == "Do not Dial"


def test_what_sleeps_past_the_window_is_not_placed(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_HOURS="09:00-11:30")
    world.case(7)
    world.poll()  # 11:01 in Omaha
    reserved = world.reserve()
    assert reserved is not None
    world.clock.advance(hours=1)
    placing.place(world.runtime, world.twilio, reserved)
    world.place()
    world.deliver()
    assert world.exchange.calls() == []
    assert (world.shown(7).status, world.shown(7).attempts) == ("To Dial", "")


def test_a_call_that_twilio_took_and_forgot_is_not_placed_again(world: World) -> None:
    """As after a change to another account: its sid is not found any more."""
    world.case(7, manner=Manner("busy", mute=True))
    world.poll()
    world.place()
    world.settle()
    world.exchange._state.calls.clear()
    world.clock.advance(minutes=2)
    world.ask()
    assert world.place() == 0
    case = world.shown(7)
    assert (case.status, case.attempts) == ("To Dial", "")
    assert "may or may not have been placed" in case.notes[0]


def test_a_text_that_announces_a_call_is_never_sent_behind_it(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0")
    world.case(7, manner=Manner("busy"))
    world.poll()
    world.exchange.order(Fault(only="texts", status=429, code=20429, retry_after=300, count=1))
    assert world.place(1) == 1
    world.exchange.order(None)
    with world.runtime.db.begin() as connection:
        # The rest that Twilio has asked for is over for the call, not for its text.
        connection.exec_driver_sql("DELETE FROM circuit_breakers")
    assert world.place() == 1
    world.settle()
    world.clock.advance(minutes=6)
    assert world.place() == 0
    assert (len(world.exchange.calls()), world.exchange.texts()) == (1, [])


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"status": "Do not Dial"}, "Do not Dial"),
        ({"status": "To Dial", "dial_at": "2026-12-01T09:00:00"}, "To Dial"),
    ],
    ids=["Do not Dial", "another day"],
)
def test_whoever_changes_the_case_by_hand_is_obeyed(
    worldwide: Worldwide, facts: dict[str, object], status: str
) -> None:
    world = worldwide(TEXT_ENABLED="true")
    world.case(7)
    world.poll()
    world.place()
    _by_hand(world, 7, **facts)
    world.clock.advance(minutes=11)
    world.place()
    world.settle()
    assert world.exchange.calls() == []
    assert (world.shown(7).status, world.shown(7).updates) == (status, 1)
    with world.runtime.db.read() as connection:
        assert turns.of_case(connection, 7) is None


def test_a_number_that_was_mended_by_hand_is_the_one_that_is_called(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true")
    world.case(7)
    world.poll()
    world.place()
    _by_hand(world, 7, phones=[phone("4025550177")])
    world.clock.advance(minutes=11)
    world.place()
    world.settle()
    assert [call.to for call in world.exchange.calls()] == ["+14025550177"]


def test_a_number_that_only_fills_the_field_ties_nobody_together(worldwide: Worldwide) -> None:
    """Else one refusal, and one person's calls, would count for all who have it."""
    world = worldwide(CAMPAIGN_GOALS="*=heard")
    filler = phone("9999999999", primary=False, text=False)
    for case_id in range(1, 6):
        world.case(case_id, phones=[phone(f"40255501{case_id:02d}"), filler])
    world.poll()
    world.exchange.text_in("+14025550101", "STOP")
    assert world.place() == 4
    world.settle()
    assert [world.shown(n).disposition for n in range(1, 6)] == [
        "Never Dialed",
        *["Successful"] * 4,
    ]
    assert "placeholder number" in (explain.explain(world.runtime, world.remote, 2) or "")


def test_a_region_that_the_account_may_not_call_stops_nobody_else(world: World) -> None:
    world.case(1, manner=Manner(refuse_call=21215))
    world.case(2, manner=Manner("busy"))
    world.poll()
    assert world.place() == 2
    world.settle()
    assert world.shown(2).disposition == "Busy"
    held = tables.pauses(world.runtime.db)
    assert "number" in held
    assert "everything" not in held
    world.clock.advance(hours=2)
    world.poll()
    assert "it is paused" in tables.skipped(world.runtime.db)


def test_the_plan_knows_the_next_call(world: World) -> None:
    world.case(7, manner=Manner("busy"))
    world.round()
    assert "case 7 comes due for its next call" in tables.plan(world.runtime, 1)
