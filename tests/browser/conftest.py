"""A browser, and an office with a town to call."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.stories.town import Town
from tests.support.browser import Visitor, chromium
from tests.support.console import PASSWORD, SECRET_KEY, VIEW_PASSWORD
from tests.support.processes import ROOT

OpenWindow = Callable[..., Visitor]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where the run leaves its screenshots."""
    return Path(os.environ.get("BRIDGE_PICTURES", ROOT / "var" / "screenshots"))


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    """Real processes, a console, and nobody who is due yet."""
    home = tmp_path / "home"
    home.mkdir()
    made = Town(
        home,
        database_url,
        CONSOLE_PASSWORD=PASSWORD,
        CONSOLE_VIEW_PASSWORD=VIEW_PASSWORD,
        SECRET_KEY=SECRET_KEY,
        TEXT_LEAD="0",
    )
    yield made
    made.close()


@pytest.fixture
def window(browser: Browser, town: Town) -> Iterator[OpenWindow]:
    """Opens windows of people that have nothing in common, and closes them at the end."""
    opened = []

    def open_window(**options: Any) -> Visitor:
        context = browser.new_context(**options)
        opened.append(context)
        return Visitor(context.new_page(), town.bridge.url)

    yield open_window
    for context in opened:
        context.close()
