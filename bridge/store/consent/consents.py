"""What people have agreed to: for one number, one channel and one purpose, until it is revoked.

add         consents that aren't on file yet
of_phones   all that is on file for these numbers, revoked or not
revoke      those at these numbers that are in effect end: the person has refused
withdraw    the person takes back what the firm attests: nothing is on file that could end

See docs/how-to/consent.md.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from bridge.domain.consents import WITHDRAWN, Consent, NewConsent
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.store.db import insert_into
from bridge.store.listed import is_listed
from bridge.store.tables import case_phones, consents, opt_outs, wrong_numbers

_OF_PERSON = (OptOutScope.PERSON, OptOutScope.CASE)
_LONGEST_NAME = 64
_NONE_ON_FILE = "none was on file"
_OF_PHONES = select(consents).where(is_listed(consents.c.phone, "phones"))


class ConsentState(StrEnum):
    """Which consents are listed."""

    ALL = ""
    IN_EFFECT = "in-effect"
    REVOKED = "revoked"


_OF_STATE: Mapping[ConsentState, tuple[ColumnElement[bool], ...]] = {
    ConsentState.ALL: (),
    ConsentState.IN_EFFECT: (consents.c.revoked_at.is_(None),),
    ConsentState.REVOKED: (consents.c.revoked_at.is_not(None),),
}


@dataclass(frozen=True)
class ConsentFilter:
    """Which consents are listed."""

    digits: str = ""
    """The last digits of the phone: four or more."""
    state: ConsentState = ConsentState.ALL


@dataclass(frozen=True, kw_only=True)
class StoredConsent(Consent):
    """A consent as it is stored."""

    recorded_at: datetime
    recorded_by: str
    """Who at the firm entered it, or how it came by itself."""
    revoked_by: str | None
    revoked_how: str | None = field(repr=False)


def add(
    connection: Connection, new: Sequence[NewConsent], by: str, now: datetime
) -> list[StoredConsent]:
    """Store consents; return those that weren't on file yet.

    One that the person has refused since it was given ends as it is stored, and allows nothing.
    """
    if not new:
        return []
    by_fingerprint = {consent.fingerprint: consent for consent in new}
    refused = _refused_at(connection, {consent.phone for consent in new})
    rows = [
        {
            **_entered(consent, by, now),
            **_ended(consent, refused.get((consent.phone, consent.channel)), now),
        }
        for consent in by_fingerprint.values()
    ]
    return _insert(connection, rows)


def withdraw(
    connection: Connection,
    phone: E164,
    channels: Collection[Channel],
    *,
    by: str,
    how: str,
    now: datetime,
) -> list[StoredConsent]:
    """Keep that the person takes back what the firm attests: entries that end as they are stored.

    Their purpose is the narrower one, since START takes up that of what ended last.
    """
    ended = {"revoked_at": now, "revoked_by": by[:_LONGEST_NAME], "revoked_how": how}
    rows = [
        {
            **_entered(
                NewConsent(
                    phone=phone,
                    channel=channel,
                    purpose=Purpose.CLIENT,
                    words=_NONE_ON_FILE,
                    given_at=now,
                    source=WITHDRAWN,
                    evidence=_NONE_ON_FILE,
                ),
                by,
                now,
            ),
            **ended,
        }
        for channel in sorted(channels)
    ]
    return _insert(connection, rows) if rows else []


def of_phones(connection: Connection, phones: Collection[E164]) -> list[StoredConsent]:
    """All that is on file for these numbers, revoked or not, the newest first."""
    rows = connection.execute(_OF_PHONES, {"phones": sorted(phones)})
    # Sorted here: for an order the database may walk along all rows instead of using the index.
    return sorted(map(read_row, rows), key=lambda consent: consent.id, reverse=True)


def get(connection: Connection, identity: int) -> StoredConsent | None:
    """One consent, in effect or revoked."""
    row = connection.execute(select(consents).where(consents.c.id == identity)).one_or_none()
    return None if row is None else read_row(row)


def listed(
    connection: Connection, wanted: ConsentFilter, before: int | None, limit: int
) -> list[StoredConsent]:
    """The newest consents that a filter lets through, or those before the one with this id."""
    conditions = [
        *((consents.c.phone_end == wanted.digits[-4:],) if wanted.digits else ()),
        *((consents.c.phone.endswith(wanted.digits, autoescape=True),) if wanted.digits else ()),
        *_OF_STATE[wanted.state],
        *((consents.c.id < before,) if before is not None else ()),
    ]
    query = select(consents).where(*conditions).order_by(consents.c.id.desc()).limit(limit)
    return [read_row(row) for row in connection.execute(query)]


def revoke(
    connection: Connection,
    phones: Collection[E164],
    channels: Collection[Channel],
    *,
    by: str,
    how: str,
    now: datetime,
) -> list[StoredConsent]:
    """End what is in effect at these numbers for these channels; return it."""
    rows = connection.execute(
        update(consents)
        .where(
            consents.c.phone.in_(phones),
            consents.c.channel.in_(channels),
            consents.c.revoked_at.is_(None),
        )
        .values(revoked_at=now, revoked_by=by[:_LONGEST_NAME], revoked_how=how)
        .returning(consents)
    )
    return sorted(map(read_row, rows), key=lambda consent: consent.id)


def newest_revoked(connection: Connection, phone: E164, channel: Channel) -> StoredConsent | None:
    """The consent for this channel at this number that ended last; None where none did."""
    row = connection.execute(
        select(consents)
        .where(
            consents.c.phone == phone,
            consents.c.channel == channel,
            consents.c.revoked_at.is_not(None),
        )
        .order_by(consents.c.revoked_at.desc(), consents.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else read_row(row)


def _entered(consent: NewConsent, by: str, now: datetime) -> Mapping[str, Any]:
    """The columns of a consent that somebody enters now."""
    return {
        "phone": consent.phone,
        "phone_end": consent.phone[-4:],
        "channel": consent.channel,
        "purpose": consent.purpose,
        "words": consent.words,
        "source": consent.source,
        "evidence": consent.evidence,
        "given_at": consent.given_at,
        "recorded_at": now,
        "recorded_by": by[:_LONGEST_NAME],
        "fingerprint": consent.fingerprint,
    }


def _insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[StoredConsent]:
    query = insert_into(connection, consents).values(rows).on_conflict_do_nothing()
    stored = connection.execute(query.returning(consents)).all()
    return sorted(map(read_row, stored), key=lambda consent: consent.id)


def _refused_at(
    connection: Connection, phones: Collection[E164]
) -> Mapping[tuple[E164, Channel], datetime]:
    """When these numbers last refused, or the persons of cases with them did, by channel.

    By an opt-out, by taking back what was on file, or because the number had changed hands.
    """
    newest = func.max(opt_outs.c.created_at)
    at_it = connection.execute(
        select(opt_outs.c.phone, opt_outs.c.scope, opt_outs.c.channel, newest)
        .where(opt_outs.c.phone.in_(phones))
        .group_by(opt_outs.c.phone, opt_outs.c.scope, opt_outs.c.channel)
    )
    of_person = connection.execute(
        select(case_phones.c.phone, opt_outs.c.scope, opt_outs.c.channel, newest)
        .join(opt_outs, opt_outs.c.case_id == case_phones.c.case_id)
        .where(case_phones.c.phone.in_(phones), opt_outs.c.scope.in_(_OF_PERSON))
        .group_by(case_phones.c.phone, opt_outs.c.scope, opt_outs.c.channel)
    )
    said = [
        (E164(phone), each, at)
        for phone, scope, channel, at in (*at_it, *of_person)
        for each in ([Channel(channel)] if scope == OptOutScope.CHANNEL else Channel)
    ]
    said += _taken_back(connection, phones)
    found: dict[tuple[E164, Channel], datetime] = {}
    for phone, channel, at in said:
        found[phone, channel] = max(at, found.get((phone, channel), at))
    return found


def _taken_back(
    connection: Connection, phones: Collection[E164]
) -> list[tuple[E164, Channel, datetime]]:
    """When consents at these numbers were revoked, and when they turned out to be wrong."""
    rows = connection.execute(
        select(consents).where(consents.c.phone.in_(phones), consents.c.revoked_at.is_not(None))
    )
    revoked = [
        (consent.phone, consent.channel, consent.taken_back_at)
        for consent in map(read_row, rows)
        if consent.taken_back_at is not None
    ]
    wrong = connection.execute(
        select(wrong_numbers.c.phone, func.max(wrong_numbers.c.recorded_at))
        .where(wrong_numbers.c.phone.in_(phones), wrong_numbers.c.lifted_at.is_(None))
        .group_by(wrong_numbers.c.phone)
    )
    return revoked + [(E164(phone), channel, at) for phone, at in wrong for channel in Channel]


def _ended(consent: NewConsent, refused_at: datetime | None, now: datetime) -> Mapping[str, Any]:
    """How a consent ended before it was entered here; the same columns for each.

    It ends when it is entered: what is stored happens in the order in which it is stored.
    """
    if refused_at is None or refused_at <= consent.given_at:
        return {"revoked_at": None, "revoked_by": None, "revoked_how": None}
    how = f"refused on {refused_at:%Y-%m-%d}, after it was given and before it was entered here"
    return {"revoked_at": now, "revoked_by": "the person", "revoked_how": how}


def read_row(row: Row[Any]) -> StoredConsent:
    """A row of the table, with all its columns, as what it says."""
    return StoredConsent(
        id=row.id,
        phone=E164(row.phone),
        channel=Channel(row.channel),
        purpose=Purpose(row.purpose),
        words=row.words,
        source=row.source,
        evidence=row.evidence,
        given_at=row.given_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        revoked_how=row.revoked_how,
    )
