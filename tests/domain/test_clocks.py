"""Which zone SmartAdvocate's dates are in, told from cases that are due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain import remote_clock

MINUTES = st.integers(0, 50).map(lambda minutes: timedelta(minutes=minutes))
TOLERANCE = timedelta(minutes=5)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(remote_clock.ZONES),
    st.sampled_from(remote_clock.ZONES),
    MINUTES,
)
def test_the_zone_that_fits_is_one_with_the_true_offset(
    now: datetime, true: str, set_to: str, overdue: timedelta
) -> None:
    """As far as the newest due case is less than an hour old."""
    due = now - overdue
    shown = due.astimezone(ZoneInfo(true)).replace(tzinfo=None)
    read = shown.replace(tzinfo=ZoneInfo(set_to)).astimezone(UTC)
    apart = read - due
    ahead = read - now
    if not timedelta(hours=1) <= apart <= timedelta(hours=10):
        return
    if not remote_clock.hours_ahead_means_zone(ahead, TOLERANCE):
        assert ahead < timedelta(minutes=45)  # an hour apart and overdue: nothing can be told
        return
    fits = remote_clock.fitting_zone(now, ZoneInfo(set_to), ahead)
    assert fits is not None
    offset = now.astimezone(ZoneInfo(fits)).utcoffset()
    assert offset is not None
    true_offset = due.astimezone(ZoneInfo(true)).utcoffset()
    # Around a change of the clocks the offsets of now and of then may differ.
    if now.astimezone(ZoneInfo(true)).utcoffset() == true_offset and (
        now.astimezone(ZoneInfo(set_to)).utcoffset()
        == read.astimezone(ZoneInfo(set_to)).utcoffset()
    ):
        assert offset == true_offset


@pytest.mark.parametrize(
    ("late", "hours"),
    [
        (timedelta(), 0),
        (timedelta(minutes=59), 1),
        (timedelta(hours=3, minutes=1), 3),
        (timedelta(hours=2, minutes=30), 0),
        (timedelta(minutes=20), 0),
        (-timedelta(hours=1), 0),
    ],
)
def test_late_by_whole_hours(late: timedelta, hours: int) -> None:
    assert remote_clock.late_by_whole_hours(late, timedelta(minutes=6)) == hours


@pytest.mark.parametrize("ahead", [timedelta(seconds=10), TOLERANCE, timedelta(minutes=44)])
def test_a_clock_that_goes_ahead_is_no_zone(ahead: timedelta) -> None:
    assert not remote_clock.hours_ahead_means_zone(ahead, TOLERANCE)


def test_dates_that_come_due_late_are_of_a_zone_farther_west() -> None:
    now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    late = -timedelta(hours=3)
    assert (
        remote_clock.fitting_zone(now, ZoneInfo("America/New_York"), late) == "America/Los_Angeles"
    )
