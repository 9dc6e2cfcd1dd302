"""What a call must have come to in order to count as Successful, campaign by campaign."""

from collections.abc import Sequence
from enum import StrEnum

from bridge.domain.folding import fold_label

EVERY_OTHER = "*"


class Goal(StrEnum):
    """What a campaign's calls are for (CAMPAIGN_GOALS)."""

    TALKED = "talked"
    """Person and firm were connected."""
    HEARD = "heard"
    """The person heard the message to its end."""


def goal_of(campaign: str, goals: Sequence[tuple[str, Goal]]) -> Goal:
    """The goal of a campaign: its own, that of all others (`*`), or else a talk."""
    by_name = {fold_label(name): goal for name, goal in goals}
    return by_name.get(fold_label(campaign), by_name.get(EVERY_OTHER, Goal.TALKED))
