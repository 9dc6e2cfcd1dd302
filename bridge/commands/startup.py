"""What commands start from: settings, a database whose schema is current, a runtime.

As in `cli.py`, what costs time to import is imported when it is needed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

import click
import structlog

from bridge import logs
from bridge.commands.misspelled import misspelled
from bridge.settings import FOR_DIALING, FOR_SMARTADVOCATE, FOR_TWILIO, Settings, load, need
from bridge.store.db import FAILED, Connection, Database

if TYPE_CHECKING:
    from bridge.runtime import Runtime

_Answer = TypeVar("_Answer")

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


def for_web(loaded: Settings) -> tuple[str, ...]:
    """The settings that the web app can't do without."""
    has_console = loaded.console_password or loaded.console_view_password
    return (*FOR_TWILIO, *(["SECRET_KEY"] if has_console else []))


def for_worker(loaded: Settings) -> tuple[str, ...]:
    """The settings that the worker can't do without."""
    return (*FOR_TWILIO, *FOR_SMARTADVOCATE, *(FOR_DIALING if loaded.dial_enabled else ()))


def for_both(loaded: Settings) -> tuple[str, ...]:
    """The settings that web app and worker together can't do without."""
    return tuple(dict.fromkeys([*for_web(loaded), *for_worker(loaded)]))


def lacks_database(loaded: Settings) -> str | None:
    """That there is no SQLite file yet, and what makes one; None where it is there."""
    file = loaded.database_file
    if file is None or file.exists():
        return None
    return f"there is no database yet at {file} (see BRIDGE_HOME): run `bridge migrate` to make one"


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


def stored(
    loaded: Settings, question: Callable[[Connection], _Answer], otherwise: _Answer
) -> _Answer:
    """The answer to a question to the database; `otherwise` where it can't be asked."""
    if lacks_database(loaded) is not None:
        return otherwise
    try:
        with closing(Database(loaded.database_url, connections=1)) as db, db.read() as connection:
            return question(connection)
    except (FAILED, OSError):
        return otherwise


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
