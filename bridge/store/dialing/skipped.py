"""Cases that the last poll of their campaign found due and skipped, with the reason."""

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, and_, bindparam, delete, or_, select, update

from bridge.domain.case_updates import CaseInfo
from bridge.store import schedules
from bridge.store.db import count as count_rows
from bridge.store.db import per_dialect
from bridge.store.listed import is_listed
from bridge.store.tables import skipped_cases

_NEWS = ("case_id", "kind", "reason", "until", "fingerprint", "recheck_at", "seen_at")
"""What a poll changes of a case that was skipped before."""
_STORED_AT_ONCE = 1000
"""Thousands may wait for the morning: what is sent to the database of them is never all in memory.
"""
_ASKED = "decide-again"
"""The schedule that counts how often `decide_again` was asked for."""

_KEEP = per_dialect(
    lambda insert: (row := insert(skipped_cases)).on_conflict_do_update(
        index_elements=[skipped_cases.c.campaign, skipped_cases.c.key],
        set_={name: row.excluded[name] for name in _NEWS},
    )
)
_SEE_AGAIN = (
    update(skipped_cases)
    .where(
        skipped_cases.c.campaign == bindparam("of_campaign"),
        is_listed(skipped_cases.c.key, "keys"),
    )
    .values(seen_at=bindparam("now"))
)


class SkipKind(StrEnum):
    """Why a case was skipped, in a word."""

    UNUSABLE = "unusable"
    """It can't be read, or has nothing to dial."""
    DEFERRED = "deferred"
    """Not now: hours, caps or a pause."""
    EARLY = "early"
    """SmartAdvocate lists it before its own date."""
    REFUSED = "refused"
    """Never, as things stand."""


@dataclass(frozen=True, slots=True)
class SkippedCase:
    """One case that was skipped."""

    key: str
    """The CaseID, or whatever names a case that has none."""
    case_id: int | None
    kind: SkipKind
    reason: str
    until: datetime | None = None
    fingerprint: str = ""
    """What the decision was based on, in short."""
    may_be_moved: bool = True
    """Whether the bridge may give it another date, should it hide others."""
    recheck_at: datetime | None = None
    """When it is decided on again, though nothing is known to have changed."""


def skipped_case(
    case: CaseInfo,
    kind: SkipKind,
    reason: str,
    until: datetime | None = None,
    *,
    may_be_moved: bool = True,
) -> SkippedCase:
    """A case that SmartAdvocate has listed, as skipped."""
    # Thousands may wait for the same reason: it is kept once.
    return SkippedCase(
        str(case.case_id),
        case.case_id,
        kind,
        sys.intern(reason),
        until,
        may_be_moved=may_be_moved,
    )


def deferred(connection: Connection, campaign: str, now: datetime) -> Mapping[str, SkippedCase]:
    """Those on which there is nothing to decide yet, by fingerprint.

    The last poll deferred them until later than now, or they are to be decided on again later.
    """
    rows = connection.execute(
        select(skipped_cases).where(
            skipped_cases.c.campaign == campaign[:128],
            or_(
                and_(skipped_cases.c.kind == SkipKind.DEFERRED, skipped_cases.c.until > now),
                skipped_cases.c.recheck_at > now,
            ),
            skipped_cases.c.fingerprint != "",
        )
    )
    return {
        row.fingerprint: SkippedCase(
            row.key,
            row.case_id,
            SkipKind(row.kind),
            sys.intern(row.reason),
            row.until,
            row.fingerprint,
            recheck_at=row.recheck_at,
        )
        for row in rows
    }


def replace(
    connection: Connection, campaign: str, cases: Iterable[SkippedCase], now: datetime
) -> None:
    """Store what this poll of a campaign has skipped, and delete what it no longer found.

    What it leaves as it is was `see_again` at this same moment.
    """
    add(connection, campaign, cases, now)
    connection.execute(
        delete(skipped_cases).where(
            skipped_cases.c.campaign == campaign[:128], skipped_cases.c.seen_at < now
        )
    )


def add(connection: Connection, campaign: str, cases: Iterable[SkippedCase], now: datetime) -> None:
    """Store more cases that were skipped."""
    by_key = list({case.key[:128]: case for case in cases}.items())
    for start in range(0, len(by_key), _STORED_AT_ONCE):
        rows = [
            {
                "campaign": campaign[:128],
                "key": key,
                "case_id": case.case_id,
                "kind": case.kind,
                "reason": case.reason,
                "until": case.until,
                "fingerprint": case.fingerprint,
                "recheck_at": case.recheck_at,
                "first_at": now,
                "seen_at": now,
            }
            for key, case in by_key[start : start + _STORED_AT_ONCE]
        ]
        connection.execute(_KEEP(connection), rows)


def see_again(
    connection: Connection, campaign: str, unchanged: Sequence[SkippedCase], now: datetime
) -> None:
    """Store that this poll has found cases as the last one did: nothing of them was decided.

    Their fingerprints stay as they are by now: where `decide_again` was asked for since they were
    read, that holds.
    """
    for start in range(0, len(unchanged), _STORED_AT_ONCE):
        keys = [case.key[:128] for case in unchanged[start : start + _STORED_AT_ONCE]]
        about = {"of_campaign": campaign[:128], "keys": keys, "now": now}
        connection.execute(_SEE_AGAIN, about)


def decide_again(connection: Connection, case_ids: Collection[int], now: datetime) -> None:
    """Have the next poll decide on these cases, until whenever the last one has deferred them.

    Called in the transaction in which something new is known of them, under the lock of all that
    process callbacks. It is counted for a poll that is under way and hasn't stored yet what it has
    decided without knowing of it: whoever of the two comes first keeps the other waiting here.
    """
    schedules.count(connection, _ASKED, 1, now)
    held = skipped_cases.c.case_id.in_(case_ids) & (skipped_cases.c.fingerprint != "")
    connection.execute(update(skipped_cases).where(held).values(fingerprint=""))


def times_asked(connection: Connection) -> int:
    """How often `decide_again` was asked for: read before anything that a poll decides on."""
    return schedules.mark(connection, _ASKED)


def is_asked_since(connection: Connection, before: int, now: datetime) -> bool:
    """Whether it was asked for since it had been `before` times.

    Nobody else does so until this transaction ends.
    """
    return schedules.count(connection, _ASKED, 0, now) != before


def count(connection: Connection, campaign: str) -> int:
    """How many cases the last poll of this campaign skipped."""
    return count_rows(connection, skipped_cases, skipped_cases.c.campaign == campaign[:128])


def of_campaign(connection: Connection, campaign: str) -> Sequence[Row[tuple[object, ...]]]:
    """The cases that the last poll of a campaign skipped."""
    mine = skipped_cases.c.campaign == campaign[:128]
    return connection.execute(select(skipped_cases).where(mine)).all()


def listed(connection: Connection, case_id: int | None = None) -> Sequence[Row[tuple[object, ...]]]:
    """All skipped cases, or the rows of one case."""
    query = select(skipped_cases).order_by(skipped_cases.c.kind, skipped_cases.c.key)
    if case_id is not None:
        query = query.where(skipped_cases.c.case_id == case_id)
    return connection.execute(query).all()
