"""SmartAdvocate on a bad day: slow, broken or odd answers over real HTTP."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.adapters.smartadvocate import client
from bridge.adapters.smartadvocate.api_mapping import api_mapping
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.adapters.smartadvocate.schemas import case_info
from bridge.domain.case_updates import CasePhone, CaseUpdate, DialerStatus
from bridge.domain.outcomes import Disposition
from bridge.errors import BridgeError, NotKnown, Permanent, Transient, Unclear

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
KEY = "5n0key0of0the0firm"


@dataclass
class Answers:
    """What the server says next, byte for byte, and what it was asked."""

    raw: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    late_by: float = 0.0
    hangs_up: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    ports: set[int] = field(default_factory=set)
    url: str = ""

    def say(self, status: int, body: str = "", **headers: str) -> None:
        """Answer so from now on; a header's underscores stand for hyphens."""
        lines = [f"HTTP/1.1 {status} Because", f"Content-Length: {len(body.encode())}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.raw = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@pytest.fixture
def answers() -> Iterator[Answers]:
    answers = Answers()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            answers.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            answers.asked.append((self.command, self.path))
            answers.ports.add(self.client_address[1])
            over.wait(answers.late_by)
            self.wfile.write(answers.raw)
            self.close_connection = answers.hangs_up

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, args=[0.01], daemon=True)
    thread.start()
    answers.url = f"http://127.0.0.1:{httpd.server_address[1]}/api"
    yield answers
    over.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture
def remote(answers: Answers) -> Iterator[SmartAdvocate]:
    made = SmartAdvocate(answers.url, KEY, NEW_YORK, api_mapping(), lambda: NOW)
    yield made
    made.close()


def _refused(remote: SmartAdvocate) -> BridgeError:
    with pytest.raises(BridgeError) as caught:
        remote.add_note(7, "…")
    assert KEY not in str(caught.value)
    assert "\n" not in caught.value.sentence
    return caught.value


def test_a_slow_answer_is_waited_for_no_longer_than_promised(
    answers: Answers, remote: SmartAdvocate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.2)
    answers.late_by = 30
    begun = time.monotonic()
    error = _refused(remote)
    assert isinstance(error, Transient)
    assert error.sentence.startswith("AddCaseNote: no answer within")
    assert time.monotonic() - begun < 5
    assert client.CONNECT_SECONDS <= 10


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ],
    ids=["nothing", "half", "bad chunk", "bad gzip", "another protocol"],
)
def test_a_broken_answer_is_an_outage(answers: Answers, remote: SmartAdvocate, raw: bytes) -> None:
    answers.raw, answers.hangs_up = raw, True
    error = _refused(remote)
    assert isinstance(error, Transient)
    assert error.retry_after is None


def test_a_redirect_is_not_followed(answers: Answers, remote: SmartAdvocate) -> None:
    for status in (301, 302, 303, 307, 308):
        answers.say(status, Location="/login")
        assert isinstance(_refused(remote), Transient)
    assert [path for _, path in answers.asked] == ["/api/AddCaseNote"] * 5


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("kind", ["application/json", "text/html; charset=utf-8"])
def test_a_pause_that_is_asked_for_is_heard_also_on_an_html_page(
    answers: Answers, remote: SmartAdvocate, status: int, kind: str
) -> None:
    answers.say(status, "<html>Maintenance</html>", Content_Type=kind, Retry_After="120")
    error = _refused(remote)
    assert isinstance(error, Transient)
    assert error.retry_after == timedelta(seconds=120)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0),
        (" 5 ", 5),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("9" * 40, 3600),
        ("Mon, 23 Nov 2026 16:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 17:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 12:01:00 -0500", 60),
        ("Mon, 23 Nov 2026 17:01:00", 60),
        ("Fri, 31 Dec 9999 23:59:59 -0100", 3600),
        ("2026-11-23T17:01:00Z", None),
    ],
)
def test_odd_pauses(
    answers: Answers, remote: SmartAdvocate, said: str, seconds: int | None
) -> None:
    answers.say(503, Retry_After=said)
    error = _refused(remote)
    assert isinstance(error, Transient)
    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"Message":"Case is\\nlocked."}', "Case is locked."),
        ('{"error":"No such note type"}', "No such note type"),
        ('{"TITLE":"One or more validation errors","status":400}', "One or more validation errors"),
        ('["Note is required"]', "['Note is required']"),
        ('"Note too long"', "Note too long"),
        ("Note too long", "Note too long"),
        ("", ""),
        ("x" * 5000, "x" * 300),
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_is_told_in_smartadvocates_own_words(
    answers: Answers, remote: SmartAdvocate, body: str, words: str, status: int
) -> None:
    answers.say(status, body)
    error = _refused(remote)
    assert type(error) is Permanent
    assert error.sentence == f"AddCaseNote: {status} {words}".strip()


def test_nobody_with_this_phone_is_told_apart(answers: Answers, remote: SmartAdvocate) -> None:
    answers.say(404, '{"Message":"No case has this phone."}', Content_Type="application/json")
    with pytest.raises(NotKnown, match="No case has this phone"):
        remote.add_note_by_phone("4025555759", "…")


@pytest.mark.parametrize("body", ["", "null", "{}", '"OK"', "7"])
def test_a_list_of_cases_that_is_none_is_an_outage(
    answers: Answers, remote: SmartAdvocate, body: str
) -> None:
    answers.say(200, body)
    with pytest.raises(Transient):
        remote.cases_to_dial("", "", 50)


@pytest.mark.parametrize("body", ['"OK"', "7", "[7]", "[[]]", '{"CaseID":"seven"}'])
def test_a_case_that_is_none_is_unclear(answers: Answers, remote: SmartAdvocate, body: str) -> None:
    answers.say(200, body)
    with pytest.raises(Unclear):
        remote.case(7)


def test_a_case_may_come_in_a_list_or_with_its_id_as_text(
    answers: Answers, remote: SmartAdvocate
) -> None:
    for body in ('[{"CaseID":7}]', '{"CaseID":"7"}', '{"case_id":7,"Unknown":{"x":[]}}'):
        answers.say(200, body)
        case = remote.case(7)
        assert (case.case_id, case.status, case.attempts, case.phones) == (7, None, 0, ())


def test_each_thread_keeps_its_connection(answers: Answers, remote: SmartAdvocate) -> None:
    def work() -> None:
        for _ in range(3):
            remote.add_note(7, "…")
        remote.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers.asked) == 6
    assert len(answers.ports) == 2


def test_a_closed_client_opens_again(answers: Answers, remote: SmartAdvocate) -> None:
    remote.close()
    remote.close()
    remote.add_note(7, "…")
    assert len(answers.asked) == 1


@pytest.mark.parametrize(
    ("zone", "moment", "written"),
    [
        ("America/New_York", datetime(2026, 11, 24, 18, 10, tzinfo=UTC), "2026-11-24T13:10:00"),
        ("America/New_York", datetime(2026, 7, 1, 4, 0, tzinfo=UTC), "2026-07-01T00:00:00"),
        ("America/Chicago", datetime(2026, 3, 8, 8, 30, tzinfo=UTC), "2026-03-08T03:30:00"),
        ("UTC", datetime(2026, 7, 1, 4, 0, 59, 999999, tzinfo=UTC), "2026-07-01T04:00:59"),
    ],
)
def test_next_call_is_written_in_their_time_and_read_back(
    answers: Answers, zone: str, moment: datetime, written: str
) -> None:
    there = ZoneInfo(zone)
    remote = SmartAdvocate(answers.url, KEY, there, api_mapping(), lambda: NOW)
    remote.update([CaseUpdate(7, DialerStatus.TO_DIAL, moment, 0, Disposition.NO_ANSWER)])
    remote.close()
    (entry,) = json.loads(answers.bodies[0])["Cases"]
    assert entry == {
        "CaseID": 7,
        "Status": "To Dial",
        "NextCall": written,
        "Attempts": 0,
        "Disposition": "No Answer",
    }
    read = case_info({"CaseID": 7, "DialDateTime": written}, api_mapping(), there)
    assert read.next_call == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2020-07-28T23:02:00", datetime(2020, 7, 29, 3, 2, tzinfo=UTC)),
        ("2020-07-28 23:02", datetime(2020, 7, 29, 3, 2, tzinfo=UTC)),
        ("2020-07-28T23:02:00.0000000", datetime(2020, 7, 29, 3, 2, tzinfo=UTC)),
        ("2021-04-30T16:37:00Z", datetime(2021, 4, 30, 16, 37, tzinfo=UTC)),
        ("2021-04-30T16:37:00-05:00", datetime(2021, 4, 30, 21, 37, tzinfo=UTC)),
        ("", None),
        (None, None),
        ("12/24/2020", datetime(2020, 12, 24, 5, tzinfo=UTC)),
        ("soon", None),
        (7, None),
        ([], None),
    ],
)
def test_dates_as_they_come(said: object, moment: datetime | None) -> None:
    case = case_info({"CaseID": 7, "DialDateTime": said}, api_mapping(), NEW_YORK)
    assert case.next_call == moment


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "UTC"])
@pytest.mark.parametrize("said", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999"])
def test_the_ends_of_time_are_no_crash(said: str, zone: str) -> None:
    """They are what .NET writes for no date."""
    case = case_info({"CaseID": 7, "DialDateTime": said}, api_mapping(), ZoneInfo(zone))
    assert case.next_call is None or case.next_call.year in {1, 9999}


@pytest.mark.parametrize("attempts", [3.0, True, [], {}, "\u0663", "3 calls", "1" * 300])
def test_attempts_of_odd_types_count_as_some_label(attempts: object) -> None:
    case = case_info({"CaseID": 7, "Attempts": attempts}, api_mapping(), NEW_YORK)
    assert case.attempts in {0, 3, 20}


@pytest.mark.parametrize("primaries", [[], [0], [1], [0, 1], [0, 1, 2]])
def test_any_number_of_primaries_is_kept_in_order(primaries: list[int]) -> None:
    phones: list[dict[str, Any]] = [
        {"Phone": str(number), "Primary": "true" if number in primaries else None}
        for number in range(3)
    ]
    case = case_info({"CaseID": 7, "Phones": phones}, api_mapping(), NEW_YORK)
    assert case.phones == tuple(
        CasePhone(str(number), primary=number in primaries) for number in range(3)
    )


@pytest.mark.parametrize(
    ("sent", "number"),
    [({"Phone": 4025555759}, "4025555759"), ({"phone": "x"}, "x"), ({"PHONE": None}, ""), ({}, "")],
)
def test_a_phone_of_an_odd_type(sent: dict[str, Any], number: str) -> None:
    case = case_info({"CaseID": 7, "Phones": [sent, None, "x"]}, api_mapping(), NEW_YORK)
    assert [phone.number for phone in case.phones] == [number]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Mon, 23 Nov 2026 17:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 17:01:30 GMT", 90),
        ("Mon, 23 Nov 2026 16:59:50 GMT", -10),
        ("Mon, 23 Nov 2026 12:00:10 -0500", 10),
        ("Mon, 23 Nov 2026 17:00:10", 10),
    ],
)
def test_its_clock_is_known_from_its_answers(
    answers: Answers, remote: SmartAdvocate, said: str, seconds: int
) -> None:
    answers.say(200)
    remote.add_note(7, "…")
    assert (remote.clock_skew, remote.listing_is_safe) == (None, False)
    answers.say(503, Date=said)
    _refused(remote)
    assert remote.clock_skew == timedelta(seconds=seconds)
    for unknown in ("", "noon", "Fri, 31 Dec 9999 23:59:59 -9999"):
        answers.say(200, Date=unknown)
        remote.add_note(7, "…")
        assert remote.clock_skew == timedelta(seconds=seconds)
