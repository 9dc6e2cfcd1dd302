"""Hours: every zone, both days on which the clocks change, and the strictest of several places.

The states' own windows and calendars, minute by minute: test_hours_of_states.py.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.adapters.geography import holiday
from bridge.domain.hours import DAYS, FirmHours, Location, Window, next_opening
from bridge.domain.state_rules import rule_pack

ZONES = (
    "America/New_York",
    "America/Detroit",
    "America/Chicago",
    "America/Denver",
    "America/Boise",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
    "America/Indiana/Knox",
)
USUAL = FirmHours(Window(9 * 60, 20 * 60), frozenset(DAYS) - {"sun"}, skip_holidays=True)
ALWAYS = FirmHours(Window(0, 24 * 60), frozenset(DAYS), skip_holidays=False)
STRICT = FirmHours(USUAL.window, USUAL.days, skip_holidays=True, rules=rule_pack().states)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)

zones = st.sampled_from(ZONES)
moments = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
) | st.builds(
    lambda day, minutes: (
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from([SPRING, AUTUMN]),
    st.integers(-24 * 60, 48 * 60),
)
windows = st.tuples(st.integers(4, 18), st.integers(1, 10)).map(
    lambda pair: Window(pair[0] * 60, min(pair[0] + pair[1], 24) * 60)
)


def _may(moment: datetime, zone: str, house: FirmHours) -> bool:
    """The rule for one zone, spelled out once more on the wall clock."""
    there = moment.astimezone(ZoneInfo(zone))
    minutes = there.hour * 60 + there.minute
    closed = DAYS[there.weekday()] not in house.days
    if closed or (house.skip_holidays and holiday(there.date())):
        return False
    return house.window.opens + 5 <= minutes < house.window.closes - 10


@given(moments, st.frozensets(zones, min_size=1, max_size=4), windows)
@settings(max_examples=200, deadline=None)
def test_the_opening_is_open_everywhere_and_nothing_earlier_is(
    now: datetime, where: frozenset[str], window: Window
) -> None:
    house = FirmHours(window, USUAL.days, skip_holidays=True)
    found = next_opening(now, Location(where), house, holiday)
    if found is None:
        # Two far zones may never be inside a short window at once.
        assert len(where) > 1
        return
    assert found.at >= now
    assert all(_may(found.at, zone, house) for zone in where)
    earlier = now
    while earlier < found.at:
        assert not all(_may(earlier, zone, house) for zone in where)
        earlier += timedelta(minutes=7)
    if found.at > now:
        assert found.reason
        before = found.at - timedelta(minutes=1)
        assert not all(_may(before, zone, house) for zone in where)


@given(moments, zones)
@settings(max_examples=150, deadline=None)
def test_the_window_ends_when_the_wall_clock_says_so(now: datetime, zone: str) -> None:
    found = next_opening(now, Location(frozenset({zone})), USUAL, holiday)
    assert found is not None
    ends = found.until.astimezone(ZoneInfo(zone))
    assert (ends.hour, ends.minute) == (20, 0)
    assert ends.date() == found.at.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("zone", ZONES)
def test_a_change_of_the_clocks_moves_nothing_by_an_hour(day: date, zone: str) -> None:
    # Both are Sundays: a firm that calls on Sundays opens and closes by the wall clock.
    house = FirmHours(USUAL.window, frozenset(DAYS), skip_holidays=False)
    there = ZoneInfo(zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=there)
    found = next_opening(
        midnight.astimezone(UTC), Location(frozenset({zone})), house, lambda *_: None
    )
    assert found is not None
    assert found.at.astimezone(there).strftime("%d %H:%M") == f"{day:%d} 09:05"
    assert found.until.astimezone(there).strftime("%d %H:%M") == f"{day:%d} 20:00"


@given(moments, zones)
@settings(max_examples=80, deadline=None)
def test_no_limit_by_the_hour_is_no_limit(now: datetime, zone: str) -> None:
    found = next_opening(now, Location(frozenset({zone})), ALWAYS, holiday)
    assert found is not None
    assert found.at == now
    assert found.until > now + timedelta(days=7)


@given(moments, zones.filter(lambda zone: zone in ZONES[:7]))
@settings(max_examples=60, deadline=None)
def test_who_is_nowhere_known_is_reached_only_when_anybody_could_be(
    now: datetime, zone: str
) -> None:
    if next_opening(now, Location(), STRICT, holiday) is None:
        return
    found = next_opening(now, Location(), STRICT, holiday)
    assert found is not None
    for state in STRICT.rules:
        somewhere = Location(frozenset({zone}), frozenset({state}))
        there = next_opening(found.at, somewhere, STRICT, holiday)
        assert there is not None
        assert there.at == found.at


def _local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("state", "zone", "now", "opens"),
    [
        ("NE", "America/Chicago", "2026-11-24T08:59", "2026-11-24T09:05"),
        ("NE", "America/Chicago", "2026-11-24T09:04", "2026-11-24T09:05"),
        ("NE", "America/Chicago", "2026-11-24T19:49", "2026-11-24T19:49"),
        ("NE", "America/Chicago", "2026-11-24T19:50", "2026-11-25T09:05"),
        # Thanksgiving is nobody's day, the Friday after it is, but in Louisiana.
        ("NE", "America/Chicago", "2026-11-26T12:00", "2026-11-27T09:05"),
        ("LA", "America/Chicago", "2026-11-26T12:00", "2026-11-28T09:05"),
        ("NE", "America/Chicago", "2026-11-28T19:55", "2026-11-30T09:05"),
        ("KY", "America/New_York", "2026-11-24T09:00", "2026-11-24T10:05"),
        ("RI", "America/New_York", "2026-11-24T17:50", "2026-11-25T09:05"),
        ("RI", "America/New_York", "2026-11-28T09:00", "2026-11-28T10:05"),
        ("RI", "America/New_York", "2027-05-04T12:00", "2027-05-05T09:05"),
        ("AL", "America/Chicago", "2026-12-01T12:00", "2026-12-02T09:05"),
        # Saturday has no shorter hours in Pennsylvania; Good Friday has none.
        ("PA", "America/New_York", "2026-11-28T13:00", "2026-11-28T13:00"),
        ("PA", "America/New_York", "2027-03-26T12:00", "2027-03-27T09:05"),
        ("PA", "America/New_York", "2026-11-03T12:00", "2026-11-04T09:05"),
        ("UT", "America/Denver", "2026-07-24T12:00", "2026-07-25T09:05"),
        # Mississippi means Central time, wherever the other hint places the person.
        ("MS", "America/New_York", "2026-11-24T09:04", "2026-11-24T09:05"),
        ("MS", "America/Denver", "2026-11-24T18:55", "2026-11-24T18:55"),
        # Independence Day 2026 is a Saturday, observed on the Friday.
        ("NE", "America/Chicago", "2026-07-03T12:00", "2026-07-06T09:05"),
    ],
)
def test_days_and_states(state: str, zone: str, now: str, opens: str) -> None:
    where = Location(frozenset({zone}), frozenset({state}))
    found = next_opening(_local(now, zone), where, STRICT, holiday)
    assert found is not None
    assert found.at == _local(opens, zone)


def test_zip_and_area_code_both_count() -> None:
    where = Location(frozenset({"America/New_York", "America/Los_Angeles"}))
    found = next_opening(_local("2026-11-24T09:30", "America/New_York"), where, USUAL, holiday)
    assert found is not None
    assert found.at == _local("2026-11-24T12:05", "America/New_York")
    assert found.until == _local("2026-11-24T20:00", "America/New_York")
    assert "it is Tue 6:30 AM in America/Los_Angeles" in found.reason


@pytest.mark.parametrize("time", ["08:30", "09:02", "19:52"])
def test_the_reason_says_when_contact_begins_as_well(time: str) -> None:
    omaha = Location(frozenset({"America/Chicago"}))
    found = next_opening(_local(f"2026-11-24T{time}", "America/Chicago"), omaha, USUAL, holiday)
    assert found is not None
    hours = "the firm's hours allow contact only from 9:00 AM to 8:00 PM"
    margins = "(nothing starts before 9:05 AM or after 7:50 PM)"
    there = datetime.fromisoformat(f"2026-11-24T{time}")
    clock = f"{there.hour % 12}:{there:%M %p}"
    assert found.reason == f"it is Tue {clock} in America/Chicago; {hours} {margins}"
    assert found.standing == f"{hours} in America/Chicago {margins}"


def test_hours_that_go_on_at_midnight_have_no_margin_there() -> None:
    always = Location(frozenset({"America/Chicago"}))
    found = next_opening(_local("2026-11-24T00:00", "America/Chicago"), always, ALWAYS, holiday)
    assert found is not None
    assert found.at == _local("2026-11-24T00:00", "America/Chicago")
    no_mondays = FirmHours(ALWAYS.window, ALWAYS.days - {"mon"}, skip_holidays=False)
    after = next_opening(_local("2026-11-24T00:00", "America/Chicago"), always, no_mondays, holiday)
    assert after is not None
    assert after.at == _local("2026-11-24T00:05", "America/Chicago")
