"""However callbacks arrive, they add up to the same."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.events import Answer, Status
from bridge.domain.progress import Progress, is_end, merge

_BEGUN = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
_moments = st.none() | st.integers(0, 600).map(lambda seconds: _BEGUN + timedelta(seconds=seconds))
progresses = st.builds(
    Progress,
    status=st.sampled_from(Status),
    answer=st.sampled_from(Answer),
    duration=st.none() | st.integers(0, 600),
    sip_code=st.none() | st.sampled_from([200, 404, 486, 487]),
    error_code=st.none() | st.sampled_from([21610, 30003]),
    dialed_at=_moments,
    ended_at=_moments,
)


@given(progresses, progresses, progresses)
def test_merge_is_a_join(one: Progress, two: Progress, three: Progress) -> None:
    assert merge(one, two) == merge(two, one)
    assert merge(merge(one, two), three) == merge(one, merge(two, three))
    assert merge(one, one) == one


@given(st.data(), st.lists(progresses, min_size=1, max_size=6))
def test_any_order_and_repetition_ends_the_same(data: st.DataObject, heard: list[Progress]) -> None:
    in_order = heard[0]
    for one in heard[1:]:
        in_order = merge(in_order, one)
    repeated = heard + data.draw(st.lists(st.sampled_from(heard)))
    shuffled = data.draw(st.permutations(repeated))
    merged = shuffled[0]
    for one in shuffled[1:]:
        merged = merge(merged, one)
    assert merged == in_order


@given(
    st.sampled_from([status for status in Status if is_end(status)]),
    st.sampled_from([status for status in Status if not is_end(status)]),
)
def test_an_end_stays(end: Status, other: Status) -> None:
    assert merge(Progress(end), Progress(other)).status is end


def test_which_statuses_are_ends() -> None:
    ends = {"canceled", "failed", "undelivered", "no-answer", "busy", "completed", "delivered",
            "read", "partially_delivered", "received"}  # fmt: skip
    assert {status for status in Status if is_end(status)} == ends


def test_ringing_time_is_from_the_first_ring_to_the_end() -> None:
    ring, end = _BEGUN, _BEGUN + timedelta(seconds=25)
    assert Progress(Status.NO_ANSWER, dialed_at=ring, ended_at=end).rang_for == 25
    assert Progress(Status.NO_ANSWER, ended_at=end).rang_for is None
    assert Progress(Status.NO_ANSWER, dialed_at=end, ended_at=ring).rang_for is None
