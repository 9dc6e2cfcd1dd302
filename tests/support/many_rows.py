"""A firm's months in the database within seconds: realistic rows, written past the store.

Calls and texts of fictional people, with their cases, attempts, callbacks, decisions and messages,
and what stands open: planned calls, questions, holds (`open_rows.py`).
As a command: `python -m tests.support.many_rows URL [COUNT]`.
"""

import sys
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.questions import Question
from bridge.store import schedules
from bridge.store.callbacks import hourly_counts
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
from tests.support import open_rows
from tests.support.bulk_rows import insert
from tests.support.made_up_contacts import Contact, made_up, zip_code_of
from tests.support.query_plans import analyze
from tests.support.signing import FIRM, call_fields, text_fields

_STEPS = {
    ("call", "outbound"): ("initiated", "ringing"),
    ("text", "outbound"): ("queued", "sent"),
    ("call", "inbound"): ("ringing", "in-progress"),
    ("text", "inbound"): ("receiving", "received"),
}


_VERDICTS = {
    Question.STOP: "review",
    Question.WRONG_NUMBER: "review",
    Question.WHOSE: "ambiguous",
    Question.MALFORMED: "malformed",
}
_UNSETTLED_FOR = timedelta(days=3)
"""What is older has been answered by somebody."""


def fill(db: Database, now: datetime, count: int = 100_000, *, days: int = 90) -> None:
    """Add `count` calls and texts that ended by now, over so many days, to an empty database.

    Three callbacks and one decision each, an attempt and a message or two to those that have them.
    """
    made = made_up(now, count, days)
    ours = [contact for contact in made if contact.attempt_id is not None]
    insert(db, cases, _cases(made, now))
    insert(db, case_phones, _case_phones(made))
    insert(db, communications, map(_communication, made))
    insert(db, turns, map(_turn, ours))
    insert(db, attempts, (_attempt(contact, place) for place, contact in enumerate(ours, start=1)))
    insert(db, decisions, map(_decision, made))
    insert(db, deliveries, (_delivery(contact, now) for contact in made))
    insert(db, callbacks, (row for contact in made for row in _callbacks(contact, now)))
    open_rows.fill(db, now, made)
    with db.begin() as connection:
        hourly_counts.recount(connection, made[0].at, now)
        schedules.once(connection, hourly_counts.NAME, now)
        hourly_counts.set_counted_until(connection, hourly_counts.hour_of(now))
    analyze(db)


def _cases(made: Sequence[Contact], now: datetime) -> Iterator[dict[str, Any]]:
    newest = {contact.case_id: contact for contact in made}
    for contact in newest.values():
        closed = contact.outcome in {ContactOutcome.TALKED, ContactOutcome.OPTED_OUT}
        yield {
            "case_id": contact.case_id,
            "status": "Do not Dial" if closed else "To Dial",
            "attempts": 2,
            "campaign": contact.campaign,
            "zip_code": zip_code_of(contact.case_id),
            "read_at": contact.at,
            "next_call": None if closed else now + timedelta(minutes=contact.case_id % 2880),
            "phones": [{"number": contact.phone, "name": "Cell", "primary": True, "text": True}],
            "label": "Do not Dial" if closed else "To Dial",
        }


def _case_phones(made: Sequence[Contact]) -> Iterator[dict[str, Any]]:
    seen = {(contact.case_id, contact.phone): contact.at for contact in made}
    for (case_id, phone), at in seen.items():
        yield {"case_id": case_id, "phone": phone, "seen_at": at}


def _communication(contact: Contact) -> dict[str, Any]:
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


def _turn(contact: Contact) -> dict[str, Any]:
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


def _attempt(contact: Contact, turn_id: int) -> dict[str, Any]:
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


def _decision(contact: Contact) -> dict[str, Any]:
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


def _delivery(contact: Contact, now: datetime) -> dict[str, Any]:
    is_dead = contact.number % 40 == 0 and now - contact.at < _UNSETTLED_FOR
    return {
        "lane": f"case {contact.case_id}",
        "kind": "note",
        "state": "dead" if is_dead else "delivered",
        "due_at": contact.at,
        "tries": 1,
        "give_up_at": contact.at + timedelta(days=3),
        "created_at": contact.at,
        "settled_at": contact.at + timedelta(seconds=2),
        "case_id": contact.case_id,
        "sid": contact.sid,
        "payload": _note(contact),
        "refusal": f"GetCaseInfo: 404 no such case {contact.number % 7}" if is_dead else None,
    }


def _note(contact: Contact) -> dict[str, Any]:
    if (contact.channel, contact.direction) == ("text", "inbound"):
        say = {"say": "wrote", "sid": contact.sid, "phone": contact.phone, "words": "Thank you."}
        return {"phone": contact.phone, "remark": {**say, "pictures": 0, "ends": ""}}
    return {
        "kind": str(contact.told or "").partition("|")[0],
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


def _callbacks(contact: Contact, now: datetime) -> Iterator[dict[str, Any]]:
    steps = [*_STEPS[contact.channel, contact.direction], contact.status]
    is_inbound = contact.direction == "inbound"
    question = _question(contact)
    is_settled = question is not None and now - contact.at >= _UNSETTLED_FOR
    for place, status in enumerate(steps):
        is_asked = question is not None and place == 0
        yield {
            "received_at": contact.at + timedelta(seconds=place * 5),
            "channel": f"{contact.channel}-in" if is_inbound else contact.channel,
            "sid": contact.sid,
            "event": f"{place}|{status}",
            "status": status,
            "verdict": _VERDICTS[question] if question and is_asked else "matched",
            "case_id": contact.case_id,
            "target": f"/twilio/{contact.channel}?CaseID={contact.case_id}",
            "body": _body(contact.channel, contact.direction, status, place)
            .replace(b"PHONE", contact.phone[1:].encode())
            .replace(b"SID", contact.sid.encode()),
            "request_id": uuid.UUID(int=contact.number * 3 + place).hex,
            "tries": 1,
            "question": question if is_asked else None,
            "settled_at": contact.at + timedelta(hours=4) if is_settled and is_asked else None,
            "settled_by": "Ann Operator" if is_settled and is_asked else None,
        }


def _question(contact: Contact) -> Question | None:
    """What was asked about it."""
    if contact.outcome is ContactOutcome.WROTE and contact.number % 5 == 0:
        return Question.STOP if contact.number % 4 else Question.WRONG_NUMBER
    if contact.direction == "inbound" and contact.number % 7 == 0:
        return Question.WHOSE
    return Question.MALFORMED if contact.number % 5000 == 1 else None


@cache
def _body(channel: str, direction: str, status: str, place: int) -> bytes:
    """A callback's form with a place for the sid and the phone: made once of each kind."""
    ends = {"From": FIRM, "To": "+PHONE"}
    if direction == "inbound":
        ends = {"From": "+PHONE", "To": FIRM}
    if channel == "call":
        fields = call_fields("SID", status, place, **ends)
    else:
        fields = text_fields("SID", status, Body="Please leave me alone for a while.", **ends)
    return urlencode(fields).encode()


if __name__ == "__main__":
    opened = Database(sys.argv[1], connections=1)
    fill(opened, datetime.now(UTC), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
    opened.close()
