"""A person with three cases that are due and one phone, two workers, and a gap of some seconds."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.manner import BUSY, Manner
from tests.stories.town import Town
from tests.support.processes import wait_until

GAP_SECONDS = 6
CASES = (101, 102, 103)


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    home = tmp_path / "home"
    home.mkdir()
    made = Town(
        home,
        database_url,
        TEXT_ENABLED="false",
        DIAL_HOURS="00:00-24:00",
        DIAL_CALLS_PER_SECOND="20",
        DIAL_CAPS="9,9,9,9",
        DIAL_PERSON_GAP=f"{GAP_SECONDS}s",
    )
    yield made
    made.close()


def test_her_three_cases_lead_to_calls_with_the_gap_between_them(town: Town) -> None:
    due = datetime.now(ZoneInfo("America/New_York")) - timedelta(minutes=1)
    for case_id in CASES:
        town.smartadvocate.book.add(
            Case(
                case_id,
                [phone("4025550155")],
                status="To Dial",
                dial_at=f"{due:%Y-%m-%dT%H:%M:00}",
                zip_code="68046",
            )
        )
    town.manners["+14025550155"] = Manner(BUSY)
    town.bridge.start_web()
    for _ in range(2):
        town.start_worker()
    book = town.smartadvocate.book
    try:
        wait_until(
            lambda: [one.disposition for one in book.all()] == ["Busy"] * len(CASES),
            "a case wasn't called about",
            every=0.2,
        )
    except AssertionError:
        print(town.bridge.logs())  # noqa: T201 - shown when the test fails
        raise
    moments = [one.at for one in town.calls_asked_for()]
    assert len(moments) == len(CASES)
    # A call leaves a fraction of a second after the moment that was reserved for it.
    assert all(after - before >= GAP_SECONDS - 0.5 for before, after in pairwise(moments))
