"""The stand-in is as strict as the real one may be, and breaks as it is told."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.faults import Fault
from bridge.sandbox.smartadvocate import SmartAdvocate

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
HERE = "2026-11-23T12:00:00"


@pytest.fixture
def standin() -> Iterator[SmartAdvocate]:
    made = SmartAdvocate(api_key="k", clock=lambda: NOW)
    made.book.add(Case(7, [phone("4025555759")], status="To Dial", attempts="1", dial_at=HERE))
    made.book.add(Case(8, [phone("4025555759")], is_open=False))
    yield made
    made.close()


def _post(standin: SmartAdvocate, call: str, sent: Any, key: str = "k") -> requests.Response:
    return requests.post(f"{standin.url}/{call}", json=sent, headers={"X-ApiKey": key}, timeout=5)


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        ({"CaseID": 7, "Status": "Do not Dial", "NextCall": HERE}, 200),
        ({"CaseID": 7, "Status": "To Dial", "NextCall": "2027-01-01T09:00:00"}, 200),
        ({"CaseID": 7, "Attempts": 2, "Disposition": "Busy"}, 200),
        ({"CaseID": 7}, 400),
        ({"CaseID": 9, "Disposition": "Busy"}, 404),
        ({"CaseID": "7", "Disposition": "Busy"}, 400),
        ({"CaseID": 7, "Disposition": "busy"}, 400),
        ({"CaseID": 7, "Status": "To Dial"}, 400),
        ({"CaseID": 7, "Status": "To dial", "NextCall": HERE}, 400),
        ({"CaseID": 7, "Status": "Do not Dial", "NextCall": "2027-01-01T09:00:00"}, 400),
        ({"CaseID": 7, "Status": "To Dial", "NextCall": "2027-01-01T09:00:00Z"}, 400),
        ({"CaseID": 7, "Status": "To Dial", "NextCall": HERE}, 400),
        ({"CaseID": 7, "Attempts": "2"}, 400),
        ({"CaseID": 7, "Attempts": 21}, 400),
        ({"CaseID": 7, "Attempts": 1}, 400),
        ({"CaseID": 7, "Campaign": "x"}, 400),
    ],
)
def test_updates(standin: SmartAdvocate, entry: dict[str, Any], status: int) -> None:
    assert _post(standin, "UpdateCaseStatus", {"Cases": [entry]}).status_code == status
    changed = standin.book.all()[0].updates
    assert changed == (status == 200)


@pytest.mark.parametrize(
    ("call", "sent", "status"),
    [
        ("AddCaseNote", {"CaseID": 7, "Note": "x"}, 200),
        ("AddCaseNote", {"CaseID": 7, "Note": ""}, 400),
        ("AddCaseNote", {"CaseID": 9, "Note": "x"}, 404),
        ("AddCaseNote", {"CaseID": 7, "Note": "x", "Type": 1}, 400),
        ("AddCaseNoteByPhone", {"Phone": "4025555759", "Note": "x"}, 200),
        ("AddCaseNoteByPhone", {"Phone": "4025550000", "Note": "x"}, 404),
        ("AddCaseNoteByPhone", {"Phone": "+14025555759", "Note": "x"}, 400),
        ("GetCaseInfo", {"CaseID": 7}, 405),
        ("Other", {}, 404),
    ],
)
def test_notes_and_other_calls(
    standin: SmartAdvocate, call: str, sent: dict[str, Any], status: int
) -> None:
    assert _post(standin, call, sent).status_code == status


def test_a_note_by_phone_is_for_the_open_cases(standin: SmartAdvocate) -> None:
    _post(standin, "AddCaseNoteByPhone", {"Phone": "4025555759", "Note": "x"})
    assert [len(case.notes) for case in standin.book.all()] == [1, 0]


def test_the_key_is_asked_for(standin: SmartAdvocate) -> None:
    assert _post(standin, "AddCaseNote", {"CaseID": 7, "Note": "x"}, key="other").status_code == 401
    assert standin.journal() == []


def test_cases_that_are_due(standin: SmartAdvocate) -> None:
    wanted = {"Campaign": "", "CaseGroup": "", "Records": "5", "Auto-change": "false"}
    answer = requests.get(
        f"{standin.url}/GetCasesToDial", params=wanted, headers={"X-ApiKey": "k"}, timeout=5
    )
    assert [case["CaseID"] for case in answer.json()] == [7]
    assert answer.json()[0]["Attempts"] == "1"


def test_faults(standin: SmartAdvocate) -> None:
    note = {"CaseID": 7, "Note": "x"}
    standin.order(Fault(status=503, retry_after=3, count=1))
    answer = _post(standin, "AddCaseNote", note)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    standin.order(Fault(html=True, count=1))
    assert "Please sign in" in _post(standin, "AddCaseNote", note).text
    for drop in ("before", "after"):
        standin.order(Fault(drop=drop, count=1))
        with pytest.raises(requests.ConnectionError):
            _post(standin, "AddCaseNote", note)
    assert _post(standin, "AddCaseNote", note).status_code == 200
    assert [(entry.status, entry.done) for entry in standin.journal()] == [
        (503, False),
        (200, False),
        (0, False),
        (0, True),
        (200, True),
    ]
    assert len(standin.book.all()[0].notes) == 2


def test_its_page_shows_the_cases(standin: SmartAdvocate) -> None:
    _post(standin, "AddCaseNote", {"CaseID": 7, "Note": "busy &amp; late"})
    page = requests.get(standin.url, timeout=5)
    assert "busy &amp; late" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
