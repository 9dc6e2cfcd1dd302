"""The database: engines, transactions and what differs between PostgreSQL and SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    create_engine,
    event,
    literal_column,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bridge.store.tables import SCHEMA

__all__ = [
    "FAILED",
    "UNREACHABLE",
    "Connection",
    "Database",
    "inline",
    "insert_into",
]

FAILED = SQLAlchemyError
"""Whatever may go wrong with the database."""

UNREACHABLE = (OperationalError, PoolTimeoutError)
"""What SQLAlchemy raises when the database can't be asked now."""

_WORD = String()
_SQLITE_BUSY_MS = 5000
_NO_SUCH_TABLE = "42P01"
_ALONE = "bridge_statement_alone"
_POSTGRES_ON_CONNECT = (
    "SET statement_timeout = '15s'; "
    "SET idle_in_transaction_session_timeout = '30s'; "
    "SET lock_timeout = '10s'"
)
_SQLITE_ON_CONNECT = (
    f"PRAGMA busy_timeout = {_SQLITE_BUSY_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


class Database:
    """The bridge's database. Made after a server forks, one a process."""

    def __init__(self, url: str, *, connections: int) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        make = _sqlite_engine if self.is_sqlite else _postgres_engine
        self.engine: Engine = make(url, connections)
        """At most `connections` connections, made when they are needed."""
        alone = {_ALONE: True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._autocommitting = self.engine.execution_options(**alone)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that writes; on SQLite it holds the write lock from its start."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: every statement for itself, no lock held."""
        with self._autocommitting.connect() as connection:
            yield connection

    single = read
    """A connection for one writing statement, committed by itself in one round trip."""

    def schema(self) -> str | None:
        """The newest migration that was applied; None for an empty database."""
        try:
            with self.read() as connection:
                found: str | None = connection.scalar(
                    text("SELECT version_num FROM alembic_version")
                )
                return found
        except DBAPIError as error:
            if self._is_without_table(error):
                return None
            raise

    def _is_without_table(self, error: DBAPIError) -> bool:
        if self.is_sqlite:
            return "no such table" in str(error.orig)
        return getattr(error.orig, "sqlstate", None) == _NO_SUCH_TABLE

    def lacks(self) -> str | None:
        """Why this database can't be used yet, in one sentence; None when it can.

        Raises:
            OperationalError: the database can't be reached.
        """
        found = self.schema()
        if found == SCHEMA:
            return None
        return f"the schema is {found or 'empty'}, not {SCHEMA}: run `bridge migrate`"

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT that can say ON CONFLICT, in the connection's own dialect."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - SQLite alone does without

    return postgresql.insert(table)


@cache
def inline(word: str) -> ColumnElement[str]:
    """A word of ours spelled out in the SQL: a partial index serves no query that binds its word.

    Never for what comes from outside: it becomes part of the statement.
    """
    if "'" in word:
        raise ValueError(f"no word of a state: {word!r}")
    return literal_column(f"'{word}'", _WORD)


def _postgres_engine(url: str, connections: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            "keepalives_idle": 30,
            "tcp_user_timeout": 10_000,
            "application_name": "bridge",
        },
    )

    @event.listens_for(engine, "connect")
    def set_limits(connection: Any, _record: Any) -> None:
        autocommit, connection.autocommit = connection.autocommit, True
        connection.execute(_POSTGRES_ON_CONNECT)
        connection.autocommit = autocommit

    return engine


def _sqlite_engine(url: str, connections: int) -> Engine:
    file = make_url(url).database
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": _SQLITE_BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late: ours begin below, by name.
        connection.isolation_level = None
        for pragma in _SQLITE_ON_CONNECT:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(_ALONE):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
