"""Consents: who has agreed to what, when and how, where the proof is, and how it ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, request

from bridge.console.csv_files import csv_file, one_at_a_time
from bridge.console.formats import day, iso, phone_end
from bridge.console.pages import page
from bridge.console.people import person
from bridge.domain.consents import CHANNEL_NAMES
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.domain.redaction import without_numbers
from bridge.store.consent import consents as store
from bridge.store.consent.consents import ConsentFilter, ConsentState, StoredConsent
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection
from bridge.web.current import runtime

SHOWN = 50
"""Consents a page."""
TO = {Channel.CALL: "a machine's voice", Channel.TEXT: "texts"}
"""What a person has agreed to."""
FOR = {Purpose.LEAD: "being solicited", Purpose.CLIENT: "being informed as a client"}
"""What it is for."""
_CSV_MOST = 10_000
_CSV_AT_ONCE = 500
_COLUMNS = (
    "Given at",
    "Phone",
    "To",
    "For",
    "Words",
    "Source",
    "Evidence",
    "Entered at",
    "Entered by",
    "Revoked at",
    "Revoked by",
    "How",
)


@dataclass(frozen=True)
class Line:
    """One consent as it is shown."""

    stored: StoredConsent
    to: str
    purpose: str
    is_link: bool
    """Whether the evidence is an address that can be opened."""


def consents() -> Response:
    """The page."""
    wanted, before = _filter(), _number(request.args.get("before", ""))
    with runtime().db.read() as connection:
        found = store.listed(connection, wanted, before, SHOWN + 1)
    shown = [line(stored) for stored in found[:SHOWN]]
    return page(
        "consents.html",
        "Consents",
        lines=shown,
        wanted=wanted,
        query=_query(wanted),
        before=shown[-1].stored.id if len(found) > SHOWN else None,
        is_first=before is None,
    )


@one_at_a_time
def consents_csv() -> Response:
    """The same as a file."""
    wanted = _filter()
    with runtime().db.read() as connection:
        rows = [_row(stored) for stored in _all(connection, wanted)]
    with runtime().db.begin() as connection:
        audit.record(
            connection,
            actor=person().name,
            action=Action.EXPORTED,
            subject="consents",
            reason=", ".join(_sought(wanted)),
            now=runtime().clock(),
        )
    return csv_file("consents", _COLUMNS, rows)


def line(stored: StoredConsent) -> Line:
    """A consent as it is shown."""
    is_link = stored.evidence.startswith(("https://", "http://"))
    return Line(stored, TO[stored.channel], FOR[stored.purpose], is_link)


def in_short(stored: StoredConsent) -> str:
    """A consent beside its phone: `Agreed to texts as a client on Nov 24, 2026 (web form).`"""
    if stored.is_withdrawal:
        return f"Took back consent to {TO[stored.channel]} on {day(stored.given_at)}."
    whose = " as a client" if stored.purpose is Purpose.CLIENT else ""
    agreed = f"Agreed to {TO[stored.channel]}{whose} on {day(stored.given_at)}"
    ended = f"; revoked on {day(stored.revoked_at)}" if stored.revoked_at else ""
    return f"{agreed} ({stored.source}){ended}."


def _all(connection: Connection, wanted: ConsentFilter) -> Iterator[StoredConsent]:
    before: int | None = None
    for _ in range(_CSV_MOST // _CSV_AT_ONCE):
        found = store.listed(connection, wanted, before, _CSV_AT_ONCE)
        yield from found
        if len(found) < _CSV_AT_ONCE:
            return
        before = found[-1].id


def _row(stored: StoredConsent) -> Sequence[object]:
    return (
        iso(stored.given_at),
        phone_end(stored.phone),
        CHANNEL_NAMES[stored.channel],
        stored.purpose,
        without_numbers(stored.words),
        stored.source,
        without_numbers(stored.evidence),
        iso(stored.recorded_at),
        stored.recorded_by,
        iso(stored.revoked_at),
        stored.revoked_by,
        without_numbers(stored.revoked_how or ""),
    )


def _filter() -> ConsentFilter:
    """What the address asks for: a phone by four digits or more, and a state."""
    given = request.args.get("state", "")
    return ConsentFilter(
        digits=_digits(request.args.get("digits", "")),
        state=ConsentState(given) if given in set(ConsentState) else ConsentState.ALL,
    )


def _digits(given: str) -> str:
    digits = "".join(filter(str.isdecimal, given))[-15:]
    return digits if len(digits) >= 4 and digits.isascii() else ""


def _number(given: str) -> int | None:
    given = given.strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _sought(wanted: ConsentFilter) -> Iterator[str]:
    """What is asked for, as the audit trail keeps it."""
    for name, value in _query(wanted).items():
        yield f"{name} {phone_end(E164(value)) if name == 'digits' else value}"


def _query(wanted: ConsentFilter) -> dict[str, str]:
    asked = {"digits": wanted.digits, "state": str(wanted.state)}
    return {name: value for name, value in asked.items() if value}
