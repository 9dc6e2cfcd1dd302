"""What commands start from: settings, a database whose schema is current, a runtime.

As in `cli.py`, what costs time to import is imported when it is needed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click
import structlog

from bridge import logs
from bridge.checking.misspelled import misspelled
from bridge.checking.stored import lacks_database
from bridge.environment import load, need
from bridge.settings import Settings
from bridge.store.db import Database

if TYPE_CHECKING:
    from bridge.runtime import Runtime

log = structlog.get_logger(__name__)


def settings() -> Settings:
    """The settings, and logs as they want them.

    Raises:
        SettingError: one is malformed.
    """
    loaded = load()
    logs.set_up(loaded.log_format, loaded.sentry_dsn)
    return loaded


def service_settings(required: Callable[[Settings], tuple[str, ...]]) -> Settings:
    """The settings of a process that keeps running; misspelled ones are warned about.

    Raises:
        SettingError: one is missing or malformed.
    """
    loaded = settings()
    for name, what in misspelled(os.environ).items():
        log.warning("Unknown setting", setting=name, hint=what)
    need(loaded, *required(loaded))
    return loaded


@contextmanager
def database(loaded: Settings) -> Iterator[Database]:
    """The database, which must be there already.

    Raises:
        click.ClickException: there is none yet, or its schema isn't current.
    """
    from bridge.runtime import COMMAND_CONNECTIONS

    lack = lacks_database(loaded)
    if lack is not None:
        raise click.ClickException(lack)
    with closing(Database(loaded.database_url, connections=COMMAND_CONNECTIONS)) as db:
        _check_schema(db)
        yield db


@contextmanager
def runtime() -> Iterator["Runtime"]:
    """What a command runs on that does more than list.

    Raises:
        click.ClickException: there is no database yet, or its schema isn't current.
    """
    from bridge.runtime import COMMAND_CONNECTIONS, build

    loaded = settings()
    logs.quiet()
    with database(loaded):
        pass
    with closing(build(loaded, connections=COMMAND_CONNECTIONS)) as built:
        yield built


def ready(loaded: Settings) -> None:
    """On SQLite the schema is brought up to date; on Postgres the release step did it.

    Raises:
        click.ClickException: the schema isn't current.
    """
    with closing(Database(loaded.database_url, connections=1)) as db:
        if loaded.uses_sqlite and db.lacks() is not None:
            from bridge.store.migrate import migrate

            migrate(db)
        _check_schema(db)


def _check_schema(db: Database) -> None:
    lack = db.lacks()
    if lack is not None:
        raise click.ClickException(lack)
