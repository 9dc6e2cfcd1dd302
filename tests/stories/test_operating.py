"""The bridge as its host and its operator see it: stops, outages of the database, commands."""

import shutil
import sqlite3
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from bridge.sandbox.faults import Fault
from bridge.sandbox.manner import Manner
from bridge.sandbox.rest import Server
from bridge.sandbox.smartadvocate import SmartAdvocate
from bridge.sandbox.switchboard import Switchboard
from bridge.store.db import Database
from bridge.store.migrate import migrate
from tests.stories.workload import case
from tests.support.postgres import Postgres, find_programs, running
from tests.support.processes import AUTH_TOKEN, Bridge, wait_until
from tests.support.signing import ACCOUNT_SID, call_fields, just_now, signature

_STOP_SECONDS = 10
_SID = "CA" + "a" * 32


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A server that a test may stop without hurting the others."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: its half of the tests is passed over")
    with running(programs) as server:
        yield server


def _ended(sid: str = _SID, **more: str) -> dict[str, str]:
    more |= {"CallDuration": "42", "AnsweredBy": "human", "Timestamp": just_now()}
    return call_fields(sid, "completed", 3, **more)


def _notes(standin: SmartAdvocate) -> list[str]:
    return [note for one in standin.book.all() for note in one.notes]


def _refused(standin: SmartAdvocate) -> int:
    return sum(entry.status == 404 for entry in standin.journal())


def test_both_stop_within_ten_seconds_while_smartadvocate_hangs(
    bridge: Bridge, standin: SmartAdvocate
) -> None:
    standin.book.add(case(7))
    web, worker = bridge.start_web(), bridge.start_worker()
    standin.order(Fault(delay=3, count=1))
    with requests.Session() as session:
        bridge.post(session, "/twilio/voice/status?CaseID=7", _ended())
    wait_until(lambda: standin.faults.left == 0, "nothing began")
    code, seconds = worker.stop()
    assert (code, seconds < _STOP_SECONDS) == (0, True)
    code, seconds = web.stop()
    assert (code, seconds < _STOP_SECONDS) == (0, True)
    # What was under way is finished or done by the next one: in any case once.
    bridge.start_worker()
    wait_until(lambda: len(_notes(standin)) == 1, "the note is missing")


def test_postgres_goes_away_and_comes_back(
    own_postgres: Postgres, standin: SmartAdvocate, tmp_path: Path
) -> None:
    url = own_postgres.url(own_postgres.new_database())
    db = Database(url, connections=1)
    migrate(db)
    db.close()
    standin.book.add(case(7))
    bridge = Bridge(tmp_path, url, standin.url)
    try:
        bridge.start_web()
        worker = bridge.start_worker()
        with requests.Session() as session:
            assert bridge.post(session, "/twilio/voice/status?CaseID=7", _ended()).ok
            wait_until(lambda: len(_notes(standin)) == 1, "the first note is missing")
            own_postgres.stop()
            refused = bridge.post(session, "/twilio/voice/status?CaseID=7", _ended("CA" + "b" * 32))
            assert refused.status_code == 503
            assert int(refused.headers["Retry-After"]) >= 1
            assert requests.get(f"{bridge.url}/readyz", timeout=10).status_code == 503
            assert requests.get(f"{bridge.url}/healthz", timeout=5).ok
            own_postgres.start()
            bridge.wait_ready()
            again = bridge.post(session, "/twilio/voice/status?CaseID=7", _ended("CA" + "b" * 32))
            assert again.status_code == 204
        wait_until(lambda: len(_notes(standin)) == 2, "the second note is missing")
        assert worker.alive(), "the worker should outlive its database"
    finally:
        bridge.close()


def test_sqlite_is_locked_for_long(
    standin: SmartAdvocate, tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "bridge.db"
    shutil.copy(sqlite_template, path)
    bridge = Bridge(tmp_path, f"sqlite:///{path}", standin.url)
    try:
        bridge.start_web()
        blocker = sqlite3.connect(path, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        with requests.Session() as session:
            refused = bridge.post(session, "/twilio/voice/status?CaseID=7", _ended())
            assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
            blocker.execute("ROLLBACK")
            blocker.close()
            assert bridge.post(session, "/twilio/voice/status?CaseID=7", _ended()).ok
    finally:
        bridge.close()


def test_target_is_checked_as_it_was_requested(bridge: Bridge, standin: SmartAdvocate) -> None:
    """Percent escapes, quotes and a foreign Host header reach the check unchanged."""
    standin.book.add(case(7))
    bridge.start_web()
    bridge.start_worker()
    target = "/twilio/voice/status?CaseID=7&who=J%C3%A9%27s%2Fa+b%7E&x[]=%5B1%5D&empty="
    fields = _ended(ToCity="São Paulo", ToZip="")
    headers = {
        "Host": "somewhere.example.org",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature(AUTH_TOKEN, bridge.url + target, fields),
    }
    # The plainest client there is: others spell the target anew.
    connection = HTTPConnection("127.0.0.1", bridge.port, timeout=15)
    connection.request("POST", target, urlencode(fields), headers)
    assert connection.getresponse().status == 204
    connection.close()
    wait_until(lambda: len(_notes(standin)) == 1, "the note is missing")


def test_check_tells_what_is_wrong(bridge: Bridge, standin: SmartAdvocate) -> None:
    twilio = Server(
        Switchboard(account_sid=ACCOUNT_SID, token=AUTH_TOKEN, manner=lambda _: Manner())
    )
    bridge.environment["TWILIO_API_URL"] = twilio.url
    try:
        bridge.start_web()
        good = bridge.run("check")
        assert good.returncode == 0, good.stdout + good.stderr
        assert "Pretend account is active" in good.stdout
        assert "#rc=5&rp=ct,rt,5xx" in good.stdout
        with requests.Session() as session:
            fields = _ended()
            session.post(
                f"{bridge.url}/twilio/voice/status",
                data=fields,
                headers={"X-Twilio-Signature": "wrong"},
                timeout=5,
            )
        wait_until(
            lambda: (
                f"address checked was {bridge.url}/twilio/voice/status"
                in bridge.run("check").stdout
            ),
            "the refused request isn't reported",
            every=0.5,
        )
        bridge.environment |= {"SMARTADVOCATE_API_KEY": "wrong", "TWILIO_AUTH_TOKEN": "wrong"}
        bad = bridge.run("check")
        assert bad.returncode == 1
        failures = [line for line in bad.stdout.splitlines() if line.startswith("failure")]
        assert any("SmartAdvocate" in line and "401" in line for line in failures)
        assert any("Twilio" in line for line in failures)
        assert "Traceback" not in bad.stdout + bad.stderr
    finally:
        twilio.close()


def test_run_is_web_and_worker_together(bridge: Bridge, standin: SmartAdvocate) -> None:
    standin.book.add(case(7))
    both = bridge.start("bridge", "run")
    bridge.wait_ready()
    assert f"open {bridge.url}" in both.log.read_text()
    with requests.Session() as session:
        assert bridge.post(session, "/twilio/voice/status?CaseID=7", _ended()).ok
    wait_until(lambda: len(_notes(standin)) == 1, "the note is missing")
    code, seconds = both.stop()
    assert (code, seconds < _STOP_SECONDS) == (0, True)


def test_dead_deliveries_are_listed_and_sent_again(bridge: Bridge, standin: SmartAdvocate) -> None:
    bridge.start_web()
    bridge.start_worker()
    with requests.Session() as session:
        bridge.post(session, "/twilio/voice/status?CaseID=7", _ended())
    wait_until(lambda: _refused(standin) == 2, "SmartAdvocate isn't told")
    wait_until(
        lambda: bridge.run("deliveries", "list", "--dead").stdout.count("there is no case 7") == 2,
        "the refusals aren't listed",
    )
    standin.book.add(case(7))
    assert bridge.run("deliveries", "retry", "--all").stdout == "2 to be sent again\n"
    wait_until(lambda: len(_notes(standin)) == 1, "the note is missing")
    assert standin.book.all()[0].disposition == "Successful"


def test_a_stranger_is_listed_and_replayed_once_the_firm_knows_the_number(
    bridge: Bridge, standin: SmartAdvocate
) -> None:
    bridge.start_web()
    bridge.start_worker()
    with requests.Session() as session:
        bridge.post(session, "/twilio/voice/status", _ended(To="+14025550007"))
    wait_until(lambda: _refused(standin) == 1, "SmartAdvocate isn't asked")
    wait_until(
        lambda: "unmatched" in bridge.run("callbacks", "list", "--unmatched").stdout,
        "the stranger isn't listed",
    )
    standin.book.add(case(7))
    assert bridge.run("callbacks", "replay", "1").stdout == "1: by-phone\n"
    wait_until(lambda: len(_notes(standin)) == 1, "the note is missing")
    bridge.run("callbacks", "replay", "1")
    assert "CallStatus=completed" in bridge.run("callbacks", "show", "1").stdout
    wait_until(lambda: "pending" not in bridge.run("deliveries", "list").stdout, "still pending")
    assert len(_notes(standin)) == 1
