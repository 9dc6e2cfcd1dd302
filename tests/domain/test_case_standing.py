"""How a case stands, in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.case_standing import Standing, as_sentence, in_words, there
from bridge.domain.contact_outcomes import ContactOutcome

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
NEXT = datetime(2026, 11, 24, 22, 17, tzinfo=UTC)
ET = ZoneInfo("America/New_York")
MOUNTAIN, CENTRAL = "America/Denver", "America/Chicago"


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (
            Standing(1, ContactOutcome.BUSY, next_call=NEXT, zones=[MOUNTAIN]),
            "1 call so far: busy. Next call Tue Nov 24, 5:17 PM ET, 3:17 PM for the person.",
        ),
        (
            Standing(0, next_call=NEXT, zones=["America/New_York"]),
            "No calls so far. Next call Tue Nov 24, 5:17 PM ET.",
        ),
        (
            Standing(3, ContactOutcome.NO_ANSWER, next_call=NEXT, zones=[CENTRAL, MOUNTAIN]),
            (
                "3 calls so far, the last one: no answer. Next call Tue Nov 24, 5:17 PM ET, "
                "3:17 PM or 4:17 PM for the person."
            ),
        ),
        (
            Standing(2, ContactOutcome.OPTED_OUT, why_none="the person opted out (key)"),
            (
                "2 calls so far, the last one: asked us to stop. No call is planned because the "
                "person opted out (key)."
            ),
        ),
        (
            Standing(1, ContactOutcome.UNDER_WAY, happening="A call is under way."),
            "1 call so far: under way. A call is under way.",
        ),
        (
            Standing(1, ContactOutcome.BUSY, next_call=NOW, zones=[MOUNTAIN]),
            "1 call so far: busy. The next call is due now.",
        ),
        (
            Standing(1, ContactOutcome.BUSY, next_call=NOW - timedelta(days=1)),
            "1 call so far: busy. The next call is due now.",
        ),
    ],
)
def test_the_sentence(standing: Standing, says: str) -> None:
    assert in_words(standing, NOW, ET) == says


def test_a_zone_that_shows_the_same_time_is_not_mentioned() -> None:
    assert there(NEXT, [], ET) == ""
    assert there(NEXT, ["America/Detroit", "America/New_York"], ET) == ""
    assert there(NEXT, ["America/New_York", MOUNTAIN], ET) == "3:17 PM or 5:17 PM"


def test_a_reason_becomes_a_sentence() -> None:
    assert as_sentence("the case has had 8 of 8 attempts") == "The case has had 8 of 8 attempts."
    assert as_sentence("Done.") == "Done."
