"""A strict stand-in for SmartAdvocate's Predictive Dialer API, on loopback.

`GET /` shows its cases to people, `/sandbox/…` belongs to the tests: the journal of everything
that was asked, the cases as JSON, and faults to order.
"""

import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import click

from bridge.sandbox.casebook import Case, Casebook, Refused
from bridge.sandbox.dialects import NAMES, PLAIN, Dialect, named
from bridge.sandbox.page import render

_READS = ("GetCasesToDial", "GetCaseInfo")
_WRITES = ("UpdateCaseStatus", "AddCaseNote", "AddCaseNoteByPhone")
_NO_RESOURCE = "No HTTP resource was found that matches the request URI '{}'."
_NO_CONTROLLER = "No type was found that matches the controller named '{}'."
_NO_METHOD = "The requested resource does not support http method '{}'."
_LOGIN_PAGE = "<!doctype html><html><title>Sign in</title><body>Please sign in.</body></html>"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next requests."""

    status: int | None = None
    """Answer this status instead of doing what was asked."""
    retry_after: int | None = None
    html: bool = False
    """Answer 200 with a login page."""
    drop: str | None = None
    """`before` or `after` it was done, close the connection without an answer."""
    delay: float = 0.0
    """Seconds before anything is done."""
    count: int | None = None
    """For so many requests; None until told otherwise."""


@dataclass(frozen=True)
class Entry:
    """One request of the bridge, as the journal keeps it."""

    at: float
    """Seconds of the machine's clock at arrival."""
    done_at: float
    call: str
    sent: Mapping[str, Any]
    status: int
    """What was answered; 0 for a connection that was dropped."""
    done: bool
    """Whether what was asked was really done."""
    fault: bool


class SmartAdvocate:
    """The stand-in, listening on a port of its own as soon as it is made."""

    def __init__(
        self,
        *,
        api_key: str,
        port: int = 0,
        clock: Callable[[], datetime] = _now,
        dialect: Dialect = PLAIN,
        zone: ZoneInfo | None = None,
    ) -> None:
        self.book = Casebook(clock, replace(dialect, zone=zone) if zone else dialect)
        self.api_key = api_key
        self.heard: Callable[[Entry], None] = lambda _entry: None
        """Called for every request, as it is written into the journal."""
        self._lock = threading.Lock()
        self._journal: list[Entry] = []
        self._fault: Fault | None = None
        self._left: int | None = None
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True)
        self._thread.start()

    def journal(self) -> list[Entry]:
        """Everything that was asked, in the order of arrival."""
        with self._lock:
            return sorted(self._journal, key=lambda entry: entry.at)

    def order(self, fault: Fault | None) -> None:
        """Let something go wrong from now on, or nothing any more."""
        with self._lock:
            self._fault, self._left = fault, fault.count if fault else None

    @property
    def dialect(self) -> Dialect:
        """How it speaks."""
        return self.book.dialect

    def speak(self, dialect: Dialect) -> None:
        """Speak so from now on; the dates of its cases stay as they are written."""
        self.book.dialect = dialect

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def is_key(self, key: str) -> bool:
        """Whether this is the client key."""
        return hmac.compare_digest(key.encode(), self.api_key.encode())

    def next_fault(self) -> Fault | None:
        """The fault of the request that just arrived."""
        with self._lock:
            if self._left is not None:
                self._left -= 1
                if self._left < 0:
                    self._fault, self._left = None, None
            return self._fault

    def note_down(self, entry: Entry) -> None:
        """Add to the journal."""
        with self._lock:
            self._journal.append(entry)
        self.heard(entry)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _handler(remote: SmartAdvocate) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        standin = remote

    return Handler


class _Handler(BaseHTTPRequestHandler):
    standin: SmartAdvocate
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Show something."""
        path = urlsplit(self.path)
        shown = {
            "/": lambda: self._html(render(self.standin.book.all())),
            "/sandbox/journal": lambda: self._json(
                200, [asdict(entry) for entry in self.standin.journal()]
            ),
            "/sandbox/cases": lambda: self._json(
                200, [asdict(case) for case in self.standin.book.all()]
            ),
        }.get(path.path)
        if shown is not None:
            shown()
            return
        self._call("GET", path.path, dict(parse_qsl(path.query, keep_blank_values=True)))

    def do_POST(self) -> None:
        """Do something."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            sent = json.loads(body)
        except ValueError:
            self._json(400, {"Message": "the body should be JSON"})
            return
        if not isinstance(sent, dict):
            self._json(400, {"Message": "the body should be an object"})
        elif self.path == "/sandbox/faults":
            self.standin.order(Fault(**sent) if sent else None)
            self._json(200, {})
        elif self.path == "/sandbox/cases":
            self.standin.book.add(Case(**sent))
            self._json(200, {})
        else:
            self._call("POST", urlsplit(self.path).path, sent)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the journal has it."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The header `Date`, by the stand-in's own clock."""
        if timestamp is not None:
            return super().date_time_string(timestamp)
        return format_datetime(self.standin.book.now().astimezone(UTC), usegmt=True)

    def _call(self, method: str, path: str, sent: Mapping[str, Any]) -> None:
        call, at = path.strip("/"), time.monotonic()
        if call not in (*_READS, *_WRITES):
            self._no_resource(path)
            return
        posts = call in _WRITES or self.standin.dialect.posts_reads
        if posts != (method == "POST"):
            answer = {"Message": _NO_METHOD.format(method)}
            self._json(405, answer, {"Allow": "POST" if posts else "GET"})
            return
        if not self.standin.is_key(self.headers.get("X-ApiKey", "")):
            self._json(401, {"Message": "X-ApiKey is missing or wrong"})
            return
        fault = self.standin.next_fault()
        if fault is not None and fault.delay:
            time.sleep(fault.delay)
        status, answer, done = self._do(call, sent, fault)
        self.standin.note_down(
            Entry(at, time.monotonic(), call, sent, status, done, fault is not None)
        )
        self._answer(status, answer, fault)

    def _no_resource(self, path: str) -> None:
        """As ASP.NET Web API's routing answers: nothing lives at this address."""
        asked = f"http://{self.headers.get('Host', '')}{self.path}"
        said = {
            "Message": _NO_RESOURCE.format(asked),
            "MessageDetail": _NO_CONTROLLER.format(path.rpartition("/")[2]),
        }
        self._json(404, said)

    def _do(self, call: str, sent: Mapping[str, Any], fault: Fault | None) -> tuple[int, Any, bool]:
        if fault is not None and (fault.status or fault.html or fault.drop == "before"):
            return fault.status or (200 if fault.html else 0), {"Message": "as ordered"}, False
        try:
            answer = self.standin.book.answer(call, sent)
        except Refused as refusal:
            body = self.standin.dialect.refused(refusal.status, str(refusal))
            return refusal.status, body, False
        spoken = self.standin.dialect.read if call in _READS else self.standin.dialect.taken
        return 0 if fault is not None and fault.drop else 200, spoken(answer), True

    def _answer(self, status: int, answer: Any, fault: Fault | None) -> None:
        if status == 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault is not None and fault.html:
            self._html(_LOGIN_PAGE)
        else:
            later = fault.retry_after if fault else None
            self._json(status, answer, {} if later is None else {"Retry-After": str(later)})

    def _json(self, status: int, what: Any, extra: Mapping[str, str] | None = None) -> None:
        self._send(status, "application/json; charset=utf-8", json.dumps(what), extra or {})

    def _html(self, page: str) -> None:
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        extra = {"Content-Security-Policy": policy}
        self._send(200, "text/html; charset=utf-8", page, extra)

    def _send(self, status: int, kind: str, text: str, extra: Mapping[str, str]) -> None:
        body = text.encode()
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **extra}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@click.command()
@click.option("--port", default=0, help="The port; 0: a free one.")
@click.option("--api-key", required=True, help="The client key that it asks for.")
@click.option("--timezone", help="The zone of its dates, if not that of the dialect.")
@click.option("--dialect", "names", default="", help=f"How it speaks: {', '.join(NAMES)}.")
def main(port: int, api_key: str, timezone: str | None, names: str) -> None:
    """Run the stand-in alone, until it is interrupted."""
    zone = ZoneInfo(timezone) if timezone else None
    spoken = named(names.split(","))
    remote = SmartAdvocate(api_key=api_key, port=port, dialect=spoken, zone=zone)
    click.echo(remote.url)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        remote.close()


if __name__ == "__main__":
    main()
