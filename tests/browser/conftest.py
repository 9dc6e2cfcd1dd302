"""A browser, windows of people at the console, and an office after a morning's calls."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.office import Office
from tests.support.browser import Visitor, chromium
from tests.support.processes import ROOT

OpenWindow = Callable[..., Visitor]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where the run leaves its screenshots."""
    return Path(os.environ.get("BRIDGE_PICTURES", ROOT / "var" / "screenshots"))


@pytest.fixture(scope="package")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Everybody was called as they may be, and some things need somebody at the firm."""
    home = tmp_path_factory.mktemp("office")
    path = home / "bridge.db"
    shutil.copy(sqlite_template, path)
    made = Office(home, f"sqlite:///{path}")
    try:
        made.open()
        made.have_a_morning()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[OpenWindow]:
    """Opens windows of people that have nothing in common, and closes them at the end."""
    opened = []

    def open_window(office: Office, **options: Any) -> Visitor:
        context = browser.new_context(**options)
        opened.append(context)
        return Visitor(context.new_page(), office.bridge.url)

    yield open_window
    for context in opened:
        context.close()
