"""(b): from a callback's acknowledgement to its note in SmartAdvocate.

Idle, and in a burst that the web app takes in meanwhile, on the same two cores. What a worker is
able to do beside SmartAdvocate's own time is measured apart, with callbacks that were accepted
beforehand and a SmartAdvocate that takes its usual time: there nobody competes for the cores.
"""

import os
import random
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import requests

from bridge.worker import THREADS
from tests.benchmarks.standin import Standin, number_of
from tests.benchmarks.traffic import CASES, new_sid
from tests.support.processes import Bridge, Process, from_nothing, wait_until
from tests.support.signing import call_fields, just_now

IDLE_CALLBACKS = 60
BURST = 1000
SLOW_CALLBACKS = 64
SLOW_SECONDS = 0.15
"""What SmartAdvocate takes for a request, as measured of systems like it."""
_REQUESTS = 3
"""Of one callback: the case is read, its status written, the note added."""


@dataclass(frozen=True)
class Delivered:
    """Milliseconds from sending a callback to its note; a burst's seconds until the last note.

    Medians over the rounds; the ratios are medians of the rounds' own ratios.
    """

    idle_p50: float
    idle_p99: float
    burst_p50: float
    burst_p99: float
    burst_seconds: float
    burst_updates_per_second: float
    worker_cpu: float
    """The worker's own milliseconds of CPU for a callback of the burst."""
    of_latency: float
    """Of the callbacks a second that SmartAdvocate's slowness allows the worker's threads."""
    of_two_workers: float | None
    """What two workers tell in a second, as a multiple of one; None on SQLite."""


@dataclass(frozen=True)
class _Burst:
    milliseconds: Sequence[float]
    seconds: float
    worker_cpu: float


def measure(url: str, home: Path, chance: random.Random, *, rounds: int = 1) -> Delivered:
    standin = Standin()
    bridge = Bridge(home, url, standin.url, from_nothing)
    try:
        worker = bridge.start_worker()
        web = bridge.start_web()
        idle = _idle(bridge, standin, chance)
        bursts = [_burst(bridge, standin, worker, chance) for _ in range(rounds)]
        web.stop()
        worker.stop()
    finally:
        bridge.close()
        standin.close()
    slow = [_slow_rounds(url, home, chance) for _ in range(rounds)]
    idle_cuts = statistics.quantiles(idle, n=100)
    cuts = [statistics.quantiles(burst.milliseconds, n=100) for burst in bursts]
    seconds = statistics.median(burst.seconds for burst in bursts)
    twice = [two / one for one, two in slow if two is not None]
    return Delivered(
        idle_p50=idle_cuts[49],
        idle_p99=idle_cuts[98],
        burst_p50=statistics.median(one[49] for one in cuts),
        burst_p99=statistics.median(one[98] for one in cuts),
        burst_seconds=seconds,
        burst_updates_per_second=BURST / seconds,
        worker_cpu=statistics.median(burst.worker_cpu for burst in bursts),
        of_latency=statistics.median(one for one, _ in slow) / _most_per_second(),
        of_two_workers=statistics.median(twice) if twice else None,
    )


def table(figures: Delivered) -> list[str]:
    two = figures.of_two_workers
    return [
        f"callback to note, idle: p50 {figures.idle_p50:.0f} ms, p99 {figures.idle_p99:.0f} ms",
        (
            f"in a burst of {BURST}: p50 {figures.burst_p50:.0f} ms, "
            f"p99 {figures.burst_p99:.0f} ms, all after {figures.burst_seconds:.1f} s "
            f"({figures.burst_updates_per_second:.0f}/s), "
            f"{figures.worker_cpu:.1f} ms of the worker's CPU each"
        ),
        (
            f"SmartAdvocate at {SLOW_SECONDS * 1000:.0f} ms a request: {figures.of_latency:.2f} of "
            f"what that allows {THREADS} threads"
            + ("" if two is None else f"; two workers tell {two:.2f} times as much")
        ),
    ]


def _most_per_second() -> float:
    return THREADS / (_REQUESTS * SLOW_SECONDS)


def _slow_rounds(url: str, home: Path, chance: random.Random) -> tuple[float, float | None]:
    """Callbacks told in a second by one worker, and by two on PostgreSQL."""
    one = _told_slowly(url, home, chance, workers=1)
    is_sqlite = url.startswith("sqlite")
    return one, None if is_sqlite else _told_slowly(url, home, chance, workers=2)


def _told_slowly(url: str, home: Path, chance: random.Random, *, workers: int) -> float:
    """Callbacks a second, from the first note to the last; all were accepted beforehand."""
    count = SLOW_CALLBACKS * workers
    standin = Standin(SLOW_SECONDS)
    bridge = Bridge(home, url, standin.url, from_nothing)
    try:
        web = bridge.start_web()
        with requests.Session() as session:
            for number in range(count):
                _post(bridge, session, number, chance)
        web.stop()
        started = [bridge.start_worker() for _ in range(workers)]
        wait_until(lambda: len(standin.noted) >= count, "notes are missing", 300)
        for worker in started:
            worker.stop()
    finally:
        bridge.close()
        standin.close()
    took = [at for at, _ in standin.noted]
    # The first of each thread come as the clock starts.
    at_once = THREADS * workers
    return (count - at_once) / (took[-1] - took[at_once - 1])


def _cpu_seconds(process: Process) -> float:
    """What a process has used, by itself and by the system for it (proc_pid_stat(5))."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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


def _burst(bridge: Bridge, standin: Standin, worker: Process, chance: random.Random) -> _Burst:
    standin.noted.clear()
    sent: dict[str, float] = {}
    used = _cpu_seconds(worker)
    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as pool, requests.Session() as session:

        def post(number: int) -> None:
            at = time.perf_counter()
            sent[_post(bridge, session, number, chance)[-4:]] = at

        list(pool.map(post, range(BURST)))
        wait_until(lambda: len(standin.noted) >= BURST, "notes are missing", 120)
    used = _cpu_seconds(worker) - used
    # Sids are told apart by their last four; the few that share them are left out.
    took = [(at - sent[note[-5:-1]]) * 1000 for at, note in standin.noted if note[-5:-1] in sent]
    return _Burst(took, standin.noted[-1][0] - begun, used * 1000 / BURST)


def _post(bridge: Bridge, session: requests.Session, number: int, chance: random.Random) -> str:
    sid, case = new_sid(chance), 1 + number % CASES
    fields = call_fields(
        sid,
        "completed",
        3,
        CallDuration="42",
        AnsweredBy="human",
        To=f"+1{number_of(case)}",
        Timestamp=just_now(),
    )
    bridge.post(session, f"/twilio/voice/status?CaseID={case}", fields)
    return sid
