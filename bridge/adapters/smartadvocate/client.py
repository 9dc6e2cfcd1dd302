"""SmartAdvocate over HTTP: its five calls, with errors for the responses that aren't successes.

Error bodies and codes are not published (docs/reference/smartadvocate.md#what-is-not-published). A
4xx refuses this one request, unless it is about the system, the key or the rate; a 200 may be a
refusal too (responses.py). HTML is a login or error page, whatever its status. What an error
message repeats of a note or number that was sent is cut out here, before anybody keeps, logs or
shows it.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import requests
import structlog

from bridge.adapters.retry_after import retry_after
from bridge.adapters.smartadvocate import arriving_lists, responses, unwrapping
from bridge.adapters.smartadvocate.api_mapping import ApiMapping, Encoding, flattened
from bridge.adapters.smartadvocate.schemas import case_info
from bridge.adapters.smartadvocate.sessions import session_for
from bridge.adapters.smartadvocate.spelling import LabelSpelling
from bridge.domain.case_updates import CaseInfo, CaseUpdate
from bridge.domain.redaction import without_repeated
from bridge.errors import NotKnown, Permanent, Transient, Unclear, Unconfirmed

CONNECT_SECONDS = 5
ANSWER_SECONDS = 20
_MAX_SHOWN_KEY = 40
_PRIVATE_FIELDS = ("Phone", "Note")
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
_NOT_FOUND = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

_CONNECTION_ERRORS = (
    (requests.ConnectTimeout, f"no connection within {CONNECT_SECONDS} s"),
    (requests.ReadTimeout, f"no answer within {ANSWER_SECONDS} s"),
    (requests.ConnectionError, "no connection, or it was dropped"),
)

_ENCODE: dict[Encoding, Callable[[requests.PreparedRequest, dict[str, Any]], None]] = {
    Encoding.QUERY: lambda made, sent: made.prepare_url(made.url, list(flattened(sent))),
    Encoding.FORM: lambda made, sent: made.prepare_body(list(flattened(sent)), None),
    Encoding.JSON: lambda made, sent: made.prepare_body(None, None, sent),
}
"""How parameters are added to a request."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class UnreadableCase:
    """A case that is due and can't be read."""

    key: str
    """Its CaseID, or else what was sent."""
    why: str


@dataclass(frozen=True)
class DueCases:
    """The response to GetCasesToDial."""

    cases: list[CaseInfo]
    unreadable: list[UnreadableCase]


@dataclass(frozen=True)
class _Request:
    """A request that was sent."""

    call: str
    url: str
    fields: Mapping[str, Any] = field(repr=False)

    def error(self, response: requests.Response, message: str) -> str:
        """The error for a response, without what it repeats of a note or number."""
        sent = [str(self.fields[name]) for name in _PRIVATE_FIELDS if name in self.fields]
        shown = without_repeated(message, sent)
        return f"{self.call}: {response.status_code} {shown}".strip()


class SmartAdvocate:
    """The firm's SmartAdvocate. Safe to use from many threads: each has its own connection."""

    listing_is_safe: bool = False
    """Whether requesting a list was seen to change nothing, since this process started; set by
    bridge/dialing/list_checks.py."""

    clock_skew: timedelta | None = None
    """Server clock minus our clock, by the last response's `Date`; None while unknown."""

    def __init__(
        self, url: str, key: str, zone: ZoneInfo, mapping: ApiMapping, clock: Callable[[], datetime]
    ) -> None:
        self._url = url
        self._headers = {
            **requests.utils.default_headers(),
            "X-ApiKey": key,
            "Accept": "application/json",
        }
        self._bare: dict[str, requests.PreparedRequest] = {}
        """A request of each call, without parameters."""
        self._zone = zone
        self._mapping = mapping
        self._spelling = LabelSpelling(mapping)
        self._clock = clock
        self._local = threading.local()

    def cases_to_dial(self, campaign: str, case_group: str, records: int) -> DueCases:
        """GetCasesToDial: the due cases. The request itself never claims them (promise 6 in
        docs/explanation/never-twice.md).

        A case that can't be read doesn't hide the others.
        """
        call = "GetCasesToDial"
        fields = {
            "Campaign": campaign,
            "CaseGroup": case_group,
            "Records": records,
            "Auto-change": "false",
        }
        response = self._request(call, fields, _begun)
        due = DueCases([], [])
        try:
            for sent in arriving_lists.items(response):
                self._add_due(due, sent)
        except arriving_lists.NotAListError as error:
            if _is_html(response, error.begins_with):
                raise _html_page(call, response, self._clock()) from None
            shown = without_repeated(str(error), ())
            not_a_list = f"{call}: 200 without a list of cases: {shown}"
            raise Transient("not-a-list", not_a_list) from None
        except requests.RequestException as error:
            raise Transient("unreachable", f"{call}: {_what_happened(error)}") from error
        finally:
            response.close()
        return due

    def _add_due(self, due: DueCases, sent: Any) -> None:
        try:
            due.cases.append(self._case(sent))
        except Unclear as error:
            due.unreadable.append(UnreadableCase(_case_key(sent, self._mapping), error.sentence))

    def case(self, case_id: int) -> CaseInfo:
        """GetCaseInfo: the current state of a case.

        Raises:
            NotKnown: there is no such case.
            Unclear: the response is not a case; this says nothing about other cases.
            Permanent: the response is another case.
            Permanent, Transient: see `_request`.
        """
        body = responses.read(self._request("GetCaseInfo", {"CaseID": case_id}, _whole))
        if responses.refuses(body.value):
            shown = without_repeated(responses.unconfirmed_message(body.value), ())
            raise Unclear("refused", f"GetCaseInfo: 200 {shown}")
        case = self._case(body.value)
        if case.case_id != case_id:
            raise Permanent(
                "other-case", f"asked for case {case_id}, SmartAdvocate sent case {case.case_id}"
            )
        return case

    def update(self, updates: Sequence[CaseUpdate]) -> None:
        """UpdateCaseStatus: change fields of cases.

        Raises:
            Unconfirmed: the response isn't known to mean that all changes were accepted.
            Permanent, Transient: see `_request`.
        """
        call = "UpdateCaseStatus"
        problem = self._write(call, {"Cases": [self._entry(update) for update in updates]})
        if problem is not None:
            raise Unconfirmed("unconfirmed", problem)

    def add_note(self, case_id: int, note: str) -> None:
        """AddCaseNote: add a note to one case.

        Raises:
            Permanent: refused, perhaps in a 200; a retry might add the note twice.
        """
        self._add("AddCaseNote", {"CaseID": case_id, "Note": note})

    def add_note_by_phone(self, phone: str, note: str) -> None:
        """AddCaseNoteByPhone: add a note to all open cases with this number, else to closed ones.

        Raises:
            NotKnown: no case has this phone.
            Permanent: refused, perhaps in a 200; a retry might add the note twice.
        """
        self._add("AddCaseNoteByPhone", {"Phone": phone, "Note": note})

    def _add(self, call: str, fields: dict[str, Any]) -> None:
        problem = self._write(call, fields)
        if problem is not None:
            raise Permanent("refused", problem)

    def _write(self, call: str, fields: dict[str, Any]) -> str | None:
        """Send a change; None if it is known to have been accepted, else the response's message."""
        response = self._request(call, fields, _whole)
        body = responses.read(response)
        if responses.means_success(body.value):
            return None
        return _Request(call, "", fields).error(response, responses.unconfirmed_message(body.value))

    def _case(self, sent: Any) -> CaseInfo:
        case = case_info(unwrapping.unwrap_case(sent, self._mapping), self._mapping, self._zone)
        self._spelling.remember(case)
        return case

    def _entry(self, update: CaseUpdate) -> dict[str, Any]:
        fields: dict[str, Any] = {"CaseID": update.case_id}
        if update.status is not None:
            fields["Status"] = self._spelling.label(update.status)
        if update.next_call is not None:
            local = update.next_call.astimezone(self._zone)
            fields["NextCall"] = f"{local:%Y-%m-%dT%H:%M:%S}"
        if update.attempts is not None:
            fields["Attempts"] = self._mapping.attempts(update.attempts)
        if update.disposition is not None:
            fields["Disposition"] = self._mapping.labels[update.disposition]
        return self._mapping.to_theirs("UpdateCaseStatus", fields)

    def _request(
        self, call: str, fields: dict[str, Any], read: Callable[[requests.Response], bytes]
    ) -> requests.Response:
        """Send one request; raise an error for a response with an error status.

        `read` says how much of the response is read here: `_whole`, or `_begun`.

        Raises:
            Transient: SmartAdvocate is down, overloaded, or refuses our key.
            NotKnown: 404 or 410 about the case or phone; about the URL it is Transient.
            Permanent: any other refusal of this one request.
        """
        try:
            response = self._send(call, fields)
            body = read(response)
        except requests.RequestException as error:
            raise Transient("unreachable", f"{call}: {_what_happened(error)}") from error
        log.debug("SmartAdvocate answered", call=call, status=response.status_code)
        now = self._clock()
        skew = _skew(response.headers.get("Date", ""), now)
        self.clock_skew = self.clock_skew if skew is None else skew
        _check(_Request(call, self._address(call), fields), response, body, now)
        return response

    def _send(self, call: str, fields: dict[str, Any]) -> requests.Response:
        """Send one request. What is the same each time is prepared once: that takes longest."""
        if call not in self._bare:
            verb, _ = self._mapping.calls[call]
            bare = requests.Request(verb, self._address(call), headers=self._headers)
            self._bare[call] = bare.prepare()
        session, made = self._session(), self._bare[call].copy()
        _ENCODE[self._mapping.encoding(call)](made, self._mapping.to_theirs(call, fields))
        if session.cookies:
            made.prepare_cookies(session.cookies)
        return session.send(
            made,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            allow_redirects=False,
            stream=True,
            proxies=session.proxies,
            verify=session.verify,
            cert=session.cert,
        )

    def _address(self, call: str) -> str:
        _, path = self._mapping.calls[call]
        return f"{self._url}/{path}"

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = session_for(self._url)
        return session

    def close(self) -> None:
        """Close this thread's connection."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is not None:
            session.close()
            del self._local.session


def _whole(response: requests.Response) -> bytes:
    """The body of a response, read to its end."""
    return response.content


def _begun(response: requests.Response) -> bytes:
    """Nothing yet of a success, whose body is read while it arrives; of a refusal the whole."""
    return b"" if response.status_code < HTTPStatus.MULTIPLE_CHOICES else response.content


def _skew(date: str, now: datetime) -> timedelta | None:
    """How far a `Date` header is ahead of `now`; None if it can't be read (RFC 9110, 6.6.1)."""
    try:
        server = parsedate_to_datetime(date)
        return (server if server.tzinfo else server.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None


def _case_key(sent: Any, mapping: ApiMapping) -> str:
    named = mapping.from_theirs(sent).get("CaseID") if isinstance(sent, dict) else None
    return ascii(sent if named is None else named)[:_MAX_SHOWN_KEY].strip("'")


def _check(request: _Request, response: requests.Response, body: bytes, now: datetime) -> None:
    status, call = response.status_code, request.call
    _check_address(request, response, now)
    if _is_html(response, body):
        raise _html_page(call, response, now)
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return
    message = request.error(response, responses.message(responses.read(response).value or ""))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _ABOUT_THE_SYSTEM:
        raise Transient(f"http-{status}", message, retry_after(response.headers, now))
    if status in _NOT_FOUND:
        raise NotKnown(f"http-{status}", message)
    if status >= HTTPStatus.BAD_REQUEST:
        raise Permanent(f"http-{status}", message)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise Transient("redirect", f"{call}: {status}, a redirect, such as to a login page")


def _check_address(request: _Request, response: requests.Response, now: datetime) -> None:
    if response.status_code not in _NOT_FOUND:
        return
    if _is_html(response, response.content) or responses.is_about_the_address(
        responses.read(response)
    ):
        nothing = (
            f"{request.call}: {response.status_code}, nothing found at {request.url}; "
            "check SMARTADVOCATE_URL and SMARTADVOCATE_CALLS"
        )
        raise Transient("address", nothing, retry_after(response.headers, now))


def _is_html(response: requests.Response, body: bytes) -> bool:
    kind = response.headers.get("Content-Type", "").lower()
    return "html" in kind or body.lstrip()[:1] == b"<"


def _html_page(call: str, response: requests.Response, now: datetime) -> Transient:
    page = f"{call}: {response.status_code} with an HTML page, such as a login or error page"
    return Transient("html", page, retry_after(response.headers, now))


def _what_happened(error: requests.RequestException) -> str:
    for kind, words in _CONNECTION_ERRORS:
        if isinstance(error, kind):
            return words
    return type(error).__name__
