"""Calls that a person answered and nobody of the firm took: what counts, and when it is too many.

A cautious default of our own (docs/reference/law.md#abandoned-calls). Only client-first calls can
be abandoned: in all others somebody of the firm is on the line before the person's phone rings.

is_abandoned   one answered call
judge          a campaign's answered calls of the last 30 days
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.domain.campaign_goals import Goal

COUNTED_FOR = timedelta(days=30)
WITHIN = timedelta(seconds=2)
"""So soon after the greeting somebody of the firm must be on the line."""
WARNED_FROM, HELD_FROM = 2, 3
"""Percent of the answered calls."""
LEAST = 34
"""Answered calls from which on a share is judged: of fewer, a single abandoned one is above 3 %."""


class Level(StrEnum):
    """How bad the share of a campaign is."""

    FINE = "fine"
    WARNED = "warned"
    HELD = "held"
    """Its new calls go agent first."""


@dataclass(frozen=True)
class Answered:
    """The answered calls of one campaign."""

    answered: int
    abandoned: int

    @property
    def share(self) -> float:
        """The share of those that were abandoned, 0 to 1."""
        return self.abandoned / self.answered if self.answered else 0.0

    @property
    def says(self) -> str:
        """The figures, in words."""
        calls = f"{self.abandoned} of {self.answered} calls that a person answered"
        return f"{calls} in the last {COUNTED_FOR.days} days were abandoned ({self.share:.1%})"


def is_abandoned(heard_at: datetime, taken_at: datetime | None, goal: Goal, *, asked: bool) -> bool:
    """Whether an answered call was abandoned.

    `heard_at` is when the greeting had ended or key 1 was pressed, `taken_at` when somebody of the
    firm was on the line, `asked` whether the person has asked for the firm by key 1. Where the
    message is all that a campaign calls for, who was silent after it was left waiting by nobody.
    """
    if taken_at is not None:
        return taken_at - heard_at > WITHIN
    return asked or goal is Goal.TALKED


def judge(calls: Answered) -> Level:
    """How bad the share is; nothing is said of too few calls."""
    if calls.answered < LEAST:
        return Level.FINE
    percent = 100 * calls.abandoned
    if percent >= HELD_FROM * calls.answered:
        return Level.HELD
    return Level.WARNED if percent >= WARNED_FROM * calls.answered else Level.FINE


def why_held(calls: Answered) -> str:
    """Why a campaign is dialed agent first for now, as a decision keeps it."""
    return f"too many calls of its campaign were abandoned: {calls.says}"
