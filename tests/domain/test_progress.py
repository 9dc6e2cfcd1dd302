"""However callbacks arrive, they add up to the same."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.events import AnsweredBy, Channel, Direction, Event, Status, Talk
from bridge.domain.progress import Progress, is_end, merge, of_event

_BEGUN = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
_moments = st.none() | st.integers(0, 600).map(lambda seconds: _BEGUN + timedelta(seconds=seconds))
progresses = st.builds(
    Progress,
    status=st.sampled_from(Status),
    answer=st.sampled_from(AnsweredBy),
    duration=st.none() | st.integers(0, 600),
    sip_code=st.none() | st.sampled_from([200, 404, 486, 487]),
    error_code=st.none() | st.sampled_from([21610, 30003]),
    dialed_at=_moments,
    ended_at=_moments,
    talk=st.sampled_from(Talk),
)


@given(progresses, progresses, progresses, st.sampled_from(Direction))
def test_merge_is_a_join(
    one: Progress, two: Progress, three: Progress, direction: Direction
) -> None:
    def both(left: Progress, right: Progress) -> Progress:
        return merge(left, right, direction)

    assert both(one, two) == both(two, one)
    assert both(both(one, two), three) == both(one, both(two, three))
    assert both(one, one) == one


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
    ends = {
        "canceled",
        "failed",
        "undelivered",
        "no-answer",
        "busy",
        "completed",
        "delivered",
        "read",
        "partially_delivered",
        "received",
    }
    assert {status for status in Status if is_end(status)} == ends


def test_ringing_time_is_from_the_first_ring_to_the_end() -> None:
    ring, end = _BEGUN, _BEGUN + timedelta(seconds=25)
    assert Progress(Status.NO_ANSWER, dialed_at=ring, ended_at=end).rang_for == 25
    assert Progress(Status.NO_ANSWER, ended_at=end).rang_for is None
    assert Progress(Status.NO_ANSWER, dialed_at=end, ended_at=ring).rang_for is None


def _event(
    status: Status, after: int, duration: int | None = None, sip_code: int | None = None
) -> Event:
    return Event(
        Channel.CALL,
        "CA1",
        status,
        Direction.OUTBOUND,
        "+14025555759",
        occurred_at=_BEGUN + timedelta(seconds=after),
        duration=duration,
        sip_code=sip_code,
    )


def test_the_life_of_a_call_ends_the_same_in_any_order() -> None:
    life = [
        _event(Status.INITIATED, 0),
        _event(Status.RINGING, 2),
        _event(Status.IN_PROGRESS, 9),
        _event(Status.COMPLETED, 58, duration=49, sip_code=200),
        Event(
            Channel.CALL, "CA1", Status.COMPLETED, Direction.OUTBOUND, "", answer=AnsweredBy.MACHINE
        ),
    ]
    ends = set()
    for order in permutations(life):
        merged = of_event(order[0])
        for event in order[1:]:
            merged = merge(merged, of_event(event))
        ends.add(merged)
    assert ends == {
        Progress(
            Status.COMPLETED,
            AnsweredBy.MACHINE,
            duration=49,
            sip_code=200,
            dialed_at=_BEGUN,
            ended_at=_BEGUN + timedelta(seconds=58),
        )
    }


@pytest.mark.parametrize(
    ("one", "other", "stays"),
    [
        (Status.NO_ANSWER, Status.RINGING, Status.NO_ANSWER),
        (Status.RINGING, Status.INITIATED, Status.RINGING),
        (Status.IN_PROGRESS, Status.RINGING, Status.IN_PROGRESS),
        (Status.SENT, Status.QUEUED, Status.SENT),
        (Status.DELIVERED, Status.SENT, Status.DELIVERED),
        (Status.DELIVERED, Status.READ, Status.READ),
        # A text in parts, of which one didn't arrive; a call that was answered after all.
        (Status.UNDELIVERED, Status.DELIVERED, Status.UNDELIVERED),
        (Status.FAILED, Status.DELIVERED, Status.FAILED),
        (Status.COMPLETED, Status.NO_ANSWER, Status.COMPLETED),
        (Status.COMPLETED, Status.CANCELED, Status.COMPLETED),
    ],
)
def test_the_further_status_stays(one: Status, other: Status, stays: Status) -> None:
    assert merge(Progress(one), Progress(other)).status is stays


@given(st.sampled_from(Status), _moments)
def test_only_a_ring_begins_and_only_an_end_ends(status: Status, moment: datetime | None) -> None:
    event = Event(Channel.CALL, "CA1", status, Direction.OUTBOUND, "", occurred_at=moment)
    said = of_event(event)
    assert said.dialed_at == (moment if status in {Status.INITIATED, Status.RINGING} else None)
    assert said.ended_at == (moment if is_end(status) else None)


def test_a_machine_that_was_detected_late_stays_one() -> None:
    ended = Progress(Status.COMPLETED, AnsweredBy.HUMAN)
    for heard in (AnsweredBy.MACHINE, AnsweredBy.UNSAID):
        both = merge(ended, Progress(Status.COMPLETED, heard))
        assert both.answer is (
            AnsweredBy.MACHINE if heard is AnsweredBy.MACHINE else AnsweredBy.HUMAN
        )


@pytest.mark.parametrize("further", [Talk.MISSED, Talk.BRIDGED])
def test_whoever_was_put_through_has_heard_the_message(further: Talk) -> None:
    heard = Progress(Status.IN_PROGRESS, talk=Talk.HEARD)
    assert merge(heard, Progress(Status.IN_PROGRESS)).talk is Talk.HEARD
    assert merge(Progress(Status.IN_PROGRESS, talk=further), heard).talk is further


def test_the_ringing_at_the_firm_is_no_talk_of_a_caller() -> None:
    of_the_leg, of_the_number = (Progress(Status.COMPLETED, duration=one) for one in (12, 60))
    assert merge(of_the_number, of_the_leg, Direction.INBOUND).duration == 12
    assert merge(of_the_number, of_the_leg, Direction.OUTBOUND).duration == 60
    unsaid = Progress(Status.COMPLETED)
    assert merge(unsaid, of_the_leg, Direction.INBOUND).duration == 12
