"""(c): memory of web and worker, and the time from start to ready."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.benchmarks.standin import Standin
from tests.support.processes import Bridge, from_nothing, wait_until
from tests.support.signing import call_fields, just_now

_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


@dataclass(frozen=True)
class Footprint:
    """Megabytes (what a process holds for itself and its share of what it shares), seconds."""

    web_mb: float
    worker_mb: float
    web_ready_seconds: float
    worker_ready_seconds: float


def measure(url: str, home: Path) -> Footprint:
    standin = Standin()
    bridge = Bridge(home, url, standin.url, from_nothing)
    try:
        begun = time.perf_counter()
        web = bridge.start_web()
        web_ready = time.perf_counter() - begun
        begun = time.perf_counter()
        worker = bridge.start_worker()
        wait_until(lambda: "Worker started" in worker.log.read_text(), "the worker is not ready")
        worker_ready = time.perf_counter() - begun
        with requests.Session() as session:
            for number in range(400):
                fields = call_fields(
                    f"CA{number:032x}", "completed", 3, CallDuration="42", Timestamp=just_now()
                )
                bridge.post(session, f"/twilio/voice/status?CaseID={1 + number}", fields)
        wait_until(lambda: len(standin.noted) >= 400, "notes are missing", 60)
        figures = Footprint(_megabytes(web.pid), _megabytes(worker.pid), web_ready, worker_ready)
        web.stop()
        worker.stop()
    finally:
        bridge.close()
        standin.close()
    return figures


def table(figures: Footprint) -> list[str]:
    return [
        (
            f"memory after 400 callbacks: web {figures.web_mb:.0f} MB (all its processes), "
            f"worker {figures.worker_mb:.0f} MB"
        ),
        (
            f"ready after: web {figures.web_ready_seconds:.1f} s, "
            f"worker {figures.worker_ready_seconds:.1f} s"
        ),
    ]


def peak_megabytes(pid: int) -> float:
    """The most memory that a process has held; 0 when it is over.

    What `getrusage` tells has in it that of the process of which it was forked.
    """
    found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _megabytes(pid: int) -> float:
    """The proportional set size of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return own / 1024 + sum(_megabytes(int(child)) for child in children)
