"""A world a test."""

from collections.abc import Iterator

import pytest

from tests.support.clock import Clock
from tests.support.world import World, Worldwide


@pytest.fixture
def worldwide(database_url: str, clock: Clock) -> Iterator[Worldwide]:
    """Makes a world with the settings that the test wants."""
    made: list[World] = []

    def make(**settings: str) -> World:
        made.append(World(database_url, clock, **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def world(worldwide: Worldwide) -> World:
    return worldwide()
