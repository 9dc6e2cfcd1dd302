"""A database of an older schema: which one, `BEFORE` of the test's module says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command

from bridge.store.db import Database
from bridge.store.migrate import configuration
from tests.support.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgres"])
def old_db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.new_database())
    db = Database(url, connections=2)
    config = configuration()
    with db.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, request.module.BEFORE)
    yield db
    db.close()
