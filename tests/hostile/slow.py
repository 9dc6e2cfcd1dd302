"""Sockets that begin to say something, and stop."""

import socket
from contextlib import ExitStack

POST = b"POST /twilio/voice/status HTTP/1.1\r\nHost: firm.example.com\r\n"
SIGNED = POST + b"X-Twilio-Signature: none\r\n"
BEGINNINGS = {
    "nothing": b"",
    "half a head": POST + b"X-Twil",
    "half a body": SIGNED + b"Content-Length: 500\r\n\r\nCallSid=",
    "half a chunk": SIGNED + b"Transfer-Encoding: chunked\r\n\r\n64\r\nCallSid=",
}


class Silent(ExitStack):
    """Keeps such sockets open, and closes them in the end."""

    def begin(self, port: int, beginning: bytes, count: int) -> list[socket.socket]:
        made = []
        for _ in range(count):
            one = self.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            one.sendall(beginning)
            made.append(one)
        return made
