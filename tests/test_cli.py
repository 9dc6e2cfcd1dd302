"""The commands: one line of what went wrong, never a traceback."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.checking.examination import examine
from bridge.cli import cli
from bridge.server import address

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
    ["dial"],
    ["dial", "explain"],
    ["dial", "plan"],
    ["dial", "skipped"],
    ["dial", "verdicts"],
    ["dial", "pauses"],
    ["dial", "pause"],
    ["dial", "resume"],
    ["optouts"],
    ["optouts", "list"],
    ["optouts", "add"],
    ["optouts", "lift"],
    ["erase"],
    ["secret"],
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


@pytest.mark.parametrize(
    "group", [[], ["callbacks"], ["deliveries"], ["dial"], ["optouts"]], ids=" ".join
)
def test_a_bare_group_prints_its_help(group: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, group, prog_name="bridge")
    assert result.exit_code == 0
    assert result.output == CliRunner().invoke(cli, [*group, "--help"], prog_name="bridge").output
    if group == ["dial"]:
        done = _run(*group, BRIDGE_HOME=str(tmp_path))
        assert (done.returncode, done.stdout.splitlines()[0]) == (
            0,
            "Usage: bridge dial [OPTIONS] COMMAND [ARGS]...",
        )


def test_what_runs_for_long_loads_no_rich(tmp_path: Path) -> None:
    """It would cost each process time and memory; structlog loads it if it can."""
    script = (
        "import sys, bridge.cli, bridge.server, bridge.worker, bridge.dialing.dialer\n"
        "sys.exit('rich' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(ROOT)},
        check=False,
        timeout=120,
        cwd=tmp_path,
    )
    assert done.returncode == 0


def test_a_shell_completes_commands(tmp_path: Path) -> None:
    words = {"COMP_WORDS": "bridge dial pau", "COMP_CWORD": "2"}
    done = _run(_BRIDGE_COMPLETE="bash_complete", BRIDGE_HOME=str(tmp_path), **words)
    assert done.stdout.split() == ["plain,pause", "plain,pauses"]


_READING = [
    ["check"],
    ["callbacks", "list"],
    ["callbacks", "show", "1"],
    ["callbacks", "replay", "1"],
    ["deliveries", "list"],
    ["deliveries", "retry", "--all"],
    ["dial", "explain", "7"],
    ["dial", "plan"],
    ["dial", "skipped"],
    ["dial", "verdicts"],
    ["dial", "pauses"],
    ["dial", "pause", "--reason", "x"],
    ["dial", "resume"],
    ["optouts", "list"],
    ["optouts", "add", "--case", "7", "--way", "mail", "--by", "Ann", "--reason", "x"],
    ["optouts", "lift", "1", "--by", "Ann", "--reason", "x"],
    ["erase", "+14025550107"],
]


@pytest.mark.parametrize("command", _READING, ids=" ".join)
def test_no_command_makes_a_database_on_the_way(command: list[str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = CliRunner().invoke(cli, command, env={"BRIDGE_HOME": str(home)})
    assert result.exit_code == 1
    assert f"there is no database yet at {home}/bridge.db" in result.output
    assert "run `bridge migrate`" in result.output
    assert not home.exists()


@pytest.mark.parametrize("command", [["callbacks", "list"], ["deliveries", "list"]], ids=" ".join)
@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_below_one_is_refused(command: list[str], limit: str) -> None:
    result = CliRunner().invoke(cli, [*command, "--limit", limit])
    assert result.exit_code == 2
    assert "--limit" in result.output


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    shutil.copy(sqlite_template, tmp_path / "bridge.db")
    return tmp_path


def test_retry_of_nothing_in_particular_needs_all(home: Path) -> None:
    none = _run("deliveries", "retry", BRIDGE_HOME=str(home))
    assert (none.returncode, none.stdout) == (2, "")
    assert "give its ID, or --all" in none.stderr
    both = _run("deliveries", "retry", "1", "--all", BRIDGE_HOME=str(home))
    assert both.returncode == 2
    everything = _run("deliveries", "retry", "--all", BRIDGE_HOME=str(home))
    assert (everything.returncode, everything.stdout) == (0, "0 to be sent again\n")


def test_a_usage_error_says_where_to_read_on(home: Path) -> None:
    done = _run("dial", "pause", BRIDGE_HOME=str(home))
    assert done.stderr == "Error: Missing option '--reason'. See `bridge dial pause --help`.\n"


@pytest.mark.parametrize(
    "given", [[], ["--way", "voice", "--reason", "on the phone", "--by", "Ann Example"]]
)
def test_a_usage_error_ends_before_it_says_where_to_read_on(home: Path, given: list[str]) -> None:
    done = _run("optouts", "add", *given, BRIDGE_HOME=str(home))
    assert done.stderr.count(". See `bridge optouts add --help`.") == 1
    assert "See" not in done.stderr.partition(". See")[0]


def test_a_pause_until_a_day_lasts_to_its_end_in_the_firms_zone(home: Path) -> None:
    zone = {"BRIDGE_HOME": str(home), "FIRM_TIMEZONE": "America/Chicago"}
    said = _run("dial", "pause", "--until", "2099-11-30", "--reason", "x", **zone)
    assert said.stdout == "everything: paused until the end of Mon Nov 30 (CT)\n"
    assert '"until": "2099-12-01T00:00:00-06:00"' in _run("dial", "pauses", "--json", **zone).stdout
    past = _run("dial", "pause", "--until", "2020-01-01", "--reason", "x", **zone)
    assert (past.returncode, "is in the past" in past.stderr) == (2, True)
    odd = _run("dial", "pause", "--until", "Monday", "--reason", "x", **zone)
    assert (odd.returncode, "is not a date" in odd.stderr) == (2, True)


@pytest.mark.parametrize("command", ["web", "worker", "run"])
def test_a_misspelled_setting_is_warned_about_at_the_start(command: str, tmp_path: Path) -> None:
    done = _run(command, BRIDGE_HOME=str(tmp_path), DIAL_HOUR="x")
    assert "did you mean DIAL_HOURS?" in done.stdout
    assert "PUBLIC_URL is missing" in done.stderr


def test_a_retired_setting_is_warned_about_and_stops_nothing(tmp_path: Path) -> None:
    there = _COMPLETE | {"DIAL_ENABLED": "true", "BRIDGE_HOME": str(tmp_path)}
    done, before = _run("worker", OPT_OUT_SPANISH="perhaps", **there), _run("worker", **there)
    assert "OPT_OUT_SPANISH" in done.stdout
    assert "Spanish refusals are always understood" in done.stdout
    assert (done.returncode, done.stderr) == (before.returncode, before.stderr)


@pytest.mark.parametrize("command", ["worker", "run"])
def test_what_dialing_needs_stops_it_at_the_start(command: str, tmp_path: Path) -> None:
    done = _run(command, **_COMPLETE, DIAL_ENABLED="true", BRIDGE_HOME=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: TWILIO_FROM_NUMBER is missing")
    assert done.stderr.endswith(". Also missing: FIRM_NAME, FIRM_PHONE\n")
    assert not list(tmp_path.iterdir()), "nothing was begun"


@pytest.mark.parametrize("name", ["CONSOLE_PASSWORD", "CONSOLE_VIEW_PASSWORD"])
def test_a_console_needs_its_secret_key(tmp_path: Path, name: str) -> None:
    settings = _COMPLETE | {name: "0123456789abcdef"}
    done = _run("web", **settings, BRIDGE_HOME=str(tmp_path))
    assert "SECRET_KEY is missing" in done.stderr


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("bridge.local", "http://bridge.local:8000"),
    ],
)
def test_where_a_browser_finds_it(host: str, url: str) -> None:
    assert address(host, 8000) == url


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
        (["web"], _COMPLETE | {"CONSOLE_PASSWORD": "scrypt:32768:8:1"}, "CONSOLE_PASSWORD can't"),
        (["web"], _COMPLETE | {"SECRET_KEY": "short"}, "SECRET_KEY can't be used: it has 5"),
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


_BIG = "9" * 30


@pytest.mark.parametrize(
    "command",
    [
        ["callbacks", "list", "--limit", _BIG],
        ["callbacks", "show", _BIG],
        ["callbacks", "replay", _BIG],
        ["consent", "list", "--limit", _BIG],
        ["deliveries", "retry", _BIG],
        ["dial", "explain", _BIG],
        ["dial", "verdicts", _BIG],
        ["dial", "pause", "--case", _BIG, "--reason", "x"],
        ["dial", "resume", "--case", _BIG],
        ["evidence", _BIG],
        ["optouts", "list", "--case", _BIG],
        ["optouts", "add", "--case", _BIG, "--way", "mail", "--by", "Ann", "--reason", "x"],
        ["optouts", "lift", _BIG, "--by", "Ann", "--reason", "x"],
        ["wrong-numbers", "lift", _BIG, "--by", "Ann", "--reason", "x"],
        ["wrong-numbers", "list", "--case", _BIG],
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_number_that_no_database_holds_names_nothing(
    database_url: str, command: list[str]
) -> None:
    done = CliRunner().invoke(cli, command, env={"DATABASE_URL": database_url})
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code in {1, 2}


@pytest.mark.parametrize(
    "command",
    [
        ["consent", "revoke", "4025550107", "--reason", "\udcff"],
        ["consent", "revoke", "4025550107", "--reason", "x", "--by", "\udcff"],
        ["dial", "pause", "--case", "7", "--reason", "\udcff"],
        ["dial", "pause", "--campaign", "\udcff", "--reason", "x"],
        ["optouts", "lift", "1", "--by", "A", "--reason", "\udcff"],
        ["wrong-numbers", "lift", "1", "--by", "A", "--reason", "\udcff"],
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_text_is_named_in_one_line(database_url: str, command: list[str]) -> None:
    done = CliRunner().invoke(cli, command, env={"DATABASE_URL": database_url})
    assert (done.exit_code, "has characters that can't be stored" in done.output) == (2, True)


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
