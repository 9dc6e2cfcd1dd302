"""What is locked is imported, or the reason stands in pyproject.toml."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# A process of its own, in which only what the host installs can be imported.
_IMPORT_ALL = """
import importlib, json, sys
wanted, absent = json.loads(sys.stdin.read())
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in absent:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Absent())
for name in wanted:
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def _named(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def _locked() -> set[str]:
    return {
        _named(line)
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if re.match(r"[\w.-]+==", line)
    }


def _unimported() -> dict[str, str]:
    listed: dict[str, str] = PYPROJECT["tool"]["bridge"]["locked-and-never-imported"]
    return listed


def _own_modules() -> set[str]:
    """Every module of the bridge, but the two that run when they are imported."""
    paths = {path.relative_to(ROOT).with_suffix("") for path in (ROOT / "bridge").rglob("*.py")}
    names = {".".join(path.parts).removesuffix(".__init__") for path in paths}
    return {
        name
        for name in names
        if not name.endswith(".__main__") and not name.startswith("bridge.store.migrations.")
    }


def _named_in_imports() -> set[str]:
    """What the bridge's own code imports, also inside of functions."""
    names: set[str] = set()
    for path in (ROOT / "bridge").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return names - _own_modules()


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """The distributions that a process has loaded once it has imported all of the bridge."""
    owners = {
        name: {_named(one) for one in distributions}
        for name, distributions in packages_distributions().items()
    }
    wanted = sorted(_own_modules() | _named_in_imports())
    host = _locked() | {"bridge"}
    absent = [name for name, distributions in owners.items() if not distributions & host]
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL],
        input=json.dumps([wanted, absent]),
        cwd=ROOT,
        # As on a machine without time zones of its own, where tzdata's are read.
        env=os.environ | {"PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {one for name in json.loads(done.stdout) for one in owners.get(name, ())}


def test_what_is_locked_is_imported_or_has_a_reason(imported: set[str]) -> None:
    idle = _locked() - imported
    unexplained = sorted(idle - _unimported().keys())
    assert not unexplained, (
        f"locked and never imported: {unexplained}. Take them out of pyproject.toml's dependencies "
        "and `make lock`, or give the reason in [tool.bridge.locked-and-never-imported]"
    )
    gone = sorted(_unimported().keys() - idle)
    assert not gone, f"imported, or no longer locked: take {gone} out of the list"
    assert all(len(reason.split()) >= 3 for reason in _unimported().values())


def test_what_others_bring_is_not_ours_to_drop() -> None:
    """A listed package is one that we name ourselves, or that a locked one can't do without."""
    ours = {_named(one) for one in PYPROJECT["project"]["dependencies"]}
    theirs = {
        _named(one)
        for package in _locked()
        for one in requires(package) or []
        if "extra ==" not in one
    }
    assert _unimported().keys() <= ours | theirs
