"""What somebody sends who wants to break the console, or hurries."""

import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bridge.runtime import Runtime
from bridge.store.callbacks import contact_list
from bridge.store.callbacks.contact_list import Page
from bridge.store.tables import audit
from tests.support.console import PASSWORD, SignedIn, words

NUMBERS = ("9" * 19, "9" * 5000)
"""More than a column holds, and more digits than Python reads as a number."""
PAGES = (
    "/console/cases/{}",
    "/console/cases/{}.csv",
    "/console/cases/{}/evidence",
    "/console/cases/{}/evidence.csv",
    "/console/cases/{}/call",
    "/console/todo/callbacks/{}",
    "/console/opt-outs/{}/lift",
    "/console/contacts?before={}.1-1",
    "/console/contacts?before=1.1-{}",
    "/console/contacts?after=1.{}-1",
    "/console/contacts?case={}",
    "/console/contacts?day={}",
    "/console/search?q={}",
    "/console/todo?after={}.{}.{}",
    "/console/plan?after={}~due~1~x",
    "/console/plan?after=1~due~{}~x",
    "/console/opt-outs?case={}&digits={}&before={}",
    "/console/audit?before={}",
    "/console/setup/pauses?after={}",
)
ACTIONS = (
    ("/console/cases/{}/number", "phone"),
    ("/console/cases/{}/stop", "reason"),
    ("/console/cases/7/number", "phone"),
    ("/console/cases/7/resume", "phone"),
    ("/console/todo/texts/{}", "answer"),
    ("/console/todo/assign", "case"),
    ("/console/todo/retry", "id"),
    ("/console/todo/give-up", "like"),
    ("/console/opt-outs/new", "case"),
    ("/console/setup/pauses/{}/lift", "reason"),
)


@pytest.mark.parametrize("number", NUMBERS, ids=len)
def test_numbers_too_large_are_no_error_of_ours(
    operator: SignedIn, stranger: FlaskClient, number: str
) -> None:
    for page in PAGES:
        answer = operator.client.get(page.replace("{}", number))
        assert answer.status_code in {200, 400, 404}, page
        assert "integer string" not in answer.text, page
    assert stranger.get(f"/console/cases/{number}").status_code == 302
    for action, field in ACTIONS:
        answer = operator.post(action.replace("{}", number), **{field: number})
        assert answer.status_code < 500, action


def test_a_reason_is_cut_and_shown_without_whole_numbers(
    operator: SignedIn, runtime: Runtime
) -> None:
    operator.post("/console/pause", reason="Ring (402) 555-0114 first. " + "x" * 5000)
    page = operator.get("/console/plan").text
    assert "Ring …0114 first." in page
    assert "x" * 201 not in page
    for shown in ("/console/audit", "/console/audit.csv", "/console/setup/pauses"):
        answer = operator.get(shown).text
        assert "…0114" in answer
        assert "555-0114" not in answer
    with runtime.db.read() as connection:
        kept = connection.scalars(select(audit.c.reason).where(audit.c.action == "paused")).one()
    assert len(kept) == 200


@pytest.mark.parametrize(
    "name", ["=1+1", " =1+1", '"=1+1', "\uff1d1+1", "\uff20SUM(1)", "' \u200b+1", "-1"]
)
def test_no_cell_is_a_formula(operator: SignedIn, name: str) -> None:
    operator.post("/console/setup/pauses/new", scope="texts", reason=name)
    cells = operator.get("/console/audit.csv").text.splitlines()[1]
    assert cells.endswith(f""","'{name.strip().replace('"', '""')}\"""")


@pytest.mark.parametrize("page", ["/console/plan.csv", "/console/audit.csv"])
def test_whoever_takes_a_file_along_is_in_the_audit(operator: SignedIn, page: str) -> None:
    assert operator.get(page).status_code == 200
    assert "Exported" in words(operator.get("/console/audit"))


def test_one_file_at_a_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    first, second = SignedIn(app, "Ann", PASSWORD), SignedIn(app, "Bob", PASSWORD)

    def slow(*_: Any) -> Page:
        begun.set()
        go_on.wait(30)
        return Page((), None)

    monkeypatch.setattr(contact_list, "older", slow)
    answers: list[int] = []
    made = threading.Thread(
        target=lambda: answers.append(first.get("/console/contacts.csv").status_code)
    )
    made.start()
    assert begun.wait(30)
    refused = second.get("/console/audit.csv")
    go_on.set()
    made.join()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert "Another file is being made" in words(refused)
    assert answers == [200]
    assert second.get("/console/audit.csv").status_code == 200
