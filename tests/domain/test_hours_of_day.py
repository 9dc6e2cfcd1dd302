"""Calls by the hour of the firm's day, also when its clock is changed; and when people answer."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.hours_of_day import (
    Hour,
    Stretch,
    best,
    by_hour,
    name_of,
    stretches,
    usual_day,
    when_people_answer,
)

NEW_YORK = ZoneInfo("America/New_York")
TALKED, MACHINE, FAILED = ContactOutcome.TALKED, ContactOutcome.MACHINE, ContactOutcome.FAILED
SPRING = datetime(2026, 3, 8, 7, tzinfo=UTC)
"""When New York's clocks go forward."""


def _hour(hour: int, answered: int, rang: int) -> Hour:
    return Hour(hour, {TALKED: answered, MACHINE: rang - answered, FAILED: 3})


def test_the_time_is_cut_where_the_clock_is_changed() -> None:
    found = stretches(SPRING - timedelta(days=3), SPRING + timedelta(days=3), NEW_YORK)
    assert found == [
        Stretch(SPRING - timedelta(days=3), SPRING, timedelta(hours=-5)),
        Stretch(SPRING, SPRING + timedelta(days=3), timedelta(hours=-4)),
    ]


@given(
    start=st.integers(0, 24 * 365),
    hours=st.integers(1, 24 * 28),
    zone=st.sampled_from(["America/New_York", "Asia/Kolkata", "America/Phoenix", "UTC"]),
)
def test_stretches_leave_nothing_out(start: int, hours: int, zone: str) -> None:
    begins = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=start)
    found = stretches(begins, begins + timedelta(hours=hours), ZoneInfo(zone))
    assert found[0].start == begins
    assert found[-1].end == begins + timedelta(hours=hours)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert len(found) <= 2


def test_hours_are_the_firms() -> None:
    winter, summer = stretches(SPRING - timedelta(days=3), SPRING + timedelta(days=3), NEW_YORK)
    hours = by_hour([(winter, {(14, TALKED): 2}), (summer, {(13, TALKED): 3, (15, FAILED): 1})])
    assert [(hour.name, dict(hour.outcomes)) for hour in hours] == [
        ("9 AM", {TALKED: 5}),
        ("10 AM", {}),
        ("11 AM", {FAILED: 1}),
    ]
    assert by_hour([(winter, {})]) == []


def test_a_zone_of_half_hours() -> None:
    (whole,) = stretches(SPRING, SPRING + timedelta(days=1), ZoneInfo("Asia/Kolkata"))
    (hour,) = by_hour([(whole, {(20, TALKED): 1})])
    assert hour.hour == 1


@pytest.mark.parametrize(
    ("hour", "name"), [(0, "12 AM"), (9, "9 AM"), (12, "12 PM"), (23, "11 PM"), (24, "12 AM")]
)
def test_hours_as_people_say_them(hour: int, name: str) -> None:
    assert name_of(hour) == name


def test_what_failed_did_not_ring() -> None:
    hour = _hour(9, 4, 10)
    assert (hour.calls, hour.rang, hour.answered, hour.share) == (13, 10, 4, 0.4)
    assert Hour(9, {FAILED: 3}).share is None


def test_few_calls_win_nothing_by_chance() -> None:
    lucky, steady, poor = _hour(9, 6, 10), _hour(17, 110, 200), _hour(12, 10, 100)
    assert [hour.hour for hour in best([lucky, poor, steady])] == [17, 9]
    assert when_people_answer([lucky, poor, steady]) == (
        "People answer most often between 5 PM and 6 PM (110 of 200 calls, 55%) and between 9 AM "
        "and 10 AM (6 of 10 calls, 60%)."
    )


@pytest.mark.parametrize("hours", [[], [_hour(9, 3, 9)], [_hour(9, 0, 50)]])
def test_nothing_is_said_of_too_few(hours: list[Hour]) -> None:
    assert best(hours) == []
    assert when_people_answer(hours).startswith("Too few calls")


def test_a_usual_day_is_shown_whatever_hours_had_calls() -> None:
    assert usual_day([]) == []
    one = _hour(10, 3, 9)
    assert [hour.hour for hour in usual_day([one])] == list(range(8, 20))
    assert usual_day([one])[2] is one
    assert usual_day([one])[3].calls == 0
    early, late = _hour(6, 1, 2), _hour(21, 1, 2)
    assert [hour.hour for hour in usual_day([early, late])] == list(range(6, 22))
