"""200 cases are due: everybody is reached exactly as allowed, whatever happens meanwhile."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bridge.domain.events import Channel
from bridge.sandbox.faults import Fault
from bridge.sandbox.smartadvocate import Entry
from bridge.store.db import Database
from bridge.store.tables import attempts
from tests.stories.town import Town
from tests.support.processes import wait_until

CASES = 200
FEWER = 20
PACE = 20
_PATIENCE_SECONDS = 400
_CLOCKS_DIFFER = 0.01
_MANY = 6
"""So many failures let the worker rest, and then try once."""
_TROUBLES = (
    Fault(only="calls", status=500, count=_MANY),
    Fault(only="calls", status=429, code=20429, retry_after=1, count=_MANY),
    Fault(only="calls", drop="after", count=_MANY),
    # Last: before the first of them is given up, many others are taken.
    Fault(only="calls", hang=2.5, count=_MANY),
)


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    home = tmp_path / "home"
    home.mkdir()
    made = Town(home, database_url, DIAL_CALLS_PER_SECOND=str(PACE))
    yield made
    made.close()


@pytest.fixture
def slow_town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    """Whoever watches can step in between two calls."""
    home = tmp_path / "home"
    home.mkdir()
    made = Town(home, database_url, DIAL_CALLS_PER_SECOND="2")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("database_url", "workers"),
    [("sqlite", 1), ("postgres", 3)],
    indirect=["database_url"],
)
def test_everybody_is_reached_as_allowed(town: Town, workers: int) -> None:
    town.settle(CASES)
    town.bridge.start_web()
    for _ in range(workers):
        town.start_worker()
    town.await_the_end(_PATIENCE_SECONDS)
    reserved = _reserved(town)
    assert _most_within(reserved, 1) <= PACE
    # No request comes before its moment; how late one comes is up to a busy machine.
    since_boot = time.time() - time.monotonic()
    arrived = sorted(request.at + since_boot for request in town.calls_asked_for())
    assert len(arrived) == len(reserved)
    early = [at - moment for at, moment in zip(arrived, reserved, strict=True) if at < moment]
    assert min(early, default=0) > -_CLOCKS_DIFFER


def test_workers_are_killed_while_placing(town: Town) -> None:
    """Before the request, after it, and before the commit that notes it: one after the other."""
    town.settle(2 * FEWER)
    town.bridge.start_web()
    for step in ("request", "answer", "commit"):
        doomed = town.start_worker(dies_at=f"{step}:3")
        wait_until(lambda: not doomed.alive(), f"no worker died at the {step}", _PATIENCE_SECONDS)  # noqa: B023 - awaited here
        assert len(town.calls_asked_for()) < FEWER, step
    town.start_worker()
    town.await_the_end(_PATIENCE_SECONDS)


def test_workers_are_killed_again_and_again(town: Town) -> None:
    """At whatever they do just then: claiming, texting, placing, asking, telling."""
    town.settle(FEWER)
    town.bridge.start_web()
    for least in (1, 4, 8, 13, 18):
        worker = town.start_worker()
        wait_until(lambda: _reached(town) >= least, "nobody is reached")  # noqa: B023 - awaited here
        worker.kill()
    town.start_worker()
    town.await_the_end(_PATIENCE_SECONDS)


def test_twilio_is_in_trouble(slow_town: Town) -> None:
    """It fails, asks for patience, drops what it has accepted, and hangs after accepting."""
    town = slow_town
    town.settle(2 * FEWER)
    town.bridge.start_web()
    town.start_worker()
    try:
        for number, fault in enumerate(_TROUBLES, 1):
            town.exchange.order(fault)
            taken = _taken(town)
            wait_until(
                lambda: _faults(town) == number * _MANY and _taken(town) > taken,  # noqa: B023 - awaited here
                f"there was no trouble, or it isn't over: {fault}",
                _PATIENCE_SECONDS,
            )
    except AssertionError:
        asked = [(one.status, one.fault, one.at) for one in town.calls_asked_for()]
        print(asked, town.bridge.said(), sep="\n")  # noqa: T201 - shown when the test fails
        raise
    town.await_the_end(_PATIENCE_SECONDS)


def test_smartadvocate_goes_away_between_poll_and_claim(town: Town) -> None:
    def away(entry: Entry) -> None:
        if entry.call == "GetCasesToDial":
            town.smartadvocate.on_request = lambda _: None
            town.smartadvocate.order(Fault(status=503))

    town.settle(FEWER)
    town.smartadvocate.on_request = away
    town.bridge.start_web()
    town.start_worker()
    wait_until(lambda: sum(one.fault for one in town.smartadvocate.journal()) >= 3, "not asked")
    # Stored, but not claimed: nobody may be reached.
    assert not town.exchange.journal()
    town.smartadvocate.order(None)
    town.await_the_end(_PATIENCE_SECONDS)


def test_every_callback_is_lost(town: Town) -> None:
    town.settle(FEWER, mute=True)
    town.bridge.start_web()
    town.start_worker()
    # Texts are asked about an hour later only: until then no note says what became of them.
    town.await_the_end(_PATIENCE_SECONDS, notes=False)


def _faults(town: Town) -> int:
    return sum(one.fault for one in town.calls_asked_for())


def _taken(town: Town) -> int:
    """Requests to place a call that Twilio took and answered."""
    return sum(not one.fault and one.status == 201 for one in town.calls_asked_for())


def _reached(town: Town) -> int:
    return len(town.exchange.calls()) + len(town.exchange.texts())


def _most_within(moments: list[float], seconds: float) -> int:
    return max(
        sum(begun <= other < begun + seconds for other in moments[index:])
        for index, begun in enumerate(moments)
    )


def _reserved(town: Town) -> list[float]:
    """The moments for which calls were reserved, over all workers."""
    db = Database(town.bridge.environment["DATABASE_URL"], connections=1)
    with db.read() as connection:
        moments = connection.scalars(
            select(attempts.c.placed_at).where(
                attempts.c.channel == Channel.CALL, attempts.c.placed_at.is_not(None)
            )
        ).all()
    db.close()
    return sorted(one.timestamp() for one in moments)
