"""A bridge of real processes on a real database, beside a strict stand-in for SmartAdvocate."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.sandbox.smartadvocate import SmartAdvocate
from tests.support.processes import API_KEY, Bridge

_AT_A_TIME = 3


@pytest.fixture
def standin() -> Iterator[SmartAdvocate]:
    made = SmartAdvocate(api_key=API_KEY)
    yield made
    made.close()


@pytest.fixture
def bridge(database_url: str, standin: SmartAdvocate, tmp_path: Path) -> Iterator[Bridge]:
    home = tmp_path / "home"
    home.mkdir()
    made = Bridge(home, database_url, standin.url)
    yield made
    made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Three stories at a time: each has several processes, and waits for most of its time.

    Begun first, they leave the rest of the machine to the tests that need no processes.
    """
    here = Path(__file__).parent
    stories = [one for one in items if here in one.path.parents]
    for place, story in enumerate(stories):
        story.add_marker(pytest.mark.xdist_group(f"stories-{place % _AT_A_TIME}"))
