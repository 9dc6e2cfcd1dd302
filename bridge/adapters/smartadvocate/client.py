"""SmartAdvocate over HTTP: its five calls, its answers sorted into what they mean for us.

Error bodies and codes are not published (smartadvocate.md, section 6). 4xx is a refusal of this
very request, except for those that speak of the system, the key or the pace; a 200 may be a refusal
too (answers.py). HTML is a login or error page whatever its status says.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import requests
import structlog

from bridge.adapters.retry_after import retry_after
from bridge.adapters.smartadvocate import answers
from bridge.adapters.smartadvocate.schemas import case_info
from bridge.adapters.smartadvocate.wire import Wire
from bridge.domain.updates import CaseInfo, CaseUpdate
from bridge.errors import NotKnown, Permanent, Transient, Unconfirmed

CONNECT_SECONDS = 5
ANSWER_SECONDS = 20
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

    asking_is_safe: bool = False
    """Whether a list was seen to change nothing since this process began; kept by
    bridge/outbound/list_checks.py."""

    clock_skew: timedelta | None = None
    """Server minus our clock, as the last answer's `Date` showed; None while unknown."""

    def __init__(
        self, url: str, key: str, zone: ZoneInfo, wire: Wire, clock: Callable[[], datetime]
    ) -> None:
        self._url = url
        self._key = key
        self._zone = zone
        self._wire = wire
        self._clock = clock
        self._local = threading.local()

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
        """UpdateCaseStatus: the fields of each case that change.

        Raises:
            Unconfirmed: an answer that isn't known to mean that all of it was taken.
            Permanent, Transient: see `_ask`.
        """
        call = "UpdateCaseStatus"
        doubt = self._write(call, {"Cases": [self._entry(one) for one in updates]})
        if doubt is not None:
            raise Unconfirmed("unconfirmed", doubt)

    def add_note(self, case_id: int, note: str) -> None:
        """AddCaseNote: a note on one case.

        Raises:
            Permanent: refused, perhaps in a 200; trying again might double the note.
        """
        self._add("AddCaseNote", {"CaseID": case_id, "Note": note})

    def add_note_by_phone(self, phone: str, note: str) -> None:
        """AddCaseNoteByPhone: a note on all open cases of ten digits, else on the closed ones.

        Raises:
            NotKnown: no case has this phone.
            Permanent: refused, perhaps in a 200; trying again might double the note.
        """
        self._add("AddCaseNoteByPhone", {"Phone": phone, "Note": note})

    def _add(self, call: str, fields: dict[str, Any]) -> None:
        doubt = self._write(call, fields)
        if doubt is not None:
            raise Permanent("refused", doubt)

    def _write(self, call: str, fields: dict[str, Any]) -> str | None:
        """Make a call that changes something; return None if it is known to have been taken.

        Else what SmartAdvocate says instead.
        """
        answer = self._ask(call, fields)
        body = answers.read(answer)
        if answers.means_success(body.value):
            return None
        return f"{call}: {answer.status_code} {answers.words_of_doubt(body.value)}"

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
        """Make one call and judge its answer by its status.

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
        now = self._clock()
        skew = _skew(answer.headers.get("Date", ""), now)
        self.clock_skew = self.clock_skew if skew is None else skew
        _check(call, answer, now)
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


def _skew(date: str, now: datetime) -> timedelta | None:
    """How far ahead of `now` a `Date` header is; None where it can't be read (RFC 9110, 6.6.1)."""
    try:
        there = parsedate_to_datetime(date)
        return (there if there.tzinfo else there.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None


def _key_of(sent: Any) -> str:
    named = sent.get("CaseID") if isinstance(sent, dict) else None
    return ascii(sent if named is None else named)[:_SHOWN_KEY].strip("'")


def _check(call: str, answer: requests.Response, now: datetime) -> None:
    status = answer.status_code
    words = f"{call}: {status} {answers.words(answers.read(answer).value or '')}".strip()
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


def _what_happened(error: requests.RequestException) -> str:
    for kind, words in _HAPPENED:
        if isinstance(error, kind):
            return words
    return type(error).__name__
