"""Somebody at the firm steers the calls from a browser, and SmartAdvocate and people notice."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bridge.sandbox.casebook import LOCKED
from bridge.sandbox.dialects import DO_NOT_DIAL
from bridge.sandbox.manner import BUSY, NO_ANSWER, Manner
from tests.browser.conftest import OpenWindow
from tests.browser.office import Office
from tests.support.browser import Visitor
from tests.support.console import PASSWORD, VIEW_PASSWORD
from tests.support.postgres import Postgres
from tests.support.processes import wait_until

_TALKS = Manner(key="1", talks_for=94)
_BUSY = Manner(BUSY)
_LOW = {"width": 1280, "height": 300}
"""A window in which Today must be scrolled."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One with nobody who is due yet."""
    home = tmp_path_factory.mktemp("office")
    server: Postgres | None = None
    if request.param == "sqlite":
        name = str(home / "bridge.db")
        shutil.copy(request.getfixturevalue("sqlite_template"), name)
        url = f"sqlite:///{name}"
    else:
        template = request.getfixturevalue("postgres_template")
        server = request.getfixturevalue("postgres")
        name = server.emptied_or_new(template)
        url = server.url(name)
    made = Office(home, url)
    try:
        made.open()
        yield made
    finally:
        made.close()
        if server is not None:
            server.take_back(name)


@pytest.fixture(scope="module")
def visitor(office: Office, window: OpenWindow) -> Visitor:
    """Ann, who may act."""
    made = window(office, viewport=_LOW, permissions=["clipboard-read", "clipboard-write"])
    made.sign_in("Ann Operator", PASSWORD)
    return made


def test_calls_arrive_without_a_reload(office: Office, visitor: Visitor) -> None:
    page = visitor.page
    visitor.today()
    visitor.sees("No calls or texts yet.")
    page.evaluate("window.marker = 'the same page'")
    page.keyboard.press("/")
    page.keyboard.type("20")
    page.evaluate("window.scrollTo(0, 40)")
    for case_id, manner in ((201, _TALKS), (202, _BUSY), (203, Manner(NO_ANSWER))):
        office.due(case_id, office.number(case_id % 100), manner)
    for case_id, words in ((201, "Talked with us"), (202, "Busy"), (203, "No answer")):
        row = page.locator("#latest tr", has_text=str(case_id)).filter(has_text=words)
        expect(row).to_be_visible()
    expect(_tile(page, "Calls today")).to_have_text("3")
    expect(_tile(page, "Talked with us")).to_have_text("1")
    assert page.evaluate("window.marker") == "the same page"
    assert page.evaluate("window.scrollY") == 40
    expect(page.get_by_label("Case or phone")).to_be_focused()
    expect(page.get_by_label("Case or phone")).to_have_value("20")


def test_a_dead_letter_is_retried(office: Office, visitor: Visitor) -> None:
    office.refuses_outcomes(True)
    office.due(211, office.number(11), _BUSY)
    visitor.go_until("/console/todo", LOCKED)
    card = _card(visitor, "SmartAdvocate refused this")
    expect(card).to_contain_text("211")
    office.refuses_outcomes(False)
    visitor.press("Retry", card)
    visitor.sees("1 message will be sent again.")
    wait_until(lambda: office.case(211).disposition == "Busy", "SmartAdvocate is not told")
    visitor.go_until("/console/todo", "Nothing needs you.")


def test_an_unmatched_call_is_assigned(office: Office, visitor: Visitor) -> None:
    office.due(221, office.number(21), _BUSY)
    office.await_note(221, "busy")
    stranger = office.number(99)
    office.missed_call_from(stranger)
    visitor.go_until("/console/todo", "Whose call was this?")
    card = _card(visitor, "Whose call was this?")
    expect(card).to_contain_text("…0199")
    card.get_by_label("Number of the case").fill("221")
    visitor.press("Assign", card)
    visitor.sees("Assigned to case 221.")
    office.await_note(221, "missed")
    visitor.search("221")
    visitor.sees("Called us, nobody answered")


def test_nobody_is_dialed_while_all_calls_are_paused(office: Office, visitor: Visitor) -> None:
    _pause(visitor, "The office is on fire")
    office.due(231, office.number(31), _BUSY)
    visitor.go_until("/console/plan", "1 case is held back.")
    visitor.sees("All calls and texts are paused")
    visitor.sees("by Ann Operator: The office is on fire")
    assert not office.was_reached(office.number(31))
    visitor.press("Resume")
    visitor.does_not_see("All calls and texts are paused")
    office.await_note(231, "busy")


def test_does_this_text_mean_stop(office: Office, visitor: Visitor) -> None:
    stays, leaves, other = office.number(41), office.number(42), office.number(43)
    _pause(visitor, "Until both have written")
    office.due(241, stays, _TALKS)
    office.due(242, leaves, _TALKS)
    visitor.go_until("/console/plan", "2 cases are held back.")
    for number in (stays, leaves):
        assert office.exchange.text_in(number, "please take me off your list")
        visitor.go_until("/console/todo", f"…{number[-4:]}")
    visitor.press("Resume")
    office.due(243, other, _BUSY)
    office.await_note(243, "busy")
    assert not office.was_reached(stays)
    assert not office.was_reached(leaves)
    visitor.menu("To do")
    visitor.press("No, go on", _card(visitor, stays[-4:]))
    visitor.sees("Released")
    visitor.press("Yes, stop", _card(visitor, leaves[-4:]))
    visitor.sees("Opted out.")
    office.await_note(241, "connected to the firm")
    office.await_status(242, DO_NOT_DIAL)
    assert not office.was_reached(leaves)


def test_do_not_contact_and_lift(office: Office, visitor: Visitor) -> None:
    office.due(251, office.number(51), _BUSY)
    office.await_note(251, "busy")
    visitor.search("251")
    visitor.press("Do not contact")
    visitor.page.get_by_label("Reason").fill("She told Ann on Monday")
    visitor.press("Do not contact")
    visitor.sees("No call is planned because")
    office.await_status(251, DO_NOT_DIAL)
    office.await_note(251, "She told Ann on Monday")
    visitor.menu("Opt-outs")
    row = visitor.page.get_by_role("row").filter(has_text="251")
    expect(row).to_contain_text("in effect")
    visitor.press("Lift the opt-out of case 251")
    visitor.page.get_by_label("Why it is lifted").fill("She wrote that she wants calls again")
    visitor.press("Lift this opt-out")
    expect(row).to_contain_text("lifted")
    expect(row).to_contain_text("She wrote that she wants calls again")
    office.await_note(251, "She wrote that she wants calls again")


def test_an_address_is_copied_and_compared_with_twilio(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/console/setup")
    visitor.press("Re-check")
    checklist = page.locator("#checklist")
    expect(checklist).to_contain_text("for Ann Operator")
    row = page.get_by_role("row").filter(has_text="/twilio/messages/inbound")
    expect(row).not_to_contain_text("not compared yet")
    row.get_by_role("button").click()
    expect(row.get_by_role("button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == row.get_by_role("code").text_content()
    assert copied.partition("#")[2], "Twilio is asked to repeat what failed"


def test_my_own_phone_rings(office: Office, visitor: Visitor) -> None:
    visitor.go("/console/setup")
    visitor.press("Call my phone")
    visitor.page.get_by_label("Your phone number").fill(office.number(61))
    visitor.page.get_by_label("This is my own phone").check()
    visitor.press("Call my phone")
    steps = visitor.page.locator("#test-call-steps")
    expect(steps).not_to_contain_text("not yet")
    assert [call.to for call in office.exchange.calls()].count(office.number(61)) == 1


def test_files_are_read(office: Office, visitor: Visitor, tmp_path: Path) -> None:
    office.due(271, office.number(71), _BUSY)
    office.await_note(271, "busy")
    visitor.go("/console/contacts?case=271&channel=call")
    (row,) = _saved(visitor.page, tmp_path)
    assert (row["case"], row["phone"], row["what happened"]) == ("271", "…0171", "Busy")
    visitor.go("/console/cases/271")
    lines = [row["what"] for row in _saved(visitor.page, tmp_path)]
    assert any("SmartAdvocate was told" in line for line in lines)
    assert not any(office.number(71) in line for line in lines)


def test_whoever_may_only_look_has_no_buttons(
    office: Office, visitor: Visitor, window: OpenWindow
) -> None:
    office.missed_call_from(office.number(98))
    viewer = window(office)
    viewer.sign_in("Vic Viewer", VIEW_PASSWORD)
    viewer.go_until("/console/todo", "Whose call was this?")
    pages = ["/console/", "/console/contacts", "/console/plan", "/console/opt-outs"]
    pages += ["/console/setup", "/console/setup/pauses", "/console/todo", "/console/cases/201"]
    for path in pages:
        viewer.go(path)
        names = viewer.page.get_by_role("button").all_inner_texts()
        assert set(names) <= {"Sign out", "Filter", "Copy"}, path
    visitor.go("/console/todo")
    visitor.press("Nobody’s", _card(visitor, "Whose call was this?"))
    visitor.sees("Nothing needs you.")


def test_after_signing_out_nothing_is_shown(office: Office, window: OpenWindow) -> None:
    leaver = window(office)
    leaver.sign_in("Lea Leaver", PASSWORD)
    leaver.go("/console/cases/201")
    leaver.sees("What has happened")
    cookies = leaver.page.context.storage_state()
    leaver.press("Sign out")
    expect(leaver.page.get_by_label("Password")).to_be_visible()
    leaver.page.go_back()
    expect(leaver.page.get_by_label("Password")).to_be_visible()
    thief = window(office, storage_state=cookies)
    thief.go("/console/cases/201")
    expect(thief.page.get_by_label("Password")).to_be_visible()


def _tile(page: Page, says: str) -> Locator:
    return page.locator("#tiles li").filter(has_text=says).locator("strong")


def _card(visitor: Visitor, words: str) -> Locator:
    return visitor.page.locator(".console-questions > li").filter(has_text=words)


def _pause(visitor: Visitor, reason: str) -> None:
    visitor.today()
    visitor.press("Pause all calls")
    visitor.page.get_by_label("Reason").fill(reason)
    visitor.press("Pause all calls")
    visitor.sees(reason)


def _saved(page: Page, folder: Path) -> list[dict[str, str]]:
    """The rows of the file behind the page's button CSV."""
    with page.expect_download() as awaited:
        page.get_by_role("link", name="CSV").click()
    path = folder / awaited.value.suggested_filename
    awaited.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
