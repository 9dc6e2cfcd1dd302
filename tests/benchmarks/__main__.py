"""`make bench`: measures the bridge on this machine, prints one table, writes it as JSON.

\b
(a) how many callbacks a second are acknowledged, against two limits of the same server
    and at a steady pace, alone and beside sockets that hang
(b) from a callback to the delivered note, idle and in a burst
(c) memory of web and worker, and the time until they are ready
(d) (a) again with old callbacks stored
(e) a poll that plans 1,000 and 10,000 due cases, and one that passes them over at night
(f) the pace that two workers reach at 1, 5 and 30 calls a second
(g) the console's pages with 100,000 calls and texts stored
(h) (a) again beside a tab of the console that moves by itself
(i) a million numbers of the do-not-call registry imported
(j) 50,000 decisions chained and verified

All of it takes at most ten minutes on two idle cores, and each part can be run alone. `--full`
takes a million rows in (d) and (g), 100,000 cases in (e) and as many decisions: the sizes by which
it is seen that nothing grows with what is stored; that takes most of an hour. `--against FILE`
prints each figure of an earlier run beside the new one, and marks what got worse by more than
noise.
"""

import itertools
import json
import os
import platform
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bridge.store.db import Database
from bridge.store.migrate import migrate
from tests.benchmarks import (
    accepting,
    comparing,
    delivering,
    footprint,
    hanging,
    limits,
    pacing,
    pages,
    planning,
    registry,
    verifying,
)
from tests.support import many_rows
from tests.support.postgres import Postgres, find_programs

OUTPUT = Path("var/benchmarks.json")

Fresh = Callable[[], str]
"""Makes an empty database, migrated, and returns its address."""


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    rounds: int
    """Of which the median counts."""
    seconds: int
    """Of each flood of callbacks."""
    old_callbacks: int
    contacts: tuple[int, ...]
    """Calls and texts behind the console's pages."""
    planned: tuple[int, ...]
    paces: tuple[int, ...]
    registry: int
    decisions: int


QUICK = Sizes(1, 2, 20_000, (10_000,), planning.SIZES[:1], pacing.PACES[1:2], 100_000, 5_000)
# Floods of 2 s take some 4,000 callbacks each.
# 300,000 old callbacks are many times what the caches hold, and are stored in some 10 s; 100,000
# contacts are what a small firm has in years. What a million shows beyond that is left to `--full`.
NORMAL = Sizes(3, 2, 300_000, (100_000,), planning.SIZES, pacing.PACES, 1_000_000, 50_000)
FULL = Sizes(
    3,
    8,
    1_000_000,
    (100_000, 1_000_000),
    (*planning.SIZES, planning.LARGE),
    pacing.PACES,
    1_000_000,
    100_000,
)


Part = Callable[[Fresh, Sizes], dict[str, object]]


@click.command(help=__doc__, context_settings={"max_content_width": 100})
@click.option("--callbacks", is_flag=True, help="Take (a) to (d).")
@click.option("--dialing", is_flag=True, help="Take (e) and (f).")
@click.option("--console", is_flag=True, help="Take (g) and (h).")
@click.option("--registry", is_flag=True, help="Take (i).")
@click.option("--evidence", is_flag=True, help="Take (j).")
@click.option("--quick", "sizes", flag_value=QUICK, type=click.UNPROCESSED, help="Less of it.")
@click.option("--full", "sizes", flag_value=FULL, type=click.UNPROCESSED, help="More of it.")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compare with the JSON of an earlier run.",
)
def main(sizes: Sizes | None, against: Path | None, **named: bool) -> None:
    """Measure the parts that are named, or all."""
    parts = {name: part for name, part in _PARTS.items() if named[name] or not any(named.values())}
    if not _WITH_WRK.isdisjoint(parts) and shutil.which("wrk") is None:
        raise click.ClickException("wrk is not installed: `apt-get install wrk` (or brew)")
    before = _earlier(against) if against else None
    figures = _measure(parts, sizes or NORMAL)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    _say(f"written to {OUTPUT}")
    if before is not None:
        _tell(comparing.table(comparing.compare(before, figures)))
    if figures["failed"]:
        raise click.ClickException("; ".join(figures["failed"]))


def _earlier(file: Path) -> Mapping[str, Any]:
    """Read before anything is measured: the new figures may go to the same place."""
    try:
        return comparing.read(file)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def _measure(parts: Mapping[str, Part], sizes: Sizes) -> dict[str, Any]:
    """Measure on both databases, with the seconds that each part took, and how busy it was."""
    failed: list[str] = []
    figures: dict[str, Any] = {
        "machine": _machine(),
        "load": os.getloadavg(),
        "failed": failed,
    }
    with _databases() as databases:
        for name, fresh in databases:
            _say(f"--- {name}")
            of_one: dict[str, object] = {}
            took: dict[str, float] = {}
            for part, measure in parts.items():
                begun = time.monotonic()
                try:
                    of_one |= measure(fresh, sizes)
                except Exception as error:  # noqa: BLE001 - the minutes of the others aren't lost
                    failed.append(f"{part} on {name}: {type(error).__name__}: {error}")
                    _say(f"{part} failed: {error}")
                took[part] = round(time.monotonic() - begun, 1)
            figures[name] = of_one | {"took_seconds": took}
            _say(f"took {', '.join(f'{part} {seconds:.0f} s' for part, seconds in took.items())}")
    return figures


def _callbacks(fresh: Fresh, sizes: Sizes) -> dict[str, object]:
    chance = random.Random()
    url, other = fresh(), fresh()
    with _home() as home:
        # First what needs a worker: floods leave callbacks that nobody has taken in.
        delivered = delivering.measure(url, home, chance, rounds=sizes.rounds)
        _tell(delivering.table(delivered))
        weights = footprint.measure(url, home)
        _tell(footprint.table(weights))
        floods = {"rounds": sizes.rounds, "seconds": sizes.seconds}
        empty = accepting.against_limits(url, home, chance, **floods)
        _tell(accepting.table(empty))
        paced = accepting.at_200_per_second(url, home, chance)
        _say(f"at 200/s: p50 {paced.p50:.1f} ms, p99 {paced.p99:.1f} ms, refused {paced.refused}")
        beside = hanging.measure(url, home, chance)
        _say(hanging.line(beside))
        rows = sizes.old_callbacks
        full = accepting.with_old_rows(url, other, home, chance, old_rows=rows, **floods)
        _say(
            f"with {rows:,} old callbacks: {full.full:.0f}/s, empty {full.empty:.0f}/s: "
            f"ratio {full.ratio:.2f}"
        )
    return {
        "accepting": asdict(empty),
        "at_200_per_second": asdict(paced),
        "beside_slow_sockets": asdict(beside),
        "delivering": asdict(delivered),
        "footprint": asdict(weights),
        "with_old_callbacks": {"rows": rows} | asdict(full),
    }


def _dialing(fresh: Fresh, sizes: Sizes) -> dict[str, object]:
    planned = [planning.measure(fresh(), fresh(), fresh(), size=size) for size in sizes.planned]
    _tell(planning.table(planned))
    with _home() as home:
        paced = [pacing.measure(fresh(), home, allowed) for allowed in sizes.paces]
    _tell(pacing.table(paced))
    return {
        "planning": [asdict(one) for one in planned],
        "pacing": [asdict(one) for one in paced],
    }


def _console(fresh: Fresh, sizes: Sizes) -> dict[str, object]:
    chance = random.Random()
    took = {}
    filled = {size: fresh() for size in sizes.contacts}
    with _home() as home:
        for size, url in filled.items():
            _fill(url, size)
            took[f"{size:,}"] = pages.measure(url, home)
        _tell(pages.table(took))
        beside = pages.beside_tab(
            filled[sizes.contacts[0]], home, chance, rounds=sizes.rounds, seconds=sizes.seconds
        )
        _say(
            f"without a tab {beside.alone:.0f}/s, beside one {beside.beside:.0f}/s: "
            f"ratio {beside.ratio:.2f}"
        )
    return {
        "pages": {size: [asdict(one) for one in of_size] for size, of_size in took.items()},
        "beside_a_tab": asdict(beside),
    }


def _registry(fresh: Fresh, sizes: Sizes) -> dict[str, object]:
    with _home() as home:
        imported = registry.measure(fresh(), home, sizes.registry)
    _tell(registry.table(imported))
    return {"registry": asdict(imported)}


def _evidence(fresh: Fresh, sizes: Sizes) -> dict[str, object]:
    db = Database(fresh(), connections=1)
    took = verifying.measure(db, sizes.decisions)
    db.close()
    _say(verifying.line(took, sizes.decisions))
    return {"evidence": {"decisions": sizes.decisions} | asdict(took)}


_PARTS: dict[str, Part] = {
    "callbacks": _callbacks,
    "dialing": _dialing,
    "console": _console,
    "registry": _registry,
    "evidence": _evidence,
}
_WITH_WRK = frozenset({"callbacks", "console"})


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
    click.echo(line)


if __name__ == "__main__":
    main()
