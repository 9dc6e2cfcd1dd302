"""(i): a million numbers of the do-not-call registry imported, and who waits for it meanwhile."""

import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bridge.store import schedules
from bridge.store.db import Database
from tests.benchmarks.footprint import peak_megabytes

AREA_CODES = (402, 531)
_BETWEEN_WRITES_SECONDS = 0.005
_BETWEEN_LOOKS_SECONDS = 0.02


@dataclass(frozen=True)
class Imported:
    """Lines, seconds of the whole command, its peak memory, the longest wait of a write beside."""

    lines: int
    seconds: float
    peak_mb: float
    longest_write_ms: float


def measure(url: str, home: Path, lines: int) -> Imported:
    file = home / "registry.txt"
    _write(file, lines)
    over, waits = threading.Event(), [0.0]
    beside = threading.Thread(target=_write_beside, args=(url, over, waits))
    beside.start()
    begun = time.perf_counter()
    command = [sys.executable, "-m", "bridge", "dnc", "import", str(file)]
    environment = {**os.environ, "DATABASE_URL": url, "BRIDGE_HOME": str(home)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    peak_mb = 0.0
    while process.poll() is None:
        peak_mb = max(peak_mb, peak_megabytes(process.pid))
        time.sleep(_BETWEEN_LOOKS_SECONDS)
    took = time.perf_counter() - begun
    over.set()
    beside.join()
    file.unlink()
    if process.returncode:
        raise RuntimeError(f"the import failed with code {process.returncode}")
    return Imported(lines, took, peak_mb, max(waits) * 1000)


def table(figures: Imported) -> list[str]:
    return [
        (
            f"registry: {figures.lines:,} numbers imported in {figures.seconds:.1f} s with "
            f"{figures.peak_mb:.0f} MB; the longest write beside it took "
            f"{figures.longest_write_ms:.0f} ms"
        )
    ]


def _write(file: Path, lines: int) -> None:
    chance = random.Random(1)
    of_each = lines // len(AREA_CODES)
    with file.open("w") as text:
        for area_code in AREA_CODES:
            for number in sorted(chance.sample(range(2_000_000, 10_000_000), of_each)):
                text.write(f"{area_code},{number:07d}\r\n")


def _write_beside(url: str, over: threading.Event, waits: list[float]) -> None:
    """What a worker does meanwhile: small transactions, one after the other."""
    db = Database(url, connections=1)
    while not over.wait(_BETWEEN_WRITES_SECONDS):
        begun = time.perf_counter()
        with db.begin() as connection:
            schedules.set_due(connection, "bench", datetime.now(UTC))
        waits.append(time.perf_counter() - begun)
    db.close()
