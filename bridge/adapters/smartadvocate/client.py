"""SmartAdvocate over HTTP: its five calls, its answers sorted into what they mean for us.

Error bodies and codes are not published (smartadvocate.md, section 6), so an answer is judged by
its status alone: 4xx is a refusal of this very request, except for those that speak of the
system, the key or the pace. HTML is a login or error page whatever its status says.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import requests
import structlog

from bridge.adapters.retry_after import retry_after
from bridge.adapters.smartadvocate.schemas import case_info
from bridge.adapters.smartadvocate.wire import Wire
from bridge.domain.updates import CaseInfo, CaseUpdate
from bridge.errors import NotKnown, Permanent, Transient

CONNECT_SECONDS = 5
ANSWER_SECONDS = 20
_SHOWN = 300
_SHOWN_KEY = 40
_ABOUT_THE_SYSTEM = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)

_HAPPENED = (
    (requests.ConnectTimeout, f"no connection within {CONNECT_SECONDS} s"),
    (requests.ReadTimeout, f"no answer within {ANSWER_SECONDS} s"),
    (requests.ConnectionError, "no connection, or it was dropped"),
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Unreadable:
    """A case that is due and can't be read."""

    key: str
    """What names it, as far as anything does."""
    why: str


@dataclass(frozen=True)
class Due:
    """The answer to GetCasesToDial."""

    cases: list[CaseInfo]
    unreadable: list[Unreadable]


class SmartAdvocate:
    """The firm's SmartAdvocate. Safe to use from many threads: each has its own connection."""

    def __init__(
        self, url: str, key: str, zone: ZoneInfo, wire: Wire, clock: Callable[[], datetime]
    ) -> None:
        self._url = url
        self._key = key
        self._zone = zone
        self._wire = wire
        self._clock = clock
        self._local = threading.local()
        self.asking_is_safe = False
        self.clock_skew: timedelta | None = None

    def cases_to_dial(self, campaign: str, case_group: str, records: int) -> "Due":
        """GetCasesToDial: cases that are due. They are never claimed by asking (promise 6).

        A case that can't be read doesn't hide the others.
        """
        answer = self._read(
            "GetCasesToDial",
            {
                "Campaign": campaign,
                "CaseGroup": case_group,
                "Records": records,
                "Auto-change": "false",
            },
        )
        if not isinstance(answer, list):
            raise Transient("not-a-list", "GetCasesToDial answered with something that is no list")
        due = Due([], [])
        for one in answer:
            try:
                due.cases.append(case_info(one, self._wire, self._zone))
            except Permanent as error:
                due.unreadable.append(Unreadable(_key_of(one), error.sentence))
        return due

    def case(self, case_id: int) -> CaseInfo:
        """GetCaseInfo: a case as it stands now.

        Raises:
            NotKnown: there is no such case.
            Permanent, Transient: see `_ask`.
        """
        answer = self._read("GetCaseInfo", {"CaseID": case_id})
        if answer is None or answer in ([], {}):
            raise NotKnown("no-case", f"SmartAdvocate knows no case {case_id}")
        case = case_info(answer[0] if isinstance(answer, list) else answer, self._wire, self._zone)
        if case.case_id != case_id:
            raise Permanent(
                "other-case", f"asked for case {case_id}, SmartAdvocate sent case {case.case_id}"
            )
        return case

    def update(self, updates: Sequence[CaseUpdate]) -> None:
        """UpdateCaseStatus: the fields of each case that change."""
        self._ask("UpdateCaseStatus", {"Cases": [self._entry(one) for one in updates]})

    def add_note(self, case_id: int, note: str) -> None:
        """AddCaseNote: a note on one case."""
        self._ask("AddCaseNote", {"CaseID": case_id, "Note": note})

    def add_note_by_phone(self, phone: str, note: str) -> None:
        """AddCaseNoteByPhone: a note on all open cases of ten digits, else on the closed ones.

        Raises:
            NotKnown: no case has this phone.
        """
        self._ask("AddCaseNoteByPhone", {"Phone": phone, "Note": note})

    def _entry(self, update: CaseUpdate) -> dict[str, Any]:
        fields: dict[str, Any] = {"CaseID": update.case_id}
        if update.status is not None:
            fields["Status"] = self._wire.labels[update.status]
        if update.next_call is not None:
            there = update.next_call.astimezone(self._zone)
            fields["NextCall"] = f"{there:%Y-%m-%dT%H:%M:%S}"
        if update.attempts is not None:
            fields["Attempts"] = update.attempts
        if update.disposition is not None:
            fields["Disposition"] = self._wire.labels[update.disposition]
        return self._wire.theirs(fields)

    def _read(self, call: str, fields: dict[str, Any]) -> Any:
        """Make a call that asks for something; return the JSON that came, None for nothing."""
        answer = self._ask(call, fields)
        if not answer.content.strip():
            return None
        try:
            return answer.json()
        except requests.JSONDecodeError as error:
            raise Transient("not-json", f"{call}: an answer that is no JSON") from error

    def _ask(self, call: str, fields: dict[str, Any]) -> requests.Response:
        """Make one call; what a write answers beside its status is not published, so not read.

        Raises:
            Transient: SmartAdvocate is away, overloaded, or doesn't let us in.
            NotKnown: 404 or 410 about what was asked.
            Permanent: any other refusal of this very request.
        """
        verb, path = self._wire.calls[call]
        sent = self._wire.theirs(fields)
        how: dict[str, Any] = {"params": sent} if verb == "GET" else {"json": sent}
        try:
            answer = self._session().request(
                verb,
                f"{self._url}/{path}",
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                **how,
            )
        except requests.RequestException as error:
            raise Transient("unreachable", f"{call}: {_what_happened(error)}") from error
        log.debug("SmartAdvocate answered", call=call, status=answer.status_code)
        _check(call, answer, self._clock())
        return answer

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers.update({"X-ApiKey": self._key, "Accept": "application/json"})
            self._local.session = session
        return session

    def close(self) -> None:
        """Close this thread's connection."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is not None:
            session.close()
            del self._local.session


def _key_of(sent: Any) -> str:
    named = sent.get("CaseID") if isinstance(sent, dict) else None
    return ascii(sent if named is None else named)[:_SHOWN_KEY].strip("'")


def _check(call: str, answer: requests.Response, now: datetime) -> None:
    status = answer.status_code
    words = f"{call}: {status} {_words(answer)}".strip()
    if _is_html(answer):
        page = f"{call}: {status} with an HTML page, as of a login or error"
        raise Transient("html", page, retry_after(answer.headers, now))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _ABOUT_THE_SYSTEM:
        raise Transient(f"http-{status}", words, retry_after(answer.headers, now))
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise NotKnown(f"http-{status}", words)
    if status >= HTTPStatus.BAD_REQUEST:
        raise Permanent(f"http-{status}", words)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise Transient("redirect", f"{call}: {status}, a redirect, as to a login page")


def _is_html(answer: requests.Response) -> bool:
    kind = answer.headers.get("Content-Type", "").lower()
    return "html" in kind or answer.content.lstrip()[:1] == b"<"


def _words(answer: requests.Response) -> str:
    """The refusal in SmartAdvocate's own words, in one line."""
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        body = answer.text
    if isinstance(body, dict):
        lowered = {str(name).casefold(): value for name, value in body.items()}
        body = next(
            (lowered[name] for name in ("message", "error", "title") if name in lowered), body
        )
    return " ".join(str(body).split())[:_SHOWN]


def _what_happened(error: requests.RequestException) -> str:
    for kind, words in _HAPPENED:
        if isinstance(error, kind):
            return words
    return type(error).__name__
