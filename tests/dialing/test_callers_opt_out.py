"""A person who calls the number back may opt out by a key; everybody else is put through."""

import pytest
from sqlalchemy import select

from bridge.sandbox.manner import Manner
from bridge.store.tables import opt_outs
from tests.support.signing import call_fields
from tests.support.world import FIRM, FROM, World, Worldwide

HERS = "+14025550107"


def _opted_out(world: World) -> list[tuple[str, str]]:
    with world.runtime.db.read() as connection:
        rows = connection.execute(select(opt_outs.c.phone, opt_outs.c.source)).all()
    return [(row.phone, row.source) for row in rows]


def test_key_9_opts_out_whoever_calls_in(worldwide: Worldwide) -> None:
    world = worldwide()
    world.case(7)
    world.poll()
    call = world.exchange.call_in(HERS, keys="9")
    assert not call.bridged
    assert "Press 9 to stop our calls and texts" in call.heard[0]
    assert "You will not be called or texted by Example & Partners again." in call.heard[1]
    world.settle()
    assert _opted_out(world) == [(HERS, "call-in")]
    assert world.place() == 0
    case = world.shown(7)
    assert case.status == "Do not Dial"
    # Nobody at the firm missed or took this call, and the case isn't told so.
    assert [note for note in case.notes if "missed" in note or "answered" in note] == []
    said = "Call from (402) 555-0107, pressed 9: opted out. Do not call or text this person."
    assert sum(said in note for note in case.notes) == 1


def test_a_phone_that_two_cases_share_asks_whose_it_was(worldwide: Worldwide) -> None:
    world = worldwide()
    for case_id in (7, 8):
        world.case(case_id, HERS[2:])
    world.poll()
    world.exchange.call_in(HERS, keys="9")
    world.settle()
    assert world.place() == 0
    for case_id in (7, 8):
        assert any("does not say who opted out" in note for note in world.shown(case_id).notes)


@pytest.mark.parametrize("keys", ["", "1", "5"])
def test_any_other_caller_is_put_through(worldwide: Worldwide, keys: str) -> None:
    world = worldwide()
    world.case(7)
    world.poll()
    call = world.exchange.call_in(HERS, keys=keys)
    assert call.bridged
    assert [leg.to for leg in world.exchange.calls() if leg.parent_sid] == [FIRM]
    world.settle()
    assert _opted_out(world) == []
    assert sum("answered" in note for note in world.shown(7).notes) == 1


def test_a_caller_whom_nobody_answers_after_a_key(worldwide: Worldwide) -> None:
    world = worldwide()
    world.case(7)
    world.poll()
    world.manners[FIRM] = Manner("no-answer")
    world.exchange.call_in(HERS, keys="1")
    world.settle()
    assert sum("missed" in note for note in world.shown(7).notes) == 1


@pytest.mark.parametrize("caller", ["+266696687", "anonymous"])
def test_who_withholds_the_number_is_put_through_at_once(worldwide: Worldwide, caller: str) -> None:
    """Nobody could tell whom such a key opts out."""
    world = worldwide()
    call = world.exchange.call_in(caller, keys="9")
    assert call.bridged
    assert call.heard == []


def test_the_same_key_twice_hears_the_same(worldwide: Worldwide) -> None:
    world = worldwide()
    world.case(7)
    world.poll()
    call = world.exchange.call_in(HERS, keys="9")
    fields = call_fields(call.sid, "in-progress", 0, From=HERS, To=FROM, Direction="inbound")
    answer = world.exchange._courier.post(
        f"{world.url}/twilio/voice/keypress", fields | {"Digits": "9"}
    )
    assert answer is not None
    assert "You will not be called or texted" in answer.text
    assert "<Hangup" in answer.text
    world.settle()
    assert len(_opted_out(world)) == 1
