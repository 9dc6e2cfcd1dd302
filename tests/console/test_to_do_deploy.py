"""To do, when code of two versions, or a replay, has been at the same callbacks."""

import pytest
from sqlalchemy import update

from bridge import sweep
from bridge.callbacks.intake import replay
from bridge.domain.decisions import Rule
from bridge.store.tables import callbacks
from tests.support.desk import Desk

HERS = "+14025550114"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("take me off your list", "Does this text mean stop?"),
        ("you have the wrong number", "Is this number wrong?"),
    ],
)
def test_what_an_old_process_left_unasked_in_a_deploy_is_asked(
    desk: Desk, text: str, question: str
) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "Thanks, talk to you soon")
    desk.text_in(HERS, text)
    with desk.runtime.db.begin() as connection:
        connection.execute(update(callbacks).values(question=None))
    assert desk.asked() == []
    assert desk.decision(7, HERS).is_restricted_by(Rule.PAUSED)
    sweep.run_due(desk.runtime)
    assert desk.asked() == [question]
    desk.answer("No, go on" if "stop" in question else "No, it is right")
    desk.clock.advance(hours=1)
    sweep.run_due(desk.runtime)
    assert not desk.decision(7, HERS).is_restricted_by(Rule.PAUSED)


def test_what_was_seen_and_then_replayed_asks_its_question(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "take me off your list")
    with desk.runtime.db.begin() as connection:
        # As by code that could not read it yet.
        connection.execute(update(callbacks).values(verdict="malformed", question="malformed"))
    desk.answer("Seen")
    assert desk.asked() == []
    replay(desk.runtime, [1])
    assert desk.asked() == ["Does this text mean stop?"]
