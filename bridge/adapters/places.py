"""Which state and time zone a ZIP code is in, and an area code's ZIP codes, as `places.json` says.

The file is made from the package `zipcodes` by `make places`: the package takes a quarter of a
second and 40 MB to load, in each process that decides on a call. A test compares the two.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where a ZIP code is."""

    state: str
    """Two letters; also those of territories and of the armed forces."""
    zone: str
    """Not always one of IANA's; empty for the armed forces."""


def place_of(zip_code: str) -> Place | None:
    """Where this ZIP code of five digits is; None where there is none such."""
    number = int(zip_code)
    following = bisect_right(_ranges(), number, key=lambda known: known[0])
    if not following:
        return None
    _, last, place = _ranges()[following - 1]
    return place if number <= last else None


@cache
def zones_of(states: frozenset[str]) -> frozenset[str]:
    """All zones of the ZIP codes of these states."""
    return frozenset(place.zone for _, _, place in _ranges() if place.state in states)


@cache
def area_codes() -> Mapping[str, Mapping[Place, int]]:
    """By area code, how many ZIP codes of which place list it."""
    return {
        area: {_place(name): count for name, count in counts.items()}
        for area, counts in _read()["area_codes"].items()
    }


@cache
def _ranges() -> list[tuple[int, int, Place]]:
    """The first and last of ZIP codes in a row that are in one place, in their order."""
    found = []
    for name, ranges in _read()["zip_codes"].items():
        place = _place(name)
        for listed in ranges.split():
            first, _, last = listed.partition("-")
            found.append((int(first), int(last or first), place))
    return sorted(found, key=lambda known: known[0])


@cache
def _read() -> Mapping[str, Any]:
    text = files(__package__).joinpath("places.json").read_text(encoding="utf-8")
    read: Mapping[str, Any] = json.loads(text)
    return read


def _place(name: str) -> Place:
    """A place as the file names it: "NE America/Chicago"."""
    state, _, zone = name.partition(" ")
    return Place(state, zone)
