"""Secrets stay where they belong: not in a repr, not in a log, not from somebody else's `.env`."""

import gc
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import FunctionType, ModuleType

import pytest
import requests
import structlog
from werkzeug.datastructures import MultiDict

import bridge
from bridge import logs
from bridge.adapters.twilio.callbacks import InboundText, ParsedCallback
from bridge.adapters.twilio.signature import SignedRequest
from bridge.callbacks.intake import PostedCallback
from bridge.domain.events import Topic
from bridge.domain.notes import EventNote, NoteKind
from bridge.domain.opt_out_language.clauses import clauses
from bridge.environment import load
from bridge.errors import SettingError
from bridge.runtime import build, smartadvocate, twilio
from bridge.store.callbacks.callbacks import NewCallback, StoredCallback
from bridge.store.consent.erasure import PersonsData, Sentence
from bridge.store.reporting.deliveries import Delivery, DeliveryKind
from bridge.store.reporting.lanes import Job
from bridge.store.tables import deliveries
from tests.support.processes import Bridge, wait_until
from tests.support.settings import SECRETS

ROOT = Path(__file__).parents[1]
_MOST_OBJECTS = 20_000
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def _hidden(tmp_path: Path) -> dict[str, str]:
    hidden = {name: f"hunter2-{number}" for number, name in enumerate(SECRETS)}
    return hidden | {
        "DATABASE_URL": "postgres://u:hunter2-0@127.0.0.1:9/d",
        "SECRET_KEY": "hunter2-of-thirty-two-characters-or-more",
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
        "Runtime",
        "Settings",
        "SignatureCheck",
        "Database",
        "CallbackWriter",
        "Notifier",
        "Engine",
        "URL",
        "SmartAdvocate",
        "Twilio",
        "Account",
        "Client",
    }


def _holding(said: str) -> list[object]:
    """One of each kind of thing that holds what a person wrote."""
    raw, form, note = f"Body={said}".encode(), MultiDict({"Body": said}), {"words": said}
    remark = EventNote(NoteKind.WROTE, "SM", None, words=said)
    message = Delivery(DeliveryKind.NOTE, "SM", 7, None, {"remark": note}, NOW, NOW)
    words = InboundText(said, 0, None)
    return [
        NewCallback(NOW, "text-in", "SM", "", "", "/", raw, None, ""),
        StoredCallback(1, NOW, "text-in", "SM", "/", raw, None, 0),
        PostedCallback(Topic.TEXT_IN, "/", form, raw, None, ""),
        SignedRequest("https://firm.example.com/", form, raw, ""),
        words,
        ParsedCallback("SM", "", "", None, words=words),
        remark,
        message,
        Job(
            1,
            "case:7",
            DeliveryKind.NOTE,
            {"remark": note},
            None,
            0,
            NOW,
            NOW,
            7,
            "SM",
            has_later=False,
        ),
        PersonsData({1: raw}, {1: said}, {1: said}),
        Sentence(deliveries.c.refusal, {"id": 1}, said, said),
        *clauses(said),
    ]


def test_no_object_shows_what_a_person_wrote() -> None:
    shown = [repr(one) for one in _holding("zebrafish")]
    assert [one for one in shown if "zebrafish" in one] == []


def test_what_is_named_like_a_persons_words_is_never_shown() -> None:
    """A new dataclass that holds words or raw forms hides them too."""
    for module in walk_packages(bridge.__path__, "bridge."):
        if not re.search(r"sandbox|migrations|__main__", module.name):
            import_module(module.name)
    # What other tests have had the collector leave out is looked at as well.
    gc.unfreeze()
    gc.collect()
    kinds = [
        one
        for one in gc.get_objects()
        if isinstance(one, type) and is_dataclass(one) and one.__module__.startswith("bridge.")
    ]
    words = ("words", "body", "payload", "form", "raw")
    showing = {
        f"{kind.__name__}.{one.name}"
        for kind in kinds
        if not kind.__module__.startswith("bridge.sandbox")
        for one in fields(kind)
        if one.name in words and one.repr
    }
    # These hold what hides itself.
    assert showing == {"ParsedCallback.words"}
    assert len(kinds) > 60


@pytest.mark.parametrize(
    "name",
    [
        "TWILIO_ACCOUNT_SID",
        "TWILIO_MESSAGING_SERVICE_SID",
        "TWILIO_FROM_NUMBER",
        "TWILIO_API_URL",
        "SMARTADVOCATE_URL",
    ],
)
@pytest.mark.parametrize("pasted", ["hunter2", "ftp://hunter2.example.com"])
def test_a_secret_in_the_wrong_place_is_not_repeated(name: str, pasted: str) -> None:
    with pytest.raises(SettingError) as refused:
        load({name: pasted})
    assert str(refused.value).startswith(f"{name} should be ")
    assert "hunter2" not in str(refused.value)


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
        [sys.executable, "-m", "bridge", "check"],
        cwd=where,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environment},
        timeout=60,
        check=False,
    )


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
