"""A stage for the pretend Twilio: an app that it posts to, and Twilio's own SDK that asks it."""

import random
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.sandbox.rest import Server
from bridge.sandbox.switchboard import Switchboard
from tests.support.processes import wait_until

SID, TOKEN = f"AC{'1' * 32}", "token"
FROM, FIRM, PERSON, OTHER = "+14025550100", "+14025550199", "+14025550123", "+14025550124"
EVENTS = ["initiated", "ringing", "answered", "completed"]
SAY = "<Response><Say>Hello</Say></Response>"
PLAIN = f"/2010-04-01/Accounts/{SID}"


class App:
    """Keeps what is posted, and answers a path with what the test gave it."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str]]] = []
        self.forged: list[str] = []
        self.pages: dict[str, str] = {}
        self.statuses: dict[str, list[int]] = {}
        outer, validator, lock = self, RequestValidator(TOKEN), threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = dict(parse_qsl(body, keep_blank_values=True))
                signed = self.headers["X-Twilio-Signature"]
                path = urlsplit(self.path).path
                with lock:
                    if not validator.validate(f"{outer.url}{self.path}", fields, signed):
                        outer.forged.append(self.path)
                    outer.got.append((path, fields))
                    left = outer.statuses.get(path)
                    status = left.pop(0) if left else 200
                page = outer.pages.get(path, "").encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/xml; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Listener(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True)
        self._thread.start()

    def at(self, path: str) -> list[dict[str, str]]:
        """What was posted to a path."""
        return [fields for where, fields in list(self.got) if where == path]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Stage:
    """A stand-in, an app, and Twilio's SDK between them."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self.app = App()
        self.manners: dict[str, Manner] = {}
        self.board = Switchboard(
            account_sid=SID,
            token=TOKEN,
            step=0.004,
            chance=chance,
            manner=lambda number: self.manners.get(number, Manner()),
        )
        self.server = Server(self.board)
        self.http = TwilioHttpClient(timeout=30)
        self.client = Client(SID, TOKEN, http_client=self.http, environment={"TWILIO_REGION": ""})
        self.client.api.base_url = self.server.url
        self.app.pages = {"/answer": SAY}

    def call(self, to: str = PERSON, **more: Any) -> Any:
        """Ask for a call, as the bridge does."""
        asked = {
            "to": to,
            "from_": FROM,
            "url": f"{self.app.url}/answer?Attempt=7#rc=5&rp=ct,rt,5xx",
            "status_callback": f"{self.app.url}/status?Attempt=7#rc=5&rp=ct,rt,5xx",
            "status_callback_event": EVENTS,
            **more,
        }
        wanted = {name: value for name, value in asked.items() if value is not None}
        return self.client.calls.create(**wanted)

    def text(self, to: str = PERSON, **more: Any) -> Any:
        """Ask for a text, as the bridge does."""
        told = f"{self.app.url}/text?Attempt=7#rc=5&rp=ct,rt,5xx"
        sender = {} if "messaging_service_sid" in more else {"from_": FROM}
        asked = {"to": to, "body": "Hello", "status_callback": told, **sender, **more}
        return self.client.messages.create(**asked)

    def settle(self) -> None:
        """Let everything under way come to its end."""
        wait_until(self.board.is_quiet, "calls or texts are still under way")
        self.board.drain()

    def by_sid(self, sid: str) -> Call:
        """A call as the stand-in has it."""
        return next(one for one in self.board.calls() if one.sid == sid)

    def post(self, path: str, **fields: str) -> requests.Response:
        """Ask without the SDK, which would hide what is wrong."""
        where = f"{self.server.url}{PLAIN}/{path}"
        return requests.post(where, data=fields, auth=(SID, TOKEN), timeout=30)

    def close(self) -> None:
        self.http.session.close()
        self.server.close()
        self.app.close()


def statuses(stage: Stage) -> list[tuple[str, str]]:
    """Callbacks in the order of their numbers: they may arrive in any."""
    told = sorted(stage.app.at("/status"), key=lambda one: int(one["SequenceNumber"]))
    return [(one["SequenceNumber"], one["CallStatus"]) for one in told]


def values_of(fields: dict[str, str], *names: str) -> tuple[str, ...]:
    return tuple(fields[name] for name in names)


def refused(what: Callable[[], Any]) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        what()
    return caught.value.status, caught.value.code


def live(stage: Stage) -> Any:
    """A call that hears one thing after another, for a good while."""
    stage.app.pages["/answer"] = f"<Response>{'<Say>On and on</Say>' * 200}</Response>"
    made = stage.call()
    wait_until(lambda: bool(stage.by_sid(made.sid).heard), "the call isn't answered")
    return made
