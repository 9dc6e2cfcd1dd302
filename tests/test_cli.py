"""The commands: one line of what went wrong, never a traceback."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli import cli
from bridge.commands.check import examine

_COMMANDS = [
    [],
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
]
ROOT = Path(__file__).parents[1]
_COMPLETE = {
    "PUBLIC_URL": "https://firm.example.com",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "t",
    "SMARTADVOCATE_URL": "https://sa.example.com/api",
    "SMARTADVOCATE_API_KEY": "k",
}


@pytest.mark.parametrize("command", _COMMANDS, ids=" ".join)
def test_help(command: list[str]) -> None:
    result = CliRunner().invoke(cli, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def _run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bridge", *arguments],
        env={"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=environment.get("BRIDGE_HOME"),
    )


@pytest.mark.parametrize(
    ("command", "environment", "says"),
    [
        (["web"], {}, "PUBLIC_URL is missing"),
        (["worker"], _COMPLETE | {"SMARTADVOCATE_API_KEY": ""}, "SMARTADVOCATE_API_KEY is missing"),
        (["worker"], _COMPLETE | {"DIAL_HOURS": "9 to 5"}, "DIAL_HOURS should be HH:MM-HH:MM"),
        (["worker"], _COMPLETE | {"SMARTADVOCATE_LABELS": "Later=x"}, "SMARTADVOCATE_LABELS names"),
        (["run"], _COMPLETE | {"PUBLIC_URL": "firm.example.com"}, "PUBLIC_URL should be"),
        (["migrate"], {"DATABASE_URL": "mysql://x"}, "DATABASE_URL should be"),
        (["migrate"], {"DATABASE_URL": "postgres://x@127.0.0.1:9/x"}, "the database can't be used"),
        (
            ["worker"],
            _COMPLETE | {"DATABASE_URL": "postgres://x@127.0.0.1:9/x"},
            "the database can't be used",
        ),
        (["callbacks", "list"], {}, "run `bridge migrate`"),
        (["deliveries", "list"], {}, "run `bridge migrate`"),
        (["callbacks", "show", "x"], {}, "is not a valid integer"),
        (["sandbox", "--cases", "0"], {}, "--cases"),
    ],
)
def test_one_line_and_no_traceback(
    command: list[str], environment: dict[str, str], says: str, tmp_path: Path
) -> None:
    done = _run(*command, **({"BRIDGE_HOME": str(tmp_path), "PATH": ""} | environment))
    assert done.returncode not in {0, None}
    assert says in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert "mysql://" not in done.stderr, "a database's address may hold a password"


def test_check_with_nothing_set(tmp_path: Path) -> None:
    done = _run("check", BRIDGE_HOME=str(tmp_path))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(line.startswith("failure settings: PUBLIC_URL is missing") for line in lines)
    assert all(line.startswith(("ok ", "warning ", "failure ")) for line in lines)


@pytest.mark.parametrize(("enabled", "doubts"), [("true", 2), ("false", 0)])
def test_check_doubts_the_text(enabled: str, doubts: int, tmp_path: Path) -> None:
    body = "We will call you. Call {phone}"
    environ = {"TEXT_ENABLED": enabled, "TEXT_BODY": body, "BRIDGE_HOME": str(tmp_path)}
    found = [finding for finding in examine(environ) if finding.sentence.startswith("TEXT_BODY: ")]
    assert [(one.level, one.subject) for one in found] == [("warning", "settings")] * doubts
    said = " ".join(one.sentence for one in found)
    assert ("{firm} is missing" in said and "Reply STOP" in said) is bool(doubts)


def test_migrate_twice(tmp_path: Path) -> None:
    first, second = (_run("migrate", BRIDGE_HOME=str(tmp_path)) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert "up to date now" in first.stdout
    assert "nothing to do" in second.stdout
    listed = _run("callbacks", "list", BRIDGE_HOME=str(tmp_path))
    assert (listed.returncode, listed.stdout) == (0, "No callbacks.\n")
    shown = _run("callbacks", "show", "1", BRIDGE_HOME=str(tmp_path))
    assert "there is no callback 1" in shown.stderr


@pytest.fixture
def newer(tmp_path: Path, sqlite_template: Path) -> Path:
    """The home of a database that newer code has migrated."""
    path = tmp_path / "bridge.db"
    shutil.copy(sqlite_template, path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    return tmp_path


_NEWER = "the database's schema 9999 is newer than this code, which knows"


@pytest.mark.parametrize(
    "command", [["web"], ["worker"], ["run"], ["migrate"], ["dial", "pauses"]], ids=" ".join
)
def test_older_code_on_a_newer_database_says_so_in_one_line(
    command: list[str], newer: Path
) -> None:
    done = _run(*command, **_COMPLETE, BRIDGE_HOME=str(newer))
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"Error: {_NEWER}")
    assert "deploy the newer code" in said


def test_check_says_so_too(newer: Path) -> None:
    (found,) = (one for one in examine({"BRIDGE_HOME": str(newer)}) if one.subject == "database")
    assert (found.level, found.sentence.startswith(_NEWER)) == ("failure", True)
