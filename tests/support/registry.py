"""Lists of the do-not-call registry, so that leads are not held for want of them."""

from datetime import datetime

from bridge.domain.registry_list import AreaList, read
from bridge.store.consent import registry
from bridge.store.consent.registry import ImportedArea
from bridge.store.db import Database

OMAHA = 402
"""The area code of nearly all numbers of the tests."""


def import_lists(
    db: Database, as_of: datetime, *listed: str, area_codes: tuple[int, ...] = (OMAHA,)
) -> None:
    """Import a list for each area code, with those of the `listed` numbers that it has."""
    lists = {area_code: AreaList(area_code, {}) for area_code in area_codes}
    lines = [f"{number.removeprefix('+1')}\n".encode() for number in listed]
    lists |= {area.area_code: area for area in read(lines, len(lines) + 1).areas}
    with db.begin() as connection:
        for area in lists.values():
            new = ImportedArea(area.area_code, as_of, as_of, area.numbers, "tests.txt")
            registry.replace(connection, new, area)
