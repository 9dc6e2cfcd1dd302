"""A 200 may be a refusal: what SmartAdvocate hasn't taken is never counted as done."""

from typing import Any

import pytest

from bridge.sandbox.casebook import Case
from bridge.sandbox.manner import Manner
from bridge.store.cases import cases
from bridge.store.reporting.deliveries import DeliveryState
from tests.support import tables
from tests.support.world import World, Worldwide

LOCKED = "The case is locked."
REFUSALS: list[Any] = [
    {"Success": False, "Message": LOCKED},
    {"Error": LOCKED},
    LOCKED,
    {"ExceptionMessage": LOCKED, "Message": "An error has occurred."},
]
WIDE = {"DIAL_CAPS": "50,50,50,50", "DIAL_PERSON_GAP": "0", "DIAL_RETRY_BUSY": "1h"}


def _refusing(world: World, monkeypatch: pytest.MonkeyPatch, what: str, answer: Any) -> None:
    """Updates with this field are answered so and not done; the case goes on as it was."""
    real = world.sa.book.answer

    def refusing(call: str, sent: Any) -> Any:
        if call == "UpdateCaseStatus" and any(what in one for one in sent["Cases"]):
            return answer
        return real(call, sent)

    monkeypatch.setattr(world.sa.book, "answer", refusing)


def _dead(world: World) -> str:
    return tables.deliveries(world.runtime.db, DeliveryState.DEAD, 50)


@pytest.mark.parametrize("answer", REFUSALS)
def test_an_outcome_that_is_refused_inside_a_200_is_dead_in_its_own_words(
    world: World, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    world.case(7, manner=Manner("busy"))
    _refusing(world, monkeypatch, "Disposition", answer)
    world.round()
    shown = _dead(world)
    assert "status" in shown
    assert LOCKED in shown or "An error has occurred." in shown
    # Its note says what happened all the same.
    assert "busy" in world.shown(7).notes[0]


def test_a_person_whose_outcomes_are_refused_is_not_called_again(
    worldwide: Worldwide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second wall: whatever SmartAdvocate shows, the bridge keeps its own moment."""
    world = worldwide(**WIDE)
    world.case(7, manner=Manner("busy"))
    _refusing(world, monkeypatch, "Disposition", REFUSALS[0])
    world.round()
    for _ in range(5):
        # As if the claim had never been: listed as due, at the date as it was.
        shown = world.shown(7)
        world.sa.book.add(
            Case(**vars(shown) | {"status": "To Dial", "dial_at": Case(1, []).dial_at})
        )
        assert world.poll() == 0
    assert len(world.exchange.calls()) == 1
    assert "scheduled the next call for later" in tables.skipped(world.runtime.db)
    world.clock.advance(hours=1)
    world.round()
    assert len(world.exchange.calls()) == 2


def test_a_person_who_was_reached_is_not_called_again_whatever_is_shown(
    worldwide: Worldwide, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = worldwide(**WIDE)
    world.case(7, manner=Manner(key="1"))
    _refusing(world, monkeypatch, "Disposition", REFUSALS[0])
    world.round()
    world.clock.advance(days=2)
    before = world.shown(7)
    world.sa.book.add(Case(**vars(before) | {"status": "To Dial", "dial_at": Case(1, []).dial_at}))
    assert world.poll() == 0
    assert "has closed the case" in tables.skipped(world.runtime.db)
    # A date that staff set since is their wish.
    world.sa.book.add(
        Case(**vars(before) | {"status": "To Dial", "dial_at": "2026-11-25T11:00:00"})
    )
    assert world.poll() == 1


def test_staffs_own_date_counts_over_the_retry_pause_and_the_gap(worldwide: Worldwide) -> None:
    world = worldwide()
    world.case(7, manner=Manner("no-answer"))
    world.round()
    world.clock.advance(minutes=30)
    assert world.poll() == 0
    shown = world.shown(7)
    world.sa.book.add(Case(**vars(shown) | {"dial_at": "2026-11-23T12:30:00"}))
    assert world.poll() == 1
    assert world.place() == 1


@pytest.mark.parametrize("answer", [*REFUSALS, {"Message": "Cases updated: 1"}, 1])
def test_a_claim_counts_when_the_case_shows_it(
    world: World, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    """Taken for case 1, refused for case 2, whatever the one answer to both says."""
    world.case(1)
    world.case(2)
    real = world.sa.book.answer

    def partly(call: str, sent: Any) -> Any:
        if call != "UpdateCaseStatus":
            return real(call, sent)
        for entry in sent["Cases"]:
            if entry["CaseID"] == 1:
                real(call, {"Cases": [entry]})
        return answer

    monkeypatch.setattr(world.sa.book, "answer", partly)
    world.poll()
    world.place()
    assert [call.to for call in world.exchange.calls()] == ["+14025550101"]
    assert "refused the claim" in tables.skipped(world.runtime.db)


def test_an_update_that_was_taken_whatever_its_answer_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.case(7, manner=Manner("busy"))
    real = world.sa.book.answer

    def mumbling(call: str, sent: Any) -> Any:
        answer = real(call, sent)
        return {"Message": "1 row affected"} if call == "UpdateCaseStatus" else answer

    monkeypatch.setattr(world.sa.book, "answer", mumbling)
    world.round()
    assert (world.shown(7).status, world.shown(7).disposition) == ("To Dial", "Busy")
    assert (
        _dead(world).strip() == tables.deliveries(world.runtime.db, DeliveryState.DEAD, 1).strip()
    )
    assert LOCKED not in _dead(world)
    assert "7" not in _dead(world)


def test_what_was_refused_is_told_again_while_the_case_stands_in_the_dialer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is forgotten: a claim of ours without a turn is given back, hour by hour."""
    world.case(7, manner=Manner("busy"))
    with monkeypatch.context() as refusing:
        _refusing(world, refusing, "Disposition", REFUSALS[0])
        world.round()
    assert world.shown(7).status == "In the Dialer"
    world.clock.advance(minutes=90)
    world.sweep()
    assert world.shown(7).status == "To Dial"
    with world.runtime.db.read() as connection:
        assert cases.own_moments(connection, 7).not_before is not None


def test_somebody_elses_claim_is_never_given_back(world: World) -> None:
    world.case(7, manner=Manner("busy"))
    world.round()
    updates = world.shown(7).updates
    shown = world.shown(7)
    world.sa.book.add(
        Case(**vars(shown) | {"status": "In the Dialer", "dial_at": "2026-11-23T12:20:33"})
    )
    world.clock.advance(hours=2)
    world.poll()
    world.sweep()
    assert (world.shown(7).status, world.shown(7).updates) == ("In the Dialer", updates)


def test_staff_who_set_a_closed_case_to_dial_want_it_called(worldwide: Worldwide) -> None:
    """Whatever date it carries: SmartAdvocate had taken Do not Dial."""
    world = worldwide(**WIDE)
    world.case(7, manner=Manner(key="1"))
    world.round()
    assert world.shown(7).status == "Do not Dial"
    world.clock.advance(days=7)
    world.sa.book.add(Case(**vars(world.shown(7)) | {"status": "To Dial"}))
    assert world.poll() == 1


def test_a_claim_whose_date_is_left_as_it_was_is_put_back(
    worldwide: Worldwide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SmartAdvocate takes the status of a claim and keeps the date."""
    world = worldwide(DIAL_HOURS="09:00-11:40", TEXT_ENABLED="true", TEXT_LEAD="40m")
    world.case(7)
    real = world.sa.book.answer

    def keeping(call: str, sent: Any) -> Any:
        date = world.shown(7).dial_at
        answer = real(call, sent)
        if call == "UpdateCaseStatus" and world.shown(7).status == "In the Dialer":
            world.sa.book.add(Case(**vars(world.shown(7)) | {"dial_at": date}))
        return answer

    monkeypatch.setattr(world.sa.book, "answer", keeping)
    world.poll()
    assert world.place() == 1
    world.settle()
    world.clock.advance(hours=2)
    world.place()
    world.deliver()
    assert world.shown(7).status == "To Dial"
