"""What is to happen, in order of time, a page at a time; and who is held back, by reason.

Stored facts alone: what was planned, what SmartAdvocate shows, what the last poll has skipped.
Each page begins behind a mark (`PlanMark`); nothing here reads more than it shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, and_, func, or_, select

from bridge.domain.case_updates import DialerStatus
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store.db import inline, one_by_one
from bridge.store.dialing.attempts import AttemptState
from bridge.store.dialing.turns import TurnState
from bridge.store.tables import attempts, cases, skipped_cases, turns


class PlanKind(StrEnum):
    """What is to happen. At the same moment they come in this order."""

    CALL = "call"
    TEXT = "text"
    DUE = "due"
    """A case comes due for its next call."""
    SKIPPED = "skipped"
    """What holds a case back ends."""


_ORDER = tuple(PlanKind)
MOST_COUNTED = 1000
"""No more of a kind are counted."""
_MOST_CAMPAIGNS = 50


@dataclass(frozen=True)
class PlanMark:
    """Behind which entry a page begins."""

    at: datetime
    kind: PlanKind
    key: str
    campaign: str = ""


@dataclass(frozen=True)
class PlanEntry:
    """One thing that is to happen."""

    at: datetime
    kind: PlanKind
    key: str
    """What tells it from others of its kind: an attempt, a case, a skipped case's key."""
    case_id: int | None
    phone: E164 | None = None
    campaign: str = ""
    reason: str = ""

    @property
    def mark(self) -> PlanMark:
        """Where the page after this entry begins."""
        return PlanMark(self.at, self.kind, self.key, self.campaign)


@dataclass(frozen=True)
class PlanCounts:
    """How much is to happen, of each kind up to `MOST_COUNTED`."""

    calls: int
    texts: int
    due: int


@dataclass(frozen=True)
class HeldGroup:
    """Cases of a campaign that are held back for the same reason."""

    campaign: str
    kind: str
    reason: str
    cases: int
    until: datetime | None
    """When the first of them may be taken up."""


@dataclass(frozen=True)
class HeldCase:
    """A case that the last poll of its campaign has skipped."""

    key: str
    case_id: int | None
    kind: str
    reason: str
    until: datetime | None
    first_at: datetime


def entries(
    connection: Connection, now: datetime, end: datetime, after: PlanMark | None, limit: int
) -> list[PlanEntry]:
    """What is to happen by `end`, the earliest first; overdue calls and texts come first."""
    found = (
        _planned(connection, Channel.CALL, end, after, limit),
        _planned(connection, Channel.TEXT, end, after, limit),
        _due(connection, now, end, after, limit),
        _skipped(connection, now, end, after, limit),
    )
    return list(merge(*found, key=lambda entry: (entry.at, _ORDER.index(entry.kind))))[:limit]


def counts(connection: Connection, now: datetime, end: datetime) -> PlanCounts:
    """How much is to happen by `end`."""
    calls, texts = (
        _counted(select(attempts.c.id).where(*_is_planned(channel, end)))
        for channel in (Channel.CALL, Channel.TEXT)
    )
    due = _counted(select(cases.c.case_id).where(*_comes_due(now, end)))
    return PlanCounts(*connection.execute(select(calls, texts, due)).one())


def held(connection: Connection) -> list[HeldGroup]:
    """Who is held back: each reason of each campaign, the most frequent first."""
    count = func.count().label("cases")
    what = (skipped_cases.c.campaign, skipped_cases.c.kind, skipped_cases.c.reason)
    campaign, kind, reason = what
    rows = connection.execute(
        select(*what, count, func.min(skipped_cases.c.until).label("until"))
        .where(campaign.in_(_campaigns(connection)))
        .group_by(*what)
        .order_by(campaign, count.desc(), kind, reason)
    )
    return [HeldGroup(*row) for row in rows]


def held_cases(
    connection: Connection,
    campaign: str,
    limit: int,
    *,
    group: HeldGroup | None = None,
    after: str = "",
) -> list[HeldCase]:
    """Cases of a campaign that are held back, of one group or of all, in order of their keys."""
    query = (
        select(
            skipped_cases.c.key,
            skipped_cases.c.case_id,
            skipped_cases.c.kind,
            skipped_cases.c.reason,
            skipped_cases.c.until,
            skipped_cases.c.first_at,
        )
        .where(skipped_cases.c.campaign == campaign, skipped_cases.c.key > after)
        .order_by(skipped_cases.c.key)
        .limit(limit)
    )
    if group is not None:
        query = query.where(
            skipped_cases.c.kind == group.kind, skipped_cases.c.reason == group.reason
        )
    return [HeldCase(*row) for row in connection.execute(query)]


def first_held(
    connection: Connection, campaign: str, limit: int
) -> list[tuple[int | None, str, str]]:
    """The first cases of a campaign that are held back, each with kind and reason."""
    rows = connection.execute(
        select(skipped_cases.c.case_id, skipped_cases.c.kind, skipped_cases.c.reason)
        .where(skipped_cases.c.campaign == campaign)
        .order_by(skipped_cases.c.key)
        .limit(limit)
    )
    return [(row.case_id, row.kind, row.reason) for row in rows]


def places(connection: Connection, case_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """ZIP code and campaign of these cases."""
    rows = connection.execute(
        select(cases.c.case_id, cases.c.zip_code, cases.c.campaign).where(
            cases.c.case_id.in_(case_ids)
        )
    )
    return {row.case_id: (row.zip_code or "", row.campaign or "") for row in rows}


def _campaigns(connection: Connection) -> list[str]:
    """The campaigns of which cases are skipped, one look at the index for each."""
    return one_by_one(connection, skipped_cases.c.campaign, _MOST_CAMPAIGNS)


def _planned(
    connection: Connection, channel: Channel, end: datetime, after: PlanMark | None, limit: int
) -> list[PlanEntry]:
    kind = PlanKind(channel)
    query = (
        select(attempts.c.due_at, attempts.c.id, attempts.c.case_id, attempts.c.phone)
        .where(*_is_planned(channel, end), *_behind(after, kind, attempts.c.due_at, attempts.c.id))
        .order_by(attempts.c.due_at, attempts.c.id)
        .limit(limit)
    )
    return [
        PlanEntry(row.due_at, kind, row.id, row.case_id, row.phone)
        for row in connection.execute(query)
    ]


def _due(
    connection: Connection, now: datetime, end: datetime, after: PlanMark | None, limit: int
) -> list[PlanEntry]:
    query = (
        select(cases.c.next_call, cases.c.case_id)
        .where(
            *_comes_due(now, end),
            *_behind(after, PlanKind.DUE, cases.c.next_call, cases.c.case_id, int),
        )
        .order_by(cases.c.next_call, cases.c.case_id)
        .limit(limit)
    )
    return [
        PlanEntry(row.next_call, PlanKind.DUE, str(row.case_id), row.case_id)
        for row in connection.execute(query)
    ]


def _skipped(
    connection: Connection, now: datetime, end: datetime, after: PlanMark | None, limit: int
) -> list[PlanEntry]:
    until, campaign, key = (
        skipped_cases.c.until,
        skipped_cases.c.campaign,
        skipped_cases.c.key,
    )
    query = (
        select(until, campaign, key, skipped_cases.c.case_id, skipped_cases.c.reason)
        .where(until > now, until <= end)
        .order_by(until, campaign, key)
        .limit(limit)
    )
    if after is not None and after.kind is PlanKind.SKIPPED:
        later_key = or_(
            campaign > after.campaign, and_(campaign == after.campaign, key > after.key)
        )
        query = query.where(until >= after.at, or_(until > after.at, later_key))
    elif after is not None:
        query = query.where(until >= after.at)
    return [
        PlanEntry(row.until, PlanKind.SKIPPED, row.key, row.case_id, None, row.campaign, row.reason)
        for row in connection.execute(query)
    ]


def _is_planned(channel: Channel, end: datetime) -> tuple[Any, ...]:
    return (
        attempts.c.state == inline(AttemptState.PLANNED),
        attempts.c.channel == channel,
        attempts.c.due_at <= end,
    )


def _comes_due(now: datetime, end: datetime) -> tuple[Any, ...]:
    is_under_way = select(turns.c.id).where(
        turns.c.case_id == cases.c.case_id, turns.c.state != inline(TurnState.ENDED)
    )
    return (
        cases.c.status == inline(DialerStatus.TO_DIAL),
        cases.c.next_call > now,
        cases.c.next_call <= end,
        ~is_under_way.exists(),
    )


def _behind(
    after: PlanMark | None, kind: PlanKind, at: Any, key: Any, parsed: type = str
) -> tuple[Any, ...]:
    """What of this kind lies behind the mark."""
    if after is None:
        return ()
    if _ORDER.index(kind) > _ORDER.index(after.kind):
        return (at >= after.at,)
    if kind is not after.kind:
        return (at > after.at,)
    return (at >= after.at, or_(at > after.at, key > parsed(after.key)))


def _counted(query: Select[Any]) -> ScalarSelect[int]:
    some = query.limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
