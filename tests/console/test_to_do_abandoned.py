"""To do names a campaign that goes agent first, with the figures, until somebody resumes it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from bridge.checking.voice import of_campaigns
from bridge.dialing import abandoned_calls
from bridge.domain.folding import fold_label
from bridge.runtime import Runtime
from bridge.store.dialing import abandonment
from bridge.store.tables import communications
from tests.support.clock import Clock
from tests.support.console import SignedIn
from tests.support.desk import Desk

ASKED = "Campaign Spring goes agent first: calls were abandoned"


@pytest.fixture
def desk(runtime: Runtime, operator: SignedIn, clock: Clock) -> Iterator[Desk]:
    made = Desk(runtime, operator, clock)
    yield made
    made.close()


def _answered(desk: Desk, answered: int, abandoned: int, days: int = 1) -> None:
    """So many calls of the campaign were answered then, and are judged now."""
    at = desk.clock() - timedelta(days=days)
    rows = [
        {
            "channel": "call",
            "sid": f"CA{days:012d}{number:020d}",
            "direction": "outbound",
            "evidence": "url",
            "status": "completed",
            "answer": "human",
            "outcome": "talked",
            "campaign": "Spring",
            "created_at": at,
            "updated_at": at,
            "greeted_at": at,
            "abandoned": number < abandoned,
        }
        for number in range(answered)
    ]
    with desk.runtime.db.begin() as connection:
        connection.execute(insert(communications), rows)
    abandoned_calls.judge_campaigns(desk.runtime)


def _is_held(desk: Desk) -> bool:
    with desk.runtime.db.read() as connection:
        return fold_label("Spring") in abandonment.held(connection)


def _measured(desk: Desk) -> dict[str, float]:
    token = {"Authorization": "Bearer metrics-of-the-tests"}
    page = desk.twilio.client.get("/metrics", headers=token)
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
        if sample.labels.get("campaign") == "Spring"
    }


def _checked(desk: Desk) -> list[str]:
    with desk.runtime.db.read() as connection:
        return [found.sentence for found in of_campaigns(abandonment.listed(connection))]


def test_two_percent_are_warned_about_and_three_are_too_many(desk: Desk) -> None:
    _answered(desk, 100, 1)
    assert (desk.asked(), _checked(desk)) == ([], [])
    _answered(desk, 100, 4, days=2)
    assert desk.asked() == []
    (says,) = _checked(desk)
    assert says.startswith("5 of 200 calls that a person answered in the last 30 days were aban")
    assert says.endswith("(2.5%); at 3 % it goes agent first")
    _answered(desk, 10, 9, days=3)
    assert desk.asked() == [ASKED]
    assert "14 of 210 calls that a person answered" in desk.page()
    assert "it goes agent first: see To do" in _checked(desk)[0]
    assert _measured(desk) == {
        "bridge_calls_answered": 210,
        "bridge_calls_abandoned": 14,
        "bridge_agent_first": 1,
    }


def test_somebody_resumes_it_with_a_reason(desk: Desk) -> None:
    _answered(desk, 40, 20)
    assert "go client first again" in desk.answer("Client first again", reason="two more phones")
    assert (desk.asked(), _is_held(desk)) == ([], False)
    assert desk.audited() == [
        ("Ann Operator", "client-first-resumed", "campaign Spring", "two more phones", None)
    ]
    # What was before counts no more.
    desk.clock.advance(hours=1)
    abandoned_calls.judge_campaigns(desk.runtime)
    assert not _is_held(desk)
    _answered(desk, 40, 20, days=0)
    assert desk.asked() == [ASKED]


def test_without_a_reason_nothing_is_resumed(desk: Desk) -> None:
    _answered(desk, 40, 20)
    assert "Please say why" in desk.answer("Client first again", reason="  ")
    assert _is_held(desk)
    assert desk.audited() == []


def test_who_answers_second_changes_nothing(desk: Desk) -> None:
    _answered(desk, 40, 20)
    desk.answer("Client first again", reason="two more phones")
    late = desk.operator.post("/console/todo/campaigns/1", reason="me too")
    assert late.status_code == 303
    assert len(desk.audited()) == 1


def test_it_ends_by_itself_once_the_share_is_lower(desk: Desk) -> None:
    _answered(desk, 40, 2)
    assert desk.asked() == [ASKED]
    _answered(desk, 100, 0, days=2)
    assert desk.asked() == []
