"""Numbers at which the person of a case is not to be found. Rows are never deleted.

A case's, not everybody's: another person may have the number rightly.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bridge.domain.phones import E164
from bridge.store.db import insert_into
from bridge.store.listed import is_listed
from bridge.store.tables import case_phones, wrong_numbers

LONGEST_NAME = 64


class WrongNumberWay(StrEnum):
    """How it became known that a number is wrong."""

    TEXT = "text"
    """Somebody at the number wrote so, and somebody at the firm has read it."""
    KEY = "key"
    """Whoever of the firm was on the line has pressed the key for it."""
    STAFF = "staff"
    """Somebody at the firm has recorded it."""


@dataclass(frozen=True)
class WrongNumber:
    """A number that is wrong for a case, or was."""

    id: int
    case_id: int
    phone: E164
    way: WrongNumberWay
    recorded_at: datetime
    recorded_by: str
    settled_at: datetime | None
    """When somebody had looked for a better one."""
    settled_by: str | None
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None = field(repr=False)


_IN_EFFECT = select(wrong_numbers).where(
    is_listed(wrong_numbers.c.case_id, "case_ids"), wrong_numbers.c.lifted_at.is_(None)
)


def add(
    connection: Connection,
    case_id: int,
    phone: E164,
    way: WrongNumberWay,
    *,
    sid: str | None,
    by: str,
    now: datetime,
) -> bool:
    """Record that a number is wrong for a case; False: it was known already."""
    if in_effect(connection, case_id, {phone}):
        return False
    connection.execute(
        insert_into(connection, wrong_numbers).values(
            case_id=case_id,
            phone=phone,
            source=way,
            sid=sid,
            recorded_at=now,
            recorded_by=by[:LONGEST_NAME],
        )
    )
    return True


def in_effect(
    connection: Connection, case_id: int, phones: Collection[E164]
) -> Mapping[E164, WrongNumber]:
    """Which of these numbers are wrong for a case."""
    of_case = in_effect_for(connection, [case_id]).get(case_id, {})
    return {phone: wrong for phone, wrong in of_case.items() if phone in phones}


def in_effect_for(
    connection: Connection, case_ids: Collection[int]
) -> Mapping[int, Mapping[E164, WrongNumber]]:
    """The numbers that are wrong for these cases, by case."""
    found: dict[int, dict[E164, WrongNumber]] = {}
    for row in connection.execute(_IN_EFFECT, {"case_ids": sorted(case_ids)}):
        found.setdefault(row.case_id, {})[E164(row.phone)] = _read(row)
    return found


def is_wrong_for_any(connection: Connection, phone: E164) -> bool:
    """Whether this number is wrong for any case."""
    found = connection.scalar(
        select(wrong_numbers.c.id)
        .where(wrong_numbers.c.phone == phone, wrong_numbers.c.lifted_at.is_(None))
        .limit(1)
    )
    return found is not None


def get(connection: Connection, identity: int) -> WrongNumber | None:
    """One of them, in effect or lifted."""
    row = connection.execute(
        select(wrong_numbers).where(wrong_numbers.c.id == identity)
    ).one_or_none()
    return None if row is None else _read(row)


def listed(connection: Connection, case_id: int | None, limit: int) -> list[WrongNumber]:
    """The newest, of all cases or of one."""
    query = select(wrong_numbers).order_by(wrong_numbers.c.id.desc()).limit(limit)
    if case_id is not None:
        query = query.where(wrong_numbers.c.case_id == case_id)
    return [_read(row) for row in connection.execute(query)]


def lift(
    connection: Connection, identity: int, *, by: str, reason: str, now: datetime
) -> WrongNumber | None:
    """The number is right after all; None: it wasn't in effect."""
    row = connection.execute(
        update(wrong_numbers)
        .where(wrong_numbers.c.id == identity, wrong_numbers.c.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by[:LONGEST_NAME], lift_reason=reason)
        .returning(wrong_numbers)
    ).one_or_none()
    return None if row is None else _read(row)


def settle(connection: Connection, identity: int, *, by: str, now: datetime) -> bool:
    """Somebody has looked for a better number; False: that was settled already."""
    settled = connection.execute(
        update(wrong_numbers)
        .where(wrong_numbers.c.id == identity, *IS_ASKED)
        .values(settled_at=now, settled_by=by[:LONGEST_NAME])
    )
    return settled.rowcount == 1


IS_ASKED = (
    wrong_numbers.c.settled_at.is_(None),
    wrong_numbers.c.lifted_at.is_(None),
    select(case_phones.c.phone)
    .where(
        case_phones.c.case_id == wrong_numbers.c.case_id,
        case_phones.c.phone == wrong_numbers.c.phone,
    )
    .exists(),
)
"""Whether somebody is to look for a better one: once the case has the number no longer, nobody."""


def oldest_asked(connection: Connection, after: int, limit: int) -> list[WrongNumber]:
    """Those for which a better one is wanted, the first recorded first."""
    query = select(wrong_numbers).where(*IS_ASKED, wrong_numbers.c.id > after)
    rows = connection.execute(query.order_by(wrong_numbers.c.id).limit(limit))
    return [_read(row) for row in rows]


def _read(row: Row[Any]) -> WrongNumber:
    return WrongNumber(
        id=row.id,
        case_id=row.case_id,
        phone=row.phone,
        way=WrongNumberWay(row.source),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        lift_reason=row.lift_reason,
    )
