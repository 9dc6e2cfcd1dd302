"""Secrets stay where they belong: not in a repr, not in a log, not from somebody else's `.env`."""

import gc
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
import requests
import structlog

from bridge import logs
from bridge.runtime import build, smartadvocate, twilio
from bridge.settings import load
from tests.support.processes import Bridge, wait_until
from tests.test_settings import SECRETS

ROOT = Path(__file__).parents[1]
_MOST_OBJECTS = 20_000


def _hidden(tmp_path: Path) -> dict[str, str]:
    hidden = {name: f"hunter2-{number}" for number, name in enumerate(SECRETS)}
    return hidden | {
        "DATABASE_URL": "postgres://u:hunter2-0@127.0.0.1:9/d",
        "SENTRY_DSN": "https://hunter2-9@h/1",
        "PUBLIC_URL": "https://firm.example.com",
        "SMARTADVOCATE_URL": "http://127.0.0.1:9",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_FROM_NUMBER": "+14025550100",
        "FIRM_NAME": "Doe",
        "FIRM_PHONE": "+14025550199",
    }


def _reached(start: object) -> Iterator[object]:
    """All that an object refers to, over as many steps as it takes."""
    seen, waiting = {id(start)}, [start]
    while waiting and len(seen) < _MOST_OBJECTS:
        one = waiting.pop(0)
        yield one
        for other in gc.get_referents(one):
            if id(other) not in seen and not isinstance(other, type | ModuleType | FunctionType):
                seen.add(id(other))
                waiting.append(other)


def test_no_object_of_a_runtime_shows_a_secret(tmp_path: Path) -> None:
    settings = load(_hidden(tmp_path))
    runtime = build(settings, connections=1)
    clients = (smartadvocate(settings), twilio(settings))
    clients[0]._session()
    clients[1]._client()
    looked: set[str] = set()
    for start in (runtime, *clients):
        for one in _reached(start):
            kind = type(one)
            if kind.__module__.startswith(("bridge", "sqlalchemy.engine", "twilio", "requests")):
                looked.add(kind.__name__)
                shown = f"{one!r} {one}"
                if kind.__name__ not in {"CaseInsensitiveDict", "immutabledict"}:
                    assert "hunter2" not in shown, kind
    runtime.close()
    assert looked >= {
        "Runtime", "Settings", "Gate", "Database", "Inbox", "Ringer", "Engine", "URL",
        "SmartAdvocate", "Twilio", "Account", "Client",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["json", "text"])
def test_tracebacks_show_no_values(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.set_up(form)

    hidden = "-".join(("hunter", "2"))

    def fail(password: str) -> None:
        raise ZeroDivisionError(len(password))

    try:
        fail(hidden)
    except ZeroDivisionError:
        structlog.get_logger(f"tests.secrets.{form}").exception("It broke")
        logging.getLogger("some.library").exception("It broke there")
    said = capsys.readouterr().out
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    assert said.count("ZeroDivisionError") >= 2
    assert hidden not in said


def _check(where: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bridge", "check"], cwd=where, capture_output=True, text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environment},
        timeout=60, check=False,
    )  # fmt: skip


def test_only_the_working_directorys_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DIAL_DAYS=someday\n")
    below = tmp_path / "below"
    below.mkdir()
    assert "DIAL_DAYS should be" in _check(tmp_path).stdout
    assert "DIAL_DAYS" not in _check(below).stdout
    (below / ".env").write_text("DIAL_HOURS=always\n")
    assert "DIAL_HOURS should be" in _check(below).stdout


@pytest.mark.parametrize(
    ("arguments", "address"),
    [(["run"], "127.0.0.1"), (["run", "--host", "127.0.0.2"], "127.0.0.2"), (["web"], "0.0.0.0")],
    ids=["run", "run --host", "web"],
)
def test_where_the_web_app_listens(tmp_path: Path, arguments: list[str], address: str) -> None:
    bridge = Bridge(tmp_path, f"sqlite:///{tmp_path / 'bridge.db'}", "http://127.0.0.1:9")

    def answers(host: str) -> bool:
        try:
            return requests.get(f"http://{host}:{bridge.port}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    try:
        bridge.start("bridge", *arguments)
        heard = "127.0.0.1" if address == "0.0.0.0" else address
        wait_until(lambda: answers(heard), "the web app doesn't answer")
        everywhere = {"127.0.0.1", "127.0.0.2", "127.0.0.3"}
        expected = everywhere if address == "0.0.0.0" else {address}
        assert {host for host in everywhere if answers(host)} == expected
    finally:
        for process in bridge._started:
            process.stop()
