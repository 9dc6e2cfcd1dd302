"""Opt-outs: who no longer wants to be contacted, since when, by which way, and what it ends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Response, request

from bridge.adapters.twilio.callbacks import InboundText
from bridge.consent.kept_texts import kept_texts
from bridge.console.csv_files import csv_file, one_at_a_time
from bridge.console.formats import iso, phone_end
from bridge.console.pages import page
from bridge.console.people import person
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.opt_out_language.classifier import says_more
from bridge.domain.phones import E164
from bridge.domain.redaction import without_numbers
from bridge.store.consent import opt_outs as store
from bridge.store.consent.opt_outs import OptOutFilter, OptOutState, StoredOptOut
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection
from bridge.web.current import runtime

SHOWN = 50
"""Opt-outs a page."""
_CSV_MOST = 10_000
_CSV_AT_ONCE = 500
_WAYS = {
    store.BY_TEXT: "text",
    store.BY_KEY: "key 9",
    store.BY_CALL_IN: "key 9, calling us",
    store.AT_TWILIO: "Twilio",
}
_ENDS = {
    OptOutScope.PERSON: "all calls and texts to this person",
    OptOutScope.CASE: "all calls and texts to this person; others use the number",
    OptOutScope.NUMBER: "calls and texts to this number",
    OptOutScope.SHARED_NUMBER: "calls and texts to this number, which several cases share",
}
_OF_CHANNEL = {Channel.CALL: "calls to this number", Channel.TEXT: "texts to this number"}
_LONGEST_KEYWORD = 40
_COLUMNS = (
    "Opted out at",
    "Case",
    "Phone",
    "By",
    "Recorded by",
    "Words or reason",
    "Ends",
    "Lifted at",
    "Lifted by",
    "Why lifted",
)


@dataclass(frozen=True)
class Line:
    """One opt-out as it is shown."""

    stored: StoredOptOut
    way: str
    ends: str
    words: str = field(repr=False)
    """A keyword such as STOP, or the reason that somebody at the firm gave."""
    is_more: bool
    """Whether the words say more than a keyword does: they stand on the case's page."""
    lifted_by: str


def opt_outs() -> Response:
    """The page."""
    wanted, before = _filter(), _number(request.args.get("before", ""))
    with runtime().db.read() as connection:
        found = store.listed(connection, wanted, before, SHOWN + 1)
        texts = _texts(connection, found)
    shown = [line(stored, texts) for stored in found[:SHOWN]]
    return page(
        "opt_outs.html",
        "Opt-outs",
        lines=shown,
        wanted=wanted,
        query=_query(wanted),
        before=shown[-1].stored.id if len(found) > SHOWN else None,
        is_first=before is None,
    )


@one_at_a_time
def opt_outs_csv() -> Response:
    """The same as a file."""
    wanted = _filter()
    with runtime().db.read() as connection:
        rows = [_row(line) for line in _all(connection, wanted)]
    with runtime().db.begin() as connection:
        audit.record(
            connection,
            actor=person().name,
            action=Action.EXPORTED,
            subject="opt-outs",
            reason=", ".join(_sought(wanted)),
            case_id=wanted.case_id,
            now=runtime().clock(),
        )
    return csv_file("opt-outs", _COLUMNS, rows)


def line(stored: StoredOptOut, texts: Mapping[str, InboundText]) -> Line:
    """An opt-out as it is shown."""
    text = texts.get(stored.sid)
    body = text.body.strip() if text else ""
    is_more = bool(body) and (says_more(body) or len(body) > _LONGEST_KEYWORD)
    return Line(
        stored=stored,
        way=_way(stored),
        ends=_ENDS.get(stored.scope, _OF_CHANNEL[stored.channel]),
        words=stored.reason or ("" if is_more else body),
        is_more=is_more,
        lifted_by=_lifted_by(stored),
    )


def _way(stored: StoredOptOut) -> str:
    if stored.recorded_by is None:
        return _WAYS.get(stored.source, "Twilio")
    return "by hand" if stored.source == store.BY_HAND else stored.source


def _lifted_by(stored: StoredOptOut) -> str:
    if stored.lifted_at is None:
        return ""
    return (stored.lifted_by or "") if stored.lift_reason is not None else "START from the phone"


def _texts(connection: Connection, found: Sequence[StoredOptOut]) -> Mapping[str, InboundText]:
    sids = [stored.sid for stored in found if stored.source == store.BY_TEXT]
    return kept_texts(connection, sids) if sids else {}


def _all(connection: Connection, wanted: OptOutFilter) -> Iterator[Line]:
    before: int | None = None
    for _ in range(_CSV_MOST // _CSV_AT_ONCE):
        found = store.listed(connection, wanted, before, _CSV_AT_ONCE)
        texts = _texts(connection, found)
        yield from (line(stored, texts) for stored in found)
        if len(found) < _CSV_AT_ONCE:
            return
        before = found[-1].id


def _row(shown: Line) -> Sequence[object]:
    stored = shown.stored
    return (
        iso(stored.created_at),
        stored.case_id,
        phone_end(stored.phone),
        shown.way,
        stored.recorded_by,
        "free words: see the case" if shown.is_more else without_numbers(shown.words),
        shown.ends,
        iso(stored.lifted_at),
        shown.lifted_by,
        without_numbers(stored.lift_reason or ""),
    )


def _filter() -> OptOutFilter:
    """What the address asks for: a case by its number, a phone by four digits or more."""
    given = request.args.get("state", "")
    return OptOutFilter(
        case_id=_number(request.args.get("case", "")),
        digits=_digits(request.args.get("digits", "")),
        state=OptOutState(given) if given in set(OptOutState) else OptOutState.ALL,
    )


def _digits(given: str) -> str:
    digits = "".join(filter(str.isdecimal, given))[-15:]
    return digits if len(digits) >= 4 and digits.isascii() else ""


def _number(given: str) -> int | None:
    given = given.strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _sought(wanted: OptOutFilter) -> Iterator[str]:
    """What is asked for, as the audit trail keeps it."""
    for name, value in _query(wanted).items():
        yield f"{name} {phone_end(E164(wanted.digits)) if name == 'digits' else value}"


def _query(wanted: OptOutFilter) -> dict[str, object]:
    asked: dict[str, object] = {}
    if wanted.case_id is not None:
        asked["case"] = wanted.case_id
    if wanted.digits:
        asked["digits"] = wanted.digits
    if wanted.state:
        asked["state"] = str(wanted.state)
    return asked
