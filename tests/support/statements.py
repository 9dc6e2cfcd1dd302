"""Statements compiled once a run: every test has engines of its own, all of them say the same.

And statements counted, with the transactions that they are committed in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event


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


@dataclass
class Counted:
    """What a database was asked."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0


@contextmanager
def counted(engine: Engine) -> Iterator[Counted]:
    """Count what is asked of this engine, by whichever thread; BEGIN and COMMIT are commits."""
    seen = Counted()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.statements.append(statement)

    def commit(_connection: Any) -> None:
        seen.commits += 1

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", commit)
