"""Runs the WSGI app in threads for requests that came in whole: ASGI outside, WSGI inside.

The adapters of asgiref and a2wsgi stream bodies and answers between thread and event loop; ours
are small and whole, so that one hop each way is enough. Measured with the signature check alone,
a2wsgi takes 1.4 to 1.5 times the CPU of this one, and asgiref half as many requests a second.
"""

import asyncio
import io
import sys
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from werkzeug.test import run_wsgi_app

from bridge.web.limits import Receive, Scope, Send

SCOPE = "asgi.scope"
"""Where the WSGI app finds the request's ASGI scope."""

_UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}


class InThreads:
    """A WSGI app as an ASGI app that takes a request's body in one message."""

    def __init__(
        self, app: WSGIApplication, threads: int, without: Collection[str] = frozenset()
    ) -> None:
        self._app = app
        self._without = without
        """Paths that are answered without a thread, since nothing is waited for there."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        message = await receive()
        environ = _environ(scope, message["body"])
        if scope["path"] in self._without:
            status, headers, body = self._run(environ)
        else:
            loop = asyncio.get_running_loop()
            status, headers, body = await loop.run_in_executor(self._pool, self._run, environ)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _run(self, environ: WSGIEnvironment) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        chunks, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        return int(status.split(maxsplit=1)[0]), list(_encoded(headers)), b"".join(chunks)


def _encoded(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[bytes, bytes]]:
    return ((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)


def _environ(scope: Scope, body: bytes) -> WSGIEnvironment:
    """The request as WSGI has it (PEP 3333)."""
    server, port = scope["server"]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        SCOPE: scope,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in _UNPREFIXED else f"HTTP_{key}"
        said = value.decode("latin-1")
        environ[key] = f"{environ[key]},{said}" if key in environ else said
    # However it was announced and sent: this much was read, and it is whole.
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ
