"""Pause all calls: two steps from any page, with a reason; everybody sees it; resume."""

import pytest
from sqlalchemy import select

from bridge.runtime import Runtime
from bridge.store import tables
from bridge.store.console import audit
from bridge.store.dialing import pauses
from tests.support.console import SignedIn, words


def test_everything_is_paused_in_two_steps_and_resumed(
    operator: SignedIn, viewer: SignedIn, runtime: Runtime
) -> None:
    assert "Pause all calls" in operator.get("/console/plan").text
    assert "reason" in words(operator.get("/console/pause")).lower()
    answer = operator.post("/console/pause", reason="The office is closed by snow")
    assert answer.status_code == 303
    with runtime.db.read() as connection:
        [kept] = pauses.active(connection, runtime.clock())
    assert (kept.pause.scope, kept.pause.reason) == ("everything", "The office is closed by snow")
    for somebody in (operator, viewer):
        page = somebody.get("/console/contacts").text
        assert "All calls and texts are paused" in page
        assert "by Ann Operator" in page
        assert "The office is closed by snow" in page
    assert "Resume" not in viewer.get("/console/contacts").text
    assert operator.post("/console/resume", reason="The snow is gone").status_code == 303
    assert "All calls and texts are paused" not in operator.get("/console/contacts").text
    with runtime.db.read() as connection:
        assert pauses.active(connection, runtime.clock()) == []
        newest = audit.newest(connection, 2)
        lifted = connection.execute(select(tables.pauses)).one()
    assert (lifted.lifted_by, lifted.lift_reason) == ("console: Ann Operator", "The snow is gone")
    assert [(line.actor, line.action, line.reason) for line in newest] == [
        ("Ann Operator", "resumed", "The snow is gone"),
        ("Ann Operator", "paused", "The office is closed by snow"),
    ]


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_pause_needs_a_reason(operator: SignedIn, runtime: Runtime, reason: str) -> None:
    answer = operator.post("/console/pause", reason=reason)
    assert (answer.status_code, "Please give a reason" in answer.text) == (400, True)
    with runtime.db.read() as connection:
        assert pauses.active(connection, runtime.clock()) == []
