"""The National Do Not Call Registry's list, by area code: replaced as a whole, and asked.

An area code's list changes in one short transaction: who reads sees the old one or the new one.
"""

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, delete, func, or_, select, tuple_

from bridge.domain.call_screening import TURNED_AWAY_MARKS
from bridge.domain.events import Channel, Direction
from bridge.domain.opt_out_language.classifier import Intent
from bridge.domain.phones import E164, ten_digits
from bridge.domain.registry import RegistryEntry
from bridge.domain.registry_list import AreaList, is_in
from bridge.domain.text_flood import marked_as
from bridge.store.db import insert_into, listed_as
from bridge.store.listed import is_listed
from bridge.store.tables import communications, registry_areas, registry_exchanges

LONGEST_FILE = 128
_INQUIRES = [
    marked_as(intent, held=held)
    for intent in (Intent.WORDS, Intent.HELP, Intent.START)
    for held in (False, True)
]
"""The marks of texts that ask for no end, no limit and no other number."""


_AREAS = select(registry_areas.c.area_code, registry_areas.c.as_of).where(
    is_listed(registry_areas.c.area_code, "area_codes")
)
_EXCHANGES = select(
    registry_exchanges.c.area_code, registry_exchanges.c.exchange, registry_exchanges.c.lines
).where(
    tuple_(registry_exchanges.c.area_code, registry_exchanges.c.exchange).in_(
        listed_as("exchanges")
    )
)
_INQUIRIES = (
    select(
        communications.c.phone,
        communications.c.case_id,
        func.max(communications.c.created_at).label("newest"),
    )
    .where(
        or_(
            is_listed(communications.c.phone, "phones"),
            is_listed(communications.c.case_id, "case_ids"),
        ),
        communications.c.direction == Direction.INBOUND,
        or_(
            and_(
                communications.c.channel == Channel.CALL,
                func.coalesce(communications.c.reported_note, "").not_in(TURNED_AWAY_MARKS),
            ),
            communications.c.reported_note.in_(_INQUIRES),
        ),
    )
    .group_by(communications.c.phone, communications.c.case_id)
)


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


class Entries:
    """What the lists say of cases' numbers, with the inquiries of their persons."""

    def __init__(
        self,
        listings: Mapping[E164, RegistryEntry],
        inquiries: Iterable[Row[Any]],
        wrong: Mapping[int, Collection[E164]],
    ) -> None:
        self._listings, self._wrong = listings, wrong
        self._inquiries = list(inquiries)

    def listing(self, phone: E164) -> RegistryEntry | None:
        """What they say of a number, without inquiries; None: it is none of the registry's."""
        return self._listings.get(phone)

    def of(self, case_id: int, phone: E164) -> RegistryEntry | None:
        """What they say of a case's number; None: it is none of the registry's.

        A person has inquired who called the firm or wrote to it, from this number or for this case,
        and didn't ask for an end of contact. A call that was turned away is none, and neither is
        what came from a number that is wrong for its case: that was somebody else. SmartAdvocate's
        API shows no date of an intake.
        """
        known = self._listings.get(phone)
        if known is None:
            return None
        wrong = self._wrong.get(case_id, ())
        inquired_at = max(
            (
                row.newest
                for row in self._inquiries
                if (row.phone == phone or row.case_id == case_id) and row.phone not in wrong
            ),
            default=None,
        )
        return dataclasses.replace(known, inquired_at=inquired_at)


def entries(
    connection: Connection,
    asked: Collection[tuple[int, E164]],
    wrong: Mapping[int, Collection[E164]],
) -> Entries:
    """What the lists say of cases' numbers; `wrong` are the numbers that are wrong for a case."""
    listings = listings_of(connection, {phone for _, phone in asked})
    if not listings:
        return Entries({}, (), wrong)
    about = {
        "phones": sorted(listings),
        "case_ids": sorted({case_id for case_id, phone in asked if phone in listings}),
    }
    return Entries(listings, connection.execute(_INQUIRIES, about), wrong)


def listing(connection: Connection, phone: E164) -> RegistryEntry | None:
    """What the lists say of a number, without inquiries; None: it is none of the registry's."""
    return listings_of(connection, {phone}).get(phone)


def listings_of(connection: Connection, phones: Collection[E164]) -> Mapping[E164, RegistryEntry]:
    """The same of those of many numbers that are the registry's."""
    places = {phone: place for phone in phones if (place := _place(phone)) is not None}
    if not places:
        return {}
    area_codes = sorted({place.area_code for place in places.values()})
    as_of = {
        row.area_code: row.as_of for row in connection.execute(_AREAS, {"area_codes": area_codes})
    }
    exchanges = sorted(
        {(place.area_code, place.exchange) for place in places.values() if place.area_code in as_of}
    )
    lines = (
        {
            (row.area_code, row.exchange): row.lines
            for row in connection.execute(_EXCHANGES, {"exchanges": exchanges})
        }
        if exchanges
        else {}
    )
    return {phone: _listing(place, as_of, lines) for phone, place in places.items()}


class _Place(NamedTuple):
    """Where a number stands in the lists."""

    area_code: int
    exchange: int
    line: int


def _place(phone: E164) -> _Place | None:
    digits = ten_digits(phone)
    if digits is None:
        return None
    return _Place(int(digits[:3]), int(digits[3:6]), int(digits[6:]))


def _listing(
    place: _Place,
    as_of: Mapping[int, datetime],
    lines: Mapping[tuple[int, int], bytes],
) -> RegistryEntry:
    if place.area_code not in as_of:
        return RegistryEntry(place.area_code)
    bits = lines.get((place.area_code, place.exchange))
    is_listed = bits is not None and is_in(bits, place.line)
    return RegistryEntry(place.area_code, as_of[place.area_code], is_listed)
