"""A SmartAdvocate that takes everything and writes down when: for timing the bridge."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


def number_of(case: int) -> str:
    """The ten digits of the phone that a case shows, and that its callbacks are about."""
    return f"402555{case % 10_000:04d}"


class Standin:
    """Listens on loopback; `noted` says when each note came, by its reference."""

    def __init__(self, answers_after: float = 0.0) -> None:
        """Each request is answered after so many seconds."""
        self.noted: list[tuple[float, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_GET(self) -> None:
                case = int(parse_qs(urlsplit(self.path).query)["CaseID"][0])
                self._answer(
                    {
                        "CaseID": case,
                        "Phones": [{"Phone": number_of(case)}],
                        "DialerStatus": "In the Dialer",
                        "Attempts": "0",
                        "DialDateTime": "2026-11-23T09:00:00",
                    }
                )

            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if "Note" in said:
                    outer.noted.append((time.perf_counter(), said["Note"]))
                self._answer({})

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _answer(self, what: object) -> None:
                if answers_after:
                    time.sleep(answers_after)
                body = json.dumps(what).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
