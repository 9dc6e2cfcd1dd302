"""The system's Chromium, and somebody who sits in front of it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.support.processes import wait_until

PATIENCE_MS = 60_000.0
"""How long a page may take to show something: met early, it costs nothing."""

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_GRAVE = ("serious", "critical")


def find_program() -> str | None:
    """Where the system's Chromium is."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; the test is skipped where none is installed, except where nothing may be."""
    program = find_program()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        # Root has no sandbox to put it into; its cache is not to depend on a small /dev/shm.
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()


class Visitor:
    """Somebody at the console, who counts every click, key and address that is needed."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        self.actions = 0
        page.set_default_timeout(PATIENCE_MS)

    def sign_in(self, name: str, password: str) -> None:
        """Sign in through the form, and see the page that follows."""
        self.page.goto(f"{self._url}/console/sign-in")
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def go(self, path: str) -> None:
        """Open an address; not counted."""
        self.page.goto(f"{self._url}{path}")

    def go_until(self, path: str, text: str) -> None:
        """Open an address again and again until it shows this; not counted."""

        def is_shown() -> bool:
            self.go(path)
            return text in self.page.locator("main").inner_text()

        wait_until(is_shown, f"{path} does not show {text!r}", every=0.3)

    def today(self) -> None:
        """Sit in front of Today, from where actions are counted."""
        self.go("/console/")
        self.actions = 0

    def menu(self, label: str) -> None:
        """Follow the menu: one action."""
        self.actions += 1
        pages = self.page.get_by_role("navigation", name="Pages")
        pages.get_by_role("link", name=re.compile(f"^{re.escape(label)}")).click()

    def follow(self, label: str | re.Pattern[str]) -> None:
        """Follow a link: one action."""
        self.actions += 1
        self.page.get_by_role("link", name=label).first.click()

    def press(self, label: str | re.Pattern[str], within: Locator | None = None) -> None:
        """Press a button: one action."""
        self.actions += 1
        place: Any = within or self.page
        place.get_by_role("button", name=label).first.click()

    def search(self, text: str) -> None:
        """Type `/`, the text, and Enter: one action."""
        self.actions += 1
        self.page.keyboard.press("/")
        box = self.page.get_by_label("Case or phone")
        expect(box).to_be_focused()
        box.fill(text)
        box.press("Enter")

    def sees(self, text: str | re.Pattern[str]) -> None:
        """The page shows this, by now or soon."""
        expect(self.page.locator("body")).to_contain_text(text)

    def does_not_see(self, text: str | re.Pattern[str]) -> None:
        """The page doesn't show this, by now or soon."""
        expect(self.page.locator("body")).not_to_contain_text(text)


def put_axe_into(page: Page) -> None:
    """Let a page be looked through by `grave_faults`, until it is left."""
    page.evaluate(f"{AXE_FILE_PATH.read_text(encoding='utf-8')}; null")


def grave_faults(page: Page, *rules: str) -> str:
    """What axe finds serious or critical on a page, as a report; empty if nothing.

    By these rules alone, or by all without any.
    """
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = page.evaluate("options => axe.run(options).then(found => found.violations)", options)
    return "\n".join(
        f"{fault['id']} ({fault['impact']}): {fault['help']}\n"
        + "\n".join(f"    {node['html'][:200]}" for node in fault["nodes"][:5])
        for fault in found
        if fault["impact"] in _GRAVE
    )


def scrolls_sideways(page: Page) -> bool:
    """Whether a page is wider than the window."""
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )


def picture(page: Page, folder: Path, name: str) -> None:
    """Write what the page looks like."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.jpg", full_page=True, type="jpeg", quality=80)
