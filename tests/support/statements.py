"""Statements compiled once a run, since every test has engines of its own; and counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from bridge.store.db import Database


class _Compiled(dict[Any, Any]):
    """What SQLAlchemy has compiled, by statement and dialect; it keys by each engine's dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        dialect, *statement = key
        return super().get((dialect.name, *statement), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        dialect, *statement = key
        super().__setitem__((dialect.name, *statement), compiled)


_compiled = _Compiled()


def compile_once() -> None:
    """Let all engines of this process share what was compiled: a third of a test's time."""
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_compiled)


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile; rows that are written together are one."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
