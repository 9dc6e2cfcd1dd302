"""Questions that nobody has answered within a business day: a metric, and a warning a day."""

import structlog
from prometheus_client.parser import text_string_to_metric_families

from bridge import sweep
from tests.support.desk import Desk

_WARNING = "Questions overdue: somebody must answer them in To do"


def _measured(desk: Desk) -> tuple[float, float]:
    """How many questions the metrics show, and how many of them as overdue."""
    token = {"Authorization": "Bearer metrics-of-the-tests"}
    page = desk.twilio.client.get("/metrics", headers=token)
    found = {
        sample.name: sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }
    return found["bridge_questions"], found["bridge_questions_overdue"]


def _warned(desk: Desk) -> list[int]:
    with structlog.testing.capture_logs() as logged:
        sweep.run_due(desk.runtime)
    return [line["questions"] for line in logged if line["event"] == _WARNING]


def test_a_question_is_overdue_after_a_business_day(desk: Desk) -> None:
    desk.case(7, "+14025550114")
    assert _measured(desk) == (0, 0)
    desk.text_in("+14025550114", "take me off your list")
    assert _measured(desk) == (1, 0)
    desk.clock.advance(days=3)
    desk.text_in("+14025550114", "not before noon")
    assert _measured(desk) == (2, 1)
    assert _warned(desk) == [1]
    assert _warned(desk) == []
    desk.clock.advance(days=1)
    assert _warned(desk) == [1]
    desk.clock.advance(days=4)
    assert _measured(desk) == (2, 2)


def test_what_was_answered_is_not_warned_about(desk: Desk) -> None:
    desk.case(7, "+14025550114")
    desk.text_in("+14025550114", "take me off your list")
    desk.answer("No, go on")
    desk.clock.advance(days=7)
    assert _measured(desk) == (0, 0)
    assert _warned(desk) == []


def test_cases_held_for_a_shared_phone_are_one_question(desk: Desk) -> None:
    desk.case(7, "+14025550114")
    desk.case(8, "+14025550114")
    desk.text_in("+14025550114", "STOP")
    assert _measured(desk) == (1, 0)
    desk.clock.advance(days=7)
    assert _measured(desk) == (1, 1)
