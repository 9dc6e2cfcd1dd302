"""Two runs of `make bench`, figure by figure: before, after, what got worse by more than noise."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HIGHER_IS_BETTER = frozenset(
    {
        *("per_second", "burst_updates_per_second", "of_check", "of_insert", "ratio"),
        *("reached", "empty", "full", "alone", "beside"),
    }
)
_SIZES = ("page", "cases", "allowed", "rows", "lines", "decisions")
"""What was measured, and not how it went: figures are compared where these are the same."""

_NOT_FIGURES = frozenset({*_SIZES, "most"})
"""The slowest of twenty requests says nothing, nor does a fullest second: the pace bounds it."""

_NOT_COMPARED = frozenset({"machine", "load", "failed", "took_seconds"})

_NOISE: tuple[tuple[str, float], ...] = (
    ("p99", 1.6),
    ("longest_write_ms", 3.0),
    ("mb", 1.1),
    ("megabytes", 1.1),
    ("ratio", 1.15),
    ("of_", 1.15),
)
"""By how much figures of such names differ between two runs of the same code; the first that fits.

The machine's speed drifts by a third between runs: rates and times by themselves say little below
that. Shares are measured by turns in one run, memory hardly differs.
"""
_OTHERWISE = 1.35


@dataclass(frozen=True)
class Compared:
    """One figure of both runs."""

    name: str
    before: float
    after: float

    @property
    def ratio(self) -> float:
        """After by before."""
        if self.before == 0:
            return 1.0 if self.after == 0 else math.inf
        return self.after / self.before

    @property
    def is_worse(self) -> bool:
        """Whether it got worse by more than noise."""
        bound = _noise(_leaf(self.name))
        if _leaf(self.name) in _HIGHER_IS_BETTER:
            return self.ratio < 1 / bound
        return self.ratio > bound


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Compared]:
    """The figures that both runs have, in the order of the later one."""
    earlier = dict(_figures(before))
    return [
        Compared(name, earlier[name], value) for name, value in _figures(after) if name in earlier
    ]


def table(compared: list[Compared]) -> list[str]:
    """A line a figure; `worse` stands behind what got worse by more than noise."""
    wide = max((len(one.name) for one in compared), default=0)
    lines = [f"{'':<{wide}}{'before':>12}{'after':>12}{'ratio':>8}"]
    for one in compared:
        worse = "  worse" if one.is_worse else ""
        lines.append(
            f"{one.name:<{wide}}{one.before:>12.2f}{one.after:>12.2f}{one.ratio:>8.2f}{worse}"
        )
    worse_ones = sum(one.is_worse for one in compared)
    lines.append(f"{len(compared)} figures compared, {worse_ones} worse by more than noise")
    return lines


def read(file: Path) -> Mapping[str, Any]:
    """What an earlier run has written.

    Raises:
        ValueError: the file is not such a run's.
    """
    found = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or "machine" not in found:
        raise ValueError(f"{file} is no JSON of `make bench`")
    return found


def _figures(said: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """All numbers by their path, with the sizes that they are of."""
    if isinstance(said, Mapping):
        sizes = [said[size] for size in _SIZES if size in said]
        sized = [size if isinstance(size, str) else f"{size:,}" for size in sizes]
        for key, value in said.items():
            if key not in _NOT_COMPARED:
                yield from _figures(value, " ".join([name, *sized, key]).strip())
    elif isinstance(said, list):
        for row in said:
            yield from _figures(row, name)
    elif isinstance(said, int | float) and _leaf(name) not in _NOT_FIGURES:
        yield name, float(said)


def _leaf(name: str) -> str:
    return name.rpartition(" ")[2]


def _noise(leaf: str) -> float:
    return next((bound for part, bound in _NOISE if part in leaf), _OTHERWISE)
