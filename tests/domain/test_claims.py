"""Marks of claims: near the present, a deployment's own, and known again when rounded."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from bridge.domain import claims

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=2000)).map(lambda later: START + later)
NAMES = st.text(max_size=20)


@given(MOMENTS, NAMES)
@example(START + timedelta(seconds=316), "\x105\U00054f94o\U0001792a\U00035572Z\x82")
def test_a_mark_is_about_now_and_has_no_fraction(now: datetime, name: str) -> None:
    mark = claims.claim_date(now, name)
    assert abs(mark - now) <= timedelta(seconds=claims.CYCLE_SECONDS / 2 + 1)
    assert mark.microsecond == 0
    assert mark.second != 0
    assert claims.is_ours(mark, mark, name)


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(hours=2)), NAMES, NAMES)
def test_one_deployments_marks_are_never_anothers(
    now: datetime, later: timedelta, ours: str, theirs: str
) -> None:
    mine, other = claims.claim_date(now, ours), claims.claim_date(now + later, theirs)
    same_slot = claims.claim_date(now, ours) == claims.claim_date(now, theirs)
    assert claims.is_ours(other, mine, ours) == same_slot


@given(MOMENTS, NAMES, st.sampled_from(["floor", "nearest"]))
def test_a_mark_that_was_rounded_to_the_minute_is_known_again(
    now: datetime, name: str, how: str
) -> None:
    mark = claims.claim_date(now, name)
    floor = mark.replace(second=0)
    up = {"floor": False, "nearest": mark.second >= 30}[how]
    assert claims.is_ours(floor + timedelta(minutes=up), mark, name)
    assert not claims.is_same(floor + timedelta(minutes=5), mark)


def test_no_date_is_nobodys_claim() -> None:
    assert not claims.is_same(None, datetime(2026, 1, 1, tzinfo=UTC))
