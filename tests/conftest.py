"""Fixtures: both databases, migrated; a runtime on a clock that the tests move."""

import gc
import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from xdist.remote import Producer

from bridge.environment import load
from bridge.runtime import Runtime, build
from bridge.settings import Settings
from bridge.store.db import Database
from bridge.store.migrate import migrate
from tests.support import memory, routes, statements, struck_places
from tests.support.clock import Clock
from tests.support.postgres import Postgres, find_programs, running
from tests.support.scheduling import StoriesAside, mark_slow, stories_first

if TYPE_CHECKING:
    from tests.support.world import Worldwide

AUTH_TOKEN = "token-of-the-tests"
PUBLIC_URL = "https://firm.example.com"


# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile(
    "unhurried",
    parent=hypothesis.settings(),
    deadline=None,
    suppress_health_check=(hypothesis.HealthCheck.too_slow,),
)
hypothesis.settings.load_profile("unhurried")
memory.use_for_temporary_files()
memory.collect_seldom()
statements.compile_once()
routes.compile_once()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_slow(items)
    stories_first(items)


def pytest_collection_finish() -> None:
    """What is collected stays to the end: no search for garbage needs to look through it."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> StoriesAside:
    return StoriesAside(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed = terminalreporter.getreports("passed")
    for line in struck_places.lines(passed):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    programs = find_programs()
    if programs is None:
        # On the machine that judges the project, nothing may be passed over.
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed: its half of the tests is passed over")
    with running(programs) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    name = postgres.new_database()
    db = Database(postgres.url(name), connections=1)
    migrate(db)
    db.close()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    db = Database(f"sqlite:///{path}", connections=1)
    migrate(db)
    db.close()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database: each test that asks for one runs on both."""
    if request.param == "sqlite":
        path = tmp_path / "bridge.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_template")
    server: Postgres = request.getfixturevalue("postgres")
    name = server.emptied_or_new(template)
    yield server.url(name)
    server.take_back(name)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    made = Database(database_url, connections=6)
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return load(
        {
            "DATABASE_URL": database_url,
            "PUBLIC_URL": PUBLIC_URL,
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "SMARTADVOCATE_URL": "http://127.0.0.1:9",
            "SMARTADVOCATE_API_KEY": "key-of-the-tests",
            "METRICS_TOKEN": "metrics-of-the-tests",
        }
    )


@pytest.fixture
def runtime(settings: Settings, clock: Clock) -> Iterator[Runtime]:
    """A runtime whose time, ids and chance are the test's."""
    built = build(settings, connections=6)
    ids = itertools.count(1)
    made = replace(built, clock=clock, new_id=lambda: f"id-{next(ids)}", jitter=lambda: 0.0)
    yield made
    made.close()


@pytest.fixture
def worldwide(database_url: str, clock: Clock) -> "Iterator[Worldwide]":
    """Makes a whole bridge between both stand-ins, with the settings that the test wants."""
    # Loaded by those who need it: it brings all of the sandbox.
    from tests.support.world import World  # noqa: PLC0415

    made: list[World] = []

    def make(**settings: str) -> World:
        made.append(World(database_url, clock, **settings))
        return made[-1]

    yield make
    for world in made:
        world.close()
