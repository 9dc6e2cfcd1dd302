"""Hours in the states: against an oracle that goes minute by minute and has lists of its own.

The oracle reads windows from the data by itself, and the days of 2027 on which states ban
solicitation stand here as dates, not as rules.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.adapters.geography import holiday
from bridge.domain.hours import DAYS, FirmHours, Location, Window, next_opening
from bridge.domain.state_rules import rule_pack

_WINDOWS = json.loads(files("bridge.domain").joinpath("state_rules.json").read_text())["states"]
_STEP = timedelta(minutes=1)
_AT_MOST = timedelta(days=12)


def _days(text: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(f"2027-{day}") for day in text.split())


FEDERAL = _days(
    "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31"
)
OF_STATES = {
    "AL": _days("02-09 04-26 06-07 12-01"),
    "LA": _days("01-08 02-09 03-26 08-30 11-01 11-26"),
    "PA": _days("03-26 06-14 11-02"),
    "RI": _days("05-04 08-09 11-02"),
    "UT": _days("06-21 07-23 07-24"),
}
"""What the states ban beside the federal holidays, observed days included."""


@pytest.mark.parametrize("state", [*OF_STATES, "NE", "MS", "TX", None])
def test_every_day_of_a_year_is_a_holiday_or_none(state: str | None) -> None:
    first = date(2027, 1, 1)
    days = (first + timedelta(days=ahead) for ahead in range(365))
    found = {day for day in days if holiday(day, state)}
    assert found == FEDERAL | OF_STATES.get(state or "", frozenset())


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _is_within(minute: int, opens: int, closes: int) -> bool:
    return opens + 5 <= minute < closes - 10


def _firm_may(there: datetime, firm: FirmHours) -> bool:
    if there.strftime("%a").lower() not in firm.days:
        return False
    if firm.skip_holidays and there.date() in FEDERAL:
        return False
    return _is_within(there.hour * 60 + there.minute, firm.window.opens, firm.window.closes)


def _state_may(moment: datetime, zone: str, state: str) -> bool:
    row: Mapping[str, list[str] | None] | None = _WINDOWS.get(state)
    if row is None:
        return True
    there = moment.astimezone(ZoneInfo("America/Chicago" if state == "MS" else zone))
    if state in OF_STATES and there.date() in FEDERAL | OF_STATES[state]:
        return False
    window = row[{"Sat": "saturday", "Sun": "sunday"}.get(there.strftime("%a"), "weekday")]
    if window is None:
        return False
    return _is_within(there.hour * 60 + there.minute, _minutes(window[0]), _minutes(window[1]))


def _may(moment: datetime, place: Location, firm: FirmHours) -> bool:
    return all(
        _firm_may(moment.astimezone(ZoneInfo(zone)), firm)
        and all(_state_may(moment, zone, state) for state in place.states)
        for zone in place.zones
    )


places = st.builds(
    Location,
    st.frozensets(
        st.sampled_from(
            ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"]
        ),
        min_size=1,
        max_size=2,
    ),
    st.frozensets(st.sampled_from([*_WINDOWS, "NE", "GA"]), min_size=1, max_size=2),
)
firms = st.builds(
    FirmHours,
    st.sampled_from([Window(9 * 60, 20 * 60), Window(8 * 60, 21 * 60), Window(510, 1050)]),
    st.sampled_from([frozenset(DAYS), frozenset(DAYS) - {"sun"}]),
    skip_holidays=st.booleans(),
    rules=st.just(rule_pack().states),
)
_BANNED = sorted(FEDERAL.union(*OF_STATES.values()))
moments = st.builds(
    lambda day, minutes: (
        datetime(day.year, day.month, day.day, 4, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from(_BANNED) | st.dates(date(2027, 1, 2), date(2027, 12, 10)),
    st.integers(0, 30 * 60),
).filter(lambda moment: date(2027, 1, 2) <= moment.date() <= date(2027, 12, 10))


@given(moments, places, firms)
@settings(max_examples=150, deadline=None)
def test_the_next_opening_is_the_first_minute_that_every_rule_allows(
    now: datetime, place: Location, firm: FirmHours
) -> None:
    found = next_opening(now, place, firm, holiday)
    assert found is not None
    moment = now
    while not _may(moment, place, firm):
        moment += _STEP
        assert moment - now < _AT_MOST
    assert found.at == moment
    assert bool(found.reason) is (moment > now)


@given(moments, places, firms)
@settings(max_examples=60, deadline=None)
def test_the_window_ends_ten_minutes_after_the_last_contact_may_begin(
    now: datetime, place: Location, firm: FirmHours
) -> None:
    found = next_opening(now, place, firm, holiday)
    assert found is not None
    moment = found.at
    while _may(moment, place, firm):
        moment += _STEP
    assert found.until == moment + timedelta(minutes=10)
