"""Consent as somebody at the firm enters it: in a form, at the command line, or as a row of a file.

read_entry   what was entered, as consent; or what is wrong with it, as a sentence
"""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, tzinfo
from typing import TypeVar

from bridge.domain.consents import CHANNELS, NewConsent
from bridge.domain.phones import E164, parse_phone
from bridge.domain.purposes import Purpose

FIELDS = ("phone", "channel", "purpose", "words", "source", "evidence", "given_at")
"""What is entered; each is needed. A file's first line names its columns so, in any order."""
LONGEST: Mapping[str, int] = {"words": 4000, "source": 64, "evidence": 1000}

Meant = TypeVar("Meant")

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_PHONE = "phone should be a number, such as +14025550107"
_DATE = "given_at should be a date such as 2026-11-24, or 2026-11-24T14:30"


class BadEntry(ValueError):
    """What was entered can't be kept; says why in a sentence."""


def read_entry(
    entered: Mapping[str, str | None],
    *,
    own_numbers: Collection[E164],
    zone: tzinfo,
    now: datetime,
) -> NewConsent:
    """What was entered, by the names of `FIELDS`; times without a zone are in this one.

    Raises:
        BadEntry: something is missing or wrong.
    """
    given = {name: (entered.get(name) or "").strip() for name in FIELDS}
    empty = [name for name in FIELDS if not given[name]]
    if empty:
        raise BadEntry(f"{' and '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty")
    for name, most in LONGEST.items():
        if len(given[name]) > most:
            raise BadEntry(f"{name} is longer than {most} characters")
        if _UNSTORABLE.search(given[name]):
            raise BadEntry(f"{name} has characters that can't be stored")
    return NewConsent(
        phone=_phone(given["phone"], own_numbers),
        channel=_one_of(given, "channel", CHANNELS),
        purpose=_one_of(given, "purpose", {str(purpose): purpose for purpose in Purpose}),
        words=given["words"],
        given_at=_moment(given["given_at"], zone, now),
        source=given["source"],
        evidence=given["evidence"],
    )


def _one_of(given: Mapping[str, str], name: str, meant: Mapping[str, Meant]) -> Meant:
    found = meant.get(given[name].lower())
    if found is None:
        raise BadEntry(f"{name} should be {' or '.join(sorted(meant))}")
    return found


def _phone(text: str, own_numbers: Collection[E164]) -> E164:
    phone = parse_phone(text)
    if phone is None:
        raise BadEntry(_PHONE)
    if phone in own_numbers:
        raise BadEntry("phone is the firm's own number")
    return phone


def _moment(text: str, zone: tzinfo, now: datetime) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise BadEntry(_DATE) from None
    try:
        at = (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise BadEntry(_DATE) from None
    if at > now:
        raise BadEntry("given_at is in the future")
    if at < _EARLIEST:
        raise BadEntry("given_at is before the year 2000")
    return at
