"""Connections are few: they are reckoned, waited for, and never held twice by one thread."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import text

from bridge.checking.examination import examine
from bridge.environment import load
from bridge.runtime import COMMAND_CONNECTIONS, connections
from bridge.store.db import Database
from bridge.store.migrate import migrate
from tests.support.postgres import Postgres
from tests.support.processes import wait_until

SMALLEST_PLAN = 20


@contextmanager
def _tenant(server: Postgres, allowed: int) -> Iterator[tuple[str, str]]:
    url = server.new_tenant(allowed)
    role = url.rpartition("/")[2]
    yield url, role
    server.drop_tenant(role)


def test_old_and_new_dynos_fit_the_smallest_plan_with_some_to_spare() -> None:
    need = connections(load({}))
    assert need.deploying == 2 * (need.web + need.worker) + COMMAND_CONNECTIONS
    assert need.deploying <= SMALLEST_PLAN - 2, "somebody may look at the database meanwhile"
    more = connections(load({"WEB_CONCURRENCY": "4"}))
    assert (more.web, more.worker) == (2 * need.web, need.worker)


@pytest.mark.parametrize(
    ("allowed", "processes", "says"),
    [
        (20, "2", ("ok", "of 20 that the database allows, old and new dynos together take 17")),
        (16, "2", ("warning", "the database allows 16, but old and new dynos together, in a")),
        (10, "3", ("failure", "the database allows 10, but web, worker and a command take 11")),
    ],
)
def test_check_compares_what_is_allowed_with_what_is_needed(
    postgres: Postgres, allowed: int, processes: str, says: tuple[str, str]
) -> None:
    with _tenant(postgres, allowed) as (url, _):
        environment = {"DATABASE_URL": url, "WEB_CONCURRENCY": processes}
        db = Database(load(environment).database_url, connections=1)
        migrate(db)
        db.close()
        (found,) = (one for one in examine(environment) if one.subject == "connections")
        assert (found.level, found.sentence[: len(says[1])]) == says


def test_who_finds_no_place_waits_for_one(postgres: Postgres) -> None:
    with _tenant(postgres, 1) as (url, role), ThreadPoolExecutor(1) as pool:
        db = Database(load({"DATABASE_URL": url}).database_url, connections=1)
        with psycopg.connect(url):
            asking = pool.submit(db.schema)
            wait_until(lambda: postgres.has_refused(role), "nobody was refused")
        assert asking.result() is None
        db.close()


def test_a_thread_holds_one_connection_at_a_time(db: Database) -> None:
    """It would wait for a second one while others, holding one, wait for it."""
    with db.begin(), pytest.raises(RuntimeError, match="holds a connection already"):
        db.read().__enter__()
    with db.read(), pytest.raises(RuntimeError, match="holds a connection already"):
        db.begin().__enter__()
    with db.begin() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
