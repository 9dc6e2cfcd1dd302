"""Resume lifts what was shown to whoever presses it, once, and nothing that came up meanwhile."""

import re

from sqlalchemy import select

from bridge.domain.decisions import Rule
from bridge.store.tables import pauses
from tests.support.console import words
from tests.support.desk import Desk

HERS, OTHER = "+14025550114", "+14025550115"
CHANGED = "what is paused has changed since you saw it"
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def _form(page: str, action: str) -> dict[str, str]:
    """What the first form that leads there would send."""
    inside = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    assert inside
    return {name: value for name, value in _FIELD.findall(inside) if name != "csrf_token"}


def _press(desk: Desk, path: str, fields: dict[str, str]) -> str:
    return words(desk.operator.get(desk.operator.post(path, **fields).location))


def test_two_presses_do_not_answer_two_questions(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    desk.text_in(HERS, "I am not interested")
    desk.text_in(OTHER, "you people never listen, take me off your list")
    path = "/console/cases/7/resume"
    form = _form(desk.operator.get("/console/cases/7").text, path)
    form.pop("phone", None)
    with desk.runtime.db.read() as connection:
        of_case = select(pauses.c.id).where(pauses.c.scope == "case").order_by(pauses.c.id)
        form["shown"] = " ".join(str(one) for one in connection.scalars(of_case))
    assert form["shown"] in desk.operator.get("/console/cases/7").text
    assert "One question is answered. Still on hold" in _press(desk, path, form)
    assert CHANGED in _press(desk, path, form)
    assert desk.decision(7, "+14025550119").is_restricted_by(Rule.PAUSED)
    assert [line[1] for line in desk.audited()] == ["resumed"]


def test_what_somebody_has_paused_meanwhile_stays_paused(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.operator.post("/console/pause", reason="Lunch")
    stale = _form(desk.operator.get("/console/").text, "/console/resume")
    assert "Calls and texts go out again" in _press(desk, "/console/resume", stale)
    assert "Nothing was paused" in _press(desk, "/console/resume", stale)
    desk.operator.post("/console/pause", reason="A judge has ordered it")
    assert CHANGED in _press(desk, "/console/resume", stale)
    assert desk.decision(7, HERS).is_restricted_by(Rule.PAUSED)
    fresh = _form(desk.operator.get("/console/").text, "/console/resume")
    assert "Calls and texts go out again" in _press(desk, "/console/resume", fresh)
    assert not desk.decision(7, HERS).is_restricted_by(Rule.PAUSED)


def test_a_short_pause_does_not_shorten_a_long_one(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.operator.post("/console/cases/7/pause", reason="A judge has ordered it")
    form = {"scope": "case", "what": "7", "reason": "Lunch", "until": "2026-11-24T13:00"}
    desk.operator.post("/console/setup/pauses/new", **form)
    desk.clock.advance(days=3)
    assert desk.decision(7, HERS).is_restricted_by(Rule.PAUSED)
