"""200 cases are due: everybody is reached exactly as allowed, whatever happens meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bridge.domain.events import Channel
from bridge.sandbox.smartadvocate import Entry
from bridge.sandbox.smartadvocate import Fault as Outage
from bridge.sandbox.switchboard import Fault
from bridge.store.db import Database
from bridge.store.tables import attempts
from tests.stories.town import Town
from tests.support.processes import wait_until

CASES = 200
FEWER = 20
PACE = 20
_PATIENCE_SECONDS = 150


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    home = tmp_path / "home"
    home.mkdir()
    made = Town(home, database_url, DIAL_CALLS_PER_SECOND=str(PACE))
    yield made
    made.close()


@pytest.mark.parametrize("workers", [1, 3])
def test_everybody_is_reached_as_allowed(town: Town, workers: int) -> None:
    town.settle(CASES)
    town.bridge.start_web()
    for _ in range(workers):
        town.start_worker()
    town.await_the_end(_PATIENCE_SECONDS)
    assert _most_within(_reserved(town), 1) <= PACE
    # As they arrive, on a machine that is busy with all of this.
    assert _most_within([one.at for one in town.calls_asked_for()], 0.9) <= PACE


@pytest.mark.parametrize("step", ["request", "answer", "commit"])
def test_a_worker_is_killed_while_placing(town: Town, step: str) -> None:
    """Before the request, after it, and before the commit that notes it."""
    town.settle(FEWER)
    town.bridge.start_web()
    doomed = town.start_worker(dies_at=f"{step}:5")
    wait_until(lambda: not doomed.alive(), "the worker did not die")
    assert len(town.calls_asked_for()) < FEWER / 2
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


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(only="calls", status=500, count=6), id="500"),
        pytest.param(Fault(only="calls", status=429, code=20429, retry_after=1, count=6), id="429"),
        pytest.param(Fault(only="calls", hang=2.5, count=6), id="hangs after accepting"),
        pytest.param(Fault(only="calls", drop="after", count=6), id="drops after accepting"),
    ],
)
def test_twilio_is_in_trouble(town: Town, fault: Fault) -> None:
    town.settle(FEWER)
    town.exchange.order(fault)
    town.bridge.start_web()
    town.start_worker()
    wait_until(
        lambda: sum(one.fault for one in town.calls_asked_for()) >= 6, "there was no trouble"
    )
    town.await_the_end(_PATIENCE_SECONDS)


def test_smartadvocate_goes_away_between_poll_and_claim(town: Town) -> None:
    def away(entry: Entry) -> None:
        if entry.call == "GetCasesToDial":
            town.smartadvocate.heard = lambda _: None
            town.smartadvocate.order(Outage(status=503))

    town.settle(FEWER)
    town.smartadvocate.heard = away
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
