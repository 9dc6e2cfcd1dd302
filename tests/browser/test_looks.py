"""Every page at three widths, light and dark: axe finds nothing grave, nothing scrolls sideways.

Screenshots of all of them are left in var/screenshots (or in BRIDGE_PICTURES).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize

from bridge.console.views import VIEWS
from tests.browser.conftest import OpenWindow
from tests.browser.office import LONG_NAME, REFUSED, Office
from tests.support.browser import Visitor, grave_faults, picture, put_axe_into, scrolls_sideways
from tests.support.console import PASSWORD

_SIZES = {
    "phone": ViewportSize(width=390, height=844),
    "tablet": ViewportSize(width=768, height=1024),
    "desktop": ViewportSize(width=1280, height=900),
}
_SCHEMES: Mapping[Literal["light", "dark"], Sequence[str]] = {
    "light": (),
    "dark": ("color-contrast", "link-in-text-block"),
}
"""With the rules by which axe looks: all, or those of colors, since nothing else differs."""
_NOT_HERE = ("home", "asset", "missing", "sign_in", "plan_held")
"""Redirects, files, and what is looked at in another place or way."""
_BESIDES = {
    "search-nothing": "/console/search?q=999999",
    "search-several": "/console/search?q=0110",
    "contacts-filtered": "/console/contacts?outcome=busy&channel=call",
    "contacts-nothing": "/console/contacts?outcome=machine&channel=text",
    "case-print": f"/console/cases/{REFUSED}?print=1",
    "case-unknown": "/console/cases/999999",
    "missing": "/console/no-such-page",
}
"""Pages that have several looks, and those of errors."""


@pytest.fixture(scope="module")
def visitor(office: Office, window: OpenWindow) -> Visitor:
    made = window(office, viewport=_SIZES["desktop"])
    made.sign_in("Ann Operator", PASSWORD)
    return made


def test_every_page(visitor: Visitor, pictures: Path) -> None:
    _record_consent(visitor)
    wrong = []
    for name, path in _addresses(visitor).items():
        visitor.go(path)
        wrong += _looked_at(visitor.page, pictures, name)
    # Its address holds for as long as its reason, which may have the time in it.
    group = _found(visitor, "/console/plan", r'id="held-(\w+)"')
    visitor.go(f"/console/plan/held/{group}")
    wrong += _looked_at(visitor.page, pictures, "plan_held")
    assert not wrong, "\n".join(wrong)


def test_a_refused_input(visitor: Visitor, pictures: Path) -> None:
    visitor.go("/console/pause")
    visitor.page.get_by_label("Reason").fill(" ")
    visitor.press("Pause all calls")
    visitor.sees("reason")
    assert not _looked_at(visitor.page, pictures, "pause-refused")
    visitor.go("/console/todo")
    question = visitor.page.locator(".console-questions > li").filter(has_text="Whose call")
    question.get_by_label("Number of the case").fill("999999")
    visitor.press("Assign", question)
    visitor.sees("The bridge has never seen a case 999999.")
    assert not _looked_at(visitor.page, pictures, "assign")


def test_while_all_is_paused(visitor: Visitor, pictures: Path) -> None:
    visitor.go("/console/pause")
    visitor.page.get_by_label("Reason").fill("The court has told us to stop until Monday")
    visitor.press("Pause all calls")
    visitor.sees("All calls and texts are paused")
    wrong = []
    for name in ("today", "plan"):
        visitor.menu(name.capitalize())
        wrong += _looked_at(visitor.page, pictures, f"{name}-paused")
    visitor.press("Resume")
    visitor.does_not_see("All calls and texts are paused")
    assert not wrong, "\n".join(wrong)


def test_setup_without_a_worker(office: Office, visitor: Visitor, pictures: Path) -> None:
    with office.without_worker():
        visitor.go("/console/setup")
        visitor.sees("No worker is running.")
        assert not _looked_at(visitor.page, pictures, "setup-without-worker")


def test_signed_out(office: Office, window: OpenWindow, pictures: Path) -> None:
    stranger = window(office)
    stranger.go("/console/plan")
    assert not _looked_at(stranger.page, pictures, "sign-in")
    stranger.page.get_by_label("Your name").fill("Ann")
    stranger.page.get_by_label("Password").fill("guessed")
    stranger.press("Sign in")
    stranger.sees("That password is not right.")
    assert not _looked_at(stranger.page, pictures, "sign-in-refused")


def test_on_paper(visitor: Visitor, pictures: Path) -> None:
    visitor.go(_BESIDES["case-print"])
    page = visitor.page
    # Letter, less half an inch at each side.
    page.set_viewport_size(ViewportSize(width=720, height=960))
    page.emulate_media(media="print", color_scheme="light")
    picture(page, pictures, "case-on-paper")
    assert not scrolls_sideways(page)
    visitor.sees("What Twilio reported")
    assert not page.get_by_role("navigation", name="Pages").is_visible()
    page.emulate_media(media="screen")


def _record_consent(visitor: Visitor) -> None:
    """A consent is on file, through the form."""
    visitor.go("/console/consents/new")
    for label, typed in {
        "Phone number": "(402) 555-0180",
        "Exactly what the person has agreed to": f"Text me about {LONG_NAME}",
        "How it was given": "web form",
        "Where the proof is": f"https://firm.example.com/{LONG_NAME}",
        "When it was given": "2025-01-05T09:00",
    }.items():
        visitor.page.get_by_label(label).fill(typed)
    visitor.press("Record it")
    visitor.sees("Recorded: consent to text at …0180.")


def _addresses(visitor: Visitor) -> dict[str, str]:
    """The addresses of all pages, each by the name of its picture."""
    known = {
        "case_id": str(REFUSED),
        "callback_id": _found(visitor, "/console/todo", r"/todo/callbacks/(\d+)"),
        "opt_out_id": _found(visitor, "/console/opt-outs", r"/opt-outs/(\d+)/lift"),
        "consent_id": _found(visitor, "/console/consents", r"/consents/(\d+)/revoke"),
    }
    pages = [
        (name, rule)
        for rule, name, _, methods in VIEWS
        if "GET" in methods and name not in _NOT_HERE and not rule.endswith(".csv")
    ]
    return {
        name: re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known[found[1]], rule)
        for name, rule in pages
    } | _BESIDES


def _found(visitor: Visitor, path: str, pattern: str) -> str:
    """What a page has at this place, by now or soon."""
    visitor.go(path)
    found = re.search(pattern, visitor.page.content())
    assert found is not None, f"{path} has no {pattern}"
    return found[1]


def _looked_at(page: Page, pictures: Path, name: str) -> list[str]:
    """What is wrong with a page, in every size and scheme."""
    wrong = []
    put_axe_into(page)
    for size, viewport in _SIZES.items():
        page.set_viewport_size(viewport)
        for scheme, rules in _SCHEMES.items():
            # Without transitions: halfway from light to dark there is no contrast to speak of.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            picture(page, pictures, f"{name}-{size}-{scheme}")
            if faults := grave_faults(page, *rules):
                wrong.append(f"{name}, {size}, {scheme}: {faults}")
        if scrolls_sideways(page):
            wrong.append(f"{name} scrolls sideways at {viewport['width']} pixels")
    return wrong
