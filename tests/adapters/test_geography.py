"""Where people may be: by whatever stands in the ZIP code's field, and by the area code."""

import json
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.adapters import geography
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
    assert bool(where.unlocatable) is (zip_code == "09012")


@pytest.mark.parametrize(
    "zip_code", ["09012", "9012", "APO AE 09803-1234", "34002", "96201", "96698", "09898"]
)
def test_a_military_address_is_no_place(zip_code: str) -> None:
    assert "APO, FPO, DPO" in locate(OMAHA, zip_code).unlocatable


@pytest.mark.parametrize(
    "zip_code", ["08901", "09901", "33901", "34102", "96150", "96799", "96701", "3401", "", "?"]
)
def test_its_neighbors_are(zip_code: str) -> None:
    assert locate(OMAHA, zip_code).unlocatable == ""


def test_a_place_whose_zone_is_no_zone_has_those_of_its_state() -> None:
    where = locate(E164("+19075550101"), "99634")
    assert where.states == {"AK"}
    assert "America/Anchorage" in where.zones


SPLIT = {
    "208": {"America/Boise", "America/Los_Angeles"},
    "270": {"America/Chicago", "America/New_York"},
    "308": {"America/Chicago", "America/Denver"},
    "423": {"America/Chicago", "America/New_York"},
    "541": {"America/Denver", "America/Los_Angeles"},
    "605": {"America/Chicago", "America/Denver"},
    "606": {"America/Chicago", "America/New_York"},
    "620": {"America/Chicago", "America/Denver"},
    "701": {"America/Chicago", "America/Denver"},
    "775": {"America/Denver", "America/Los_Angeles"},
    "785": {"America/Chicago", "America/Denver"},
    "812": {"America/Chicago", "America/New_York"},
    "850": {"America/Chicago", "America/New_York"},
    "906": {"America/Chicago", "America/New_York"},
    "907": {"America/Adak", "America/Anchorage"},
}
"""Area codes that lie in several time zones."""


@pytest.mark.parametrize("area", SPLIT)
def test_every_zone_of_a_split_area_code_counts(area: str) -> None:
    # No exchange 555 is assigned to a place.
    assert locate(E164(f"+1{area}5550101"), "").zones >= SPLIT[area]


@pytest.mark.parametrize(
    ("phone", "zone", "state"),
    [
        ("+16052245555", "America/Chicago", "SD"),  # Pierre
        ("+16053425555", "America/Denver", "SD"),  # Rapid City
        ("+18502005555", "America/Chicago", "FL"),
    ],
)
def test_where_the_exchange_is_known_its_zone_counts(phone: str, zone: str, state: str) -> None:
    assert locate(E164(phone), "") == Location(frozenset({zone}), frozenset({state}))


_AREA_CODES = json.loads(Path(geography.__file__).with_name("area_codes.json").read_text())


@pytest.mark.parametrize("area", _AREA_CODES["overlays"])
def test_an_overlay_has_the_state_and_the_zones_of_what_it_covers(area: str) -> None:
    row = _AREA_CODES["overlays"][area]
    overlay = locate(E164(f"+1{area}5550101"), "")
    assert overlay.states == {row["state"]}
    assert not set(row["covers"]) & set(_AREA_CODES["overlays"])
    for code in row["covers"]:
        covered = locate(E164(f"+1{code}5550101"), "")
        assert covered.states == overlay.states
        assert covered.zones
        assert covered.zones <= overlay.zones


@pytest.mark.parametrize(
    ("area", "state"), [("645", "FL"), ("730", "IL"), ("686", "VA"), ("729", "TN"), ("738", "CA")]
)
def test_a_young_area_code_is_where_the_old_one_is(area: str, state: str) -> None:
    assert locate(E164(f"+1{area}5550101"), "").states == {state}


def test_an_area_code_that_nobody_knows_may_be_anywhere() -> None:
    assert locate(E164("+12225550101"), "") == Location()


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
        (date(2027, 5, 4), "RI", "Rhode Island Independence Day"),
        (date(2026, 12, 1), "AL", "Rosa Parks Day"),
        (date(2026, 11, 27), "LA", "Day after Thanksgiving"),
        (date(2026, 4, 3), "PA", "Good Friday"),
        (date(2026, 6, 14), "PA", "Flag Day"),
        (date(2026, 11, 3), "PA", "Election Day"),
        (date(2026, 11, 3), "RI", "Election Day"),
        (date(2026, 11, 3), "LA", "Election Day"),
        # What the general list has for a state counts only where the state's own calendar has it.
        (date(2026, 4, 27), "MS", None),
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
