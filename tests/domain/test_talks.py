"""What counts as a talk, and what a person's own call then means."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.case_updates import DialerStatus
from bridge.domain.outcomes import (
    CALLED_BACK,
    CALLED_IN,
    REACHED_US,
    Disposition,
    Outcome,
    OutcomeKind,
)
from bridge.domain.talks import AfterTalk, is_talk, of_call_in

TO_DIAL, IN_THE_DIALER, DO_NOT_DIAL = DialerStatus
LEAST = timedelta(seconds=30)


@given(st.sampled_from(OutcomeKind), st.none() | st.integers(0, 600))
def test_only_a_connected_call_is_a_talk_and_only_if_long_enough(
    kind: OutcomeKind, seconds: int | None
) -> None:
    connected = kind in {OutcomeKind.REACHED, OutcomeKind.CALLED_IN}
    long_enough = seconds is not None and seconds >= 30
    assert is_talk(Outcome(kind), seconds, LEAST) is (connected and long_enough)


def test_what_is_under_way_is_no_talk_yet() -> None:
    assert not is_talk(None, 300, LEAST)


@pytest.mark.parametrize(
    ("own", "others", "after", "means"),
    [
        (TO_DIAL, [TO_DIAL], AfterTalk.SUCCESSFUL, REACHED_US),
        (IN_THE_DIALER, [IN_THE_DIALER, DO_NOT_DIAL], AfterTalk.SUCCESSFUL, REACHED_US),
        (TO_DIAL, [TO_DIAL], AfterTalk.RELEASE, CALLED_BACK),
        (None, [TO_DIAL, IN_THE_DIALER], AfterTalk.SUCCESSFUL, CALLED_BACK),
        (DO_NOT_DIAL, [DO_NOT_DIAL, TO_DIAL], AfterTalk.SUCCESSFUL, CALLED_BACK),
        (DO_NOT_DIAL, [DO_NOT_DIAL], AfterTalk.SUCCESSFUL, CALLED_IN),
        (None, [], AfterTalk.SUCCESSFUL, CALLED_IN),
        (None, [None], AfterTalk.RELEASE, CALLED_IN),
    ],
)
def test_a_call_in(
    own: DialerStatus | None,
    others: list[DialerStatus | None],
    after: AfterTalk,
    means: Outcome,
) -> None:
    assert of_call_in(own, others, after) is means


def test_only_the_case_that_is_dialed_and_beyond_doubt_is_given_a_success() -> None:
    statuses = (None, *DialerStatus)
    for own, other, after in product(statuses, statuses, AfterTalk):
        means = of_call_in(own, [own, other], after)
        successful = means.disposition is Disposition.SUCCESSFUL
        assert successful is (own in {TO_DIAL, IN_THE_DIALER} and after is AfterTalk.SUCCESSFUL)
