"""Where a person may be, by ZIP code and area code; and federal and state holidays.

ZIP codes come from `zipcodes`, area codes from `phonenumbers`, `zipcodes` and `area_codes.json`,
federal holidays from `holidays`, those of states from `domain/state_holidays.json`. Loading them
takes 45 MB and half a second: a worker does so when it begins to dial, the web app before it forks,
if there is a console.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import available_timezones

import holidays
import zipcodes
from phonenumbers.tzdata import TIMEZONE_DATA

from bridge.domain.hours import LOWER_48, Location
from bridge.domain.phones import E164
from bridge.domain.state_rules import rule_pack

# Also inside of other text: "CA 94103", "94103 1234". Four digits have lost their leading zero.
_ZIP = re.compile(r"(?<![0-9])([0-9]{4,5})(?:[^0-9]*[0-9]{4})?(?![0-9])")
_COUNTRY_CODE = "+1"
# APO, FPO and DPO, by the first three digits of the ZIP code.
_MILITARY = frozenset(f"{first:03}" for first in (*range(90, 99), 340, *range(962, 967)))
_SOMEWHERE_IN_THE_WORLD = (
    "its ZIP code is a military or diplomatic address (APO, FPO, DPO), which may be anywhere in "
    "the world: put the ZIP code of where the person lives into SmartAdvocate"
)
# ZIP codes near a border list the neighboring area codes too; rarer ones than this are ignored.
_MIN_SHARE = 0.05
_PLACES_KEPT = 4096
_AREA_PREFIX = len("1402")
_EXCHANGE_PREFIX = len("+1402555")
STATES = (
    *("AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL"),
    *("IN", "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE"),
    *("NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX"),
    *("UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY"),
)


def locate(phone: E164, zip_code: str) -> Location:
    """Every zone and state in which the person with this number and ZIP code may be.

    An unreadable ZIP code may be anywhere: in all of the lower 48. A military one is said to be
    unlocatable: not even a time zone of the states is certain.
    """
    return _locate(phone[:_EXCHANGE_PREFIX], zip_code)


@lru_cache(_PLACES_KEPT)
def _locate(exchange: str, zip_code: str) -> Location:
    by_zip, by_phone = _of_zip(zip_code), _of_exchange(exchange)
    return Location(
        by_zip.zones | by_phone.zones, by_zip.states | by_phone.states, by_zip.unlocatable
    )


def load() -> None:
    """Load the tables now: the first call shouldn't wait half a second for them."""
    _of_zip("00000")
    _of_area_codes()


@cache
def holiday(day: date, state: str | None = None) -> str | None:
    """The name of the holiday on this day: a federal one, observed ones included, or a state's.

    A state's are the days on which it bans solicitation.
    """
    federal: str | None = _federal(day.year).get(day)
    calendar = rule_pack().calendars.get(state) if state else None
    return federal or (calendar.holiday(day) if calendar else None)


@cache
def _federal(year: int) -> Mapping[date, str]:
    # With the years before and after: New Year's Day on a Saturday is observed in the old year.
    return dict(holidays.country_holidays("US", years=(year - 1, year, year + 1)))


@cache
def _of_zip(zip_code: str) -> Location:
    match = _ZIP.search(zip_code)
    if match is None and not any(character in "0123456789" for character in zip_code):
        return Location()
    if match and match[1].zfill(5)[:3] in _MILITARY:
        return Location(LOWER_48, frozenset(STATES), _SOMEWHERE_IN_THE_WORLD)
    found = zipcodes.matching(match[1].zfill(5)) if match else []
    states = frozenset(place["state"] for place in found)
    zones = frozenset(place["timezone"] for place in found)
    if zones and zones <= _known_zones():
        return Location(zones, states)
    known = states & set(STATES)
    return Location(_zones_of(known) or LOWER_48, known or frozenset(STATES))


def _zones_of(states: Iterable[str]) -> frozenset[str]:
    """All zones of these states, for a ZIP code without a known zone."""
    named = {place["timezone"] for state in states for place in zipcodes.filter_by_state(state)}
    return frozenset(named & _known_zones())


@cache
def _known_zones() -> frozenset[str]:
    """The zones of the time zone database, whose files are all looked at for it."""
    return frozenset(available_timezones())


def _of_exchange(begins: str) -> Location:
    """All zones of the area code, unless the zone of its exchange (the next three digits) is known.

    A number that fits no exchange with a zone of its own may be anywhere in the area.
    """
    if not begins.startswith(_COUNTRY_CODE):
        return Location()
    area, exchange = begins[2:5], begins[1:]
    place = _of_area_codes().get(area, Location())
    return Location(frozenset(TIMEZONE_DATA.get(exchange, ())) or place.zones, place.states)


@cache
def _of_area_codes() -> Mapping[str, Location]:
    """By area code: its state and all zones that it or a code that it was laid over has."""
    places = {area: _area(counts) for area, counts in _places_by_area().items()}
    for prefix, zones in TIMEZONE_DATA.items():
        # Shorter ones are whole countries.
        if prefix.startswith("1") and len(prefix) >= _AREA_PREFIX:
            area = prefix[1:_AREA_PREFIX]
            place = places.get(area, Location())
            places[area] = Location(place.zones | frozenset(zones), place.states)
    overlays = {area: _overlay(area, row, places) for area, row in _overlays().items()}
    return places | overlays


def _places_by_area() -> Mapping[str, Counter[tuple[str, str]]]:
    """By area code, how many ZIP codes of which state and zone list it."""
    seen: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for state in STATES:
        for place in zipcodes.filter_by_state(state):
            for area in place["area_codes"]:
                seen[area][state, place["timezone"]] += 1
    return seen


def _area(counts: Counter[tuple[str, str]]) -> Location:
    """The state with most of an area code's ZIP codes, and that state's zones in it."""
    states: Counter[str] = Counter()
    for (state, _), count in counts.items():
        states[state] += count
    home, total = states.most_common(1)[0]
    zones = {
        zone
        for (state, zone), count in counts.items()
        if state == home and zone and count >= _MIN_SHARE * total
    }
    return Location(frozenset(zones), frozenset({home}))


def _overlays() -> Mapping[str, Mapping[str, Any]]:
    """By area code that was laid over others: its state, and the codes that it covers."""
    text = files(__package__).joinpath("area_codes.json").read_text(encoding="utf-8")
    overlays: Mapping[str, Mapping[str, Any]] = json.loads(text)["overlays"]
    return overlays


def _overlay(area: str, row: Mapping[str, Any], places: Mapping[str, Location]) -> Location:
    zones = {zone for code in (area, *row["covers"]) for zone in places.get(code, Location()).zones}
    return Location(frozenset(zones), frozenset({row["state"]}))
