"""Posts webhooks as Twilio does: signed, and retried as the URL's fragment says.

Signatures: https://www.twilio.com/docs/usage/security
Retries: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urldefrag

import requests

_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 15
_BETWEEN_TRIES_SECONDS = 0.05
_SERVER_ERROR = 500


@dataclass
class PostCounts:
    """What was posted, and what became of it."""

    posted: int = 0
    doubled: int = 0
    late: int = 0
    lost: list[str] = field(default_factory=list)
    """Requests whose every try failed: Twilio would have given up."""


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """X-Twilio-Signature over the URL without its fragment and the sorted fields."""
    text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class Courier:
    """Twilio's way to the bridge. Safe to use from many threads."""

    def __init__(self, token: str) -> None:
        self.tally = PostCounts()
        self._token = token
        self._lock = threading.Lock()

    def post(self, url: str, fields: Mapping[str, str]) -> requests.Response | None:
        """Post until a try succeeds or none is left; the answer of the one that succeeded."""
        bare, fragment = urldefrag(url)
        retries, reasons = _overrides(fragment)
        answer = None
        with requests.Session() as session:
            for _ in range(retries + 1):
                failure, answer = self._post(session, bare, fields)
                if failure is None or failure not in reasons:
                    break
                time.sleep(_BETWEEN_TRIES_SECONDS)
        accepted = answer is not None and answer.ok
        with self._lock:
            self.tally.posted += 1
            if not accepted:
                sid = fields.get("CallSid") or fields.get("MessageSid") or ""
                self.tally.lost.append(f"{sid} {bare}")
        return answer if accepted else None

    def count(self, *, doubled: int = 0, late: int = 0) -> None:
        """Count what was posted twice or late."""
        with self._lock:
            self.tally.doubled += doubled
            self.tally.late += late

    def _post(
        self, session: requests.Session, url: str, fields: Mapping[str, str]
    ) -> tuple[str | None, requests.Response | None]:
        """Post once; Twilio's name for the failure, if it failed, and the answer."""
        token = hashlib.sha256(repr(sorted(fields.items())).encode()).hexdigest()[:36]
        headers = {
            "X-Twilio-Signature": signature(self._token, url, fields),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
        }
        limits = (_CONNECT_SECONDS, _ANSWER_SECONDS)
        try:
            answer = session.post(url, data=dict(fields), headers=headers, timeout=limits)
        except requests.ReadTimeout:
            return "rt", None
        except requests.RequestException:
            return "ct", None
        if answer.status_code >= _SERVER_ERROR:
            return "5xx", answer
        return (None if answer.ok else "4xx"), answer


def _overrides(fragment: str) -> tuple[int, frozenset[str]]:
    """Retries and their reasons; by default one, after a failed connection only."""
    overrides = parse_qs(fragment)
    reasons = overrides.get("rp", ["ct"])[0].split(",")
    expanded = {"ct", "rt", "4xx", "5xx"} if "all" in reasons else set(reasons)
    return int(overrides.get("rc", ["1"])[0]), frozenset(expanded)
