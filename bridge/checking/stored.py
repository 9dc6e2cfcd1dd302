"""A question to the database, which may not be there yet."""

from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from bridge.settings import Settings
from bridge.store.db import FAILED, Connection, Database

_Answer = TypeVar("_Answer")


def lacks_database(loaded: Settings) -> str | None:
    """That there is no SQLite file yet, and what makes one; None where it is there."""
    file = loaded.database_file
    if file is None or file.exists():
        return None
    return f"there is no database yet at {file} (see BRIDGE_HOME): run `bridge migrate` to make one"


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
