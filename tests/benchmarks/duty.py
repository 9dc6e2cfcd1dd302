"""Stand-ins with much to do: a SmartAdvocate with thousands of due cases, a Twilio with a clock."""

import itertools
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_PLACES = (
    ("402", "68046"),
    ("212", "10001"),
    ("303", "80202"),
    ("213", "90012"),
    ("305", "33101"),
    ("504", "70112"),
    ("615", "37201"),
    ("614", "43085"),
    ("605", "57501"),
    ("850", "32301"),
)
"""Area codes and ZIP codes: many zones, some of them split, several states with rules."""


class Duty:
    """SmartAdvocate: all its cases are due, and it takes whatever it is told."""

    def __init__(self, count: int) -> None:
        self._due = [_case(number) for number in range(1, count + 1)]
        self._claimed: set[int] = set()
        self._server = _serve(self._answer)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, path: str, said: dict[str, Any]) -> object:
        if path.endswith("/GetCasesToDial"):
            left = (case for case in self._due if case["CaseID"] not in self._claimed)
            return list(itertools.islice(left, int(said["Records"])))
        if path.endswith("/GetCaseInfo"):
            case = self._due[int(said["CaseID"]) - 1]
            claimed = {"DialerStatus": "In the Dialer"} if case["CaseID"] in self._claimed else {}
            return case | claimed
        if path.endswith("/UpdateCaseStatus"):
            self._claimed |= {one["CaseID"] for one in said["Cases"]}
        return {}


class Line:
    """Twilio: takes every call, and writes down when it was asked for."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._server = _serve(self._answer)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, path: str, _said: dict[str, Any]) -> object:
        if path.endswith("/Calls.json"):
            self.asked.append(time.monotonic())
        return {"sid": f"CA{len(self.asked):032x}", "status": "queued"}


def _case(number: int) -> dict[str, Any]:
    area, zip_code = _PLACES[number % len(_PLACES)]
    line = f"{area}{200 + number // 10_000 % 700:03d}{number % 10_000:04d}"
    second = f"{area}{900 + number // 10_000 % 50:03d}{number % 10_000:04d}"
    return {
        "CaseID": number,
        "Phones": [
            {"PhoneName": "Cell", "Phone": line, "Primary": True, "Text": True},
            {"PhoneName": "Home", "Phone": second, "Primary": False, "Text": False},
        ],
        "CaseStatus": "LIT 04 - Answer Received",
        "DialerStatus": "To Dial",
        "Campaign": "Intake follow-up",
        "Attempts": "1",
        "DialDateTime": "2020-07-28T23:02:00",
        "ZipCode": zip_code,
    }


def _serve(answer: Callable[[str, dict[str, Any]], object]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = parse_qs(parts.query)
            self._send(200, answer(parts.path, {name: said[0] for name, said in asked.items()}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_json = "json" in self.headers.get("Content-Type", "")
            made = 201 if self.path.endswith("s.json") else 200
            self._send(made, answer(self.path, json.loads(body) if is_json else {}))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _send(self, status: int, what: object) -> None:
            body = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
