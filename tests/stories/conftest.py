"""A bridge of real processes on a real database, beside a strict stand-in for SmartAdvocate."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.sandbox.smartadvocate import SmartAdvocate
from tests.support.processes import API_KEY, Bridge


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
