"""Imports point one way, and nothing grows too long."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "bridge").rglob("*.py"))
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 60


def test_imports_keep_their_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", lint, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kept = re.search(r"(\d+) kept, (\d+) broken", done.stdout)
    assert kept is not None
    assert (int(kept[1]), int(kept[2])) == (len(contracts), 0)
    assert len(contracts) >= 4


def test_the_layers_leave_no_module_out() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (layers,) = (
        contract["layers"]
        for contract in pyproject["tool"]["importlinter"]["contracts"]
        if contract["name"] == "The rooms of the house import one way"
    )
    ordered = {name.strip() for layer in layers for name in layer.split("|")}
    there = {f"bridge.{path.stem}" for path in (ROOT / "bridge").glob("*.py")} | {
        f"bridge.{path.parent.name}" for path in (ROOT / "bridge").glob("*/__init__.py")
    }
    assert ordered == there - {"bridge.__init__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_too_long(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= MOST_LINES
    if path.parent.name == "versions":
        return  # a migration is one list of what it makes
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MOST_LINES_OF_A_FUNCTION, f"{node.name}: {length} lines"


def test_only_the_vendors_edge_knows_its_sdk() -> None:
    importers = {
        str(path.relative_to(ROOT / "bridge"))
        for path in MODULES
        if re.search(r"^\s*(?:from|import) twilio\b", path.read_text(), re.MULTILINE)
    }
    assert importers
    assert all(name.startswith("adapters/twilio/") for name in importers), importers
