"""What the database knows, for a doctor that must do without it if need be."""

from collections.abc import Callable
from typing import TypeVar

from bridge.settings import Settings
from bridge.store.db import FAILED, Connection, Database

_Answer = TypeVar("_Answer")


def stored(
    settings: Settings, question: Callable[[Connection], _Answer], otherwise: _Answer
) -> _Answer:
    """The answer to a question to the database; `otherwise` where it can't be asked."""
    try:
        db = Database(settings.database_url, connections=1)
    except OSError:
        return otherwise
    try:
        with db.read() as connection:
            return question(connection)
    except FAILED:
        return otherwise
    finally:
        db.close()
