"""Months of a small town: nothing that must not be, the same again, and faults are found."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import faults
from tests.simulation.month import play
from tests.support.processes import ROOT

CASES = 4
"""Of a gate's town. `make simulate` plays towns of 300; months and rates are the same in both."""
MONTHS, AT_A_TIME = 50, 10


@pytest.mark.parametrize("first", range(1, MONTHS, AT_A_TIME))
def test_months(first: int) -> None:
    """As `make simulate` plays them, so that its command plays a failing one again exactly."""
    seeds = ("--from", str(first), "--seeds", str(AT_A_TIME), "--cases", str(CASES))
    played = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *seeds, "--jobs", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    assert played.stdout.count(": well, ") == AT_A_TIME


def test_same_seed_same_story(sqlite_template: Path, tmp_path: Path) -> None:
    first, second = (play(4711, sqlite_template, tmp_path, 2) for _ in range(2))
    assert first.lines == second.lines
    assert first.digest == second.digest
    assert play(4712, sqlite_template, tmp_path, 2).digest != first.digest


def test_planted_fault_is_found(sqlite_template: Path, tmp_path: Path) -> None:
    """The other faults and the seeds that find them: `make simulate FAULTS=1`."""
    with faults.planted(faults.named("by hand")):
        results = (play(seed, sqlite_template, tmp_path, 10) for seed in range(1, 200))
        found = next((result for result in results if not result.is_well), None)
    assert found is not None
    assert "staff have" in found.complaints[0]
