"""Where people may be: by whatever stands in the ZIP code's field, and by the area code."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bridge.adapters.geography import STATES, holiday, locate
from bridge.domain.hours import LOWER_48, Location
from bridge.domain.phones import E164

OMAHA = E164("+14025555759")
CENTRAL, PACIFIC = "America/Chicago", "America/Los_Angeles"


@pytest.mark.parametrize(
    "zip_code",
    [
        "94103",
        "94103-1234",
        "941031234",
        "94103 1234",
        "CA 94103",
        "94103-",
        "94103 - 1234",
        "San Francisco, CA 94103",
        "94103.0",
        "94103–1234",
    ],
)
def test_a_zip_code_counts_whatever_stands_around_it(zip_code: str) -> None:
    assert locate(OMAHA, zip_code) == Location(
        frozenset({CENTRAL, PACIFIC}), frozenset({"NE", "CA"})
    )


def test_a_leading_zero_that_a_spreadsheet_ate() -> None:
    assert "MA" in locate(OMAHA, "2110").states


@pytest.mark.parametrize("zip_code", ["", " ", "unknown", "n/a", "６８０４６"])
def test_no_zip_code_leaves_the_area_code(zip_code: str) -> None:
    assert locate(OMAHA, zip_code) == Location(frozenset({CENTRAL}), frozenset({"NE"}))


@pytest.mark.parametrize("zip_code", ["K1A 0B1", "00000", "09012", "123", "99999-0000"])
def test_a_zip_code_that_is_no_place_of_the_states_means_anywhere(zip_code: str) -> None:
    where = locate(OMAHA, zip_code)
    assert where.zones >= LOWER_48
    assert where.states == set(STATES)


def test_a_place_whose_zone_is_no_zone_has_those_of_its_state() -> None:
    where = locate(E164("+19075550101"), "99634")
    assert where.states == {"AK"}
    assert "America/Anchorage" in where.zones


@pytest.mark.parametrize("area", ["645", "730", "686"])
def test_a_young_area_code_may_be_in_any_state(area: str) -> None:
    where = locate(E164(f"+1{area}5550101"), "")
    assert where.zones
    assert not where.states


@pytest.mark.parametrize("area", ["201", "402", "850", "219", "928", "808", "907", "787", "605"])
def test_every_zone_can_be_reckoned_in(area: str) -> None:
    for zip_code in ("", "99634", "96799", "96910", "00901"):
        for zone in locate(E164(f"+1{area}5550101"), zip_code).zones:
            assert ZoneInfo(zone).key == zone


@pytest.mark.parametrize(
    ("day", "state", "name"),
    [
        (date(2026, 7, 24), "UT", "Pioneer Day"),
        (date(2026, 2, 17), "LA", "Mardi Gras"),
        (date(2026, 7, 24), "NE", None),
        (date(2026, 7, 24), None, None),
        (date(2026, 10, 12), "LA", "Columbus Day"),
        (date(2027, 12, 31), None, "New Year's Day (observed)"),
    ],
)
def test_holidays_are_federal_ones_and_the_states_own(
    day: date, state: str | None, name: str | None
) -> None:
    assert holiday(day, state) == name
