"""To do and Opt-outs, where two phones end in the same four digits: no answer is about the other's.

The questions that hold a case name the last four digits of a phone alone.
"""

from sqlalchemy import select

from bridge.domain.decisions import Rule
from bridge.store.tables import opt_outs, pauses
from tests.support.desk import Desk

HERS, ALIKE = "+14025550114", "+12125550114"


def _is_held(desk: Desk, case_id: int, phone: str) -> bool:
    return desk.decision(case_id, phone).is_restricted_by(Rule.PAUSED, Rule.UNATTRIBUTED)


def test_lifting_an_opt_out_releases_nobody_who_is_held_for_the_other(desk: Desk) -> None:
    for case_id, phone in ((7, HERS), (8, HERS), (9, ALIKE), (10, ALIKE)):
        desk.case(case_id, phone, f"+1402555012{case_id % 10}")
    desk.text_in(HERS, "STOP")
    desk.text_in(ALIKE, "STOP")
    with desk.runtime.db.read() as connection:
        hers = connection.scalar(select(opt_outs.c.id).where(opt_outs.c.phone == HERS))
    desk.operator.post(f"/console/opt-outs/{hers}/lift", reason="She called")
    assert not _is_held(desk, 7, "+14025550127")
    assert not _is_held(desk, 8, "+14025550128")
    assert _is_held(desk, 9, "+14025550129")
    assert _is_held(desk, 10, "+14025550120")
    assert desk.asked() == ["Who opted out?"]


def test_no_go_on_releases_nobody_whose_own_text_is_still_asked_about(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.case(8, ALIKE, "+14025550128")
    desk.text_in(HERS, "I am not interested")
    desk.text_in(ALIKE, "I am not interested")
    with desk.runtime.db.read() as connection:
        of_number = select(pauses.c.id).where(pauses.c.scope == "number", pauses.c.what == ALIKE)
        lifted = connection.scalar(of_number)
    desk.operator.post(f"/console/setup/pauses/{lifted}/lift", reason="It is the office's")
    desk.answer("No, go on")
    assert not _is_held(desk, 7, HERS)
    assert _is_held(desk, 8, "+14025550128")
    desk.answer("No, go on")
    assert not _is_held(desk, 8, "+14025550128")
