"""To do: for whom a number is wrong, and a case that needs a better one."""

from collections.abc import Iterator

import pytest

from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.decisions import Rule
from bridge.runtime import Runtime
from bridge.store.cases import cases
from tests.support.clock import Clock
from tests.support.console import SignedIn
from tests.support.desk import Desk

HERS, OTHER, THIRD = "+14025550114", "+14025550115", "+14025550116"
WRONG = "Is this number wrong?"


@pytest.fixture
def desk(runtime: Runtime, operator: SignedIn, clock: Clock) -> Iterator[Desk]:
    made = Desk(runtime, operator, clock)
    yield made
    made.close()


def _is_wrong(desk: Desk, case_id: int, phone: str = HERS) -> bool:
    return desk.decision(case_id, phone).is_restricted_by(Rule.WRONG_NUMBER)


def _wanted(*case_ids: int) -> list[str]:
    return [f"Case {case_id} needs a better phone number" for case_id in case_ids]


def test_it_is_wrong_for_one_of_several_and_right_for_another(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.case(8, HERS)
    desk.text_in(HERS, "you have the wrong number")
    assert desk.decision(8, HERS).is_restricted_by(Rule.PAUSED), "until somebody has answered"
    desk.answer("Wrong for case 7")
    assert (_is_wrong(desk, 7), _is_wrong(desk, 8)) == (True, False)
    assert not desk.decision(8, HERS).is_restricted_by(Rule.PAUSED, Rule.OPTED_OUT_HERE)
    assert desk.asked() == _wanted(7)
    assert not any("wrong number for this client" in note for note in desk.notes(8))


def test_it_is_wrong_for_all_that_have_it_now_and_not_for_one_that_comes(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.case(8, HERS)
    desk.text_in(HERS, "you have the wrong number")
    desk.answer("Wrong for all of them")
    assert _is_wrong(desk, 7)
    assert _is_wrong(desk, 8)
    desk.case(9, HERS)
    assert not _is_wrong(desk, 9)
    assert desk.asked() == _wanted(7, 8)


def test_the_cases_that_are_surely_the_same_persons_lose_it_too(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    desk.case(8, HERS, OTHER)
    desk.case(9, HERS, THIRD)
    desk.text_in(HERS, "you have the wrong number")
    desk.answer("Wrong for case 7")
    assert [_is_wrong(desk, case_id) for case_id in (7, 8, 9)] == [True, True, False]


def test_a_case_without_the_number_cannot_be_named(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.case(8, OTHER)
    desk.text_in(HERS, "you have the wrong number")
    desk.operator.post("/console/todo/texts/1", answer="wrong", case="8")
    assert desk.asked() == [WRONG]


def test_a_number_that_no_case_has_is_closed_for_whoever_gets_it(desk: Desk) -> None:
    desk.text_in(HERS, "you have the wrong number")
    desk.deliver()
    desk.answer("Yes, wrong number")
    desk.case(7, HERS)
    assert desk.decision(7, HERS).is_restricted_by(Rule.OPTED_OUT_HERE)


def test_who_says_so_again_closes_it_for_nobody_else(desk: Desk) -> None:
    desk.case(7, HERS)
    for _ in range(2):
        desk.text_in(HERS, "you have the wrong number")
        desk.deliver()
        desk.answer("Yes, wrong number")
    desk.case(8, HERS)
    assert _is_wrong(desk, 7)
    assert not desk.decision(8, HERS).is_restricted_by(Rule.OPTED_OUT_HERE, Rule.WRONG_NUMBER)


def _asked_for(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    desk.text_in(HERS, "you have the wrong number")
    desk.answer("Yes, wrong number")
    assert desk.asked() == _wanted(7)
    assert "…0114 is a wrong number for this case, as Ann Operator has said" in desk.page()


def test_the_question_ends_when_the_case_has_the_number_no_longer(desk: Desk) -> None:
    _asked_for(desk)
    shown = CaseInfo(7, DialerStatus.TO_DIAL, 0, desk.clock(), (CasePhone(THIRD),), "Spring")
    with desk.runtime.db.begin() as connection:
        cases.save_case(connection, shown, desk.clock())
    assert desk.asked() == []
    # And when it is listed again, it is as wrong as before.
    desk.case(7, HERS)
    assert _is_wrong(desk, 7)


def test_done_settles_the_question_and_the_number_stays_wrong(desk: Desk) -> None:
    _asked_for(desk)
    page = desk.operator.get("/console/todo").text
    assert "/console/todo/numbers/1" in page
    desk.answer("Done")
    assert desk.asked() == []
    assert _is_wrong(desk, 7)
    assert desk.audited()[-1][1:3] == ("question-answered", "number …0114 of case 7")
    late = desk.operator.post("/console/todo/numbers/1", answer="done")
    assert late.status_code == 303
    assert len(desk.audited()) == 2


def test_it_is_right_after_all_with_a_reason(desk: Desk) -> None:
    _asked_for(desk)
    assert "say why" in desk.answer("It is right after all", reason=" ")
    assert _is_wrong(desk, 7)
    assert "may be called again" in desk.answer("It is right after all", reason="Her new phone")
    assert not _is_wrong(desk, 7)
    assert desk.asked() == []
    assert desk.notes(7)[-1].startswith(
        "Ann Operator decided: “Her new phone”: (402) 555-0114 is right for this client after all."
    )
    assert desk.audited()[-1] == (
        "Ann Operator",
        "wrong-number-lifted",
        "number …0114 of case 7",
        "Her new phone",
        7,
    )
    assert desk.operator.post("/console/todo/numbers/99", answer="done").status_code == 404
