"""Cases that the last poll of their campaign found due and didn't take up, with the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, func, select

from bridge.store.db import insert_into
from bridge.store.tables import skipped_cases

_NEWS = ("case_id", "kind", "reason", "until", "fingerprint", "seen_at")
"""What a poll changes of a case that was passed over before."""


class SkipKind(StrEnum):
    """Why a case was passed over, in a word."""

    UNUSABLE = "unusable"
    """It can't be read, or has nothing to dial."""
    DEFERRED = "deferred"
    """Not now: hours, caps or a pause."""
    EARLY = "early"
    """SmartAdvocate lists it before its own date."""
    REFUSED = "refused"
    """Never, as things stand."""


@dataclass(frozen=True)
class SkippedCase:
    """One case that was passed over."""

    key: str
    """The CaseID, or whatever names a case that has none."""
    case_id: int | None
    kind: SkipKind
    reason: str
    until: datetime | None = None
    fingerprint: str = ""
    """What the judgement was based on, in short."""
    may_be_moved: bool = True
    """Whether the bridge may give it another date, should it hide others."""


def waiting(connection: Connection, campaign: str, now: datetime) -> Mapping[str, SkippedCase]:
    """Those that the last poll passed over until a moment that is still to come, by fingerprint."""
    rows = connection.execute(
        select(skipped_cases).where(
            skipped_cases.c.campaign == campaign[:128],
            skipped_cases.c.kind == SkipKind.DEFERRED,
            skipped_cases.c.until > now,
            skipped_cases.c.fingerprint != "",
        )
    )
    return {
        row.fingerprint: SkippedCase(
            row.key, row.case_id, SkipKind.DEFERRED, row.reason, row.until, row.fingerprint
        )
        for row in rows
    }


def replace(
    connection: Connection, campaign: str, passed: Iterable[SkippedCase], now: datetime
) -> None:
    """What this poll of a campaign has passed over; earlier ones that it didn't find are gone."""
    add(connection, campaign, passed, now)
    connection.execute(
        delete(skipped_cases).where(
            skipped_cases.c.campaign == campaign[:128], skipped_cases.c.seen_at < now
        )
    )


def add(
    connection: Connection, campaign: str, passed: Iterable[SkippedCase], now: datetime
) -> None:
    """These were passed over as well."""
    mine = campaign[:128]
    rows = {
        one.key[:128]: {
            "campaign": mine,
            "key": one.key[:128],
            "case_id": one.case_id,
            "kind": one.kind,
            "reason": one.reason,
            "until": one.until,
            "fingerprint": one.fingerprint,
            "first_at": now,
            "seen_at": now,
        }
        for one in passed
    }
    if rows:
        row = insert_into(connection, skipped_cases)
        news = {name: row.excluded[name] for name in _NEWS}
        connection.execute(
            row.on_conflict_do_update(
                index_elements=[skipped_cases.c.campaign, skipped_cases.c.key], set_=news
            ),
            list(rows.values()),
        )


def count(connection: Connection, campaign: str) -> int:
    """How many the last poll of this campaign passed over."""
    return (
        connection.scalar(
            select(func.count())
            .select_from(skipped_cases)
            .where(skipped_cases.c.campaign == campaign[:128])
        )
        or 0
    )


def of_campaign(connection: Connection, campaign: str) -> Sequence[Row[tuple[object, ...]]]:
    """What the last poll of a campaign passed over."""
    mine = skipped_cases.c.campaign == campaign[:128]
    return connection.execute(select(skipped_cases).where(mine)).all()


def listed(connection: Connection, case_id: int | None = None) -> Sequence[Row[tuple[object, ...]]]:
    """All that was passed over, or what is known of one case."""
    query = select(skipped_cases).order_by(skipped_cases.c.kind, skipped_cases.c.key)
    if case_id is not None:
        query = query.where(skipped_cases.c.case_id == case_id)
    return connection.execute(query).all()
