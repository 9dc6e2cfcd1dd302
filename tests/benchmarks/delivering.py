"""(b): from a callback's acknowledgement to its note in SmartAdvocate."""

import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.benchmarks.standin import Standin
from tests.benchmarks.traffic import CASES, new_sid
from tests.support.processes import Bridge, wait_until
from tests.support.signing import call_fields, just_now

IDLE_CALLBACKS = 60
BURST = 1000


@dataclass(frozen=True)
class Delivered:
    """Milliseconds from sending a callback to its note; a burst's seconds until the last note."""

    idle_p50: float
    idle_p99: float
    burst_p50: float
    burst_p99: float
    burst_seconds: float
    burst_updates_per_second: float


def measure(url: str, home: Path, chance: random.Random) -> Delivered:
    standin = Standin()
    bridge = Bridge(home, url, standin.url)
    try:
        worker = bridge.start_worker()
        web = bridge.start_web()
        idle = _idle(bridge, standin, chance)
        burst, seconds = _burst(bridge, standin, chance)
        web.stop()
        worker.stop()
    finally:
        bridge.close()
        standin.close()
    idle_cuts, burst_cuts = (statistics.quantiles(one, n=100) for one in (idle, burst))
    return Delivered(
        idle_cuts[49], idle_cuts[98], burst_cuts[49], burst_cuts[98], seconds, BURST / seconds
    )


def table(figures: Delivered) -> list[str]:
    return [
        f"callback to note, idle: p50 {figures.idle_p50:.0f} ms, p99 {figures.idle_p99:.0f} ms",
        (
            f"in a burst of {BURST}: p50 {figures.burst_p50:.0f} ms, "
            f"p99 {figures.burst_p99:.0f} ms, all after {figures.burst_seconds:.1f} s "
            f"({figures.burst_updates_per_second:.0f}/s)"
        ),
    ]


def _idle(bridge: Bridge, standin: Standin, chance: random.Random) -> list[float]:
    took = []
    with requests.Session() as session:
        for number in range(IDLE_CALLBACKS + 5):
            before = len(standin.noted)
            begun = time.perf_counter()
            _post(bridge, session, number, chance)
            wait_until(lambda before=before: len(standin.noted) > before, "no note came")  # type: ignore[misc]
            took.append((standin.noted[-1][0] - begun) * 1000)
            time.sleep(chance.uniform(0.05, 0.25))
    return took[5:]


def _burst(bridge: Bridge, standin: Standin, chance: random.Random) -> tuple[list[float], float]:
    standin.noted.clear()
    sent: dict[str, float] = {}
    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as pool, requests.Session() as session:

        def post(number: int) -> None:
            at = time.perf_counter()
            sent[_post(bridge, session, number, chance)[-4:]] = at

        list(pool.map(post, range(BURST)))
        wait_until(lambda: len(standin.noted) >= BURST, "notes are missing", 120)
    # Sids are told apart by their last four; the few that share them are left out.
    took = [(at - sent[note[-5:-1]]) * 1000 for at, note in standin.noted if note[-5:-1] in sent]
    return took, standin.noted[-1][0] - begun


def _post(bridge: Bridge, session: requests.Session, number: int, chance: random.Random) -> str:
    sid = new_sid(chance)
    fields = call_fields(
        sid, "completed", 3, CallDuration="42", AnsweredBy="human", Timestamp=just_now()
    )
    bridge.post(session, f"/twilio/voice/status?CaseID={1 + number % CASES}", fields)
    return sid
