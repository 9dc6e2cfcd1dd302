"""`python -m tests.support.pictures`: makes the README's pictures anew, from the sandbox."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import requests
from playwright.sync_api import FloatRect, Page, ViewportSize, expect

from bridge.sandbox import cast
from tests.support.browser import PATIENCE_MS, chromium
from tests.support.processes import ROOT, wait_until
from tests.support.small_png import smaller

_FOLDER = ROOT / "docs" / "images"
_PEOPLE = 24
_SHOWN = "busy"
"""Of whom the page of the case is taken: one who will be called again."""
_WINDOW = ViewportSize(width=1280, height=900)
_CLIP = FloatRect(x=0, y=0, width=1280, height=900)
_ADDRESS = re.compile(r"Console +open (\S+)")


def main(folder: Path = _FOLDER) -> None:
    """Run the sandbox, wait until everybody was reached, and take both."""
    roles = cast.cast(_PEOPLE, cast.setting(datetime.now(UTC)))
    shown = next(role.case_id for role in roles if role.person.label == _SHOWN)
    calls = sum(role.person.expected.calls for role in roles)
    folder.mkdir(parents=True, exist_ok=True)
    with _sandbox() as url, chromium() as browser:
        page = browser.new_page(viewport=_WINDOW, reduced_motion="reduce")
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        tiles = page.locator("#tiles")
        # Of one of them nothing is heard, until Twilio is asked.
        expect(tiles).to_contain_text(re.compile(rf"\b({calls - 1}|{calls})\s+Calls today"))
        expect(tiles).to_contain_text(re.compile(r"\b[01]\s+Under way"))
        # With charts that have all of it.
        page.reload()
        _take(page, folder / "today.png")
        page.goto(f"{url}cases/{shown}")
        _take(page, folder / "case.png")


@contextmanager
def _sandbox() -> Iterator[str]:
    """The sandbox; gives the address of its console once it is there."""
    command = [sys.executable, "-m", "bridge", "sandbox", "--port", "0", "--cases", str(_PEOPLE)]
    with NamedTemporaryFile() as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=said)
        shown = Path(said.name)
        try:
            wait_until(lambda: _ADDRESS.search(shown.read_text()) is not None, "no address")
            found = _ADDRESS.search(shown.read_text())
            assert found is not None
            wait_until(lambda: _answers(found[1]), "the console does not answer")
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def _take(page: Page, path: Path) -> None:
    path.write_bytes(smaller(page.screenshot(clip=_CLIP)))


if __name__ == "__main__":
    main()
