"""A firm's months in the database within seconds: realistic rows, written past the store.

Calls and texts of fictional people, with their cases, attempts, callbacks, decisions and messages,
spread over business hours. As a command: `python -m tests.support.many_rows URL [COUNT]`.
"""

import json
import random
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, Table

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.store.db import Database
from bridge.store.tables import (
    attempts,
    callbacks,
    case_phones,
    cases,
    communications,
    decisions,
    deliveries,
    turns,
)
from tests.support.signing import call_fields, text_fields

CAMPAIGNS = ("Auto Accident", "Slip and Fall", "Notification", "Medical Records")
FIRST_CASE = 1000
_CASES_SHARE = 10
_BATCH = 5000
_CACHE_KIB = 256 * 1024
_A_DAY = timedelta(days=1)
_SKIPPED_SUNDAY = 6
_FIRST_HOUR, _HOURS = 14, 11
"""From 9 AM to 8 PM in New York, in UTC in winter."""

# What Twilio said last, what the case was told, how it stands; how often; whether it lasted.
_CALLS_OUT: Sequence[tuple[str, str | None, ContactOutcome, int, bool]] = (
    ("completed", "reached", ContactOutcome.TALKED, 18, True),
    ("completed", "hung-up", ContactOutcome.PICKED_UP, 14, True),
    ("completed", "machine", ContactOutcome.MACHINE, 22, True),
    ("no-answer", "no-answer", ContactOutcome.NO_ANSWER, 32, False),
    ("busy", "busy", ContactOutcome.BUSY, 6, False),
    ("failed", "failed|bad", ContactOutcome.FAILED, 2, False),
    ("completed", "hung-up", ContactOutcome.OPTED_OUT, 1, True),
)
_TEXTS_OUT: Sequence[tuple[str, str | None, ContactOutcome, int, bool]] = (
    ("delivered", "text-delivered", ContactOutcome.DELIVERED, 30, False),
    ("undelivered", "text-failed", ContactOutcome.NOT_DELIVERED, 2, False),
)
_CALLS_IN: Sequence[tuple[str, str | None, ContactOutcome, int, bool]] = (
    ("completed", "called-in", ContactOutcome.TALKED, 3, True),
    ("no-answer", "missed", ContactOutcome.MISSED, 1, False),
)
_TEXTS_IN: Sequence[tuple[str, str | None, ContactOutcome, int, bool]] = (
    ("received", "heard-words", ContactOutcome.WROTE, 5, False),
    ("received", "heard-stop", ContactOutcome.OPTED_OUT, 1, False),
)
_KINDS = [
    (channel, direction, *row)
    for channel, direction, rows in (
        ("call", "outbound", _CALLS_OUT),
        ("text", "outbound", _TEXTS_OUT),
        ("call", "inbound", _CALLS_IN),
        ("text", "inbound", _TEXTS_IN),
    )
    for row in rows
]
_WEIGHTS = [kind[5] for kind in _KINDS]
_STEPS = {
    ("call", "outbound"): ("initiated", "ringing"),
    ("text", "outbound"): ("queued", "sent"),
    ("call", "inbound"): ("ringing", "in-progress"),
    ("text", "inbound"): ("receiving", "received"),
}


@dataclass(frozen=True)
class _Contact:
    """One call or text that is made up."""

    number: int
    sid: str
    at: datetime
    channel: str
    direction: str
    status: str
    told: str | None
    outcome: ContactOutcome
    duration: int | None
    case_id: int
    phone: str
    campaign: str

    @property
    def attempt_id(self) -> str | None:
        return f"at{self.number:030d}" if self.direction == "outbound" else None


def fill(db: Database, now: datetime, count: int = 100_000, *, days: int = 90) -> None:
    """Add `count` calls and texts that ended by now, over so many days, to an empty database.

    Three callbacks and one decision each, an attempt and a message or two to those that have them.
    """
    chance = random.Random(count)
    made = sorted(_contacts(chance, now, count, days), key=lambda contact: contact.at)
    ours = [contact for contact in made if contact.attempt_id is not None]
    _insert(db, cases, _cases(made, now))
    _insert(db, case_phones, _case_phones(made))
    _insert(db, communications, map(_communication, made))
    _insert(db, turns, map(_turn, ours))
    _insert(db, attempts, (_attempt(contact, place) for place, contact in enumerate(ours, start=1)))
    _insert(db, decisions, map(_decision, made))
    _insert(db, deliveries, (row for contact in made for row in _deliveries(contact)))
    _insert(db, callbacks, (row for contact in made for row in _callbacks(contact)))
    # Planners go by what they know of a table's rows.
    with db.read() as connection:
        connection.exec_driver_sql("ANALYZE")


def _contacts(chance: random.Random, now: datetime, count: int, days: int) -> Iterator[_Contact]:
    open_days = [
        day
        for back in range(days)
        if (day := (now - back * _A_DAY).date()).weekday() != _SKIPPED_SUNDAY
    ]
    for number in range(count):
        kind = chance.choices(_KINDS, _WEIGHTS)[0]
        day = chance.choice(open_days)
        at = datetime(day.year, day.month, day.day, _FIRST_HOUR, tzinfo=UTC) + timedelta(
            hours=chance.triangular(0, _HOURS, 4)
        )
        case = chance.randrange(max(count // _CASES_SHARE, 1))
        yield _Contact(
            number=number,
            sid=f"{'CA' if kind[0] == 'call' else 'SM'}{chance.getrandbits(128):032x}",
            # What would begin later today began on the day before.
            at=at if at < now - timedelta(minutes=10) else at - _A_DAY,
            channel=kind[0],
            direction=kind[1],
            status=kind[2],
            told=kind[3],
            outcome=kind[4],
            duration=chance.randrange(4, 240) if kind[6] else None,
            case_id=FIRST_CASE + case,
            phone=f"+1402555{case % 10_000:04d}",
            campaign=CAMPAIGNS[case % len(CAMPAIGNS)],
        )


def _cases(made: Sequence[_Contact], now: datetime) -> Iterator[dict[str, Any]]:
    newest = {contact.case_id: contact for contact in made}
    for contact in newest.values():
        closed = contact.outcome in {ContactOutcome.TALKED, ContactOutcome.OPTED_OUT}
        yield {
            "case_id": contact.case_id,
            "status": "Do not Dial" if closed else "To Dial",
            "attempts": 2,
            "campaign": contact.campaign,
            "zip_code": "68102",
            "read_at": contact.at,
            "next_call": None if closed else now + timedelta(minutes=contact.case_id % 2880),
            "phones": [{"number": contact.phone, "name": "Cell", "primary": True, "text": True}],
            "label": "Do not Dial" if closed else "To Dial",
        }


def _case_phones(made: Sequence[_Contact]) -> Iterator[dict[str, Any]]:
    seen = {(contact.case_id, contact.phone): contact.at for contact in made}
    for (case_id, phone), at in seen.items():
        yield {"case_id": case_id, "phone": phone, "seen_at": at}


def _communication(contact: _Contact) -> dict[str, Any]:
    ended_at = contact.at + timedelta(seconds=20 + (contact.duration or 0))
    return {
        "channel": contact.channel,
        "sid": contact.sid,
        "direction": contact.direction,
        "case_id": contact.case_id,
        "evidence": "url" if contact.attempt_id else "phone",
        "phone": contact.phone,
        "status": contact.status,
        "answer": "machine" if contact.outcome is ContactOutcome.MACHINE else "unsaid",
        "duration": contact.duration,
        "dialed_at": contact.at,
        "ended_at": ended_at,
        "reported_note": contact.told,
        "counted": contact.attempt_id is not None,
        "created_at": contact.at,
        "updated_at": ended_at,
        "talk": "bridged" if contact.outcome is ContactOutcome.TALKED else "unsaid",
        "talked_at": ended_at if contact.outcome is ContactOutcome.TALKED else None,
        "attempt_id": contact.attempt_id,
        "outcome": contact.outcome,
        "campaign": contact.campaign,
        "phone_end": contact.phone[-4:],
    }


def _turn(contact: _Contact) -> dict[str, Any]:
    return {
        "case_id": contact.case_id,
        "campaign": contact.campaign,
        "attempts": 1,
        "state": "ended",
        "found_at": contact.at - timedelta(minutes=1),
        "claimed_at": contact.at,
        "ended_at": contact.at + timedelta(minutes=5),
        "ending": "called",
    }


def _attempt(contact: _Contact, turn_id: int) -> dict[str, Any]:
    return {
        "id": contact.attempt_id,
        "turn_id": turn_id,
        "case_id": contact.case_id,
        "channel": contact.channel,
        "phone": contact.phone,
        "via_firm": False,
        "state": "ended",
        "due_at": contact.at,
        "not_after": contact.at + timedelta(hours=4),
        "tries": 1,
        "placed_at": contact.at,
        "sid": contact.sid,
        "created_at": contact.at - timedelta(minutes=1),
        "ended_at": contact.at + timedelta(minutes=5),
    }


def _decision(contact: _Contact) -> dict[str, Any]:
    is_held = contact.number % 5 == 0
    return {
        "decided_at": contact.at - timedelta(seconds=2),
        "stage": "poll" if is_held else "place",
        "case_id": contact.case_id,
        "attempt_id": None if is_held else contact.attempt_id,
        "channel": contact.channel,
        "answer": "defer" if is_held else "allow",
        "until": contact.at + timedelta(hours=4) if is_held else None,
        "why": "the last contact was less than 4 h ago" if is_held else "",
        "inputs": {"state": "NE", "zone": "America/Chicago", "contacts_24h": contact.number % 3},
    }


def _deliveries(contact: _Contact) -> Iterator[dict[str, Any]]:
    is_new = contact.number % 500 == 0
    common = {
        "lane": f"case {contact.case_id}",
        "due_at": contact.at,
        "tries": 1,
        "give_up_at": contact.at + timedelta(days=3),
        "created_at": contact.at,
        "settled_at": None if is_new else contact.at + timedelta(seconds=2),
        "case_id": contact.case_id,
        "sid": contact.sid,
        "state": "dead" if is_new else "delivered",
        "refusal": "GetCaseInfo: 404 no such case" if is_new else None,
    }
    note: dict[str, Any] = {
        "kind": contact.told or "",
        "sid": contact.sid,
        "phone": contact.phone,
        "talked_for": contact.duration,
        "rang_for": None,
        "connected": True,
        "reason": "",
        "bad_number": False,
        "opted_out": False,
        "correction": False,
        "after": None,
    }
    if (contact.channel, contact.direction) == ("text", "inbound"):
        say = {"say": "wrote", "sid": contact.sid, "phone": contact.phone, "words": "Thank you."}
        note = {"phone": contact.phone, "remark": {**say, "pictures": 0, "ends": ""}}
    else:
        note["kind"] = str(note["kind"]).partition("|")[0]
    yield {**common, "kind": "note", "payload": note}


def _callbacks(contact: _Contact) -> Iterator[dict[str, Any]]:
    steps = [*_STEPS[contact.channel, contact.direction], contact.status]
    channel = contact.channel if contact.direction == "outbound" else f"{contact.channel}-in"
    for place, status in enumerate(steps):
        is_odd = place == 2 and contact.number % 1000 == 0
        yield {
            "received_at": contact.at + timedelta(seconds=place * 5),
            "channel": channel,
            "sid": contact.sid,
            "event": f"{place}|{status}",
            "status": status,
            "verdict": "ambiguous" if is_odd else "matched",
            "case_id": contact.case_id,
            "target": f"/twilio/{contact.channel}?CaseID={contact.case_id}",
            "body": _body(contact.channel, status, place)
            .replace(b"PHONE", contact.phone[1:].encode())
            .replace(b"SID", contact.sid.encode()),
            "request_id": uuid.UUID(int=contact.number * 3 + place).hex,
            "tries": 1,
        }


@cache
def _body(channel: str, status: str, place: int) -> bytes:
    """A callback's form with a place for the sid and the phone: made once of each kind."""
    if channel == "call":
        fields = call_fields("SID", status, place, To="+PHONE")
    else:
        fields = text_fields("SID", status, Body="Thank you.", To="+PHONE")
    return urlencode(fields).encode()


def _insert(db: Database, table: Table, rows: Iterator[Mapping[str, Any]]) -> None:
    """Write rows as fast as the driver can: thousands a statement, or by COPY."""
    forms = _FOR_SQLITE if db.is_sqlite else _FOR_POSTGRES
    while batch := list(islice(rows, _BATCH)):
        names = list(batch[0])
        values = [
            [forms[type(value)](value) if type(value) in forms else value for value in row.values()]
            for row in batch
        ]
        with db.begin() as connection:
            _write(connection, table.name, names, values)


def _write(
    connection: Connection, table: str, names: Sequence[str], values: Sequence[Sequence[Any]]
) -> None:
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        insert = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
        # Its indexes are filled in no order: a small cache would write each page many times.
        driver.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        driver.executemany(insert, values)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _text_of(moment: datetime) -> str:
    """A time as SQLite keeps it: text without a zone. All times here are in UTC."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond:06d}"


# How the drivers take what they don't take as it is, by its type.
_FOR_POSTGRES: Mapping[type, Callable[[Any], Any]] = {
    dict: json.dumps,
    list: json.dumps,
    ContactOutcome: str,
}
_FOR_SQLITE: Mapping[type, Callable[[Any], Any]] = {**_FOR_POSTGRES, datetime: _text_of}


if __name__ == "__main__":
    opened = Database(sys.argv[1], connections=1)
    fill(opened, datetime.now(UTC), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
    opened.close()
