"""Every page at three widths, light and dark: axe finds nothing grave, nothing scrolls sideways.

Screenshots of all of them are left in var/screenshots (or in BRIDGE_PICTURES).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bridge.console.views import VIEWS
from tests.stories.town import Town
from tests.support.browser import Visitor, grave_faults, picture, scrolls_sideways
from tests.support.console import PASSWORD, SECRET_KEY, VIEW_PASSWORD
from tests.support.processes import wait_until

SIZES = {"phone": (390, 844), "tablet": (768, 1024), "desktop": (1280, 900)}
SCHEMES = ("light", "dark")
_CASES = 24
_FIRST_CASE = 101
_NO_PAGES = ("home", "asset", "missing", "search")
"""Redirects, files, and what has no address of its own."""


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """An office after a morning's calls."""
    home = tmp_path_factory.mktemp("office")
    path = home / "bridge.db"
    shutil.copy(sqlite_template, path)
    made = Town(
        home,
        f"sqlite:///{path}",
        CONSOLE_PASSWORD=PASSWORD,
        CONSOLE_VIEW_PASSWORD=VIEW_PASSWORD,
        SECRET_KEY=SECRET_KEY,
        TEXT_LEAD="0",
    )
    try:
        made.settle(_CASES)
        made.bridge.start_web()
        made.start_worker()
        wait_until(lambda: len(made.calls_asked_for()) >= _CASES // 2, "nobody is called")
        yield made
    finally:
        made.close()


def _paths() -> list[str]:
    """The addresses of all pages."""
    return [
        rule.replace("<int:case_id>", str(_FIRST_CASE)).replace("<int:identity>", "1")
        for rule, name, _, methods in VIEWS
        if "GET" in methods and name not in _NO_PAGES and not rule.endswith(".csv")
    ]


def _at(browser: Browser, town: Town, size: str, scheme: str) -> Iterator[Page]:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    visitor = Visitor(context.new_page(), town.bridge.url)
    visitor.sign_in("Ann Operator", PASSWORD)
    yield visitor.page
    context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_pages(browser: Browser, town: Town, pictures: Path, size: str, scheme: str) -> None:
    wrong = []
    for page in _at(browser, town, size, scheme):
        for path in _paths():
            page.goto(f"{town.bridge.url}{path}")
            name = path.strip("/").removeprefix("console").strip("/").replace("/", "-") or "today"
            picture(page, pictures, f"{name}-{size}-{scheme}")
            if scrolls_sideways(page):
                wrong.append(f"{path} scrolls sideways at {SIZES[size][0]} pixels")
            faults = grave_faults(page)
            if faults:
                wrong.append(f"{path}: {faults}")
    assert not wrong, "\n".join(wrong)
