"""What needs somebody at the firm: counted for the menu of every page, and listed as questions.

Questions come from four places, and each row is one question: callbacks that ask one, messages
that SmartAdvocate refused, phones at which somebody opted out whose cases are held, and campaigns
that go agent first because too many of their calls were abandoned.

A list is read in pages by a mark a place: each place is read in the order of its rows, and the
oldest of them all come first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal, select, union_all

from bridge.domain.abandonment import Answered
from bridge.domain.contact_facts import PauseScope
from bridge.domain.events import Channel, Direction
from bridge.domain.phones import E164
from bridge.domain.questions import Question
from bridge.store.consent import wrong_numbers as store_wrong_numbers
from bridge.store.db import inline
from bridge.store.dialing import pauses as store_pauses
from bridge.store.reporting.deliveries import DeliveryKind, DeliveryState
from bridge.store.tables import (
    abandonment,
    callbacks,
    communications,
    deliveries,
    pauses,
    wrong_numbers,
)

MOST = 1000
"""No more are counted: a flood must not slow down every page."""

_IS_ASKED = and_(callbacks.c.settled_at.is_(None), callbacks.c.question.is_not(None))
_IS_DEAD = deliveries.c.state == inline(DeliveryState.DEAD)
_IS_HELD = and_(
    pauses.c.lifted_at.is_(None),
    pauses.c.scope == PauseScope.CASE,
    pauses.c.source == inline(store_pauses.BY_SHARED_NUMBER),
)


@dataclass(frozen=True)
class Place:
    """How far a list has been read: the last row of each place."""

    callback: int = 0
    delivery: int = 0
    pause: int = 0
    wrong_number: int = 0
    campaign: int = 0


@dataclass(frozen=True)
class AskedCallback:
    """A question about a callback."""

    id: int
    at: datetime
    question: Question
    sid: str
    complaint: str | None
    case_id: int | None
    phone: E164 | None
    channel: Channel | None
    """None where it couldn't be read."""
    direction: Direction | None


@dataclass(frozen=True)
class DeadDelivery:
    """A message that SmartAdvocate refused, or that was given up."""

    id: int
    at: datetime
    case_id: int | None
    sid: str
    kind: DeliveryKind
    payload: Mapping[str, Any] = field(repr=False)
    refusal: str | None = field(repr=False)
    tries: int
    alike: int
    """How many were refused in the same words, where it is the first of them on the page."""


@dataclass(frozen=True)
class SharedPhone:
    """A phone at which somebody opted out, whose cases are held."""

    id: int
    """The first hold."""
    at: datetime
    reason: str


@dataclass(frozen=True)
class WantedNumber:
    """A case that needs another number in place of a wrong one."""

    id: int
    at: datetime
    case_id: int
    phone: E164
    by: str
    """Who said that it is wrong."""


@dataclass(frozen=True)
class HeldCampaign:
    """A campaign that goes agent first because too many of its calls were abandoned."""

    id: int
    at: datetime
    campaign: str
    calls: Answered


Asked = AskedCallback | DeadDelivery | SharedPhone | WantedNumber | HeldCampaign


@dataclass(frozen=True)
class Page:
    """Some of the questions, the oldest first."""

    asked: Sequence[Asked]
    following: Place | None
    """Where the next page begins; None: there is none."""


def count(connection: Connection) -> int:
    """How many questions there are; `MOST` stands for that many or more."""
    return min(int(connection.scalar(_COUNT) or 0), MOST)


def count_late(connection: Connection, before: datetime) -> int:
    """How many of them were asked at this moment or earlier, up to `MOST`."""
    kinds = (
        select(literal(1)).where(_IS_ASKED, callbacks.c.received_at <= before),
        select(literal(1)).where(_IS_DEAD, deliveries.c.created_at <= before),
        select(pauses.c.reason).where(_IS_HELD, pauses.c.created_at <= before).distinct(),
        select(wrong_numbers.c.id).where(
            *store_wrong_numbers.IS_ASKED, wrong_numbers.c.recorded_at <= before
        ),
        select(literal(1)).where(abandonment.c.held_at <= before),
    )
    return min(int(connection.scalar(_sum(*kinds)) or 0), MOST)


def _sum(*kinds: Select[Any]) -> Select[Any]:
    counted = [kind.limit(MOST).subquery() for kind in kinds]
    each = union_all(*(select(func.count().label("n")).select_from(one) for one in counted))
    return select(func.sum(each.subquery().c.n))


_COUNT = _sum(
    select(literal(1)).where(_IS_ASKED),
    select(literal(1)).where(_IS_DEAD),
    select(pauses.c.reason).where(_IS_HELD).distinct(),
    select(wrong_numbers.c.id).where(*store_wrong_numbers.IS_ASKED),
    select(literal(1)).where(abandonment.c.held_at.is_not(None)),
)
"""Made once: every page asks."""


def counted(number: int) -> str:
    """A count as it is shown: `12`, or `1000+`."""
    return f"{MOST}+" if number >= MOST else str(number)


def listed(connection: Connection, after: Place, limit: int) -> Page:
    """The oldest questions behind this place."""
    found: list[Asked] = [
        *_callbacks(connection, after.callback, limit + 1),
        *_dead(connection, after.delivery, limit + 1),
        *_shared(connection, after.pause, limit + 1),
        *_wanted(connection, after.wrong_number, limit + 1),
        *_campaigns(connection, after.campaign, limit + 1),
    ]
    found.sort(key=lambda asked: (asked.at, asked.id))
    shown = found[:limit]
    return Page(shown, _behind(after, shown) if len(found) > limit else None)


def callback(connection: Connection, identity: int) -> AskedCallback | None:
    """One question about a callback, open or answered."""
    row = connection.execute(
        _CALLBACKS.where(callbacks.c.id == identity, callbacks.c.question.is_not(None))
    ).one_or_none()
    return None if row is None else _callback(row)


def _behind(before: Place, shown: Sequence[Asked]) -> Place:
    ids: dict[type, int] = {}
    for asked in shown:
        ids[type(asked)] = max(ids.get(type(asked), 0), asked.id)
    return Place(
        ids.get(AskedCallback, before.callback),
        ids.get(DeadDelivery, before.delivery),
        ids.get(SharedPhone, before.pause),
        ids.get(WantedNumber, before.wrong_number),
        ids.get(HeldCampaign, before.campaign),
    )


_CALLBACKS = select(
    callbacks.c.id,
    callbacks.c.received_at,
    callbacks.c.question,
    callbacks.c.sid,
    callbacks.c.complaint,
    func.coalesce(communications.c.case_id, callbacks.c.case_id).label("case_id"),
    communications.c.phone,
    communications.c.channel,
    communications.c.direction,
).join_from(callbacks, communications, communications.c.sid == callbacks.c.sid, isouter=True)


def _callbacks(connection: Connection, after: int, limit: int) -> list[AskedCallback]:
    query = _CALLBACKS.where(_IS_ASKED, callbacks.c.id > after).order_by(callbacks.c.id)
    return [_callback(row) for row in connection.execute(query.limit(limit))]


def _callback(row: Any) -> AskedCallback:
    return AskedCallback(
        id=row.id,
        at=row.received_at,
        question=Question(row.question),
        sid=row.sid,
        complaint=row.complaint,
        case_id=row.case_id,
        phone=row.phone,
        channel=Channel(row.channel) if row.channel else None,
        direction=Direction(row.direction) if row.direction else None,
    )


def _dead(connection: Connection, after: int, limit: int) -> list[DeadDelivery]:
    rows = connection.execute(
        select(deliveries)
        .where(_IS_DEAD, deliveries.c.id > after)
        .order_by(deliveries.c.id)
        .limit(limit)
    ).all()
    alike = _alike(connection) if rows else {}
    firsts = {row.refusal: row.id for row in reversed(rows)}
    return [
        DeadDelivery(
            id=row.id,
            at=row.created_at,
            case_id=row.case_id,
            sid=row.sid,
            kind=DeliveryKind(row.kind),
            payload=row.payload,
            refusal=row.refusal,
            tries=row.tries,
            alike=alike.get(row.refusal, 0) if firsts[row.refusal] == row.id else 0,
        )
        for row in rows
    ]


def _alike(connection: Connection) -> Mapping[str | None, int]:
    """How many messages were refused in the same words, among the oldest."""
    some = select(deliveries.c.refusal).where(_IS_DEAD).order_by(deliveries.c.id).limit(MOST)
    refused = some.subquery()
    rows = connection.execute(
        select(refused.c.refusal, func.count().label("n")).group_by(refused.c.refusal)
    )
    return {row.refusal: row.n for row in rows}


def _shared(connection: Connection, after: int, limit: int) -> list[SharedPhone]:
    first = func.min(pauses.c.id)
    rows = connection.execute(
        select(first.label("id"), func.min(pauses.c.created_at).label("at"), pauses.c.reason)
        .where(_IS_HELD)
        .group_by(pauses.c.reason)
        .having(first > after)
        .order_by(first)
        .limit(limit)
    )
    return [SharedPhone(row.id, row.at, row.reason) for row in rows]


def _wanted(connection: Connection, after: int, limit: int) -> list[WantedNumber]:
    return [
        WantedNumber(wrong.id, wrong.recorded_at, wrong.case_id, wrong.phone, wrong.recorded_by)
        for wrong in store_wrong_numbers.oldest_asked(connection, after, limit)
    ]


def _campaigns(connection: Connection, after: int, limit: int) -> list[HeldCampaign]:
    rows = connection.execute(
        select(abandonment)
        .where(abandonment.c.held_at.is_not(None), abandonment.c.id > after)
        .order_by(abandonment.c.id)
        .limit(limit)
    )
    return [
        HeldCampaign(row.id, row.held_at, row.campaign, Answered(row.answered, row.abandoned))
        for row in rows
    ]
