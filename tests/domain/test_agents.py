"""When an agent's phone may be rung: the firm's hours, rests, and whose turn it is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.agents import (
    NEVER_RUNG,
    Agent,
    AgentCall,
    AgentRecord,
    AgentState,
    missed,
    next_ring,
    ring_next,
    says_ready,
    standing,
)
from bridge.domain.hours import DAYS, Window
from bridge.domain.office_hours import OfficeHours, OfficeSpan, OfficeWeek
from bridge.domain.phones import E164

NEW_YORK = ZoneInfo("America/New_York")
DESK, INTAKE = Agent("Front desk", E164("+14025550110")), Agent("Intake", E164("+14025550111"))
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _thanksgiving(day: date, _: str | None) -> str | None:
    return "Thanksgiving" if day == date(2026, 11, 26) else None


def _hours(*spans: tuple[str, int, int], skip: bool = True) -> OfficeHours:
    week = OfficeWeek(
        tuple(
            OfficeSpan(frozenset(days.split(",")), Window(opens * 60, closes * 60))
            for days, opens, closes in spans
        )
    )
    return OfficeHours(week, NEW_YORK, skip, _thanksgiving)


OFFICE = _hours(("mon,tue,wed,thu,fri", 9, 17))
LUNCH = _hours(("mon,tue,wed,thu,fri", 13, 17), ("mon,tue,wed,thu,fri", 9, 12))
ALWAYS = _hours((",".join(DAYS), 0, 24), skip=False)
NEVER = _hours(("none", 9, 17))


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "moment", "opens"),
    [
        (OFFICE, _at(23, 12), _at(23, 12)),
        (OFFICE, _at(23, 8, 59), _at(23, 9)),
        (OFFICE, _at(23, 17), _at(24, 9)),
        (LUNCH, _at(23, 12), _at(23, 13)),
        # Thanksgiving, and the weekend.
        (OFFICE, _at(25, 18), _at(27, 9)),
        (OFFICE, _at(27, 17), _at(30, 9)),
        (ALWAYS, _at(29, 23, 59), _at(29, 23, 59)),
        (NEVER, _at(23, 12), None),
    ],
)
def test_when_the_firm_is_open(
    hours: OfficeHours, moment: datetime, opens: datetime | None
) -> None:
    assert hours.next_open(moment) == opens
    assert hours.is_open(moment) is (opens == moment)


def test_the_next_morning_is_on_another_day() -> None:
    assert LUNCH.next_morning(_at(23, 8)) == _at(24, 9)
    assert LUNCH.next_morning(_at(23, 12, 30)) == _at(24, 9)
    assert ALWAYS.next_morning(_at(23, 12)) == _at(24, 0)
    assert NEVER.next_morning(_at(23, 12)) is None


def test_hours_are_those_of_the_wall_clock() -> None:
    """On the day on which clocks go back the firm opens at nine there all the same."""
    sunday = _hours(("sun", 9, 17))
    assert sunday.next_open(_at(1, 0, 30)) == datetime(2026, 11, 1, 14, 0, tzinfo=UTC)


@given(st.integers(0, 14 * 24 * 60), st.sampled_from([OFFICE, LUNCH, ALWAYS]))
def test_hours_agree_with_the_clock_on_the_wall(minutes: int, hours: OfficeHours) -> None:
    moment = NOON + timedelta(minutes=minutes)
    there = moment.astimezone(NEW_YORK)
    minute = there.hour * 60 + there.minute
    is_open = not (hours.skip_holidays and _thanksgiving(there.date(), None)) and any(
        DAYS[there.weekday()] in span.days and span.window.opens <= minute < span.window.closes
        for span in hours.week.spans
    )
    assert hours.is_open(moment) is is_open
    opens = hours.next_open(moment)
    assert opens is not None
    assert opens >= moment
    assert hours.is_open(opens)


def test_a_phone_rests_longer_each_time_and_then_until_the_next_morning() -> None:
    record, rests = NEVER_RUNG, []
    for _ in range(4):
        record = missed(record, OFFICE, NOON)
        assert record.rests_until is not None
        rests.append(record.rests_until - NOON)
    assert rests == [10 * MINUTE, 20 * MINUTE, _at(24, 9) - NOON, _at(24, 9) - NOON]


def test_a_held_phone_rests_for_forty_minutes_at_least() -> None:
    late = _at(23, 23, 50)
    twice = AgentRecord(missed=2, rests_until=late)
    assert missed(twice, ALWAYS, late).rests_until == late + 40 * MINUTE
    assert missed(twice, NEVER, late).rests_until == late + 40 * MINUTE


def test_the_next_morning_it_begins_anew() -> None:
    held = AgentRecord(missed=3, rests_until=_at(24, 9), reason="Twilio refuses it")
    assert held.at(_at(24, 8, 59)) == held
    assert missed(held, OFFICE, _at(24, 9)).missed == 1
    assert missed(AgentRecord(2, NOON), OFFICE, NOON + MINUTE).missed == 3


@pytest.mark.parametrize(
    ("record", "call", "now", "state", "until"),
    [
        (NEVER_RUNG, None, NOON, AgentState.READY, NOON),
        (NEVER_RUNG, AgentCall(7, False), NOON, AgentState.RINGING, None),
        (NEVER_RUNG, AgentCall(7, True), _at(23, 20), AgentState.TALKING, None),
        (AgentRecord(1, NOON + MINUTE), None, NOON, AgentState.RESTING, NOON + MINUTE),
        (AgentRecord(3, _at(24, 9)), None, NOON, AgentState.HELD, _at(24, 9)),
        (AgentRecord(3, _at(24, 9)), None, _at(23, 18), AgentState.CLOSED, _at(24, 9)),
        (AgentRecord(0, None, NOON + MINUTE), None, NOON, AgentState.WRAP_UP, NOON + MINUTE),
        (AgentRecord(1, NOON, NOON), None, NOON, AgentState.READY, NOON),
        # It would rest into the evening: it is rung again the next morning.
        (AgentRecord(1, _at(23, 17, 5)), None, _at(23, 16, 55), AgentState.RESTING, _at(24, 9)),
    ],
)
def test_how_an_agent_stands(
    record: AgentRecord,
    call: AgentCall | None,
    now: datetime,
    state: AgentState,
    until: datetime | None,
) -> None:
    stands = standing(DESK, record, call, OFFICE, now)
    assert (stands.state, stands.until) == (state, until)


def test_who_was_rung_longest_ago_is_rung_next() -> None:
    desk = standing(DESK, AgentRecord(rung_at=NOON - MINUTE), None, OFFICE, NOON)
    intake = standing(INTAKE, AgentRecord(rung_at=NOON - 2 * MINUTE), None, OFFICE, NOON)
    never = standing(INTAKE, NEVER_RUNG, None, OFFICE, NOON)
    busy = standing(INTAKE, NEVER_RUNG, AgentCall(7, True), OFFICE, NOON)
    assert ring_next([desk, intake]) == INTAKE
    assert ring_next([desk, never]) == INTAKE
    assert ring_next([desk, busy]) == DESK
    assert ring_next([busy]) is None
    assert ring_next([]) is None


def test_when_anybody_can_be_rung() -> None:
    resting = standing(DESK, AgentRecord(1, NOON + 9 * MINUTE), None, OFFICE, NOON)
    held = standing(INTAKE, AgentRecord(3, _at(24, 9)), None, OFFICE, NOON)
    busy = standing(INTAKE, NEVER_RUNG, AgentCall(7, True), OFFICE, NOON)
    assert next_ring([resting, held], OFFICE, NOON) == NOON + 9 * MINUTE
    assert next_ring([held], OFFICE, NOON) == _at(24, 9)
    assert next_ring([resting, busy], OFFICE, NOON) == NOON
    assert next_ring([busy], OFFICE, _at(23, 17)) == _at(24, 9)
    assert next_ring([], OFFICE, NOON) is None
    assert next_ring([busy], NEVER, NOON) is None


@pytest.mark.parametrize(
    ("words", "is_ready"),
    [("READY", True), (" ready!\n", True), ("“ready”", False), ("not ready", False), ("", False)],
)
def test_what_says_ready(words: str, is_ready: bool) -> None:
    assert says_ready(words) is is_ready
