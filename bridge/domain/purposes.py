"""What a campaign is for: to win a client, or to inform one of their own matter."""

from collections.abc import Sequence
from enum import StrEnum

from bridge.domain.campaign_goals import EVERY_OTHER
from bridge.domain.folding import fold_label


class Purpose(StrEnum):
    """Why a campaign's people are reached (CAMPAIGN_PURPOSES)."""

    LEAD = "lead"
    """The person is solicited: everything that the law asks of solicitation applies."""
    CLIENT = "client"
    """A client is informed about their own matter."""


def purpose_of(campaign: str, purposes: Sequence[tuple[str, Purpose]]) -> Purpose:
    """The purpose of a campaign: its own, that of all others (`*`), or else to win a client."""
    by_name = {fold_label(name): purpose for name, purpose in purposes}
    return by_name.get(fold_label(campaign), by_name.get(EVERY_OTHER, Purpose.LEAD))
