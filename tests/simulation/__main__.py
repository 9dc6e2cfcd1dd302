"""`make simulate`: months of a firm, by seed; and the planted faults that they find."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path

from tests.simulation.faults import FAULTS, named, planted
from tests.simulation.month import WHOLE_MONTH, Result, make_template, play
from tests.support import memory, routes, statements

FAULT_CASES = 10
"""Cases of a town in which a planted fault is looked for."""
_MOST_SEEDS = 200


def main() -> int:
    """Play what was asked for; 1 if a seed failed, or a fault was not found."""
    asked = argparse.ArgumentParser(prog="make simulate")
    asked.add_argument(
        "--seeds", type=int, default=_MOST_SEEDS, help="so many seeds, from --from on"
    )
    asked.add_argument("--from", type=int, default=1, dest="first")
    asked.add_argument("--seed", type=int, help="this one alone, with its story")
    asked.add_argument("--cases", type=int, help=f"cases in the town; {WHOLE_MONTH} by default")
    asked.add_argument(
        "--fault", choices=[fault.name for fault in FAULTS], help="with this fault alone"
    )
    asked.add_argument("--jobs", type=int, help="months at a time; one a core by default")
    asked.add_argument("--faults", action="store_true", help="the seed that finds each fault")
    chosen = asked.parse_args()
    if chosen.faults:
        names = [chosen.fault] if chosen.fault else [fault.name for fault in FAULTS]
        return _find_faults(names, chosen.cases or FAULT_CASES, chosen.seeds, chosen.jobs)
    seeds = (
        [chosen.seed]
        if chosen.seed is not None
        else range(chosen.first, chosen.first + chosen.seeds)
    )
    cases = chosen.cases or WHOLE_MONTH
    with ProcessPoolExecutor(chosen.jobs, initializer=_prepare) as pool:
        played = pool.map(partial(_play_alone, cases=cases, fault=chosen.fault), seeds)
        failed = _tell_all(played, cases, shows_story=chosen.seed is not None)
    return 1 if failed else 0


def _tell_all(played: Iterable[tuple[Result, float]], cases: int, *, shows_story: bool) -> int:
    """Print how each month went; return how many failed."""
    failed = 0
    for result, seconds in played:
        word = "well" if result.is_well else "FAILED"
        print(
            f"seed {result.seed}: {word}, {len(result.lines)} lines,"
            f" {result.digest[:12]}, {seconds:.1f} s",
            flush=True,
        )
        if shows_story or not result.is_well:
            print("\n".join(result.lines))
        for complaint in result.complaints:
            print(f"  {complaint}")
        if not result.is_well:
            failed += 1
            print(f"  again: make simulate SEED={result.seed} CASES={cases}")
    return failed


def _prepare() -> None:
    memory.use_for_temporary_files()
    memory.collect_seldom()
    statements.compile_once()
    routes.compile_once()


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Kept as long as this process: what every month begins with is made once."""
    return tempfile.TemporaryDirectory()


@cache
def _template() -> Path:
    return make_template(Path(_folder().name) / "template.db")


def _play_alone(seed: int, cases: int, fault: str | None) -> tuple[Result, float]:
    began = time.perf_counter()
    template = _template()
    mistake = planted(named(fault)) if fault else nullcontext()
    with tempfile.TemporaryDirectory() as folder, mistake:
        result = play(seed, template, Path(folder), cases)
    return result, time.perf_counter() - began


def _find_faults(names: Sequence[str], cases: int, seeds: int, jobs: int | None) -> int:
    """Print the table of docs/explanation/simulation.md."""
    print("| fault | found by seed | what it said |\n|---|---|---|", flush=True)
    missed = 0
    with ProcessPoolExecutor(jobs, initializer=_prepare) as pool:
        looked_for = [pool.submit(_find, name, cases, seeds) for name in names]
        for name, seed, complaint in (done.result() for done in as_completed(looked_for)):
            missed += seed is None
            print(f"| {named(name).says} | {seed or 'none'} | {complaint} |", flush=True)
    return 1 if missed else 0


def _find(name: str, cases: int, seeds: int) -> tuple[str, int | None, str]:
    for seed in range(1, seeds + 1):
        result, _ = _play_alone(seed, cases, name)
        if not result.is_well:
            return name, seed, result.complaints[0]
    return name, None, ""


if __name__ == "__main__":
    # The order of sets of words would differ from run to run.
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    sys.exit(main())
