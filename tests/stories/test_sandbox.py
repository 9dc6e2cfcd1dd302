"""The main job, as a newcomer runs it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.support.ports import free_port
from tests.support.processes import ROOT, wait_until

_PROMISES = (
    "A refusal by text, in English or in Spanish, ends calls and texts.",
    "A refusal in free words holds calls and texts until the firm decides.",
    "A limit, such as an hour, holds calls and texts until the firm decides.",
    "Who refuses while the phone rings is not greeted.",
    "Do not Dial on one case holds the person's other case until the firm decides.",
    "A lead who has agreed to nothing hears no machine and gets no text.",
    "A lead who has agreed to both is texted, and greeted by a machine.",
    "A lead in the do-not-call registry is neither called nor texted.",
)


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(home)}


def test_once_proves_that_every_case_shows_what_its_person_did(tmp_path: Path) -> None:
    # A `.env` with a real firm's settings must not be touched by a play.
    (tmp_path / ".env").write_text("DATABASE_URL=postgres://prod@127.0.0.1:9/prod\nDIAL_DAYS=x\n")
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "sandbox", "--once", "--port", "0", "--cases", "24"],
        env=_environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every case shows what its person did, exactly once. Nothing was lost." in done.stdout
    rows = [line for line in done.stdout.splitlines() if line.endswith("  ok")]
    assert len(rows) == 24
    for promise in _PROMISES:
        assert re.search(rf"^  ok      {promise} \([\d, ]+\)$", done.stdout, re.MULTILINE), promise
    assert "broken" not in done.stdout


def _play(home: Path, dialect: str, cases: int) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "bridge",
            "sandbox",
            "--once",
            "--port",
            "0",
            "--cases",
            str(cases),
            "--dialect",
            dialect,
        ],
        env=_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.parametrize(
    ("dialect", "cases"),
    [("post,wrapped,utc,own-labels,fast-clock", 11), ("capped,auto-change", 24)],
)
def test_it_is_exact_whatever_smartadvocate_speaks(
    tmp_path: Path, dialect: str, cases: int
) -> None:
    done = _play(tmp_path, dialect, cases)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every case shows what its person did, exactly once. Nothing was lost." in done.stdout
    rows = [line for line in done.stdout.splitlines() if line.endswith("  ok")]
    assert len(rows) == cases


def test_where_outcomes_are_refused_that_is_said_and_nobody_is_reached_again(
    tmp_path: Path,
) -> None:
    done = _play(tmp_path, "refusing", 11)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Everybody was reached exactly as expected, and every note is there." in done.stdout
    refused = "SmartAdvocate refused the outcomes (The case is locked by another user.)"
    assert refused in done.stdout
    dead = [line for line in done.stdout.splitlines() if " dead " in line and "locked by" in line]
    # Five of the eleven refuse themselves, and one can't be called now.
    assert len(dead) >= 7
    rows = [line for line in done.stdout.splitlines() if line.endswith("  ok")]
    assert len(rows) == 11


def test_an_unknown_dialect_is_one_line(tmp_path: Path) -> None:
    done = _play(tmp_path, "post,klingon", 3)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: unknown dialect 'klingon': choose from post, wrapped, utc")


def test_it_ends_cleanly_when_it_is_interrupted(tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "log"
    with log.open("w") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "bridge", "sandbox", "--port", str(port), "--cases", "3"],
            env=_environment(tmp_path),
            cwd=tmp_path,
            stdout=output,
            stderr=output,
        )
    wait_until(lambda: "“Call to" in log.read_text(), "nothing is told")
    first = log.read_text().splitlines()[0]
    console = f"http://127.0.0.1:{port}/console/"
    assert first == f"Console        open {console}   (no password, in the sandbox)"
    page = requests.get(console, timeout=30)
    assert (page.status_code, page.url) == (200, console), "it opens signed in"
    assert "Example &amp; Partners" in page.text
    assert requests.post(f"{console}pause", timeout=30).status_code == 400, "a forged form"
    taken = subprocess.run(
        [sys.executable, "-m", "bridge", "sandbox", "--once", "--port", str(port)],
        env=_environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (taken.returncode, f"port {port} is taken" in taken.stderr) == (1, True)
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 0
    assert "Stopped." in log.read_text()
    assert "Traceback" not in log.read_text()
