"""SmartAdvocate over HTTP: its five calls, its answers sorted into what they mean for us.

Error bodies and codes are not published (smartadvocate.md, section 6). 4xx is a refusal of this
very request, except for those that speak of the system, the key or the pace; a 200 may be a refusal
too (answers.py). HTML is a login or error page whatever its status says. What a sentence repeats of
the note or number that was sent is cut out here, before anybody keeps, logs or shows it.
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
from bridge.adapters.smartadvocate import answers, unwrapping
from bridge.adapters.smartadvocate.api_mapping import ApiMapping, Carriage, flat
from bridge.adapters.smartadvocate.schemas import case_info
from bridge.adapters.smartadvocate.spelling import Spelling
from bridge.domain.case_updates import CaseInfo, CaseUpdate
from bridge.domain.redaction import without_repeated
from bridge.errors import NotKnown, Permanent, Transient, Unclear, Unconfirmed

CONNECT_SECONDS = 5
ANSWER_SECONDS = 20
_SHOWN_KEY = 40
_OF_PEOPLE = ("Phone", "Note")
"""Fields with a person's number and words."""
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
_NOT_THERE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

_HAPPENED = (
    (requests.ConnectTimeout, f"no connection within {CONNECT_SECONDS} s"),
    (requests.ReadTimeout, f"no answer within {ANSWER_SECONDS} s"),
    (requests.ConnectionError, "no connection, or it was dropped"),
)

_CARRIED: dict[Carriage, Callable[[dict[str, Any]], dict[str, Any]]] = {
    Carriage.QUERY: lambda sent: {"params": list(flat(sent))},
    Carriage.FORM: lambda sent: {"data": list(flat(sent))},
    Carriage.JSON: lambda sent: {"json": sent},
}

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


@dataclass(frozen=True)
class _Asked:
    """A call that was made."""

    call: str
    url: str
    fields: Mapping[str, Any] = field(repr=False)

    def sentence(self, answer: requests.Response, words: str) -> str:
        """What it was answered, without what the answer repeats of a note or number."""
        sent = [str(self.fields[name]) for name in _OF_PEOPLE if name in self.fields]
        shown = without_repeated(words, sent)
        return f"{self.call}: {answer.status_code} {shown}".strip()


class SmartAdvocate:
    """The firm's SmartAdvocate. Safe to use from many threads: each has its own connection."""

    asking_is_safe: bool = False
    """Whether a list was seen to change nothing since this process began; kept by
    bridge/dialing/list_checks.py."""

    clock_skew: timedelta | None = None
    """Server minus our clock, as the last answer's `Date` showed; None while unknown."""

    def __init__(
        self, url: str, key: str, zone: ZoneInfo, wire: ApiMapping, clock: Callable[[], datetime]
    ) -> None:
        self._url = url
        self._key = key
        self._zone = zone
        self._wire = wire
        self._spelling = Spelling(wire)
        self._clock = clock
        self._local = threading.local()

    def cases_to_dial(self, campaign: str, case_group: str, records: int) -> "Due":
        """GetCasesToDial: cases that are due. They are never claimed by asking (promise 6).

        A case that can't be read doesn't hide the others.
        """
        call = "GetCasesToDial"
        fields = {
            "Campaign": campaign,
            "CaseGroup": case_group,
            "Records": records,
            "Auto-change": "false",
        }
        said = answers.read(self._ask(call, fields)).value
        listed = unwrapping.the_list(said)
        if listed is None or answers.refuses(said):
            words = without_repeated(answers.words_of_doubt(said or "nothing at all"), ())
            raise Transient("not-a-list", f"{call}: 200 and no list of cases: {words}")
        due = Due([], [])
        for one in listed:
            try:
                due.cases.append(self._case(one))
            except Unclear as error:
                due.unreadable.append(Unreadable(_key_of(one, self._wire), error.sentence))
        return due

    def case(self, case_id: int) -> CaseInfo:
        """GetCaseInfo: a case as it stands now.

        Raises:
            NotKnown: there is no such case.
            Unclear: an answer that is no case; it says nothing of other cases.
            Permanent: it is another case.
            Permanent, Transient: see `_ask`.
        """
        body = answers.read(self._ask("GetCaseInfo", {"CaseID": case_id}))
        if answers.refuses(body.value):
            words = without_repeated(answers.words_of_doubt(body.value), ())
            raise Unclear("refused", f"GetCaseInfo: 200 {words}")
        case = self._case(body.value)
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
        asked = _Asked(call, "", fields)
        return asked.sentence(answer, answers.words_of_doubt(body.value))

    def _case(self, said: Any) -> CaseInfo:
        case = case_info(unwrapping.the_case(said, self._wire), self._wire, self._zone)
        self._spelling.saw(case)
        return case

    def _entry(self, update: CaseUpdate) -> dict[str, Any]:
        fields: dict[str, Any] = {"CaseID": update.case_id}
        if update.status is not None:
            fields["Status"] = self._spelling.of(update.status)
        if update.next_call is not None:
            there = update.next_call.astimezone(self._zone)
            fields["NextCall"] = f"{there:%Y-%m-%dT%H:%M:%S}"
        if update.attempts is not None:
            fields["Attempts"] = self._wire.attempts(update.attempts)
        if update.disposition is not None:
            fields["Disposition"] = self._wire.labels[update.disposition]
        return self._wire.theirs("UpdateCaseStatus", fields)

    def _ask(self, call: str, fields: dict[str, Any]) -> requests.Response:
        """Make one call and judge its answer by its status.

        Raises:
            Transient: SmartAdvocate is away, overloaded, or doesn't let us in.
            NotKnown: 404 or 410 about the case or phone; about the address it is Transient.
            Permanent: any other refusal of this very request.
        """
        verb, path = self._wire.calls[call]
        url = f"{self._url}/{path}"
        sent = self._wire.theirs(call, fields)
        try:
            answer = self._session().request(
                verb,
                url,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                **_CARRIED[self._wire.carriage(call)](sent),
            )
        except requests.RequestException as error:
            raise Transient("unreachable", f"{call}: {_what_happened(error)}") from error
        log.debug("SmartAdvocate answered", call=call, status=answer.status_code)
        now = self._clock()
        skew = _skew(answer.headers.get("Date", ""), now)
        self.clock_skew = self.clock_skew if skew is None else skew
        _check(_Asked(call, url, fields), answer, now)
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


def _key_of(sent: Any, wire: ApiMapping) -> str:
    named = wire.ours(sent).get("CaseID") if isinstance(sent, dict) else None
    return ascii(sent if named is None else named)[:_SHOWN_KEY].strip("'")


def _check(asked: _Asked, answer: requests.Response, now: datetime) -> None:
    status, call = answer.status_code, asked.call
    _check_address(asked, answer, now)
    if _is_html(answer):
        page = f"{call}: {status} with an HTML page, as of a login or error"
        raise Transient("html", page, retry_after(answer.headers, now))
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return
    words = asked.sentence(answer, answers.words(answers.read(answer).value or ""))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _ABOUT_THE_SYSTEM:
        raise Transient(f"http-{status}", words, retry_after(answer.headers, now))
    if status in _NOT_THERE:
        raise NotKnown(f"http-{status}", words)
    if status >= HTTPStatus.BAD_REQUEST:
        raise Permanent(f"http-{status}", words)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise Transient("redirect", f"{call}: {status}, a redirect, as to a login page")


def _check_address(asked: _Asked, answer: requests.Response, now: datetime) -> None:
    if answer.status_code not in _NOT_THERE:
        return
    if _is_html(answer) or answers.is_about_the_address(answers.read(answer)):
        nothing = (
            f"{asked.call}: {answer.status_code}, there is nothing at {asked.url}; "
            "check SMARTADVOCATE_URL and SMARTADVOCATE_CALLS"
        )
        raise Transient("address", nothing, retry_after(answer.headers, now))


def _is_html(answer: requests.Response) -> bool:
    kind = answer.headers.get("Content-Type", "").lower()
    return "html" in kind or answer.content.lstrip()[:1] == b"<"


def _what_happened(error: requests.RequestException) -> str:
    for kind, words in _HAPPENED:
        if isinstance(error, kind):
            return words
    return type(error).__name__
