"""A worker does the console's errands by itself, beside its other work."""

import threading
from collections.abc import Iterator

import pytest

from bridge.app import create_app
from bridge.runtime import Runtime
from bridge.sandbox.faults import Fault
from bridge.store.console import errands
from bridge.store.console.errands import Errand, ErrandKind, ErrandState
from bridge.worker import Worker
from tests.support.clock import Clock
from tests.support.console import PASSWORD, SECRET_KEY, SignedIn, words
from tests.support.processes import wait_until
from tests.support.world import World

HANG_SECONDS = 3.0


@pytest.fixture
def world(database_url: str, clock: Clock) -> Iterator[World]:
    made = World(database_url, clock, CONSOLE_PASSWORD=PASSWORD, SECRET_KEY=SECRET_KEY)
    yield made
    made.close()


@pytest.fixture
def ann(world: World) -> SignedIn:
    return SignedIn(create_app(world.runtime), "Ann Operator", PASSWORD)


def _newest(runtime: Runtime) -> Errand:
    with runtime.db.read() as connection:
        found = errands.newest(connection, ErrandKind.CHECK)
    assert found is not None
    return found


def test_a_worker_does_what_is_asked(world: World, ann: SignedIn) -> None:
    worker = Worker(world.runtime, world.remote)
    working = threading.Thread(target=worker.run)
    working.start()
    try:
        ann.post("/console/setup/check")
        wait_until(lambda: not _newest(world.runtime).is_open, "the check isn't done")
        assert "Pretend account is active" in words(ann.live("/console/setup"))
    finally:
        worker.stop()
        working.join()


def test_a_worker_that_is_stopped_says_so(world: World, ann: SignedIn) -> None:
    world.exchange.order(Fault("reads", hang=HANG_SECONDS))
    worker = Worker(world.runtime, world.remote)
    working = threading.Thread(target=worker.run)
    working.start()
    ann.post("/console/setup/check")
    wait_until(
        lambda: _newest(world.runtime).state is ErrandState.RUNNING, "the check doesn't begin"
    )
    worker.stop()
    working.join()
    assert _newest(world.runtime).says == errands.NOT_DONE
    assert "the worker stopped before it was done" in words(ann.get("/console/setup"))
    world.exchange.order(None)
