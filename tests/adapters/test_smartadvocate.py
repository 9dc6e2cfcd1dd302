"""SmartAdvocate's five calls, over real HTTP, and what its answers are taken for."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest

from bridge.adapters.smartadvocate.api_mapping import ApiMapping, api_mapping
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.domain.case_updates import CasePhone, CaseUpdate, DialerStatus
from bridge.domain.outcomes import Disposition
from bridge.errors import BridgeError, NotKnown, Permanent, SettingError, Transient, Unclear

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
CASE = {
    "CaseID": 7,
    "Phones": [
        {"PhoneName": "Cell", "Phone": "4025555759", "Primary": True, "Text": True},
        {"PhoneName": "Home", "Phone": "(402) 555-1234", "Primary": False, "Text": False},
    ],
    "CaseStatus": "LIT 03 - Lawsuit Served",
    "DialerStatus": "Do not dial",
    "Campaign": "Intake follow-up",
    "Attempts": "1",
    "DialDateTime": "2020-06-09T11:26:00",
    "ZipCode": "11235",
}


@dataclass
class Scripted:
    """A server that answers what the test says, and remembers what it was asked."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    drops: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server() -> Iterator[Scripted]:
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            parts = urlsplit(self.path)
            script.asked.append(
                {
                    "verb": self.command,
                    "path": parts.path,
                    "query": {k: v[0] for k, v in parse_qs(parts.query, True).items()},
                    "json": json.loads(body) if body[:1] == b"{" else None,
                    "form": dict(parse_qsl(body.decode())),
                    "key": self.headers["X-ApiKey"],
                }
            )
            if script.drops:
                self.close_connection = True
                return
            said = script.body.encode()
            self.send_response(script.status)
            for name, value in ({"Content-Type": "application/json"} | script.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_PATCH = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, args=[0.01], daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{httpd.server_address[1]}/base/api"
    yield script
    httpd.shutdown()
    httpd.server_close()
    thread.join()


Remote = Callable[..., SmartAdvocate]


@pytest.fixture
def remote(server: Scripted) -> Iterator[Remote]:
    made: list[SmartAdvocate] = []

    def make(wired: ApiMapping | None = None, zone: str = "America/New_York") -> SmartAdvocate:
        made.append(
            SmartAdvocate(server.url, "key-1", ZoneInfo(zone), wired or api_mapping(), lambda: NOW)
        )
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_the_five_calls_as_they_are_specified(server: Scripted, remote: Remote) -> None:
    server.body = json.dumps([CASE])
    remote().cases_to_dial("", "", 50)
    server.body = json.dumps(CASE)
    remote().case(7)
    server.body = ""
    soon = datetime(2020, 5, 6, 13, 0, tzinfo=UTC)
    update = CaseUpdate(515512, DialerStatus.TO_DIAL, soon, 2, Disposition.BUSY)
    remote().update([update, CaseUpdate(8, disposition=Disposition.SUCCESSFUL)])
    remote().add_note(515512, "…")
    remote().add_note_by_phone("1234567890", "…")
    base = "/base/api"
    assert [
        (request["verb"], request["path"], request["query"], request["json"])
        for request in server.asked
    ] == [
        (
            "GET",
            f"{base}/GetCasesToDial",
            {"Campaign": "", "CaseGroup": "", "Records": "50", "Auto-change": "false"},
            None,
        ),
        ("GET", f"{base}/GetCaseInfo", {"CaseID": "7"}, None),
        (
            "POST",
            f"{base}/UpdateCaseStatus",
            {},
            {
                "Cases": [
                    {
                        "CaseID": 515512,
                        "Status": "To Dial",
                        "NextCall": "2020-05-06T09:00:00",
                        "Attempts": 2,
                        "Disposition": "Busy",
                    },
                    {"CaseID": 8, "Disposition": "Successful"},
                ]
            },
        ),
        ("POST", f"{base}/AddCaseNote", {}, {"CaseID": 515512, "Note": "…"}),
        ("POST", f"{base}/AddCaseNoteByPhone", {}, {"Phone": "1234567890", "Note": "…"}),
    ]
    assert {request["key"] for request in server.asked} == {"key-1"}


def test_a_case_is_read(server: Scripted, remote: Remote) -> None:
    server.body = json.dumps(CASE)
    case = remote().case(7)
    assert (case.status, case.attempts, case.zip_code) == (DialerStatus.DO_NOT_DIAL, 1, "11235")
    assert case.next_call == datetime(2020, 6, 9, 15, 26, tzinfo=UTC)
    assert case.phones[0] == CasePhone("4025555759", "Cell", primary=True, text=True)


@pytest.mark.parametrize(
    ("said", "attempts"),
    [("", 0), (None, 0), ("3", 3), (4, 4), ("many", 0), ("-1", 0), ("99", 20), (" 2 ", 2)],
)
def test_attempts_may_be_odd(server: Scripted, remote: Remote, said: object, attempts: int) -> None:
    server.body = json.dumps(CASE | {"Attempts": said})
    assert remote().case(7).attempts == attempts


@pytest.mark.parametrize("phones", [None, [], "none", [None, 5, {}], {"Phone": "1"}])
def test_phones_may_be_odd(server: Scripted, remote: Remote, phones: object) -> None:
    server.body = json.dumps(CASE | {"Phones": phones})
    assert all(phone.number == "" for phone in remote().case(7).phones)


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("TO DIAL", DialerStatus.TO_DIAL),
        (" to  dial ", DialerStatus.TO_DIAL),
        ("DoNotDial", DialerStatus.DO_NOT_DIAL),
        ("", None),
        (None, None),
        ("Paused", None),
    ],
)
def test_labels_are_compared_without_case_and_spacing(
    server: Scripted, remote: Remote, label: str | None, status: DialerStatus | None
) -> None:
    server.body = json.dumps(CASE | {"DialerStatus": label})
    assert remote().case(7).status is status


def test_a_firm_may_have_its_own_words(server: Scripted, remote: Remote) -> None:
    own = api_mapping(
        calls=[("GetCaseInfo", "POST v2/Case"), ("UpdateCaseStatus", "PUT /Status/")],
        names=[("CaseID", "CaseNumber"), ("Attempts", "Tries"), ("DialerStatus", "State")],
        labels=[("Do not Dial", "Leave alone"), ("Busy", "Engaged")],
    )
    server.body = json.dumps({"case number": 7, "STATE": "leave  ALONE", "Tries": "2"})
    case = remote(own).case(7)
    assert (case.status, case.attempts) == (DialerStatus.DO_NOT_DIAL, 2)
    server.body = ""
    remote(own).update([CaseUpdate(7, DialerStatus.DO_NOT_DIAL, NOW, 3, Disposition.BUSY)])
    assert server.asked[0]["path"] == "/base/api/v2/Case"
    assert server.asked[0]["json"] == {"CaseNumber": 7}
    assert server.asked[1]["verb"] == "PUT"
    assert server.asked[1]["json"] == {
        "Cases": [
            {
                "CaseNumber": 7,
                "Status": "Leave alone",
                "NextCall": "2026-11-23T12:00:00",
                "Tries": 3,
                "Disposition": "Engaged",
            }
        ]
    }


@pytest.mark.parametrize(
    "override",
    [
        {"calls": [("GetCase", "GET x")]},
        {"calls": [("GetCaseInfo", "FETCH")]},
        {"names": [("Case", "x")]},
        {"labels": [("Later", "x")]},
    ],
)
def test_overrides_that_name_nothing_are_refused(override: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match="SMARTADVOCATE_"):
        api_mapping(**override)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, Transient),
        (302, Transient),
        (401, Transient),
        (403, Transient),
        (405, Transient),
        (408, Transient),
        (429, Transient),
        (500, Transient),
        (502, Transient),
        (503, Transient),
        (404, NotKnown),
        (410, NotKnown),
        (400, Permanent),
        (409, Permanent),
        (422, Permanent),
    ],
)
def test_what_an_answer_is_taken_for(
    server: Scripted, remote: Remote, status: int, error: type[BridgeError]
) -> None:
    server.status, server.body = status, json.dumps({"Message": "The case is locked."})
    with pytest.raises(BridgeError) as raised:
        remote().add_note(7, "…")
    assert type(raised.value) is error
    if status >= 400:
        assert raised.value.sentence == f"AddCaseNote: {status} The case is locked."


def test_a_login_page_is_a_failure_whatever_its_status(server: Scripted, remote: Remote) -> None:
    server.headers = {"Content-Type": "text/html; charset=utf-8"}
    server.body = "<html>Please sign in</html>"
    for status in (200, 404, 400):
        server.status = status
        with pytest.raises(Transient) as raised:
            remote().add_note(7, "…")
        assert "sign in" not in raised.value.sentence


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7), ("Mon, 23 Nov 2026 17:00:30 GMT", 30), ("999999", 3600), ("soon", None), ("", None)],
)
def test_retry_after(server: Scripted, remote: Remote, said: str, seconds: int | None) -> None:
    server.status, server.headers = 503, {"Retry-After": said}
    with pytest.raises(Transient) as raised:
        remote().add_note(7, "…")
    expected = timedelta(seconds=seconds) if seconds is not None else None
    assert raised.value.retry_after == expected


def test_no_answer(server: Scripted, remote: Remote) -> None:
    server.drops = True
    with pytest.raises(Transient, match="dropped"):
        remote().add_note(7, "…")
    away = SmartAdvocate("http://127.0.0.1:9", "k", ZoneInfo("UTC"), api_mapping(), lambda: NOW)
    with pytest.raises(Transient, match="no connection"):
        away.add_note(7, "…")
    away.close()


@pytest.mark.parametrize("body", ["", "null", "{}", "[]"])
def test_no_case(server: Scripted, remote: Remote, body: str) -> None:
    server.body = body
    with pytest.raises(Unclear):
        remote().case(7)


def test_another_case_or_nonsense(server: Scripted, remote: Remote) -> None:
    server.body = json.dumps(CASE | {"CaseID": 8})
    with pytest.raises(Permanent):
        remote().case(7)
    for body in (json.dumps({"Phones": []}), "OK"):
        server.body = body
        with pytest.raises(Unclear):
            remote().case(7)
