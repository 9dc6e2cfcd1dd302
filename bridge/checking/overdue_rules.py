"""Whether the states' rules, as the bridge has them, were to be compared with the law by now."""

from collections.abc import Iterator
from datetime import date

from bridge.checking.findings import WARNING, Finding
from bridge.domain.state_rules import RulePack, overdue_reviews
from bridge.settings import Settings


def of_rules(settings: Settings, pack: RulePack, today: date) -> Iterator[Finding]:
    """A warning for each date of review that has passed, while the states' rules are kept."""
    if settings.dial_state_rules != "strict":
        return
    for review, states in overdue_reviews(pack, today).items():
        says = (
            f"the rules of {', '.join(states)} were to be reviewed by {review:%B} {review.day}, "
            f"{review.year}: have counsel compare them with docs/reference/law.md, and update the "
            "bridge"
        )
        yield Finding(WARNING, "state rules", says)
