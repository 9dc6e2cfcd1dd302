"""One business day after: weekends and federal holidays don't count."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.adapters.geography import holiday
from bridge.domain.business_days import a_business_day_after, a_business_day_before

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("moment", "after"),
    [
        ("2026-11-23 15:10", "2026-11-24 15:10"),  # a Monday
        ("2026-11-25 15:10", "2026-11-27 15:10"),  # the day before Thanksgiving
        ("2026-11-26 15:10", "2026-11-30 00:00"),  # Thanksgiving counts from Friday's beginning
        ("2026-11-27 15:10", "2026-11-30 15:10"),  # a Friday
        ("2026-11-28 15:10", "2026-12-01 00:00"),  # a Saturday counts from Monday's beginning
        ("2026-11-29 23:59", "2026-12-01 00:00"),
        ("2026-12-31 09:00", "2027-01-04 09:00"),  # New Year's Day is a Friday
    ],
)
def test_one_business_day_after(moment: str, after: str) -> None:
    there = datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK)
    found = a_business_day_after(there.astimezone(UTC), NEW_YORK, holiday)
    assert found == datetime.fromisoformat(after).replace(tzinfo=NEW_YORK)
    assert found.tzinfo is UTC


def test_the_clock_change_keeps_the_time_of_day() -> None:
    friday = datetime(2026, 10, 30, 15, 0, tzinfo=NEW_YORK)
    found = a_business_day_after(friday.astimezone(UTC), NEW_YORK, lambda _day, _state: None)
    assert found.astimezone(NEW_YORK).hour == 15
    assert found.astimezone(NEW_YORK).date() == date(2026, 11, 2)


@given(st.integers(0, 60 * 24 * 28), st.integers(0, 60 * 24 * 7))
def test_what_is_late_by_now_came_a_business_day_before(start: int, waited: int) -> None:
    came = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(minutes=start)
    now = came + timedelta(minutes=waited)
    is_late = a_business_day_after(came, NEW_YORK, holiday) <= now
    assert (came <= a_business_day_before(now, NEW_YORK, holiday)) is is_late
