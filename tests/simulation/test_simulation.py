"""Months of a small town: nothing that must not be, the same again, and faults are found."""

from pathlib import Path

import pytest

from tests.simulation import faults
from tests.simulation.month import play

CASES = 4
"""Of a gate's town. `make simulate` plays towns of 300; months and rates are the same in both."""
SEEDS = range(1, 51)


@pytest.mark.parametrize("seed", SEEDS)
def test_month(seed: int, sqlite_template: Path, tmp_path: Path) -> None:
    result = play(seed, sqlite_template, tmp_path, CASES)
    assert result.is_well, (
        f"seed {seed}:\n"
        + "\n".join([*result.lines, *result.complaints])
        + f"\nagain: make simulate SEED={seed} CASES={CASES}"
    )


def test_same_seed_same_story(sqlite_template: Path, tmp_path: Path) -> None:
    first, second = (play(4711, sqlite_template, tmp_path, 2) for _ in range(2))
    assert first.lines == second.lines
    assert first.digest == second.digest
    assert play(4712, sqlite_template, tmp_path, 2).digest != first.digest


def test_planted_fault_is_found(sqlite_template: Path, tmp_path: Path) -> None:
    """The other faults and the seeds that find them: `make simulate FAULTS=1`."""
    with faults.planted(faults.named("gap")):
        results = (play(seed, sqlite_template, tmp_path, 6) for seed in range(1, 200))
        found = next((result for result in results if not result.is_well), None)
    assert found is not None
    assert "and no new reason" in found.complaints[0]
