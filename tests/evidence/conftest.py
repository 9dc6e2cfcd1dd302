"""A world a test."""

import pytest

from tests.support.world import World, Worldwide


@pytest.fixture
def world(worldwide: Worldwide) -> World:
    return worldwide()
