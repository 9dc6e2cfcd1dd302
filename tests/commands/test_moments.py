"""Times as commands read and write them: with their zone, over summer and winter."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.commands.moments import end_in_words, in_table, parse_end
from bridge.domain.local_time import local

NEW_YORK, CHICAGO = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 24, 17, 5, 9, tzinfo=UTC)


def test_a_time_names_its_zone() -> None:
    assert local(NOON, NEW_YORK) == "Tue Nov 24, 12:05 PM ET"
    assert local(NOON, CHICAGO) == "Tue Nov 24, 11:05 AM CT"
    assert in_table(NOON, NEW_YORK) == "2026-11-24 12:05:09 EST"
    assert in_table(datetime(2026, 7, 1, 4, tzinfo=UTC), NEW_YORK) == "2026-07-01 00:00:00 EDT"


@pytest.mark.parametrize(
    ("text", "end", "says"),
    [
        ("2026-11-30", datetime(2026, 12, 1, 5, tzinfo=UTC), "the end of Mon Nov 30 (ET)"),
        ("2026-10-31", datetime(2026, 11, 1, 4, tzinfo=UTC), "the end of Sat Oct 31 (ET)"),
        ("2026-11-01", datetime(2026, 11, 2, 5, tzinfo=UTC), "the end of Sun Nov 1 (ET)"),
        ("2026-12-31", datetime(2027, 1, 1, 5, tzinfo=UTC), "the end of Thu Dec 31 (ET)"),
        ("2026-11-30T14:00", datetime(2026, 11, 30, 19, tzinfo=UTC), "Mon Nov 30, 2:00 PM ET"),
        ("2026-12-01T00:00", datetime(2026, 12, 1, 5, tzinfo=UTC), "the end of Mon Nov 30 (ET)"),
    ],
)
def test_a_day_alone_means_its_end(text: str, end: datetime, says: str) -> None:
    assert parse_end(text, NEW_YORK) == end
    assert end_in_words(end, NEW_YORK) == says


@pytest.mark.parametrize("text", ["tomorrow", "", "2026-02-30", "11/30/2026", "2026-11-30T25:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_end(text, NEW_YORK)
