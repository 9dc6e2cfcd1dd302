"""The pretend Twilio on a stage, for a test or for a file of tests."""

from collections.abc import Iterator

import pytest

from tests.sandbox.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()
    assert made.app.forged == []


@pytest.fixture(scope="module")
def desk() -> Iterator[Stage]:
    """A stage for what is refused, on which nothing ever happens."""
    made = Stage()
    yield made
    made.close()
