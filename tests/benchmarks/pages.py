"""(g) and (h): the console over many rows, and what a tab that polls costs Twilio's routes."""

import random
import re
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.benchmarks.traffic import flood
from tests.support.console import PASSWORD, SECRET_KEY
from tests.support.made_up_contacts import BUSIEST_CASE, TYPICAL_CASE
from tests.support.processes import Bridge, from_nothing

PAGES = (
    "/console/",
    "/console/contacts",
    "/console/contacts?outcome=no-answer",
    "/console/contacts?digits=0114",
    "/console/contacts?campaign=Notification&outcome=no-answer",
    f"/console/cases/{TYPICAL_CASE}",
    f"/console/cases/{BUSIEST_CASE}",
    "/console/todo",
    "/console/plan",
    "/console/opt-outs",
    "/console/setup",
    "/console/setup/pauses",
    "/console/setup/settings",
    "/console/audit",
    "/console/search?q=0114",
)
MOVING = "Today, moving"
_TIMES = 20
_POLL_SECONDS = 2.0
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Took:
    """Milliseconds to a page's answer, over one connection on loopback."""

    page: str
    median: float
    most: float


@dataclass(frozen=True)
class BesideTab:
    """Callbacks a second without and with a console tab that polls; the median ratio of rounds."""

    alone: float
    beside: float
    ratio: float


def measure(url: str, home: Path) -> list[Took]:
    """Every page, as somebody who is signed in gets it."""
    with _console(url, home) as bridge:
        browser = _signed_in(bridge.url)
        took = [_time(browser, page, bridge.url + page, {}) for page in PAGES]
        return [*took, _time(browser, MOVING, f"{bridge.url}/console/", {"X-Live": "1"})]


def table(figures: Mapping[str, Sequence[Took]]) -> list[str]:
    """A line a page, a pair of columns a size."""
    sizes = list(figures)
    lines = ["page, ms (median, most)".ljust(40) + "".join(f"{size:>20}" for size in sizes)]
    for row in zip(*figures.values(), strict=True):
        figures_of_page = "".join(f"{one.median:>12.1f}{one.most:>8.1f}" for one in row)
        lines.append(row[0].page.ljust(40) + figures_of_page)
    return lines


def beside_tab(
    url: str, home: Path, chance: random.Random, *, rounds: int, seconds: int
) -> BesideTab:
    """Callbacks by turns without and with a tab on Today, so that a drifting machine moves both."""
    rates: list[tuple[float, float]] = []
    for _ in range(rounds):
        with _console(url, home) as bridge:
            alone = flood(bridge.url, seconds, home, chance).per_second
        with _console(url, home) as bridge, _polling(bridge.url):
            beside = flood(bridge.url, seconds, home, chance).per_second
        rates.append((alone, beside))
    return BesideTab(
        alone=statistics.median(alone for alone, _ in rates),
        beside=statistics.median(beside for _, beside in rates),
        ratio=statistics.median(beside / alone for alone, beside in rates),
    )


def _time(browser: requests.Session, page: str, url: str, headers: Mapping[str, str]) -> Took:
    took = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        answer = browser.get(url, headers=headers, timeout=60)
        took.append((time.perf_counter() - begun) * 1000)
        answer.raise_for_status()
    return Took(page, statistics.median(took), max(took))


@contextmanager
def _polling(url: str) -> Iterator[None]:
    """A tab on Today, as the page itself asks for its moving parts."""
    ended = threading.Event()
    browser = _signed_in(url)

    def poll() -> None:
        while not ended.wait(_POLL_SECONDS):
            browser.get(f"{url}/console/", headers={"X-Live": "1"}, timeout=60)

    tab = threading.Thread(target=poll)
    tab.start()
    try:
        yield
    finally:
        ended.set()
        tab.join()


def _signed_in(url: str) -> requests.Session:
    browser = requests.Session()
    form = browser.get(f"{url}/console/sign-in", timeout=60).text
    found = _TOKEN.search(form)
    if found is None:
        raise RuntimeError(f"no form to sign in: {form}")
    fields = {"csrf_token": found[1], "name": "Ann Operator", "password": PASSWORD}
    browser.post(f"{url}/console/sign-in", data=fields, timeout=60).raise_for_status()
    return browser


@contextmanager
def _console(url: str, home: Path) -> Iterator[Bridge]:
    bridge = Bridge(home, url, "http://127.0.0.1:9", from_nothing)
    bridge.environment |= {
        "CONSOLE_PASSWORD": PASSWORD,
        "SECRET_KEY": SECRET_KEY,
        "FIRM_NAME": "Example & Partners",
        "FIRM_PHONE": "+14025550101",
        "TWILIO_FROM_NUMBER": "+14025550100",
        "DIAL_ENABLED": "true",
        "TEXT_ENABLED": "true",
    }
    try:
        server = bridge.start("bridge", "web")
        bridge.wait_ready()
        yield bridge
        server.stop()
    finally:
        bridge.close()
