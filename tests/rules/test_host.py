"""What the host runs exists."""

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli import cli

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


def test_the_app_json_starts_what_the_procfile_has() -> None:
    formation = json.loads((ROOT / "app.json").read_text())["formation"]
    assert set(formation) == set(_procfile()) - {"release"}


@pytest.mark.parametrize(
    "command",
    [
        ["sandbox"], ["web"], ["worker"], ["run"], ["migrate"], ["check"],
        ["callbacks"], ["callbacks", "list"], ["callbacks", "show"], ["callbacks", "replay"],
        ["deliveries"], ["deliveries", "list"], ["deliveries", "retry"], ["erase"],
    ],
)  # fmt: skip
def test_every_promised_command_has_help(command: list[str]) -> None:
    asked = CliRunner().invoke(cli, [*command, "--help"])
    assert asked.exit_code == 0
    assert "Usage:" in asked.output
