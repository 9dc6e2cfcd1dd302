"""`make bench`: measures the bridge on this machine, prints one table, writes it as JSON.

(a) how many callbacks a second are acknowledged, against two limits of the same server
(b) from a callback to the delivered note, idle and in a burst
(c) memory of web and worker, and the time until they are ready
(d) (a) again with a million old callbacks stored
"""

import json
import os
import platform
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bridge.store.db import Database
from bridge.store.migrate import migrate
from tests.benchmarks import accepting, delivering, footprint, limits
from tests.support.postgres import Postgres, find_programs

OUTPUT = Path("var/benchmarks.json")
ROUNDS = 3


def main() -> None:
    quick = "--quick" in sys.argv
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: `apt-get install wrk` (or brew)")
    figures: dict[str, object] = {"machine": _machine()}
    with _databases() as databases:
        for name, url, other in databases:
            _say(f"--- {name}")
            figures[name] = _measure(url, other, quick=quick)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=2) + "\n")
    _say(f"written to {OUTPUT}")


def _measure(url: str, other: str, *, quick: bool) -> dict[str, object]:
    chance = random.Random()
    home = Path(tempfile.mkdtemp(prefix="bridge-bench-"))
    rounds, seconds, old_rows = (1, 3, 20_000) if quick else (ROUNDS, 8, 1_000_000)
    try:
        # First what needs a worker: floods leave callbacks that nobody has taken in.
        delivered = delivering.measure(url, home, chance)
        for line in delivering.table(delivered):
            _say(line)
        sizes = footprint.measure(url, home)
        for line in footprint.table(sizes):
            _say(line)
        empty = accepting.against_limits(url, home, chance, rounds=rounds, seconds=seconds)
        for line in accepting.table(empty):
            _say(line)
        paced = accepting.at_200_per_second(url, home, chance)
        _say(f"at 200/s: p50 {paced.p50:.1f} ms, p99 {paced.p99:.1f} ms, refused {paced.refused}")
        full = accepting.with_old_rows(
            url, other, home, chance, old_rows=old_rows, rounds=rounds, seconds=seconds
        )
        _say(
            f"with {old_rows:,} old callbacks: {full.full:.0f}/s, empty {full.empty:.0f}/s: "
            f"ratio {full.ratio:.2f}"
        )
    finally:
        shutil.rmtree(home)
    return {
        "accepting": asdict(empty),
        "at_200_per_second": asdict(paced),
        "delivering": asdict(delivered),
        "footprint": asdict(sizes),
        "with_old_callbacks": {"rows": old_rows} | asdict(full),
    }


@contextmanager
def _databases() -> Iterator[list[tuple[str, str, str]]]:
    home = Path(tempfile.mkdtemp(prefix="bridge-bench-"))
    programs = find_programs()
    server = None
    urls = [("SQLite", f"sqlite:///{home / 'one.db'}", f"sqlite:///{home / 'other.db'}")]
    if programs is not None:
        home.chmod(0o755)
        place = home / "postgres"
        place.mkdir()
        server = Postgres(programs, place, fsync="on")
        one, other = (server.url(server.new_database()) for _ in range(2))
        urls.append(("PostgreSQL", one, other))
    try:
        for url in (url for _, *both in urls for url in both):
            db = Database(url, connections=1)
            migrate(db)
            db.close()
            limits.prepare(url)
        yield urls
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(home)


def _machine() -> dict[str, object]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {"cores": os.cpu_count(), "processor": model, "python": platform.python_version()}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
