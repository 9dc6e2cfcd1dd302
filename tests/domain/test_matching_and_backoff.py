"""Whose call it is, and how long to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.backoff import LONGEST_DELAY, delay, whole_minute
from bridge.domain.matching import Evidence, Match, match
from bridge.domain.phones import E164

PHONE = E164("+14025555759")


@pytest.mark.parametrize(
    ("named", "known", "phone", "sharing", "expected"),
    [
        (1, 2, PHONE, [3], Match(Evidence.URL, 1)),
        (None, 2, PHONE, [3], Match(Evidence.SID, 2)),
        (None, None, PHONE, [3], Match(Evidence.PHONE, 3)),
        (None, None, PHONE, [3, 4], Match(Evidence.AMBIGUOUS)),
        (None, None, PHONE, [], Match(Evidence.UNSEEN)),
        (None, None, None, [], Match(Evidence.NOBODY)),
        (1, None, None, [], Match(Evidence.URL, 1)),
        (None, 2, None, [], Match(Evidence.SID, 2)),
    ],
)
def test_the_surest_evidence_wins(
    named: int | None, known: int | None, phone: E164 | None, sharing: list[int], expected: Match
) -> None:
    assert match(named=named, known=known, phone=phone, sharing=sharing) == expected


@given(st.integers(1, 60), st.floats(0, 1))
def test_pauses_grow_to_a_quarter_of_an_hour(tries: int, jitter: float) -> None:
    shortest, longest = delay(tries, 1), delay(tries, 0)
    assert shortest <= delay(tries, jitter) <= longest <= LONGEST_DELAY == timedelta(minutes=15)
    assert longest == 2 * shortest
    assert delay(tries + 1, jitter) >= delay(tries, jitter)
    assert delay(1, 0) == timedelta(seconds=1)


def test_a_pause_that_was_asked_for_is_kept() -> None:
    assert delay(1, 0, asked_for=timedelta(seconds=90)) == timedelta(seconds=90)
    assert delay(9, 0, asked_for=timedelta(seconds=2)) == timedelta(seconds=256)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_whole_minutes_are_rounded_up(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    rounded = whole_minute(moment)
    assert timedelta() <= rounded - moment < timedelta(minutes=1)
    assert (rounded.second, rounded.microsecond) == (0, 0)


def test_pauses_double_from_a_second() -> None:
    seconds = [delay(tries, 0).total_seconds() for tries in range(1, 13)]
    assert seconds == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


@given(st.integers(-5, 1000), st.floats(0, 1), st.integers(0, 100_000))
def test_any_pause_is_some_pause_and_at_least_the_one_asked_for(
    tries: int, jitter: float, asked: int
) -> None:
    own = delay(tries, jitter)
    assert timedelta(seconds=0.5) <= own <= LONGEST_DELAY
    asked_for = timedelta(seconds=asked)
    assert delay(tries, jitter, asked_for=asked_for) == max(own, asked_for)
    shorter = timedelta(seconds=30)
    assert delay(tries, jitter, longest=shorter) <= shorter


@given(st.lists(st.integers(1, 9), max_size=4))
def test_a_shared_number_never_names_a_case(sharing: list[int]) -> None:
    found = match(named=None, known=None, phone=PHONE, sharing=sharing)
    assert found.case_id == (sharing[0] if len(sharing) == 1 else None)
