"""`make bench`: measures the bridge on this machine, prints one table, writes it as JSON.

(a) how many callbacks a second are acknowledged, against two limits of the same server
    and at a steady pace, alone and beside sockets that hang
(b) from a callback to the delivered note, idle and in a burst
(c) memory of web and worker, and the time until they are ready
(d) (a) again with a million old callbacks stored
(e) a poll that plans 1,000 and 10,000 due cases, and one that passes them over at night
(f) the pace that two workers reach at 1, 5 and 30 calls a second
(g) the console's pages with 100,000 and with 1,000,000 calls and texts stored
(h) (a) again beside a tab of the console that moves by itself
(i) a million numbers of the do-not-call registry imported

`--quick` takes less of it; `--callbacks`, `--dialing`, `--console` and `--registry` take one part.
"""

import itertools
import json
import os
import platform
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bridge.store.db import Database
from bridge.store.migrate import migrate
from tests.benchmarks import (
    accepting,
    delivering,
    footprint,
    hanging,
    limits,
    pacing,
    pages,
    planning,
    registry,
)
from tests.support import many_rows
from tests.support.postgres import Postgres, find_programs

OUTPUT = Path("var/benchmarks.json")
ROUNDS = 3

Fresh = Callable[[], str]
"""Makes an empty database, migrated, and returns its address."""


def main() -> None:
    quick = "--quick" in sys.argv
    parts = {
        "--callbacks": _callbacks,
        "--dialing": _dialing,
        "--console": _console,
        "--registry": _registry,
    }
    chosen = [measure for name, measure in parts.items() if name in sys.argv]
    without_wrk = {_dialing, _registry}
    if shutil.which("wrk") is None and not (chosen and without_wrk.issuperset(chosen)):
        sys.exit("wrk is not installed: `apt-get install wrk` (or brew)")
    figures: dict[str, object] = {"machine": _machine()}
    with _databases() as databases:
        for name, fresh in databases:
            _say(f"--- {name}")
            of_one: dict[str, object] = {}
            for measure in chosen or parts.values():
                of_one |= measure(fresh, quick=quick)
            figures[name] = of_one
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=2) + "\n")
    _say(f"written to {OUTPUT}")


def _callbacks(fresh: Fresh, *, quick: bool) -> dict[str, object]:
    chance = random.Random()
    url, other = fresh(), fresh()
    rounds, seconds, old_rows = (1, 3, 20_000) if quick else (ROUNDS, 8, 1_000_000)
    with _home() as home:
        # First what needs a worker: floods leave callbacks that nobody has taken in.
        delivered = delivering.measure(url, home, chance, rounds=rounds)
        _tell(delivering.table(delivered))
        sizes = footprint.measure(url, home)
        _tell(footprint.table(sizes))
        empty = accepting.against_limits(url, home, chance, rounds=rounds, seconds=seconds)
        _tell(accepting.table(empty))
        paced = accepting.at_200_per_second(url, home, chance)
        _say(f"at 200/s: p50 {paced.p50:.1f} ms, p99 {paced.p99:.1f} ms, refused {paced.refused}")
        beside = hanging.measure(url, home, chance)
        _say(hanging.line(beside))
        full = accepting.with_old_rows(
            url, other, home, chance, old_rows=old_rows, rounds=rounds, seconds=seconds
        )
        _say(
            f"with {old_rows:,} old callbacks: {full.full:.0f}/s, empty {full.empty:.0f}/s: "
            f"ratio {full.ratio:.2f}"
        )
    return {
        "accepting": asdict(empty),
        "at_200_per_second": asdict(paced),
        "beside_slow_sockets": asdict(beside),
        "delivering": asdict(delivered),
        "footprint": asdict(sizes),
        "with_old_callbacks": {"rows": old_rows} | asdict(full),
    }


def _dialing(fresh: Fresh, *, quick: bool) -> dict[str, object]:
    sizes = planning.SIZES[:1] if quick else planning.SIZES
    planned = [planning.measure(fresh(), fresh(), size=size) for size in sizes]
    _tell(planning.table(planned))
    paces = pacing.PACES[1:2] if quick else pacing.PACES
    with _home() as home:
        paced = [pacing.measure(fresh(), home, allowed) for allowed in paces]
    _tell(pacing.table(paced))
    return {
        "planning": [asdict(one) for one in planned],
        "pacing": [asdict(one) for one in paced],
    }


def _console(fresh: Fresh, *, quick: bool) -> dict[str, object]:
    chance = random.Random()
    sizes = (10_000,) if quick else (100_000, 1_000_000)
    took = {}
    with _home() as home:
        for size in sizes:
            url = fresh()
            _fill(url, size)
            took[f"{size:,}"] = pages.measure(url, home)
        _tell(pages.table(took))
        rounds, seconds = (1, 3) if quick else (ROUNDS, 8)
        url = fresh()
        _fill(url, sizes[0])
        beside = pages.beside_tab(url, home, chance, rounds=rounds, seconds=seconds)
        _say(
            f"without a tab {beside.alone:.0f}/s, beside one {beside.beside:.0f}/s: "
            f"ratio {beside.ratio:.2f}"
        )
    return {
        "pages": {size: [asdict(one) for one in of_size] for size, of_size in took.items()},
        "beside_a_tab": asdict(beside),
    }


def _registry(fresh: Fresh, *, quick: bool) -> dict[str, object]:
    with _home() as home:
        imported = registry.measure(fresh(), home, 100_000 if quick else 1_000_000)
    _tell(registry.table(imported))
    return {"registry": asdict(imported)}


def _fill(url: str, count: int) -> None:
    db = Database(url, connections=1)
    many_rows.fill(db, datetime.now(UTC), count)
    db.close()


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bridge-bench-") as home:
        yield Path(home)


@contextmanager
def _databases() -> Iterator[list[tuple[str, Fresh]]]:
    numbers = itertools.count(1)
    programs = find_programs()
    with _home() as home, _home() as place:
        found = [("SQLite", lambda: _prepared(f"sqlite:///{home / f'{next(numbers)}.db'}"))]
        if programs is None:
            yield found
            return
        server = Postgres(programs, place, is_synced=True)
        found.append(("PostgreSQL", lambda: _prepared(server.url(server.new_database()))))
        try:
            yield found
        finally:
            server.stop()


def _prepared(url: str) -> str:
    db = Database(url, connections=1)
    migrate(db)
    db.close()
    limits.prepare(url)
    return url


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


def _tell(lines: list[str]) -> None:
    for line in lines:
        _say(line)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
