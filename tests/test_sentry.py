"""What Sentry is told: the failure, and nothing of the request or of whom it was about."""

import gzip
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
import sentry_sdk
import structlog

from bridge import logs
from bridge.app import create_app
from bridge.runtime import Runtime
from tests.support.posting import CALL, Twilio
from tests.support.signing import call_fields, signature

Told = Callable[[], bytes]
NUMBER = "".join(("+1402", "5555759"))


@pytest.fixture
def told() -> Iterator[Told]:
    """A receiver of our own in Sentry's place; gives what it got."""
    received: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_packed = self.headers.get("Content-Encoding") == "gzip"
            received.append(gzip.decompress(body) if is_packed else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    logs.set_up("json", f"http://key@127.0.0.1:{server.server_address[1]}/1")

    def read() -> bytes:
        sentry_sdk.flush(5)
        return b"".join(received)

    yield read
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    server.shutdown()
    server.server_close()
    thread.join()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_failures_come_without_numbers_and_rows(told: Told) -> None:
    row = f"null value\nDETAIL:  Failing row contains (7, I fell\noff a ladder).\n[SQL: {NUMBER}]"
    try:
        raise ZeroDivisionError(row)  # noqa: TRY301
    except ZeroDivisionError:
        structlog.get_logger("tests.sentry").exception("It broke", phone=NUMBER)
    said = told()
    assert b"ZeroDivisionError" in said
    assert b"5759" in said
    assert NUMBER.encode() not in said
    assert b"ladder" not in said


def test_a_failed_request_comes_without_signature_query_and_body(
    told: Told, runtime: Runtime
) -> None:
    """Also what was asked of others before it failed: SmartAdvocate may be asked by query."""

    def fail(*_: object) -> None:
        with pytest.raises(requests.ConnectionError):
            requests.get("http://127.0.0.1:9/AddCaseNote?Note=off-a-ladder", timeout=1)
        raise ZeroDivisionError

    app = create_app(runtime)
    app.view_functions["twilio.call"] = fail  # type: ignore[assignment]
    twilio = Twilio(runtime)
    twilio.client = app.test_client()
    target = f"{CALL}?CaseID=515512&Attempt=abc123"
    fields = call_fields("CA1", "busy", 2, To=NUMBER, Body="I fell off a ladder")
    assert twilio.post(target, fields).status_code == 500
    said = told()
    assert b"ZeroDivisionError" in said
    assert CALL.encode() in said
    key, url = runtime.settings.auth_token or "", f"{runtime.settings.public_url}{target}"
    for hidden in (
        signature(key, url, fields),
        "515512",
        "abc123",
        "ladder",
        NUMBER,
        key,
        "REMOTE_ADDR",
    ):
        assert hidden.encode() not in said, hidden
