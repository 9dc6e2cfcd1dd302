"""What the host runs exists."""

import json
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bridge.app import create_app
from bridge.cli import cli
from bridge.environment import load
from bridge.runtime import Runtime

ROOT = Path(__file__).parents[2]


def _procfile() -> dict[str, list[str]]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    pairs = (line.split(":", 1) for line in lines if line.strip())
    return {kind.strip(): shlex.split(command) for kind, command in pairs}


def test_the_procfile_has_what_heroku_needs() -> None:
    assert set(_procfile()) == {"release", "web", "worker"}


@pytest.mark.parametrize("kind", ["release", "web", "worker"])
def test_each_of_its_commands_exists(kind: str) -> None:
    program, flag, module, *command = _procfile()[kind]
    assert (program, flag, module) == ("python", "-m", "bridge")
    asked = CliRunner().invoke(cli, [*command, "--help"])
    assert asked.exit_code == 0, asked.output
    assert command[0] in cli.commands


# Heroku's schema (its article "app.json Schema"), as far as we use it.
_KEYS = {
    "name": str,
    "description": str,
    "keywords": list,
    "success_url": str,
    "stack": str,
    "buildpacks": list,
    "addons": list,
    "formation": dict,
    "env": dict,
}
_OF_A_SETTING = {"description": str, "value": str, "required": bool, "generator": str}
_GENERATED = {"METRICS_TOKEN", "SECRET_KEY", "CONSOLE_PASSWORD"}


def _app() -> dict[str, Any]:
    described: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
    return described


def test_the_app_json_is_what_heroku_takes() -> None:
    app = _app()
    assert {key: type(value) for key, value in app.items()} == _KEYS
    assert 3 <= len(app["name"]) <= 30
    assert len(app["description"]) <= 140
    assert all(set(one) == {"plan"} for one in app["addons"])
    assert app["buildpacks"] == [{"url": "heroku/python"}]
    for name, setting in app["env"].items():
        assert {key: type(value) for key, value in setting.items()}.items() <= (
            _OF_A_SETTING.items()
        ), name
        assert setting["description"], name
    # Whoever has set nothing is asked for what is required, and for nothing that is made up.
    generated = {name for name, one in app["env"].items() if one.get("generator") == "secret"}
    assert generated == _GENERATED
    assert {name for name, one in app["env"].items() if "generator" in one} == _GENERATED


def test_the_app_json_starts_what_the_procfile_has() -> None:
    assert set(_app()["formation"]) == set(_procfile()) - {"release"}


def test_its_values_are_settings_that_the_bridge_takes() -> None:
    given = {name: one["value"] for name, one in _app()["env"].items() if "value" in one}
    load(given | dict.fromkeys(_GENERATED, "f" * 64))


def test_whoever_has_deployed_it_is_sent_to_a_page_that_exists(runtime: Runtime) -> None:
    assert create_app(runtime).test_client().get(_app()["success_url"]).status_code == 200


def test_one_python_everywhere() -> None:
    """The buildpack and pyenv read `.python-version`."""
    version = (ROOT / ".python-version").read_text().strip()
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert pyproject["project"]["requires-python"] == f">={version}"
    assert pyproject["tool"]["mypy"]["python_version"] == version
    assert pyproject["tool"]["ruff"]["target-version"] == f"py{version.replace('.', '')}"


@pytest.mark.parametrize(
    "command",
    [
        ["sandbox"],
        ["web"],
        ["worker"],
        ["run"],
        ["migrate"],
        ["check"],
        ["callbacks"],
        ["callbacks", "list"],
        ["callbacks", "show"],
        ["callbacks", "replay"],
        ["deliveries"],
        ["deliveries", "list"],
        ["deliveries", "retry"],
        ["erase"],
    ],
)
def test_every_promised_command_has_help(command: list[str]) -> None:
    asked = CliRunner().invoke(cli, [*command, "--help"])
    assert asked.exit_code == 0
    assert "Usage:" in asked.output
