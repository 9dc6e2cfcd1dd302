"""Where a person may be, by ZIP code and area code; and the federal holidays.

ZIP codes come from `zipcodes`, area codes from `phonenumbers` and `zipcodes`, holidays from
`holidays`. Loading them costs a worker some 60 MB and half a second, the web app never asks.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cache

import holidays
import phonenumbers
import zipcodes
from phonenumbers import timezone as phone_zones

from bridge.domain.hours import Whereabouts
from bridge.domain.phones import E164

_ZIP = re.compile(r"(\d{5})(?:-?\d{4})?")
_UNKNOWN_ZONE = "Etc/Unknown"
# ZIP areas near a border name the neighbors' area codes too; what is rarer than this is that.
_NOISE = 0.05
# fmt: off
STATES = (
    "AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL", "IN",
    "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ",
    "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VI",
    "VT", "WA", "WI", "WV", "WY",
)
# fmt: on


def whereabouts(phone: E164, zip_code: str) -> Whereabouts:
    """Every zone and state in which the person with this number and this ZIP code may be."""
    by_zip, by_phone = _of_zip(zip_code), _of_phone(phone)
    return Whereabouts(by_zip.zones | by_phone.zones, by_zip.states | by_phone.states)


@cache
def federal_holiday(day: date) -> str | None:
    """The name of the federal holiday on this day, observed ones included; None for other days."""
    found: str | None = _calendar(day.year).get(day)
    return found


@cache
def _calendar(year: int) -> Mapping[date, str]:
    # The neighbors as well: New Year's Day on a Saturday is observed in the old year.
    return dict(holidays.country_holidays("US", years=(year - 1, year, year + 1)))


@cache
def _of_zip(zip_code: str) -> Whereabouts:
    match = _ZIP.fullmatch(zip_code.strip())
    found = zipcodes.matching(match[1]) if match else []
    known = [one for one in found if one["timezone"]]
    return Whereabouts(
        frozenset(one["timezone"] for one in known), frozenset(one["state"] for one in known)
    )


def _of_phone(phone: E164) -> Whereabouts:
    number = phonenumbers.parse(phone)
    if number.country_code != 1 or phonenumbers.region_code_for_number(number) is None:
        zones: frozenset[str] = frozenset()
    else:
        zones = frozenset(phone_zones.time_zones_for_number(number)) - {_UNKNOWN_ZONE}
    of_area = _of_area_codes().get(phone.removeprefix("+1")[:3], Whereabouts())
    return Whereabouts(zones | of_area.zones, of_area.states)


@cache
def _of_area_codes() -> Mapping[str, Whereabouts]:
    """Area code → its state (the one with most of its ZIP codes) and that state's zones in it."""
    seen: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for state in STATES:
        for place in zipcodes.filter_by_state(state):
            for area in place["area_codes"]:
                seen[area][state, place["timezone"]] += 1
    return {area: _area(counts) for area, counts in seen.items()}


def _area(counts: Counter[tuple[str, str]]) -> Whereabouts:
    states: Counter[str] = Counter()
    for (state, _), count in counts.items():
        states[state] += count
    home, total = states.most_common(1)[0]
    zones = {
        zone
        for (state, zone), count in counts.items()
        if state == home and zone and count >= _NOISE * total
    }
    return Whereabouts(frozenset(zones), frozenset({home}))
