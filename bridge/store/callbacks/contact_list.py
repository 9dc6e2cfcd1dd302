"""Calls and texts as a list, the newest first, filtered, a page at a time.

Pages begin where the last one ended (`Key`), so they stay as they are while new rows come. One of
the filters leads the search, by its index; the others are looked at row by row, so no page looks
at more than `MOST_EXAMINED` rows: where few fit, it says how far back it has looked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, func, or_, select

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import Channel, Direction
from bridge.domain.phones import E164
from bridge.store.db import one_by_one
from bridge.store.tables import communications

MOST_EXAMINED = 5000
"""So many rows a page looks at, at most."""
MOST_CAMPAIGNS = 100

_COLUMNS = (
    communications.c.id,
    communications.c.created_at,
    communications.c.case_id,
    communications.c.phone,
    communications.c.channel,
    communications.c.direction,
    communications.c.campaign,
    communications.c.outcome,
    communications.c.duration,
)


@dataclass(frozen=True)
class Contact:
    """One call or text, as it is listed."""

    id: int
    at: datetime
    case_id: int | None
    phone: E164 | None
    channel: Channel
    direction: Direction
    campaign: str | None
    outcome: ContactOutcome
    duration: int | None
    """Seconds."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; None: all."""

    case_id: int | None = None
    digits: str | None = None
    """The last four of the phone."""
    campaign: str | None = None
    outcome: ContactOutcome | None = None
    channel: Channel | None = None
    direction: Direction | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Before then."""


@dataclass(frozen=True)
class Key:
    """A place in the list."""

    at: datetime
    id: int


@dataclass(frozen=True)
class Page:
    """Some calls and texts, and where the older ones begin."""

    contacts: Sequence[Contact]
    older: Key | None
    """Go on before this one; None when there is nothing older."""


def older(
    connection: Connection,
    wanted: Wanted,
    firms_own: Collection[E164],
    before: Key | None,
    limit: int,
) -> Page:
    """The newest that fit, or the newest before a place. The firm's side of a call isn't listed."""
    lead, others = _conditions(wanted, firms_own)
    lead += _before(before)
    stop = _examined_until(connection, lead) if others else None
    query = select(*_COLUMNS).where(*lead, *others, *_not_before(stop))
    rows = connection.execute(_newest_first(query).limit(limit + 1)).all()
    contacts = [_contact(row) for row in rows[:limit]]
    if len(rows) > limit:
        return Page(contacts, Key(contacts[-1].at, contacts[-1].id))
    return Page(contacts, stop)


def newer(
    connection: Connection,
    wanted: Wanted,
    firms_own: Collection[E164],
    after: Key,
    limit: int,
) -> Page | None:
    """The page just after a place; None where that is less than one, so that it is the newest."""
    lead, others = _conditions(wanted, firms_own)
    lead += (
        communications.c.created_at >= after.at,
        or_(communications.c.created_at > after.at, communications.c.id > after.id),
    )
    forward = communications.c.created_at, communications.c.id
    far = select(*forward).where(*lead).order_by(*forward).offset(MOST_EXAMINED).limit(1)
    stop = connection.execute(far).one_or_none() if others else None
    until = _before(Key(*stop)) if stop else ()
    query = select(*_COLUMNS).where(*lead, *others, *until).order_by(*forward)
    rows = connection.execute(query.limit(limit)).all()
    if len(rows) < limit:
        return None
    contacts = [_contact(row) for row in reversed(rows)]
    return Page(contacts, Key(contacts[-1].at, contacts[-1].id))


def campaigns(connection: Connection) -> list[str]:
    """The campaigns of all calls and texts, by name: the first hundred of them."""
    return one_by_one(connection, communications.c.campaign, MOST_CAMPAIGNS)


def _conditions(
    wanted: Wanted, firms_own: Collection[E164]
) -> tuple[tuple[ColumnElement[bool], ...], tuple[ColumnElement[bool], ...]]:
    """What the index finds, and what is looked at row by row."""
    indexed = _named(
        (communications.c.case_id, wanted.case_id),
        (communications.c.phone_end, wanted.digits),
        (communications.c.campaign, wanted.campaign),
        (communications.c.outcome, wanted.outcome),
    )
    plain = _named(
        (communications.c.channel, wanted.channel), (communications.c.direction, wanted.direction)
    )
    lead = [column == value for column, value in indexed[:1]]
    if wanted.since is not None:
        lead.append(communications.c.created_at >= wanted.since)
    if wanted.until is not None:
        lead.append(communications.c.created_at < wanted.until)
    # Through a function, so that no index of theirs tempts the planner to sort what it finds.
    others = [func.coalesce(column, "") == value for column, value in (*indexed[1:], *plain)]
    phone = communications.c.phone
    if firms_own:
        others.append(or_(phone.is_(None), phone.not_in(sorted(firms_own))))
    return tuple(lead), tuple(others)


def _named(*pairs: tuple[Column[Any], Any]) -> list[tuple[Column[Any], Any]]:
    return [(column, value) for column, value in pairs if value is not None]


def _examined_until(connection: Connection, lead: Sequence[ColumnElement[bool]]) -> Key | None:
    """How far back a page looks; None: to the end."""
    place = select(communications.c.created_at, communications.c.id).where(*lead)
    row = connection.execute(_newest_first(place).offset(MOST_EXAMINED - 1).limit(1)).one_or_none()
    return Key(*row) if row else None


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(communications.c.created_at.desc(), communications.c.id.desc())


def _before(key: Key | None) -> tuple[ColumnElement[bool], ...]:
    if key is None:
        return ()
    at, identity = communications.c.created_at, communications.c.id
    return at <= key.at, or_(at < key.at, identity < key.id)


def _not_before(key: Key | None) -> tuple[ColumnElement[bool], ...]:
    if key is None:
        return ()
    at, identity = communications.c.created_at, communications.c.id
    return at >= key.at, or_(at > key.at, identity >= key.id)


def _contact(row: Row[Any]) -> Contact:
    return Contact(
        id=row.id,
        at=row.created_at,
        case_id=row.case_id,
        phone=row.phone,
        channel=Channel(row.channel),
        direction=Direction(row.direction),
        campaign=row.campaign,
        outcome=ContactOutcome(row.outcome),
        duration=row.duration,
    )
