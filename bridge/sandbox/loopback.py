"""The HTTP server of both stand-ins: a Flask app on loopback, a thread for each connection."""

import threading
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

_POLL_SECONDS = 0.05


class ConnectionDropped(ConnectionAbortedError):
    """Raised by a route: the connection is closed without an answer."""


class LoopbackServer:
    """Serves an app from the moment it is made."""

    def __init__(self, app: Flask, port: int = 0) -> None:
        self._app = app
        self._closed = False
        self._server = make_server(
            "127.0.0.1", port, self._answer, threaded=True, request_handler=_KeepAliveHandler
        )
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=[_POLL_SECONDS], daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening; connections that are still open are dropped at their next request."""
        self._closed = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self._closed:
            raise ConnectionDropped
        return self._app(environ, start_response)


class _KeepAliveHandler(WSGIRequestHandler):
    """Keeps connections open between requests, as Twilio and SmartAdvocate do.

    Werkzeug's own handler closes them after each answer, because it can't tell how much of a
    request the app has left unread. Here the whole body is read before the app is called.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Answer one request."""
        environ = self.make_environ()
        environ["wsgi.input"] = BytesIO(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))
        # A dropped connection is an exception, which the server ends the connection with.
        answer = Response.from_app(self.server.app, environ, buffered=True)
        self.send_response_only(answer.status_code)
        answer.headers.setdefault("Date", self.date_time_string())
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.get_data())

    def log_request(self, *_: Any) -> None:
        """Log nothing: the stand-ins keep a journal."""
