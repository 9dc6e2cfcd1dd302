"""What stands open at a firm that dials: plans, holds, opt-outs, and who did what at the console.

In the numbers that a firm has: many are planned for today, some are held back, few are paused.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.phones import E164
from bridge.domain.shared_phones import whose
from bridge.store.console.audit import Action
from bridge.store.db import Database
from bridge.store.tables import (
    attempts,
    audit,
    consents,
    errands,
    heartbeats,
    opt_outs,
    pauses,
    preferences,
    sessions,
    sign_ins,
    skipped_cases,
    turns,
)
from tests.support.bulk_rows import insert
from tests.support.made_up_contacts import Contact, campaign_of, phone_of

_FIRST_TURN = 10_000_000
_A_DAY, _AN_HOUR, _A_MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_PEOPLE = ("Ann Operator", "Vic Viewer", "Pat Paralegal")
_WHY_HELD = (
    ("deferred", "it is {}:00 there, before 8:00 AM in Nebraska"),
    ("deferred", "the last contact was less than {} h ago"),
    ("deferred", "{} calls within 7 days, which is the cap"),
    ("early", "SmartAdvocate lists it before its own date"),
    ("refused", "it has no phone that may be called"),
    ("unusable", "it has no phone"),
)
_FINDINGS = (
    *(("ok", "settings", "every setting can be read"), ("ok", "database", "it answers")),
    ("ok", "Twilio account", "the token is accepted"),
    ("ok", "SmartAdvocate", "it answers, and shows cases"),
    ("warning", "signatures", "no request of Twilio's was refused in the last day, and few came"),
)


def fill(db: Database, now: datetime, made: Sequence[Contact]) -> None:
    """Add what stands open beside these calls and texts."""
    known = sorted({contact.case_id for contact in made})
    # Spread over all cases: those that are planned, and those that are held back.
    planned, held = known[:: len(known) // min(len(known), 600) or 1], known[3::20]
    insert(db, consents, (_consent(place, one, now) for place, one in enumerate(known)))
    insert(db, turns, (_turn(case_id, now) for case_id in planned))
    insert(db, attempts, (_attempt(place, one, now) for place, one in enumerate(planned)))
    insert(db, skipped_cases, (_skipped(place, one, now) for place, one in enumerate(held)))
    insert(db, pauses, _pauses(known, now))
    insert(db, opt_outs, map(_opt_out, (c for c in made if c.outcome is ContactOutcome.OPTED_OUT)))
    insert(db, preferences, (_preference(case_id, now) for case_id in known[::2]))
    insert(db, audit, map(_entry, made[::40]))
    insert(db, sign_ins, (_sign_in(contact) for contact in made[::100]))
    insert(db, sessions, (_session(contact) for contact in made[::200]))
    insert(db, errands, (_check(now - n * _A_DAY) for n in range(60, 0, -1)))
    insert(db, heartbeats, [_heartbeat(now)])


def _consent(place: int, case_id: int, now: datetime) -> dict[str, Any]:
    """One a case; one in twenty was revoked."""
    is_revoked = place % 20 == 0
    phone = phone_of(case_id)
    return {
        "phone": phone,
        "phone_end": phone[-4:],
        "channel": "text",
        "purpose": "client",
        "words": "You may text me about my case.",
        "source": "web form",
        "evidence": f"form {place}",
        "given_at": now - 30 * _A_DAY,
        "recorded_at": now - 30 * _A_DAY,
        "recorded_by": "Ann Operator",
        "revoked_at": now - _A_DAY if is_revoked else None,
        "revoked_by": "the person" if is_revoked else None,
        "revoked_how": "opted out by text: SM1" if is_revoked else None,
        "fingerprint": f"{place:064d}",
    }


def _turn(case_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": _FIRST_TURN + case_id,
        "case_id": case_id,
        "campaign": campaign_of(case_id),
        "attempts": 1,
        "state": "claimed",
        "found_at": now - _AN_HOUR,
        "claimed_at": now - _AN_HOUR,
    }


def _attempt(place: int, case_id: int, now: datetime) -> dict[str, Any]:
    due_at = now + place * _A_MINUTE
    return {
        "id": f"planned{place:025d}",
        "turn_id": _FIRST_TURN + case_id,
        "case_id": case_id,
        "channel": "text" if place % 4 == 0 else "call",
        "phone": phone_of(case_id),
        "via_firm": False,
        "state": "planned",
        "due_at": due_at,
        "not_after": due_at + 4 * _AN_HOUR,
        "tries": 0,
        "created_at": now - _AN_HOUR,
    }


def _skipped(place: int, case_id: int, now: datetime) -> dict[str, Any]:
    kind, reason = _WHY_HELD[place % len(_WHY_HELD)]
    return {
        "campaign": campaign_of(case_id),
        "key": str(case_id),
        "case_id": case_id,
        "kind": kind,
        "reason": reason.format(2 + place % 5),
        "until": now + place * _A_MINUTE if kind == "deferred" else None,
        "fingerprint": f"{case_id:032d}",
        "first_at": now - _A_DAY,
        "seen_at": now - _A_MINUTE,
    }


def _preference(case_id: int, now: datetime) -> dict[str, Any]:
    return {
        "phone": phone_of(case_id),
        "case_id": case_id,
        "kind": "not-before",
        "value": "12:00",
        "sid": f"SM{case_id:032x}",
        "recorded_at": now - _A_DAY,
        "recorded_by": _PEOPLE[0],
    }


def _pauses(known: Sequence[int], now: datetime) -> Iterator[dict[str, Any]]:
    by_hand = "console: Ann Operator"
    for place, case_id in enumerate(known[5::20]):
        # Few are in effect: most were lifted when their reason was gone.
        days_ago = 1 if place % 25 == 0 else 30 + place % 60
        yield _pause("case", str(case_id), "she is in hospital", by_hand, now, days_ago)
        yield _pause("number", phone_of(case_id), "an employer's", by_hand, now, days_ago)
    for place, case_id in enumerate(known[9::200]):
        for other in (case_id, case_id + 1, case_id + 2):
            question = whose(E164(phone_of(case_id)))
            yield _pause("case", str(other), question, "shared-number", now, place * 2)
    yield _pause("state", "LA", "a hurricane", by_hand, now, 1)
    yield _pause("campaign", "Medical Records", "until the records are in", by_hand, now, 2)


def _pause(
    scope: str, what: str, reason: str, source: str, now: datetime, days_ago: int
) -> dict[str, Any]:
    """One that was lifted, but if it is of the last weeks."""
    begun = now - days_ago * _A_DAY - _AN_HOUR
    is_lifted = days_ago > 20
    return {
        "scope": scope,
        "what": what,
        "reason": reason,
        "source": source,
        "created_at": begun,
        "lifted_at": begun + _A_DAY if is_lifted else None,
        "lifted_by": "console: Ann Operator" if is_lifted else None,
        "lift_reason": "she is at home again" if is_lifted else None,
    }


def _opt_out(contact: Contact) -> dict[str, Any]:
    is_lifted = contact.number % 20 == 0
    return {
        "phone": contact.phone,
        "case_id": contact.case_id,
        "channel": contact.channel,
        "source": "text" if contact.channel == "text" else "key",
        "sid": contact.sid,
        "created_at": contact.at,
        "scope": "person",
        "lifted_at": contact.at + _A_DAY if is_lifted else None,
        "lifted_by": "Ann Operator" if is_lifted else None,
        "lift_reason": "she called and wants to go on" if is_lifted else None,
        "phone_end": contact.phone[-4:],
    }


def _entry(contact: Contact) -> dict[str, Any]:
    return {
        "at": contact.at,
        "actor": _PEOPLE[contact.number % len(_PEOPLE)],
        "action": list(Action)[contact.number % len(Action)],
        "subject": f"case {contact.case_id}",
        "reason": "she asked for it",
        "case_id": contact.case_id,
    }


def _sign_in(contact: Contact) -> dict[str, Any]:
    return {
        "tried_at": contact.at,
        "address": f"198.51.100.{contact.number % 250}",
        "succeeded_at": contact.at if contact.number % 9 else None,
    }


def _session(contact: Contact) -> dict[str, Any]:
    return {
        "id": f"{contact.number:064d}",
        "name": _PEOPLE[contact.number % len(_PEOPLE)],
        "role": "operator",
        "address": f"198.51.100.{contact.number % 250}",
        "created_at": contact.at,
        "seen_at": contact.at + _AN_HOUR,
        "ended_at": contact.at + _AN_HOUR if contact.number % 2 else None,
    }


def _check(at: datetime) -> dict[str, Any]:
    names = ("level", "subject", "sentence")
    return {
        "kind": "check",
        "state": "done",
        "asked_at": at,
        "asked_by": "Ann Operator",
        "started_at": at,
        "ended_at": at,
        "result": {"findings": [dict(zip(names, one, strict=True)) for one in _FINDINGS]},
    }


def _heartbeat(now: datetime) -> dict[str, Any]:
    return {
        "process": "worker 1",
        "role": "worker",
        "started_at": now - _A_DAY,
        "seen_at": now,
        "dials": True,
        "version": "0.1.0",
    }
