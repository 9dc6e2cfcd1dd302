"""Twelve questions of a law firm, each answered from Today within so many clicks or keys."""

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.office import Office
from tests.support.browser import Visitor
from tests.support.console import PASSWORD


@pytest.fixture(scope="module")
def visitor(office: Office, window: OpenWindow) -> Visitor:
    made = window(office, viewport={"width": 1280, "height": 900})
    made.sign_in("Ann Operator", PASSWORD)
    return made


@pytest.fixture(autouse=True)
def _from_today(visitor: Visitor) -> None:
    visitor.today()


def _number(visitor: Visitor, says: str) -> str:
    tile = visitor.page.locator("#tiles li").filter(has_text=says)
    return tile.locator("strong").inner_text()


def test_is_it_working(visitor: Visitor) -> None:
    state = visitor.page.locator("#state")
    expect(state).to_contain_text("Working. Twilio last heard")
    expect(state).to_contain_text("SmartAdvocate answers · dialer running")
    assert visitor.actions == 0


def test_how_many_calls_today(visitor: Visitor, office: Office) -> None:
    calls = [one for one in office.exchange.calls() if one.parent_sid is None and not one.inbound]
    # One that Twilio refused is shown as not delivered; of another nothing is heard for an hour.
    heard = [one for one in office.exchange.texts() if not office.manners[one.to].mute]
    refused = [
        one
        for one in office.exchange.journal()
        if one.path.endswith("/Messages.json") and one.status == requests.codes.bad_request
    ]
    tiles = visitor.page.locator("#tiles")
    expect(tiles).to_contain_text(re.compile(rf"\b{len(calls)}\s+Calls today"))
    texts = len(heard) + len(refused)
    expect(tiles).to_contain_text(re.compile(rf"\b{texts}\s+Texts today"))
    assert int(_number(visitor, "Talked with us")) == sum(
        one.person.expected.disposition == "Successful" for one in office.roles
    )
    assert visitor.actions == 0


def test_when_do_people_answer(visitor: Visitor) -> None:
    charts = visitor.page.locator("#charts")
    expect(charts).to_contain_text(re.compile(r"People answer most often between \d+ [AP]M"))
    expect(charts.get_by_role("img", name=re.compile("^Calls by hour"))).to_be_visible()
    expect(charts.get_by_role("img", name=re.compile("^Share of answered calls"))).to_be_visible()
    assert visitor.actions == 0


def test_does_anything_need_me(visitor: Visitor) -> None:
    expect(visitor.page.locator("#to-do-count")).to_have_text(re.compile(r"^\d+$"))
    assert _number(visitor, "Need you") == visitor.page.locator("#to-do-count").inner_text()
    assert visitor.actions == 0


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("presses 1 and talks", ("Talked with us", "1 call so far: talked with us.")),
        ("listens", ("Picked up, did not ask for us", "22 s", "Next call")),
        ("busy", ("1 call so far: busy. Next call", "for the person", "Why then?")),
        ("writes STOP", ("No calls so far.", "No call is planned because", "opted out")),
        ("in another zone, at night", ("No calls so far. Next call", "hours allow contact only")),
    ],
)
def test_was_she_called_and_what_happened(
    visitor: Visitor, office: Office, who: str, words: tuple[str, ...]
) -> None:
    """Did she talk with us? Why not? When next? By the case, and by the phone."""
    role = next(one for one in office.roles if one.person.label == who)
    for typed in (str(role.case_id), role.number):
        visitor.today()
        visitor.search(typed)
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text(f"Case {role.case_id}")
        for said in words:
            visitor.sees(said)
        assert visitor.actions == 1


def test_which_things_need_me(visitor: Visitor) -> None:
    visitor.menu("To do")
    for asked in (
        "Does this text mean stop?",
        "Whose call was this?",
        "Who opted out?",
        "Is this number wrong?",
        "SmartAdvocate refused this",
        "Twilio sent something that could not be used",
    ):
        visitor.sees(asked)
    assert visitor.actions == 1


def test_what_goes_out_tomorrow(visitor: Visitor, office: Office) -> None:
    visitor.menu("Plan")
    visitor.sees(re.compile(r"in the next 24 hours, and \d+ cases come due; 1 case is held back"))
    coming = visitor.page.get_by_role("region", name="The next 24 hours")
    for label in ("busy", "in another zone, at night"):
        role = next(one for one in office.roles if one.person.label == label)
        row = coming.get_by_role("row").filter(has_text=str(role.case_id))
        expect(row.get_by_role("rowheader")).to_have_text(re.compile(r"\d [AP]M ET$"))
    assert visitor.actions == 1


def test_who_told_us_to_stop(visitor: Visitor, office: Office) -> None:
    visitor.menu("Opt-outs")
    for label, way in (("writes STOP", "STOP"), ("presses 9", "key")):
        role = next(one for one in office.roles if one.person.label == label)
        row = visitor.page.get_by_role("row").filter(has_text=f"Case {role.case_id}")
        expect(row).to_contain_text(way)
        expect(row).to_contain_text("in effect")
    assert visitor.actions == 1


def test_stop_everything_now(visitor: Visitor) -> None:
    visitor.press("Pause all calls")
    visitor.page.get_by_label("Reason").fill("A judge said so")
    visitor.press("Pause all calls")
    visitor.sees(re.compile("All calls and texts are paused since .* by Ann Operator:"))
    assert visitor.actions == 2
    visitor.press("Resume")
    visitor.does_not_see("A judge said so")


def test_prove_it(visitor: Visitor, office: Office, tmp_path: Path) -> None:
    role = next(one for one in office.roles if one.person.label == "presses 9")
    visitor.search(str(role.case_id))
    with visitor.page.expect_download() as awaited:
        visitor.follow("CSV")
    awaited.value.save_as(tmp_path / "case.csv")
    assert "9" in (tmp_path / "case.csv").read_text()
    assert visitor.actions == 2
    visitor.today()
    visitor.search(str(role.case_id))
    visitor.follow("Print")
    visitor.sees("Everything is unfolded.")
    visitor.sees("Pressed 9")
    assert visitor.actions == 2
