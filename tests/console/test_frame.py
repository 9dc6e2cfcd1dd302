"""What all pages have in common: where they are, and errors in the same dress."""

import pytest
from flask.testing import FlaskClient

from tests.support.console import SignedIn, words


def test_its_address_without_the_slash_leads_to_today(operator: SignedIn) -> None:
    answer = operator.get("/console")
    assert (answer.status_code, answer.location) == (302, "/console/")


@pytest.mark.parametrize("path", ["/console/nowhere", "/console/no/such/page", "/console/plan/"])
def test_a_page_that_is_not_there_says_so_in_the_same_dress(
    operator: SignedIn, stranger: FlaskClient, path: str
) -> None:
    answer = operator.get(path)
    assert answer.status_code == 404
    assert "There is no such page" in words(answer)
    assert "Example &amp; Partners" in answer.text
    assert stranger.get(path).status_code == 302, "which pages there are is told to nobody"


def test_what_can_not_be_sent_there_says_so_too(operator: SignedIn, stranger: FlaskClient) -> None:
    answer = operator.post("/console/plan")
    assert (answer.status_code, answer.mimetype) == (405, "text/plain")
    assert stranger.post("/console/plan").status_code == 405


@pytest.mark.parametrize("query", ["?q=%00", "?q=1&digits=a%00b"])
def test_what_no_database_stores_is_refused(operator: SignedIn, query: str) -> None:
    answer = operator.client.get(f"/console/contacts{query}")
    assert answer.status_code == 400
    assert "characters that can't be read" in words(answer)
    assert operator.post("/console/pause", reason="a\0b").status_code == 400


def test_script_in_an_address_shows_as_text(operator: SignedIn) -> None:
    answer = operator.get("/console/<script>alert(1)</script>")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_the_viewers_page_offers_no_button_that_acts(viewer: SignedIn) -> None:
    page = viewer.get("/console/plan").text
    assert "Pause all calls" not in page
    assert "Sign out" in page


@pytest.mark.parametrize("number", [2**63, 10**25])
def test_a_row_that_no_database_could_number_is_missing(operator: SignedIn, number: int) -> None:
    for path in ("cases/{}", "cases/{}/call", "cases/{}/stop", "opt-outs/{}/lift"):
        assert operator.get(f"/console/{path.format(number)}").status_code == 404
    for path in ("cases/{}/pause", "todo/texts/{}", "todo/shared/{}", "setup/pauses/{}/lift"):
        answer = operator.post(f"/console/{path.format(number)}", reason="x", answer="no")
        # No address takes such a number; what is found nowhere can only be looked at.
        assert answer.status_code == 405
