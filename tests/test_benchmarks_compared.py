"""`make bench ARGS='--against FILE'`: what is set against what, and what counts as worse."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.benchmarks.__main__ import main
from tests.benchmarks.comparing import compare, table


def _run(**changed: Any) -> dict[str, Any]:
    figures = {
        "accepting": {"bridge": {"per_second": 1000.0, "p99": 30.0}, "of_check": 0.5},
        "planning": [
            {"cases": 1000, "seconds": 6.0, "megabytes": 129.0},
            {"cases": 10_000, "seconds": 57.0, "megabytes": 171.0},
        ],
        "took_seconds": {"callbacks": 170.0},
    }
    return {"machine": {"cores": 2}, "load": [0.1], "SQLite": figures | changed}


def test_the_same_run_is_nowhere_worse() -> None:
    compared = compare(_run(), _run())
    assert [one.name for one in compared] == [
        "SQLite accepting bridge per_second",
        "SQLite accepting bridge p99",
        "SQLite accepting of_check",
        "SQLite planning 1,000 seconds",
        "SQLite planning 1,000 megabytes",
        "SQLite planning 10,000 seconds",
        "SQLite planning 10,000 megabytes",
    ]
    assert not any(one.is_worse for one in compared)
    assert table(compared)[-1] == "7 figures compared, 0 worse by more than noise"


@pytest.mark.parametrize(
    ("bridge", "of_check", "worse"),
    [
        ({"per_second": 800.0, "p99": 45.0}, 0.45, []),
        ({"per_second": 2000.0, "p99": 3.0}, 0.9, []),
        ({"per_second": 700.0, "p99": 30.0}, 0.5, ["per_second"]),
        ({"per_second": 1000.0, "p99": 60.0}, 0.4, ["p99", "of_check"]),
    ],
)
def test_worse_is_what_is_beyond_noise(
    bridge: dict[str, float], of_check: float, worse: list[str]
) -> None:
    later = _run(accepting={"bridge": bridge, "of_check": of_check})
    found = [one.name.split()[-1] for one in compare(_run(), later) if one.is_worse]
    assert found == worse


def test_other_sizes_are_not_compared() -> None:
    later = _run(planning=[{"cases": 500, "seconds": 3.0}])
    assert not [one for one in compare(_run(), later) if "planning" in one.name]


def test_a_file_of_something_else_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps({"SQLite": {}}))
    said = CliRunner().invoke(main, ["--evidence", "--against", str(file)])
    assert said.exit_code == 1
    assert "is no JSON of `make bench`" in said.output
