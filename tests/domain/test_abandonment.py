"""What counts as an abandoned call, and from how many of them a campaign goes agent first."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.abandonment import Answered, Level, is_abandoned, judge
from bridge.domain.campaign_goals import Goal

HEARD = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken_after", "goal", "asked", "abandoned"),
    [
        (0.0, Goal.TALKED, True, False),
        (2.0, Goal.TALKED, True, False),
        (2.001, Goal.TALKED, True, True),
        (2.001, Goal.HEARD, True, True),
        (None, Goal.TALKED, True, True),
        (None, Goal.TALKED, False, True),
        (None, Goal.HEARD, True, True),
        # The message was the call: nobody was left waiting.
        (None, Goal.HEARD, False, False),
    ],
)
def test_what_is_abandoned(
    taken_after: float | None, goal: Goal, asked: bool, abandoned: bool
) -> None:
    taken = None if taken_after is None else HEARD + timedelta(seconds=taken_after)
    assert is_abandoned(HEARD, taken, goal, asked=asked) is abandoned


@pytest.mark.parametrize(
    ("answered", "abandoned", "level"),
    [
        (0, 0, Level.FINE),
        (1, 1, Level.FINE),
        (33, 33, Level.FINE),
        (34, 0, Level.FINE),
        (34, 1, Level.WARNED),
        (34, 2, Level.HELD),
        (50, 1, Level.WARNED),
        (51, 1, Level.FINE),
        (1000, 19, Level.FINE),
        (1000, 20, Level.WARNED),
        (1000, 29, Level.WARNED),
        (1000, 30, Level.HELD),
    ],
)
def test_how_many_are_too_many(answered: int, abandoned: int, level: Level) -> None:
    assert judge(Answered(answered, abandoned)) is level


@given(answered=st.integers(34, 10**6), abandoned=st.integers(0, 10**6))
def test_the_limits_are_exact(answered: int, abandoned: int) -> None:
    """Without fractions: 3 of 100 are 3 %, whatever a float makes of them."""
    abandoned = min(abandoned, answered)
    level = judge(Answered(answered, abandoned))
    assert (level is Level.HELD) is (abandoned * 100 >= answered * 3)
    assert (level is Level.FINE) is (abandoned * 100 < answered * 2)


def test_the_figures_in_words() -> None:
    said = "2 of 50 calls that a person answered in the last 30 days were abandoned (4.0%)"
    assert Answered(50, 2).says == said
