"""What commands stand on: settings, a database whose schema is current, a runtime.

As in `cli.py`, what costs time to import is imported when it is needed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from bridge import logs
from bridge.settings import Settings, load, need
from bridge.store.db import Database

if TYPE_CHECKING:
    from bridge.runtime import Runtime


def settings(*needed: str) -> Settings:
    """The settings, with those that are needed, and logs as they want them.

    Raises:
        SettingError: one is missing or malformed.
    """
    loaded = load()
    need(loaded, *needed)
    logs.set_up(loaded.log_format, loaded.sentry_dsn)
    return loaded


def database() -> Database:
    """The database, for a command that only looks.

    Raises:
        click.ClickException: its schema isn't current.
    """
    from bridge.runtime import COMMAND_CONNECTIONS

    db = Database(load().database_url, connections=COMMAND_CONNECTIONS)
    _check_schema(db)
    return db


def check_database() -> None:
    """Its schema must be current; the command then uses a connection of its runtime's."""
    database().close()


@contextmanager
def runtime() -> Iterator["Runtime"]:
    """What a command that changes something runs on.

    Raises:
        click.ClickException: the schema isn't current.
    """
    from bridge.runtime import COMMAND_CONNECTIONS, build

    loaded = settings()
    check_database()
    built = build(loaded, connections=COMMAND_CONNECTIONS)
    try:
        yield built
    finally:
        built.close()


def ready(loaded: Settings) -> None:
    """On SQLite the schema is brought up to date; on Postgres the release step did it.

    Raises:
        click.ClickException: the schema isn't current.
    """
    db = Database(loaded.database_url, connections=1)
    if loaded.uses_sqlite and db.lacks() is not None:
        from bridge.store.migrate import migrate as apply

        apply(db)
    _check_schema(db)
    db.close()


def _check_schema(db: Database) -> None:
    lack = db.lacks()
    if lack is not None:
        raise click.ClickException(lack)
