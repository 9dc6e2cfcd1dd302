"""A strict stand-in for SmartAdvocate's Predictive Dialer API, on loopback.

`GET /` shows its cases as a firm sees them in its case system.
"""

import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, current_app, render_template, request

from bridge.sandbox.casebook import Casebook, Refused
from bridge.sandbox.dialects import PLAIN, Dialect
from bridge.sandbox.faults import Fault, FaultOrder
from bridge.sandbox.loopback import ConnectionDropped, LoopbackServer
from bridge.sandbox.page import CasesPage

_READS = ("GetCasesToDial", "GetCaseInfo")
_WRITES = ("UpdateCaseStatus", "AddCaseNote", "AddCaseNoteByPhone")
_API_CALLS = f"/<any({', '.join(_READS + _WRITES)}):call>"
_NO_RESOURCE = "No HTTP resource was found that matches the request URI '{}'."
_NO_CONTROLLER = "No type was found that matches the controller named '{}'."
_NO_METHOD = "The requested resource does not support http method '{}'."
_EXTENSION = "smartadvocate"

_Answer = tuple[int, Any, bool]
"""Status (0: none, the connection is dropped), body, and whether the request was carried out."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Entry:
    """One request of the bridge, as the journal keeps it."""

    at: float
    """Seconds of the machine's clock at arrival."""
    done_at: float
    call: str
    sent: Mapping[str, Any]
    status: int
    """The status of the answer; 0 for a connection that was dropped."""
    done: bool
    """Whether what was requested was really carried out."""
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
        self.faults = FaultOrder()
        self.on_request: Callable[[Entry], None] = lambda _entry: None
        """Called for every request, as it is written into the journal."""
        self._lock = threading.Lock()
        self._journal: list[Entry] = []
        self._server = LoopbackServer(_app(self), port)
        self.url = self._server.url

    def journal(self) -> list[Entry]:
        """Every request, in the order of arrival."""
        with self._lock:
            return sorted(self._journal, key=lambda entry: entry.at)

    def order(self, fault: Fault | None) -> None:
        """Order a fault from now on, or none any more."""
        self.faults.place(fault)

    @property
    def dialect(self) -> Dialect:
        """The dialect it speaks."""
        return self.book.dialect

    def speak(self, dialect: Dialect) -> None:
        """Change the dialect from now on; the dates of its cases stay as they are written."""
        self.book.dialect = dialect

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def is_key(self, key: str) -> bool:
        """Whether this is the client key."""
        return hmac.compare_digest(key.encode(), self.api_key.encode())

    def add_to_journal(self, entry: Entry) -> None:
        """Add an entry to the journal."""
        with self._lock:
            self._journal.append(entry)
        self.on_request(entry)


_routes = Blueprint("smartadvocate", __name__)


def _app(owner: SmartAdvocate) -> Flask:
    app = Flask("bridge.sandbox", static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.extensions[_EXTENSION] = owner
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.register_blueprint(_routes)
    return app


def _standin() -> SmartAdvocate:
    return cast(SmartAdvocate, current_app.extensions[_EXTENSION])


@_routes.get("/")
def show_cases() -> Response:
    """The page for people."""
    book = _standin().book
    page = CasesPage(book.all(), book.dialect, book.now())
    return _html(render_template("cases.html", page=page))


@_routes.route(_API_CALLS, methods=["GET", "POST"])
def answer_call(call: str) -> Response:
    """One call of the API."""
    standin, at = _standin(), time.monotonic()
    sent = request.get_json(force=True, silent=True) if request.method == "POST" else _query()
    if not isinstance(sent, dict):
        return _json(400, {"Message": "the body should be a JSON object"})
    method = "POST" if call in _WRITES or standin.dialect.posts_reads else "GET"
    if request.method != method:
        return _json(405, {"Message": _NO_METHOD.format(request.method)}, {"Allow": method})
    if not standin.is_key(request.headers.get("X-ApiKey", "")):
        return _json(401, {"Message": "X-ApiKey is missing or wrong"})
    fault = standin.faults.take()
    if fault is not None and fault.delay:
        time.sleep(fault.delay)
    status, body, done = _carry_out(standin, call, sent, fault)
    standin.add_to_journal(Entry(at, time.monotonic(), call, sent, status, done, fault is not None))
    if status == 0:
        raise ConnectionDropped
    if fault is not None and fault.html:
        return _html(render_template("sign_in.html"))
    later = fault.retry_after if fault else None
    return _json(status, body, {} if later is None else {"Retry-After": str(later)})


@_routes.app_errorhandler(404)
def _no_resource(_error: Exception) -> Response:
    """As ASP.NET Web API's routing answers: nothing lives at this address."""
    said = {
        "Message": _NO_RESOURCE.format(request.url),
        "MessageDetail": _NO_CONTROLLER.format(request.path.rpartition("/")[2]),
    }
    return _json(404, said)


@_routes.after_app_request
def _date(answer: Response) -> Response:
    """The header `Date`, by the stand-in's own clock."""
    now = _standin().book.now().astimezone(UTC)
    answer.headers["Date"] = format_datetime(now, usegmt=True)
    return answer


def _carry_out(
    standin: SmartAdvocate, call: str, sent: Mapping[str, Any], fault: Fault | None
) -> _Answer:
    if fault is not None and fault.replaces_work:
        return fault.status or (200 if fault.html else 0), {"Message": "as ordered"}, False
    try:
        answer = standin.book.answer(call, sent)
    except Refused as refusal:
        body = standin.dialect.refused(refusal.status, str(refusal))
        return refusal.status, body, False
    answered = standin.dialect.read if call in _READS else standin.dialect.written
    return 0 if fault is not None and fault.drop else 200, answered(answer), True


def _query() -> dict[str, str]:
    return dict(request.args.items(multi=True))


def _json(status: int, what: Any, extra: Mapping[str, str] | None = None) -> Response:
    kind = "application/json; charset=utf-8"
    return Response(json.dumps(what), status, dict(extra or {}), content_type=kind)


def _html(page: str) -> Response:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return Response(
        page, headers={"Content-Security-Policy": policy}, content_type="text/html; charset=utf-8"
    )
