"""A stand-in for Twilio: plays calls and texts, and posts their callbacks, signed.

Fields, signature and retries as in twilio.md, 1.3, 2.3, 3.1 and 3.3. Of the REST API there is as
much as `bridge check` looks at.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlsplit

import requests

FIRM_NUMBER = "+14025550100"
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 15
_SERVER_ERROR = 500
_THREADS = 16


@dataclass(frozen=True)
class Callback:
    """One callback of a play."""

    fields: Mapping[str, str]
    after: float = 0.0
    """Seconds from the start of the play until it is posted."""
    times: int = 1
    """How often it is posted; twice is what a retry looks like."""


@dataclass(frozen=True)
class Play:
    """A call or a text from its start to its end."""

    url: str
    """The status callback URL, with its query and its fragment."""
    callbacks: Sequence[Callback]


@dataclass
class Tally:
    """What was posted, and what came of it."""

    posted: int = 0
    doubled: int = 0
    late: int = 0
    lost: list[str] = field(default_factory=list)
    """Callbacks that every try failed for: Twilio would have given them up."""


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """X-Twilio-Signature over the URL without its fragment and the sorted fields."""
    text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class Twilio:
    """The stand-in, with its account and its REST address on a port of its own."""

    def __init__(self, *, account_sid: str, token: str) -> None:
        self.account_sid = account_sid
        self.tally = Tally()
        self._token = token
        self._lock = threading.Lock()
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="twilio")
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self, play: Play) -> list[Future[None]]:
        """Start a call or a text; its callbacks are posted when their time comes."""
        begun = time.monotonic()
        return [
            self._pool.submit(self._post_when_due, play.url, callback, begun)
            for callback in sorted(play.callbacks, key=lambda one: one.after)
        ]

    def close(self) -> None:
        """Stop posting and listening."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def is_owner(self, authorization: str) -> bool:
        """Whether REST credentials are the account's."""
        owner = base64.b64encode(f"{self.account_sid}:{self._token}".encode()).decode()
        return hmac.compare_digest(authorization.encode(), f"Basic {owner}".encode())

    def _post_when_due(self, url: str, callback: Callback, begun: float) -> None:
        # Twilio's own clock, not a condition that could be awaited.
        time.sleep(max(begun + callback.after - time.monotonic(), 0))
        with requests.Session() as session:
            for number in range(callback.times):
                arrived = self._deliver(session, url, callback.fields)
                with self._lock:
                    self.tally.posted += 1
                    self.tally.doubled += number > 0
                    if not arrived:
                        sid = callback.fields.get("CallSid") or callback.fields["MessageSid"]
                        self.tally.lost.append(sid)

    def _deliver(self, session: requests.Session, url: str, fields: Mapping[str, str]) -> bool:
        bare, fragment = urldefrag(url)
        retries, reasons = _overrides(fragment)
        for _ in range(retries + 1):
            failure = self._post(session, bare, fields)
            if failure is None:
                return True
            if failure not in reasons:
                return False
            time.sleep(0.05)
        return False

    def _post(self, session: requests.Session, url: str, fields: Mapping[str, str]) -> str | None:
        """Post once; return None if it was taken, else what Twilio calls this failure."""
        try:
            answer = session.post(
                url,
                data=fields,
                headers={
                    "X-Twilio-Signature": signature(self._token, url, fields),
                    "I-Twilio-Idempotency-Token": hashlib.sha256(
                        repr(sorted(fields.items())).encode()
                    ).hexdigest()[:36],
                    "User-Agent": "TwilioProxy/1.1",
                },
                timeout=(_CONNECT_SECONDS, _ANSWER_SECONDS),
            )
        except requests.ReadTimeout:
            return "rt"
        except requests.RequestException:
            return "ct"
        if answer.status_code >= _SERVER_ERROR:
            return "5xx"
        return None if answer.ok else "4xx"


def _overrides(fragment: str) -> tuple[int, frozenset[str]]:
    """Tries and reasons of the connection overrides; by default one, for connections alone."""
    said = parse_qs(fragment)
    reasons = said.get("rp", ["ct"])[0].split(",")
    expanded = {"ct", "rt", "4xx", "5xx"} if "all" in reasons else set(reasons)
    return int(said.get("rc", ["1"])[0]), frozenset(expanded)


def call_fields(
    *, account_sid: str, sid: str, to: str, status: str, sequence: int, at: datetime,
    **more: str,
) -> dict[str, str]:  # fmt: skip
    """The fields of a call's status callback, as full as the real ones."""
    fields = {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": sid,
        "CallStatus": status,
        "CallbackSource": "call-progress-events",
        "Direction": "outbound-api",
        "SequenceNumber": str(sequence),
        "Timestamp": format_datetime(at.astimezone(UTC)),
        **more,
    }
    for side, other, number in (("From", "Caller", FIRM_NUMBER), ("To", "Called", to)):
        for name in (side, other):
            fields |= {
                name: number,
                f"{name}City": "OMAHA" if side == "From" else "",
                f"{name}State": "NE",
                f"{name}Zip": "68102" if side == "From" else "",
                f"{name}Country": "US",
            }
    if "CallDuration" in more:
        # In minutes, rounded up, as Twilio bills them.
        fields["Duration"] = str(-(-int(more["CallDuration"]) // 60))
    return fields


def text_fields(
    *, account_sid: str, sid: str, to: str, status: str, at: datetime, error: int | None = None
) -> dict[str, str]:
    """The fields of a message's status callback."""
    fields = {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "From": FIRM_NUMBER,
        "MessageSid": sid,
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "To": to,
    }
    if error is not None:
        fields["ErrorCode"] = str(error)
    if status in {"delivered", "undelivered"}:
        fields["RawDlrDoneDate"] = f"{at - timedelta(seconds=1):%y%m%d%H%M}"
    return fields


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def _handler(owner: Twilio) -> type[BaseHTTPRequestHandler]:
    class Handler(_RestHandler):
        twilio = owner

    return Handler


class _RestHandler(BaseHTTPRequestHandler):
    twilio: Twilio
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        """The account, or its numbers."""
        if not self.twilio.is_owner(self.headers.get("Authorization", "")):
            self._answer(401, _error(20003, "Authenticate", 401))
            return
        path = urlsplit(self.path).path
        base = f"/2010-04-01/Accounts/{self.twilio.account_sid}"
        known: dict[str, Any] = {
            f"{base}.json": {
                "sid": self.twilio.account_sid,
                "friendly_name": "Pretend account",
                "status": "active",
                "type": "Full",
            },
            f"{base}/IncomingPhoneNumbers.json": {
                "incoming_phone_numbers": [{"sid": f"PN{'0' * 32}", "phone_number": FIRM_NUMBER}],
                "next_page_uri": None,
            },
        }
        if path in known:
            self._answer(200, known[path])
        else:
            self._answer(404, _error(20404, f"{path} was not found", 404))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, status: int, what: Any) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _error(code: int, message: str, status: int) -> dict[str, Any]:
    where = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": where, "status": status}
