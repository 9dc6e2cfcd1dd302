"""Requests byte for byte, as no well-behaved client would send them."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType

_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Answered:
    """What came back: the status, 0 where the connection was closed without an answer."""

    status: int
    headers: bytes = b""
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
            answered = self._ask(request)
        except ConnectionError:
            answered = Answered(0)
        if answered.status == 0:
            self._hang_up()
            return self.ask(request) if reused else answered
        if b"connection: close" in answered.headers.lower():
            self._hang_up()
        return answered

    def _ask(self, request: bytes) -> Answered:
        if self._socket is None:
            address = ("127.0.0.1", self._port)
            self._socket = socket.create_connection(address, _PATIENCE_SECONDS)
        self._socket.sendall(request)
        return self._read(self._socket)

    def _read(self, line: socket.socket) -> Answered:
        read = b""
        while b"\r\n\r\n" not in read:
            piece = line.recv(65536)
            if not piece:
                return Answered(0)
            read += piece
        head, _, body = read.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 100"):
            head, _, body = body.partition(b"\r\n\r\n")
        wanted = _length(head)
        while len(body) < wanted and (piece := line.recv(65536)):
            body += piece
        return Answered(int(head.split()[1]), head, body)

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class Silent(ExitStack):
    """Sockets that begin to say something, and stop."""

    def begin(self, port: int, beginning: bytes, count: int) -> list[socket.socket]:
        made = []
        for _ in range(count):
            one = self.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            one.sendall(beginning)
            made.append(one)
        return made


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
