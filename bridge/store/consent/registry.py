"""The National Do Not Call Registry's list, by area code: replaced as a whole, and asked.

An area code's list changes in one short transaction: who reads sees the old one or the new one.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, and_, delete, func, or_, select

from bridge.domain.call_screening import TURNED_AWAY_MARKS
from bridge.domain.events import Channel, Direction
from bridge.domain.opt_out_language.classifier import Intent
from bridge.domain.phones import E164, ten_digits
from bridge.domain.registry import RegistryEntry
from bridge.domain.registry_list import AreaList, is_in
from bridge.domain.text_flood import marked_as
from bridge.store.db import insert_into
from bridge.store.tables import (
    communications,
    registry_areas,
    registry_exchanges,
    wrong_numbers,
)

LONGEST_FILE = 128
_INQUIRES = [
    marked_as(intent, held=held)
    for intent in (Intent.WORDS, Intent.HELP, Intent.START)
    for held in (False, True)
]
"""The marks of texts that ask for no end, no limit and no other number."""


@dataclass(frozen=True)
class ImportedArea:
    """One area code's list as it was imported last."""

    area_code: int
    as_of: datetime
    """When it was downloaded."""
    imported_at: datetime
    numbers: int
    file: str
    """The file's name."""


def replace(connection: Connection, new: ImportedArea, listed: AreaList) -> None:
    """Put a list in place of the one that the area code had."""
    of_area = registry_exchanges.c.area_code == new.area_code
    connection.execute(delete(registry_exchanges).where(of_area))
    connection.execute(delete(registry_areas).where(registry_areas.c.area_code == new.area_code))
    connection.execute(
        insert_into(connection, registry_areas).values(
            area_code=new.area_code,
            as_of=new.as_of,
            imported_at=new.imported_at,
            numbers=new.numbers,
            file=new.file[:LONGEST_FILE],
        )
    )
    rows = [
        {"area_code": new.area_code, "exchange": exchange, "lines": bytes(bits)}
        for exchange, bits in listed.exchanges.items()
    ]
    if rows:
        connection.execute(insert_into(connection, registry_exchanges), rows)


def areas(connection: Connection) -> Sequence[ImportedArea]:
    """All area codes with a list."""
    rows = connection.execute(select(registry_areas).order_by(registry_areas.c.area_code))
    return [ImportedArea(*row) for row in rows]


def oldest(connection: Connection) -> datetime | None:
    """When the oldest list was downloaded; None: there is none."""
    moment: datetime | None = connection.scalar(select(func.min(registry_areas.c.as_of)))
    return moment


def newest_import(connection: Connection) -> datetime | None:
    """When a list was last imported."""
    moment: datetime | None = connection.scalar(select(func.max(registry_areas.c.imported_at)))
    return moment


def entry(connection: Connection, case_id: int, phone: E164) -> RegistryEntry | None:
    """What the lists say of a case's number; None: it is none of the registry's.

    A person has inquired who called the firm or wrote to it, from this number or for this case, and
    didn't ask for an end of contact. A call that was turned away is none, and neither is what came
    from a number that is wrong for its case: that was somebody else. SmartAdvocate's API shows no
    date of an intake.
    """
    known = listing(connection, phone)
    if known is None:
        return None
    inquired_at: datetime | None = connection.scalar(
        select(func.max(communications.c.created_at)).where(
            or_(communications.c.phone == phone, communications.c.case_id == case_id),
            communications.c.direction == Direction.INBOUND,
            or_(
                and_(
                    communications.c.channel == Channel.CALL,
                    func.coalesce(communications.c.reported_note, "").not_in(TURNED_AWAY_MARKS),
                ),
                communications.c.reported_note.in_(_INQUIRES),
            ),
            func.coalesce(communications.c.phone, "").not_in(_wrong_for(case_id)),
        )
    )
    return dataclasses.replace(known, inquired_at=inquired_at)


def _wrong_for(case_id: int) -> Select[tuple[str]]:
    """The numbers that are wrong for this case."""
    return select(wrong_numbers.c.phone).where(
        wrong_numbers.c.case_id == case_id, wrong_numbers.c.lifted_at.is_(None)
    )


def listing(connection: Connection, phone: E164) -> RegistryEntry | None:
    """The same without the person's inquiries."""
    digits = ten_digits(phone)
    if digits is None:
        return None
    area_code, exchange, line_number = int(digits[:3]), int(digits[3:6]), int(digits[6:])
    row = connection.execute(
        select(registry_areas.c.as_of, registry_exchanges.c.lines)
        .join_from(
            registry_areas,
            registry_exchanges,
            and_(
                registry_exchanges.c.area_code == registry_areas.c.area_code,
                registry_exchanges.c.exchange == exchange,
            ),
            isouter=True,
        )
        .where(registry_areas.c.area_code == area_code)
    ).one_or_none()
    if row is None:
        return RegistryEntry(area_code)
    is_listed = row.lines is not None and is_in(row.lines, line_number)
    return RegistryEntry(area_code, row.as_of, is_listed)
