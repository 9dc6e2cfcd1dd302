"""Runs the WSGI app for requests that came in whole: ASGI outside, WSGI inside.

A request takes a thread, unless it waits for nothing, or for a commit alone (`held_answers.py`):
then the event loop runs the app itself. Of the processor time of a callback in a burst, changing
threads was a fifth to a third; and a burst leaves the threads to calls that wait for TwiML.

The adapters of asgiref and a2wsgi stream bodies and answers between thread and event loop; ours
are small and whole, so that one hop each way is enough. Measured with the signature check alone,
a2wsgi takes 1.4 to 1.5 times the CPU of this one, and asgiref half as many requests a second.
"""

import asyncio
import io
import sys
from collections.abc import Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from werkzeug.test import run_wsgi_app

from bridge.web.held_answers import HELD, IN_VAIN
from bridge.web.limits import USUAL_BODY_BYTES, Receive, Scope, Send

SCOPE = "asgi.scope"
"""Where the WSGI app finds the request's ASGI scope."""

_UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}

_Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers, body."""


class InThreads:
    """A WSGI app as an ASGI app that takes a request's body in one message."""

    def __init__(
        self, app: WSGIApplication, threads: int, without: Collection[str] = frozenset()
    ) -> None:
        self._app = app
        self._without = without
        """Paths that are answered without a thread: nothing but a commit is waited for there."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        message = await receive()
        body: bytes = message["body"]
        if scope["path"] in self._without and len(body) <= USUAL_BODY_BYTES:
            status, headers, content = await self._without_thread(scope, body)
        else:
            loop = asyncio.get_running_loop()
            environ = _environ(scope, body)
            status, headers, content = await loop.run_in_executor(self._pool, self._run, environ)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _without_thread(self, scope: Scope, body: bytes) -> _Answer:
        held: list[Future[Any]] = []
        answer = self._run({**_environ(scope, body), HELD: held})
        try:
            for committed in held:
                await asyncio.wrap_future(committed)
        except Exception as error:  # noqa: BLE001 - the app has an answer to it
            return self._run({**_environ(scope, body), IN_VAIN: error})
        return answer

    def _run(self, environ: WSGIEnvironment) -> _Answer:
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
