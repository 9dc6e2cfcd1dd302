"""A SmartAdvocate that is called otherwise than we guess, over HTTP: each test says how."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

KEY = "key-of-the-tests"
TO_DIAL, IN_THE_DIALER = "To Dial", "In the Dialer"
_DATE_FORM = "%Y-%m-%dT%H:%M:%S"


@dataclass
class Spoken:
    """How it is called, what it has, and what it was asked."""

    verb: str = "GET"
    carriage: str = "query"
    list_path: str = "/GetCasesToDial"
    case_path: str = "/GetCaseInfo"
    case_id: str = "CaseID"
    campaign: str = "Campaign"
    auto_change: str = "Auto-change"
    claims_unasked: bool = False
    """Whether it claims what it lists unless it is told not to; other parameters are ignored."""
    dates_claims: bool = False
    """Whether a claim made by asking carries the present moment."""
    shows_claims: bool = False
    """Whether its list shows the status that asking has just set."""
    hides: frozenset[int] = frozenset()
    """Cases that it lists and doesn't show."""
    refuses_updates: bool = False
    ignores_records: bool = False
    wrap: Callable[[Any], Any] = field(default=lambda answer: answer)
    zone: str = "America/New_York"
    to_dial: str = TO_DIAL
    cases: dict[int, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def due(self, case_id: int, *, since: timedelta = timedelta(minutes=10), **more: Any) -> None:
        """Add a case that is due for so long."""
        moment = (datetime.now(UTC) - since).astimezone(ZoneInfo(self.zone))
        self.cases[case_id] = {
            "CaseID": case_id,
            "Phones": [{"Phone": "4025550107", "Primary": True}],
            "DialerStatus": self.to_dial,
            "Campaign": "Intake follow-up",
            "Attempts": "1",
            "DialDateTime": f"{moment:{_DATE_FORM}}",
        } | more

    def statuses(self) -> dict[int, str]:
        """The dialer statuses of all cases."""
        return {case_id: str(case["DialerStatus"]) for case_id, case in self.cases.items()}

    def updates(self) -> int:
        """How often something was written."""
        return sum(path == "/UpdateCaseStatus" for _, path in self.asked)

    def answer(self, verb: str, path: str, sent: dict[str, Any], carriage: str) -> tuple[int, Any]:
        """What is answered to a request."""
        if path == "/UpdateCaseStatus":
            return self._update(sent)
        if path == "/AddCaseNote":
            return 200, {}
        if path not in {self.list_path, self.case_path}:
            return 404, {"Message": f"No HTTP resource was found that matches {path}"}
        if (verb, carriage) != (self.verb, self.carriage):
            return 405, {"Message": f"The requested resource does not support {verb}."}
        return self._list(sent) if path == self.list_path else self._case(sent)

    def _list(self, sent: dict[str, Any]) -> tuple[int, Any]:
        known = {self.campaign, "CaseGroup", "Records", self.auto_change}
        known = {name[:1].lower() + name[1:] for name in known} | known
        if not self.claims_unasked and set(sent) - known:
            return 400, {"Message": "unknown parameter"}
        if self.campaign not in sent:
            return 400, {"Message": f"{self.campaign} is missing"}
        records = 100 if self.ignores_records else int(sent.get("Records", sent.get("records", 0)))
        due = [dict(case) for case in self.cases.values() if self._is_due(case)][:records]
        if str(sent.get(self.auto_change, self.claims_unasked)).lower() == "true":
            for case in due:
                self._claim(self.cases[case["CaseID"]])
                if self.shows_claims:
                    case["DialerStatus"] = IN_THE_DIALER
        return 200, self.wrap(due)

    def _case(self, sent: dict[str, Any]) -> tuple[int, Any]:
        if self.case_id not in sent:
            return 400, {"Message": f"{self.case_id} is missing"}
        if int(sent[self.case_id]) in self.hides:
            return 500, {"Message": "An error has occurred."}
        case = self.cases.get(int(sent[self.case_id]))
        if case is None:
            return 404, {"Message": f"there is no case {sent[self.case_id]}"}
        return 200, self.wrap(case)

    def _update(self, sent: dict[str, Any]) -> tuple[int, Any]:
        if self.refuses_updates:
            return 200, {"Success": False, "Message": "locked"}
        for entry in sent["Cases"]:
            self.cases[entry["CaseID"]] |= {
                "DialerStatus": entry["Status"],
                "DialDateTime": entry["NextCall"],
            }
        return 200, {}

    def _is_due(self, case: dict[str, Any]) -> bool:
        there = datetime.fromisoformat(case["DialDateTime"])
        is_past = there.replace(tzinfo=ZoneInfo(self.zone)) <= datetime.now(UTC)
        return bool(case["DialerStatus"] == self.to_dial and is_past)

    def _claim(self, case: dict[str, Any]) -> None:
        case["DialerStatus"] = IN_THE_DIALER
        if self.dates_claims:
            case["DialDateTime"] = f"{datetime.now(ZoneInfo(self.zone)):{_DATE_FORM}}"


@contextmanager
def listening(spoken: Spoken) -> Iterator[Spoken]:
    """The server, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            parts = urlsplit(self.path)
            kind = self.headers.get("Content-Type", "")
            if self.command == "GET":
                carriage, sent = "query", dict(parse_qsl(parts.query, keep_blank_values=True))
            elif "json" in kind:
                carriage, sent = "json", json.loads(body)
            else:
                carriage, sent = "form", dict(parse_qsl(body, keep_blank_values=True))
            path = parts.path.removeprefix("/api")
            spoken.asked.append((self.command, path))
            status, said = 401, {"Message": "wrong key"}
            if self.headers["X-ApiKey"] == KEY:
                status, said = spoken.answer(self.command, path, sent, carriage)
            text = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    spoken.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    try:
        yield spoken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
