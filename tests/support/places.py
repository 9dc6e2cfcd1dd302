"""`python -m tests.support.places`: makes `bridge/adapters/places.json` of the package zipcodes."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import zipcodes

from bridge.adapters import places

FILE = Path(places.__file__).with_name("places.json")


def made() -> Mapping[str, Any]:
    """What the file should have.

    By place ("NE America/Chicago") its ZIP codes, those in a row as "68001-68010"; by area code,
    how many ZIP codes of each place list it.
    """
    zip_codes: dict[str, list[int]] = defaultdict(list)
    area_codes: dict[str, Counter[str]] = defaultdict(Counter)
    for listed in zipcodes.list_all():
        place = f"{listed['state']} {listed['timezone']}"
        zip_codes[place].append(int(listed["zip_code"]))
        for area in listed["area_codes"]:
            area_codes[area][place] += 1
    return {
        "zip_codes": {
            place: " ".join(_in_rows(sorted(numbers)))
            for place, numbers in sorted(zip_codes.items())
        },
        "area_codes": {
            area: dict(sorted(counts.items())) for area, counts in sorted(area_codes.items())
        },
    }


def _in_rows(numbers: Iterable[int]) -> Iterator[str]:
    rows: list[tuple[int, int]] = []
    for number in numbers:
        follows = bool(rows) and number == rows[-1][1] + 1
        rows[-1:] = [(rows[-1][0], number)] if follows else [*rows[-1:], (number, number)]
    for first, last in rows:
        yield f"{first:05}" if first == last else f"{first:05}-{last:05}"


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), indent=1) + "\n", encoding="utf-8")
