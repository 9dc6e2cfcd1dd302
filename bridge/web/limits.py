"""What a request may cost before a thread is taken for it: ASGI, in front of the web app.

Bodies are read here as they come in, against a limit and a deadline. The web app gets whole
requests only, and those that were cut short with the reason, without their body. The heads of
requests have the server's own deadline (`server.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from enum import Enum
from typing import Any

from bridge.web.routes import takes_body

MOST_BODY_BYTES = 64 * 1024
"""Twilio's callbacks are below 8 KiB (docs/reference/twilio.md#the-signed-url)."""

BODY_SECONDS = 10.0
"""A whole body must be there by then; Twilio itself gives up after 15 s."""

CUT_SHORT = "bridge.cut_short"
"""Where a request's scope says why its body wasn't read to its end."""

TARGET = "bridge.target"
"""Where it has path and query, byte for byte as they were requested."""

USUAL_BODY_BYTES = 8 * 1024
"""What every request may take; what is longer shares `ROOM_BYTES`."""

ROOM_BYTES = 4 * 1024 * 1024
"""Of one process, for all bodies that are longer than usual, as they come in."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class CutShort(Enum):
    """Why a body wasn't read to its end: the status and the line of the answer."""

    TOO_LARGE = 413, f"The body is larger than {MOST_BODY_BYTES // 1024} KiB."
    TOO_SLOW = 408, f"The body did not arrive within {BODY_SECONDS:.0f} seconds."
    CROWDED = 503, "Too many large bodies at once. Please try again."
    BROKEN = 400, "The body ended early, or is not encoded as announced."


class Limited:
    """An ASGI app that gets requests once their bodies are whole and small enough."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._room = ROOM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then hand the request over."""
        headers = _plain(scope["headers"])
        body = await self._body(scope, dict(headers), receive)
        query: bytes = scope["query_string"]
        handed = {
            **scope,
            "headers": headers,
            "query_string": _ascii(query),
            TARGET: scope["raw_path"] + (b"?" + query if query else b""),
        }
        if isinstance(body, CutShort):
            handed[CUT_SHORT] = body
            body = b""
        await self._app(handed, _once(body), send)

    async def _body(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive
    ) -> bytes | CutShort:
        if not takes_body(scope["path"], headers):
            return b""
        if int(headers.get(b"content-length", b"0")) > MOST_BODY_BYTES:
            return CutShort.TOO_LARGE
        read = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._read(receive, read)
        except TimeoutError:
            return CutShort.TOO_SLOW
        finally:
            self._room += _beyond_usual(len(read))

    async def _read(self, receive: Receive, read: bytearray) -> bytes | CutShort:
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return CutShort.BROKEN
            piece: bytes = message.get("body", b"")
            if len(read) + len(piece) > MOST_BODY_BYTES:
                return CutShort.TOO_LARGE
            self._room -= _beyond_usual(len(read) + len(piece)) - _beyond_usual(len(read))
            read += piece
            if self._room < 0:
                return CutShort.CROWDED
            more = message.get("more_body", False)
        return bytes(read)


def _beyond_usual(size: int) -> int:
    return max(0, size - USUAL_BODY_BYTES)


def _plain(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Without names that have an underscore: WSGI can't tell them from those with a hyphen."""
    return [(name, value) for name, value in headers if b"_" not in name]


def _ascii(query: bytes) -> bytes:
    """A query with the bytes escaped that none may hold, but some clients send."""
    return b"".join(b"%%%02X" % byte if byte > 0x7E else bytes((byte,)) for byte in query)


def _once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
