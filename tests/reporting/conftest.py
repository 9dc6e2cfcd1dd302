"""A SmartAdvocate that is told what is queued, and a runtime whose settings name it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bridge.adapters.smartadvocate.client import SmartAdvocate as Client
from bridge.runtime import Runtime, smartadvocate
from bridge.sandbox.smartadvocate import SmartAdvocate
from tests.support.clock import Clock


@pytest.fixture
def standin(clock: Clock) -> Iterator[SmartAdvocate]:
    """Without any case: each module says which it has."""
    made = SmartAdvocate(api_key="key-of-the-tests", clock=clock)
    yield made
    made.close()


@pytest.fixture
def runtime(runtime: Runtime, standin: SmartAdvocate) -> Runtime:
    return replace(runtime, settings=replace(runtime.settings, smartadvocate_url=standin.url))


@pytest.fixture
def remote(runtime: Runtime) -> Iterator[Client]:
    made = smartadvocate(runtime.settings)
    yield made
    made.close()
