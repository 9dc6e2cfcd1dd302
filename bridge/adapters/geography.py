"""Where a person may be, by ZIP code and area code; and federal and state holidays.

ZIP codes come from `zipcodes`, area codes from `phonenumbers` and `zipcodes`, holidays from
`holidays`. Loading them takes 45 MB and half a second: a worker does so when it begins to dial, the
web app before it forks, if there is a console.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from zoneinfo import available_timezones

import holidays
import phonenumbers
import zipcodes
from phonenumbers import timezone as phone_zones

from bridge.domain.hours import LOWER_48, Location
from bridge.domain.phones import E164

# Also inside of other text: "CA 94103", "94103 1234". Four digits have lost their leading zero.
_ZIP = re.compile(r"(?<![0-9])([0-9]{4,5})(?:[^0-9]*[0-9]{4})?(?![0-9])")
_UNKNOWN_ZONE = "Etc/Unknown"
# ZIP codes near a border list the neighboring area codes too; rarer ones than this are ignored.
_MIN_SHARE = 0.05
_PHONES_KEPT = 4096
STATES = (
    *("AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL"),
    *("IN", "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE"),
    *("NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX"),
    *("UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY"),
)


def locate(phone: E164, zip_code: str) -> Location:
    """Every zone and state in which the person with this number and ZIP code may be.

    An unreadable ZIP code may be anywhere: in all of the lower 48.
    """
    by_zip, by_phone = _of_zip(zip_code), _of_phone(phone)
    return Location(by_zip.zones | by_phone.zones, by_zip.states | by_phone.states)


def load() -> None:
    """Load the tables now: the first call shouldn't wait half a second for them."""
    _of_zip("00000")
    _of_area_codes()


@cache
def holiday(day: date, state: str | None = None) -> str | None:
    """The name of the holiday on this day: a federal one, observed ones included, or a state's."""
    federal: str | None = _calendar(day.year, None).get(day)
    return federal or (_calendar(day.year, state).get(day) if state else None)


@cache
def _calendar(year: int, state: str | None) -> Mapping[date, str]:
    # With the years before and after: New Year's Day on a Saturday is observed in the old year.
    years = (year - 1, year, year + 1)
    return dict(holidays.country_holidays("US", subdiv=state, years=years))


@cache
def _of_zip(zip_code: str) -> Location:
    match = _ZIP.search(zip_code)
    if match is None and not any(character in "0123456789" for character in zip_code):
        return Location()
    found = zipcodes.matching(match[1].zfill(5)) if match else []
    states = frozenset(place["state"] for place in found)
    zones = frozenset(place["timezone"] for place in found)
    if zones and zones <= available_timezones():
        return Location(zones, states)
    known = states & set(STATES)
    return Location(_zones_of(known) or LOWER_48, known or frozenset(STATES))


def _zones_of(states: Iterable[str]) -> frozenset[str]:
    """All zones of these states, for a ZIP code without a known zone."""
    named = {place["timezone"] for state in states for place in zipcodes.filter_by_state(state)}
    return frozenset(named & available_timezones())


@lru_cache(_PHONES_KEPT)
def _of_phone(phone: E164) -> Location:
    number = phonenumbers.parse(phone)
    if number.country_code != 1 or phonenumbers.region_code_for_number(number) is None:
        zones: frozenset[str] = frozenset()
    else:
        zones = frozenset(phone_zones.time_zones_for_number(number)) - {_UNKNOWN_ZONE}
    of_area = _of_area_codes().get(phone.removeprefix("+1")[:3], Location())
    return Location(zones | of_area.zones, of_area.states)


@cache
def _of_area_codes() -> Mapping[str, Location]:
    """By area code: its state (the one with most of its ZIP codes) and that state's zones in it."""
    seen: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for state in STATES:
        for place in zipcodes.filter_by_state(state):
            for area in place["area_codes"]:
                seen[area][state, place["timezone"]] += 1
    return {area: _area(counts) for area, counts in seen.items()}


def _area(counts: Counter[tuple[str, str]]) -> Location:
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
