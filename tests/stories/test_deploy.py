"""A deploy: old and new dynos side by side, on a database that allows 20 connections."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from bridge.environment import load
from bridge.runtime import connections
from bridge.sandbox.smartadvocate import SmartAdvocate
from tests.stories.workload import case
from tests.support.postgres import Postgres
from tests.support.processes import AUTH_TOKEN, Bridge, Process, wait_until
from tests.support.signing import call_fields, just_now, signature

ALLOWED = 20
_THREADS = 16
_PAUSE_SECONDS = 0.1
_TARGET = "/twilio/voice/status?CaseID=7"


@pytest.fixture
def tenant(postgres: Postgres) -> Iterator[str]:
    """The URL of a database as a host grants it."""
    url = postgres.new_tenant(connections(load({})).deploying)
    yield url
    postgres.drop_tenant(_role(url))


def _role(url: str) -> str:
    return url.rpartition("/")[2]


@dataclass
class Twilio:
    """Posts callbacks, each once, to whichever app serves the address at the moment."""

    public_url: str
    ports: list[int]
    answers: list[int] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def post_on(self, first: int) -> None:
        number = first
        with requests.Session() as session:
            while not self.over.wait(_PAUSE_SECONDS):
                sid = f"CA{number:032x}"
                fields = call_fields(sid, "ringing", 1, Timestamp=just_now())
                signed = signature(AUTH_TOKEN, self.public_url + _TARGET, fields)
                port = self.ports[number // _THREADS % len(self.ports)]
                answer = session.post(
                    f"http://127.0.0.1:{port}{_TARGET}",
                    data=fields,
                    timeout=15,
                    headers={"X-Twilio-Signature": signed},
                )
                self.answers.append(answer.status_code)
                number += _THREADS


def _await_more(twilio: Twilio, count: int) -> None:
    until = len(twilio.answers) + count
    wait_until(lambda: len(twilio.answers) >= until, "callbacks aren't answered")


def test_old_and_new_share_the_connections_that_a_small_database_allows(
    postgres: Postgres, tenant: str, standin: SmartAdvocate, tmp_path: Path
) -> None:
    standin.book.add(case(7))
    old, new = (_bridge(tmp_path / name, tenant, standin) for name in ("old", "new"))
    new.environment["PUBLIC_URL"] = old.environment["PUBLIC_URL"]
    twilio = Twilio(old.url, [old.port])
    watching = threading.Event()
    try:
        assert old.run("migrate").returncode == 0
        leaving = [old.start_web(), old.start_worker()]
        with ThreadPoolExecutor(_THREADS + 1) as pool:
            try:
                most = pool.submit(postgres.most_held, _role(tenant), watching)
                posts = [pool.submit(twilio.post_on, first) for first in range(_THREADS)]
                _await_more(twilio, 100)
                worker, looking = new.start_worker(), old.start("bridge", "callbacks", "list")
                new.start_web()
                wait_until(lambda: "Worker started" in worker.log.read_text(), "no new worker")
                twilio.ports = [old.port, new.port]
                _await_more(twilio, 200)
                wait_until(lambda: not looking.alive(), "the command doesn't end")
                assert looking.stop()[0] == 0, looking.log.read_text()
                twilio.ports = [new.port]
                _await_more(twilio, 100)
                _stop(leaving)
                _await_more(twilio, 100)
            finally:
                twilio.over.set()
                watching.set()
            assert [one.result() for one in posts] == [None] * _THREADS
        assert set(twilio.answers) == {204}, f"{old.logs()}\n{new.logs()}"
        assert most.result() <= connections(load({})).deploying < ALLOWED
        for said in (old.said(), new.said()):
            assert "The database is away" not in said
            assert "Database unavailable" not in said
            assert "Traceback" not in said
    finally:
        old.close()
        new.close()


def _bridge(home: Path, database_url: str, standin: SmartAdvocate) -> Bridge:
    home.mkdir()
    made = Bridge(home, database_url, standin.url)
    made.environment |= {
        "TWILIO_FROM_NUMBER": "+14025550100",
        "FIRM_NAME": "Example & Partners",
        "FIRM_PHONE": "+14025550199",
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "DIAL_ENABLED": "true",
        "DIAL_POLL_SECONDS": "1",
    }
    return made


def _stop(leaving: list[Process]) -> None:
    for process in leaving:
        assert process.stop()[0] == 0
