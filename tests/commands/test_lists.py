"""Lists: the same rows as a table, as JSON and as CSV, on a terminal and elsewhere."""

import csv
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from bridge.cli import cli
from bridge.commands.list_output import as_csv, as_json, as_text
from bridge.commands.listings import Column, Listing
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.store.db import Database
from bridge.store.dialing import pauses

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
COLUMNS = (
    Column("id", "id", is_number=True),
    Column("at", "when"),
    Column("case_id", "case", is_number=True, unset="by phone"),
    Column("inputs"),
    Column("why", "why"),
)
LISTING = Listing(
    COLUMNS,
    [
        {"id": 7, "at": NOON, "case_id": None, "inputs": {"caps": [2, 1]}, "why": "a\n  b"},
        {"id": 12, "at": None, "case_id": 515512, "inputs": None, "why": "\x1b[31mred"},
    ],
    "No rows.",
)
LISTS = [
    ["callbacks", "list"],
    ["deliveries", "list"],
    ["dial", "plan"],
    ["dial", "skipped"],
    ["dial", "verdicts"],
    ["dial", "pauses"],
    ["optouts", "list"],
]


def test_a_table_is_plain_with_numbers_on_the_right() -> None:
    assert as_text(LISTING, ZONE).splitlines() == [
        "id  when                         case  why",
        " 7  2026-11-24 12:00:00 EST  by phone  a b",
        "12                             515512  �[31mred",
    ]
    assert as_text(Listing(COLUMNS, [], "No rows."), ZONE) == "No rows.\n"


def test_json_and_csv_are_complete() -> None:
    (first, second) = json.loads(as_json(LISTING, ZONE))
    assert first == {
        "id": 7,
        "at": "2026-11-24T12:00:00-05:00",
        "case_id": None,
        "inputs": {"caps": [2, 1]},
        "why": "a\n  b",
    }
    assert second["why"] == "\x1b[31mred"
    rows = list(csv.DictReader(io.StringIO(as_csv(LISTING, ZONE))))
    assert [row["why"] for row in rows] == ["a\n  b", "\x1b[31mred"]
    assert rows[0]["at"] == first["at"]
    assert json.loads(rows[0]["inputs"]) == first["inputs"]
    assert rows[1]["at"] == ""


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    path = tmp_path / "bridge.db"
    shutil.copy(sqlite_template, path)
    db = Database(f"sqlite:///{path}", connections=1)
    with db.begin() as connection:
        held = Pause(PauseScope.STATE, "LA", None, "declared [red]emergency[/red] " + "x " * 120)
        pauses.add(connection, held, "operator", NOON)
    db.close()
    return tmp_path


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_each_list_is_there_as_json_and_csv_and_says_when_it_is_empty(
    command: list[str], home: Path
) -> None:
    def run(*options: str) -> str:
        result = CliRunner().invoke(cli, [*command, *options], env={"BRIDGE_HOME": str(home)})
        assert result.exit_code == 0, result.output
        return result.output

    listed = json.loads(run("--json"))
    (header, *rows) = csv.reader(io.StringIO(run("--csv")))
    assert len(rows) == len(listed)
    if command[-1] == "pauses":
        assert list(listed[0]) == header
        assert listed[0]["since"] == "2026-11-24T12:00:00-05:00"
        assert listed[0]["reason"].endswith("x x ")
        assert "12:00:00 EST" in run()
    else:
        assert listed == []
        assert run().startswith(("No ", "Nothing is due."))


@pytest.mark.parametrize(
    ("setting", "shown"),
    [("SMARTADVOCATE_TIMEZONE", "11:00:00 CST"), ("FIRM_TIMEZONE", "11:00:00 CST")],
)
def test_times_are_the_firms(setting: str, shown: str, home: Path) -> None:
    environment = {"BRIDGE_HOME": str(home), setting: "America/Chicago"}
    assert shown in CliRunner().invoke(cli, ["dial", "pauses"], env=environment).output


@pytest.mark.parametrize("width", [60, 120])
def test_on_a_terminal_a_table_fits_its_width(width: int, home: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {"PYTHONPATH": str(ROOT), "BRIDGE_HOME": str(home), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "bridge", "dial", "pauses"],
        stdout=theirs,
        stderr=theirs,
        env=environment | {"COLUMNS": str(width), "NO_COLOR": "1"},
        cwd=home,
    ) as process:
        os.close(theirs)
        said = b""
        try:
            while chunk := os.read(ours, 4096):
                said += chunk
        except OSError:
            pass  # the other end was closed
        finally:
            os.close(ours)
    assert process.returncode == 0
    lines = said.decode().replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) > 3, "a long reason takes several lines"
    assert "[red]" in "".join(lines), "what others wrote is no markup"
