"""(e): due cases polled, judged, claimed and planned in one poll; and passed over at night."""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bridge.dialing import polling
from bridge.environment import load
from bridge.runtime import build, smartadvocate
from bridge.store.dialing import attempts
from bridge.store.dialing.attempts import AttemptState
from tests.benchmarks.duty import Duty
from tests.support.processes import ROOT

SIZES = (1_000, 10_000)
_NOON = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # in every zone of the lower 48
_NIGHT = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)  # in none of them


@dataclass(frozen=True)
class Planned:
    """One size: seconds of a poll that plans all, of one that passes all over, and memory."""

    cases: int
    seconds: float
    night_seconds: float
    night_again_seconds: float
    """The same poll once more: nothing has changed since."""
    megabytes: float
    """The process's peak, all libraries and data about the US included."""


def measure(fresh: str, other: str, *, size: int) -> Planned:
    """Plan `size` cases in the database `fresh`, and pass as many over in `other`."""
    by_day, by_night = (
        _in_a_process(url, size, at) for url, at in ((fresh, _NOON), (other, _NIGHT))
    )
    assert by_day["planned"] == size, by_day
    assert by_night["planned"] == 0, by_night
    return Planned(
        size,
        by_day["first"],
        by_night["first"],
        by_night["second"],
        max(by_day["megabytes"], by_night["megabytes"]),
    )


def table(figures: list[Planned]) -> list[str]:
    return [
        (
            f"{one.cases:,} due cases planned in {one.seconds:.1f} s; passed over at night in "
            f"{one.night_seconds:.1f} s, again in {one.night_again_seconds:.1f} s; "
            f"peak {one.megabytes:.0f} MB"
        )
        for one in figures
    ]


def _in_a_process(url: str, size: int, at: datetime) -> dict[str, float]:
    """Memory is a process's: each measurement has its own."""
    duty = Duty(size)
    try:
        made = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.benchmarks.planning",
                url,
                duty.url,
                str(size),
                at.isoformat(),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        duty.close()
    said: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return said


def _alone(url: str, duty_url: str, size: int, at: datetime) -> dict[str, float]:
    settings = load(
        {
            "DATABASE_URL": url,
            "SMARTADVOCATE_URL": duty_url,
            "SMARTADVOCATE_API_KEY": "key",
            "DIAL_BATCH": str(size),
            "TEXT_ENABLED": "true",
        }
    )
    runtime = replace(build(settings, connections=7), clock=lambda: at)
    remote = smartadvocate(settings)
    took = []
    for _ in range(2):
        begun = time.perf_counter()
        polling.poll(runtime, remote)
        took.append(time.perf_counter() - begun)
        at += 10 * polling.POLL_LEASE
    with runtime.db.read() as connection:
        planned = attempts.counts(connection).get(("call", AttemptState.PLANNED), 0)
    runtime.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"first": took[0], "second": took[1], "planned": planned, "megabytes": peak}


if __name__ == "__main__":
    from bridge import logs

    logs.quiet()
    database, address, count, moment = sys.argv[1:]
    print(json.dumps(_alone(database, address, int(count), datetime.fromisoformat(moment))))
