"""To do asks whether a Do not Dial that staff have set on one case is meant for the person."""

import pytest

from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.decisions import Permission, Rule
from bridge.reporting import staff_stops
from tests.support.console import words
from tests.support.desk import Desk

HERS = "+14025550114"


@pytest.fixture
def stopped(desk: Desk) -> Desk:
    for case_id in (7, 8, 9):
        desk.case(case_id, HERS)
    shown = CaseInfo(7, DialerStatus.DO_NOT_DIAL, 0, None, (CasePhone(HERS),), "Spring")
    with desk.runtime.db.begin() as connection:
        staff_stops.save(desk.runtime, connection, shown)
    return desk


def test_it_is_asked_once_for_all_that_are_held(stopped: Desk) -> None:
    assert stopped.asked() == [
        "Case 7 was set to Do not Dial by staff. Is that meant for case 8 and case 9, too?"
    ]
    assert "on hold until somebody answers: case 8 , case 9 ." in stopped.page()
    for case_id in (8, 9):
        assert stopped.decision(case_id, HERS).is_restricted_by(Rule.PAUSED)


def test_yes_stop_all(stopped: Desk) -> None:
    assert "This person is opted out" in stopped.answer("Yes, stop all")
    assert stopped.asked() == []
    for case_id in (7, 8, 9):
        assert stopped.decision(case_id, HERS).permission is Permission.REFUSE
        assert stopped.status(case_id) == "Do not Dial"
        assert any(
            note.startswith("Opt-out recorded by Ann Operator: “Do not Dial of case 7 is meant")
            for note in stopped.notes(case_id)
        )
    assert stopped.audited() == [
        ("Ann Operator", "question-answered", "case 8", "Yes, stop all", 8)
    ]


def test_no_only_that_case(stopped: Desk) -> None:
    assert "Released" in stopped.answer("No, only that case")
    assert stopped.asked() == []
    for case_id in (8, 9):
        assert not stopped.decision(case_id, HERS).is_restricted_by(Rule.PAUSED)
        assert stopped.notes(case_id)[-1].startswith(
            "Ann Operator decided: the Do not Dial of case 7 is not meant for this case"
        )
    assert stopped.audited() == [
        ("Ann Operator", "question-answered", "case 8", "No, only that case", 8)
    ]


@pytest.mark.parametrize("second", ["all", "only"])
def test_who_answers_second_learns_who_was_first(stopped: Desk, second: str) -> None:
    stopped.answer("No, only that case")
    late = stopped.operator.post("/console/todo/shared/1", answer=second)
    assert "Ann Operator has answered this already" in words(stopped.operator.get(late.location))
    assert len(stopped.audited()) == 1


def test_another_question_has_other_answers(desk: Desk) -> None:
    for case_id in (7, 8):
        desk.case(case_id, HERS)
    desk.text_in(HERS, "STOP")
    for answer in ("all", "only"):
        assert desk.operator.post("/console/todo/shared/1", answer=answer).status_code == 404
    assert desk.asked() == ["Who opted out?"]
