"""Two deployments on one SmartAdvocate: a staging copy with production's key, an old one forgotten.

Each has a database of its own and knows nothing of the other.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.dialing.competing_claims import RELEASED
from bridge.sandbox.manner import Manner
from bridge.store.db import Database
from bridge.store.notices import NoticeName, active
from tests.stories.town import Town
from tests.support.postgres import Postgres
from tests.support.processes import Bridge, wait_until

CASES = 20
_PATIENCE_SECONDS = 400


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    home = tmp_path / "home"
    home.mkdir()
    made = Town(home, database_url, DIAL_CALLS_PER_SECOND="20", DIAL_POLL_SECONDS="1")
    yield made
    made.close()


@pytest.fixture
def other(town: Town, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bridge]:
    home = tmp_path / "other"
    home.mkdir()
    if town.bridge.environment["DATABASE_URL"].startswith("sqlite"):
        url = f"sqlite:///{home / 'bridge.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.new_database(request.getfixturevalue("postgres_template")))
    made = Bridge(home, url, town.smartadvocate.url)
    own = {name: made.environment[name] for name in ("PUBLIC_URL", "PORT", "DATABASE_URL")}
    made.environment = town.bridge.environment | own | {"BRIDGE_HOME": str(home)}
    yield made
    made.close()


def test_nobody_is_called_or_texted_by_both(town: Town, other: Bridge) -> None:
    town.settle(CASES)
    for number in town.manners:
        town.manners[number] = Manner("busy")
    both = (town.bridge, other)
    for bridge in both:
        bridge.start_web()
    for bridge in both:
        bridge.start("tests.support.hurried", "worker")
    alone = {  # two bridges may each have one of the cases of a shared number
        role.numbers[0]
        for role in town.roles
        if not (role.person.expected.untouched or role.person.shares_phone)
    }
    try:
        wait_until(
            lambda: {call.to for call in town.exchange.calls()} >= alone,
            "somebody is never called",
            _PATIENCE_SECONDS,
            every=0.5,
        )
    except AssertionError:
        print(town.bridge.logs(), other.logs())  # noqa: T201 - shown when the test fails
        raise
    wait_until(town.exchange.is_quiet, "a call goes on")
    reached = [call.to for call in town.exchange.calls()]
    reached += [text.to for text in town.exchange.texts()]
    counts = Counter(number for number in reached if number in alone)
    texted = Counter(text.to for text in town.exchange.texts())
    assert {number: count for number, count in counts.items() if count - texted[number] > 1} == {}
    assert {one: count for one, count in texted.items() if count > 1 and one in alone} == {}
    # Whoever finds the other's claims says so.
    for bridge in both:
        wait_until(lambda: _is_noticed(bridge) == _is_logged(bridge), "it is said once alone")  # noqa: B023 - awaited here


def _is_logged(bridge: Bridge) -> bool:
    return RELEASED in bridge.said()


def _is_noticed(bridge: Bridge) -> bool:
    db = Database(bridge.environment["DATABASE_URL"], connections=1)
    with db.read() as connection:
        names = {notice.name for notice in active(connection)}
    db.close()
    return NoticeName.OTHER_BRIDGE in names
