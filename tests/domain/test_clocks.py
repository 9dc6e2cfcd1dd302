"""A due case's date that lies ahead, and the zone in which it would not."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.clocks import (
    ZONES,
    fitting_zone,
    hours_ahead_means_zone,
    late_by_whole_hours,
)

WINTER = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 17, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "zone", "hours", "fits"),
    [
        (WINTER, "America/New_York", 5, "UTC"),
        (SUMMER, "America/New_York", 4, "UTC"),
        (SUMMER, "America/New_York", 5, None),
        (WINTER, "America/Chicago", 1, "America/New_York"),
        (WINTER, "America/Los_Angeles", 1, "America/Denver"),
        (SUMMER, "Pacific/Honolulu", 3, "America/Los_Angeles"),
        (WINTER, "America/New_York", 1, "America/Puerto_Rico"),
        (WINTER, "America/New_York", 0, "America/New_York"),
        (WINTER, "UTC", -5, "America/New_York"),
        (SUMMER, "America/New_York", -3, "America/Los_Angeles"),
        (WINTER, "UTC", 1, None),
    ],
)
def test_the_westernmost_zone_that_makes_it_past(
    now: datetime, zone: str, hours: int, fits: str | None
) -> None:
    assert fitting_zone(now, ZoneInfo(zone), hours * HOUR) == fits


@given(
    now=st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: SUMMER + minutes * MINUTE),
    theirs=st.sampled_from(ZONES),
    ours=st.sampled_from(ZONES),
    due_for=st.timedeltas(timedelta(), 10 * MINUTE),
)
def test_a_wrong_zone_is_told_from_what_it_makes_of_a_date(
    now: datetime, theirs: str, ours: str, due_for: timedelta
) -> None:
    written = (now - due_for).astimezone(ZoneInfo(theirs)).replace(tzinfo=None)
    ahead = written.replace(tzinfo=ZoneInfo(ours)).astimezone(UTC) - now
    # On the nights on which clocks change, the date and now may lie on different sides.
    east = now.astimezone(ZoneInfo(theirs)).utcoffset() or timedelta()
    here = now.astimezone(ZoneInfo(ours)).utcoffset() or timedelta()
    if ahead != east - here - due_for:
        return
    if east <= here:
        assert not hours_ahead_means_zone(ahead, MINUTE)
        return
    assert hours_ahead_means_zone(ahead, 5 * MINUTE) is (ahead >= 45 * MINUTE)
    name = fitting_zone(now, ZoneInfo(ours), ahead)
    assert name is not None
    assert now.astimezone(ZoneInfo(name)).utcoffset() == east


@pytest.mark.parametrize(
    ("ahead", "tolerance", "is_zone"),
    [
        (timedelta(seconds=10), 5 * MINUTE, False),
        (44 * MINUTE, 5 * MINUTE, False),
        (HOUR - MINUTE, 5 * MINUTE, True),
        (5 * HOUR, 5 * MINUTE, True),
        (5 * HOUR, 6 * HOUR, False),
        (-5 * HOUR, 5 * MINUTE, False),
    ],
)
def test_a_drift_is_no_zone(ahead: timedelta, tolerance: timedelta, is_zone: bool) -> None:
    assert hours_ahead_means_zone(ahead, tolerance) is is_zone


@pytest.mark.parametrize(
    ("late", "hours"),
    [(HOUR, 1), (5 * HOUR + 4 * MINUTE, 5), (5 * HOUR + 6 * MINUTE, 0), (4 * MINUTE, 0),
     (-HOUR, 0), (29 * MINUTE, 0)],
)  # fmt: skip
def test_late_by_whole_hours(late: timedelta, hours: int) -> None:
    assert late_by_whole_hours(late, 5 * MINUTE) == hours
