"""15 people are due, and PUBLIC_URL is wrong: two of them are called, and the others in the end."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.sandbox.casebook import Case, phone
from tests.stories.town import Town
from tests.support.ports import free_port
from tests.support.processes import wait_until

PEOPLE = 15


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    home = tmp_path / "home"
    home.mkdir()
    made = Town(
        home,
        database_url,
        TEXT_ENABLED="false",
        DIAL_CALLS_PER_SECOND="5",
        DIAL_HOURS="00:00-24:00",
    )
    yield made
    made.close()


def _people_move_in(town: Town) -> None:
    due = datetime.now(ZoneInfo("America/New_York")) - timedelta(minutes=1)
    for number in range(PEOPLE):
        town.smartadvocate.book.add(
            Case(
                101 + number,
                [phone(f"40255501{10 + number}")],
                status="To Dial",
                dial_at=f"{due:%Y-%m-%dT%H:%M:00}",
                zip_code="68046",
            )
        )


def _called(town: Town) -> set[str]:
    return {one.params["To"][0] for one in town.calls_asked_for()}


def test_with_a_wrong_public_url_two_are_called(town: Town) -> None:
    bridge, right = town.bridge, town.bridge.environment["PUBLIC_URL"]
    wrong = f"http://127.0.0.1:{free_port()}"
    bridge.environment["PUBLIC_URL"] = wrong
    _people_move_in(town)
    web, worker = bridge.start_web(), town.start_worker()
    wait_until(lambda: "everything is paused" in worker.log.read_text(), "nothing is paused", 150)
    wait_until(
        lambda: f"PUBLIC_URL={wrong}" in bridge.run("dial", "pauses").stdout,
        "nothing is paused",
        every=0.5,
    )
    # Whatever else the worker would do, it does meanwhile.
    assert bridge.run("dial", "plan").returncode == 0
    assert len(_called(town)) == 2

    worker.stop()
    web.stop()
    bridge.environment["PUBLIC_URL"] = right
    bridge.start_web()
    town.start_worker()
    assert len(_called(town)) == 2
    assert bridge.run("dial", "resume").returncode == 0
    try:
        wait_until(lambda: len(_called(town)) == PEOPLE, "somebody isn't reached", 60, every=0.2)
    except AssertionError:
        print(bridge.logs())  # noqa: T201 - shown when the test fails
        raise
    assert len(town.calls_asked_for()) == PEOPLE
    assert "PUBLIC_URL" not in bridge.run("dial", "pauses").stdout
