"""Requests byte for byte, as no well-behaved client would send them."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import BadStatusLine, HTTPResponse
from types import TracebackType

_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Answered:
    """What came back: the status, 0 where the connection was closed without an answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Line:
    """One connection, kept open as long as the server does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._hang_up()

    def ask(self, request: bytes) -> Answered:
        """Send a request; on a new connection if the server has closed the old one."""
        reused = self._socket is not None
        try:
            answer = self._ask(request)
        except (ConnectionError, BadStatusLine):
            self._hang_up()
            return self.ask(request) if reused else Answered(0)
        answered = Answered(
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            answer.read(),
        )
        if answer.will_close:
            self._hang_up()
        return answered

    def _ask(self, request: bytes) -> HTTPResponse:
        if self._socket is None:
            address = ("127.0.0.1", self._port)
            self._socket = socket.create_connection(address, _PATIENCE_SECONDS)
        self._socket.sendall(request)
        answer = HTTPResponse(self._socket, method=request.split(maxsplit=1)[0].decode("latin-1"))
        answer.begin()
        return answer

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
