"""`bridge secret`: a hash that opens the console, and a key, as lines that are ready to be used."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dotenv import dotenv_values
from werkzeug.security import check_password_hash

from bridge.cli import cli
from bridge.environment import load

ROOT = Path(__file__).parents[2]
PASSWORD = "four words, $HOME and 'quotes'"


def _secret(given: str) -> Result:
    return CliRunner().invoke(cli, ["secret"], input=given)


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\nmore lines\n"])
def test_its_lines_are_settings(ending: str) -> None:
    result = _secret(f"{PASSWORD}{ending}")
    assert (result.exit_code, result.stderr) == (0, "")
    assert PASSWORD not in result.stdout
    read = load({name: value or "" for name, value in _as_env_file(result.stdout).items()})
    assert read.console_password is not None
    assert read.console_password.startswith("scrypt:32768:8:1$")
    assert check_password_hash(read.console_password, PASSWORD)
    assert len(read.secret_key or "") >= 32


def _as_env_file(lines: str) -> dict[str, str | None]:
    return dotenv_values(stream=io.StringIO(lines))


def test_a_shell_reads_them_alike() -> None:
    lines = _secret(PASSWORD).stdout
    script = f'{lines}\nprintf "%s\\n%s" "$CONSOLE_PASSWORD" "$SECRET_KEY"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == list(_as_env_file(lines).values())


def test_each_is_another_one() -> None:
    first, second = (_as_env_file(_secret(PASSWORD).stdout) for _ in range(2))
    assert not set(first.values()) & set(second.values())


@pytest.mark.parametrize("given", ["", "\n", "   \n", "a\tb\n", "x" * 1025])
def test_what_is_no_password_is_refused_in_one_line(given: str) -> None:
    result = _secret(given)
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: the" if given.strip() else "Error: there is no password")


def test_a_short_one_is_doubted() -> None:
    result = _secret("hunter2")
    assert result.exit_code == 0
    assert result.stderr.startswith("Note: this password has 7 characters.")
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.parametrize(("again", "code"), [(PASSWORD, 0), ("another", 1)])
def test_on_a_terminal_it_is_asked_for_twice_and_never_shown(again: str, code: int) -> None:
    master, slave = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "bridge", "secret"],
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=slave,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/nowhere"},
        start_new_session=True,
    )
    os.close(slave)
    shown = _shown_until(master, b"Password for the console: ")
    os.write(master, f"{PASSWORD}\n".encode())
    shown += _shown_until(master, b"Repeat for confirmation: ")
    os.write(master, f"{again}\n".encode())
    if code:
        shown += _shown_until(master, b"Password for the console: ")
        running.kill()
    said = running.communicate(timeout=60)[0].decode()
    os.close(master)
    assert PASSWORD.encode() not in shown
    assert said.startswith("CONSOLE_PASSWORD='scrypt:") is (code == 0)


def _shown_until(terminal: int, words: bytes) -> bytes:
    shown = b""
    while not shown.endswith(words):
        shown += os.read(terminal, 1024)
    return shown
