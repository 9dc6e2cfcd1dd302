"""200 cases are due: everybody is reached exactly as allowed, whatever happens meanwhile."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge.sandbox.smartadvocate import Entry
from bridge.sandbox.smartadvocate import Fault as Outage
from bridge.sandbox.switchboard import Fault
from tests.stories.town import Town
from tests.support.processes import wait_until

CASES = 200
FEWER = 60
_PATIENCE_SECONDS = 90


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    home = tmp_path / "home"
    home.mkdir()
    made = Town(home, database_url)
    yield made
    made.close()


@pytest.mark.parametrize("workers", [1, 3])
def test_everybody_is_reached_as_allowed(town: Town, workers: int) -> None:
    town.settle(CASES)
    town.bridge.start_web()
    for _ in range(workers):
        town.start_worker()
    town.await_the_end(_PATIENCE_SECONDS)
