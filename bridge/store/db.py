"""The database: engines, transactions and what differs between PostgreSQL and SQLite."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    bindparam,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bridge.store.engines import ALONE, WAIT_SECONDS, postgres_engine, sqlite_engine
from bridge.store.tables import SCHEMA

__all__ = [
    "FAILED",
    "UNREACHABLE",
    "UNSTORABLE",
    "Connection",
    "Database",
    "beyond",
    "count",
    "inline",
    "insert_into",
    "insert_of",
    "listed_as",
    "one_by_one",
    "per_dialect",
    "plan_for_values",
    "upsert",
]

FAILED = SQLAlchemyError
"""Whatever may go wrong with the database."""

UNREACHABLE = (OperationalError, PoolTimeoutError)
"""What SQLAlchemy raises when the database can't be asked now."""

UNSTORABLE = (DataError,)
"""What it raises for a value that no column holds, such as a text with NUL on PostgreSQL."""

_CONFLICTS = frozenset({"40001", "40P01"})
"""PostgreSQL's codes where transactions were in each other's way: serialization, deadlock."""

_REVISION = re.compile(r"\d{4}")
_WORD = String()
_NO_SUCH_TABLE = "42P01"


class Database:
    """The bridge's database. Made after a server forks, one a process."""

    def __init__(self, url: str, *, connections: int) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        make = sqlite_engine if self.is_sqlite else postgres_engine
        self.engine: Engine = make(url, connections)
        """At most `connections` connections, made when they are needed."""
        alone = {ALONE: True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._autocommitting = self.engine.execution_options(**alone)
        snapshots = {ALONE: True} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._snapshots = self.engine.execution_options(**snapshots)
        self._thread = threading.local()
        self._writing = threading.Lock()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that writes; on SQLite it holds the write lock from its start."""
        with self._transaction() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: every statement for itself, no lock held."""
        with self._statements() as connection:
            yield connection

    @contextmanager
    def single(self) -> Iterator[Connection]:
        """A connection for one writing statement, committed by itself in one round trip."""
        with self._transaction() if self.is_sqlite else self._statements() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection for reading all of it as it is at one moment; nobody waits for that."""
        with self._only_one(), self._snapshots.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._only_one(), self._turn_to_write(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _statements(self) -> Iterator[Connection]:
        with self._only_one(), self._autocommitting.connect() as connection:
            yield connection

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """Let one thread of a process write at a time on SQLite, which has one write lock.

        Whoever waits for that lock itself sleeps between looks, a tenth of a second in the end.
        Who has waited here for long leaves it to SQLite to say that the database is busy.
        """
        if not self.is_sqlite:
            yield
            return
        is_ours = self._writing.acquire(timeout=WAIT_SECONDS)
        try:
            yield
        finally:
            if is_ours:
                self._writing.release()

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Let a thread hold one connection at a time.

        Threads that hold one and wait for a second one would empty a small pool, and wait for
        each other. Refused always, and not only when the pool happens to be empty.

        Raises:
            RuntimeError: this thread holds one already.
        """
        if getattr(self._thread, "holds", False):
            raise RuntimeError("this thread holds a connection already: pass it on")
        self._thread.holds = True
        try:
            yield
        finally:
            self._thread.holds = False

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
        behind = f"the schema is {found or 'empty'}, not {SCHEMA}: run `bridge migrate`"
        return beyond(found) or behind

    def truncate_log(self) -> bool:
        """Have SQLite's log of changes, which still has what was erased, written back and emptied.

        False when another connection reads or writes just now: then a later one does it. On
        PostgreSQL there is nothing to do.
        """
        if not self.is_sqlite:
            return True
        with self.read() as connection:
            return connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar() == 0

    def is_encrypted(self) -> bool:
        """Whether what goes to and from PostgreSQL is encrypted; a file needs no such thing."""
        if self.is_sqlite:
            return True
        with self.read() as connection:
            driver: Any = connection.connection.driver_connection
            return bool(driver.pgconn.ssl_in_use)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def is_conflict(error: Exception) -> bool:
    """Whether another transaction was in the way, so that the same may well succeed right now."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _CONFLICTS


def beyond(found: str | None) -> str | None:
    """Why no migration of this code leads on from the schema that was found, in one sentence.

    None where one does. Revisions are four digits and count up (`migrations/versions/`).
    """
    if found is None:
        return None
    if not _REVISION.fullmatch(found):
        return (
            f"the database's schema {found!r} isn't one of the bridge's: does DATABASE_URL name "
            "another program's database?"
        )
    if found > SCHEMA:
        return (
            f"the database's schema {found} is newer than this code, which knows {SCHEMA}: deploy "
            "the newer code, or restore the backup from before it migrated"
        )
    return None


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT that can say ON CONFLICT, in the connection's own dialect."""
    return insert_of(connection.dialect.name, table)


def insert_of(dialect: str, table: Table) -> Any:
    """The same in a dialect that is named."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - SQLite alone does without

    return postgresql.insert(table)


def per_dialect(
    make: Callable[[Callable[[Table], Any]], Any],
) -> Callable[[Connection], Any]:
    """A statement with ON CONFLICT, built once for each dialect; `make` is given its INSERT."""
    made: dict[str, Any] = {}

    def statement(connection: Connection) -> Any:
        name = connection.dialect.name
        if name not in made:
            made[name] = make(partial(insert_of, name))
        return made[name]

    return statement


def upsert(
    connection: Connection,
    table: Table,
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    **first: Any,
) -> None:
    """Give the row with this key these values; a new row gets those of `first`, too."""
    statement = _upsert_of(connection.dialect.name, table, tuple(key), tuple(values))
    connection.execute(statement, {**key, **values, **first})


@cache
def _upsert_of(dialect: str, table: Table, key: tuple[str, ...], values: tuple[str, ...]) -> Any:
    """Built once: to build and hash a statement takes longer than to run it."""
    row = insert_of(dialect, table)
    columns = [table.c[name] for name in key]
    changed = {name: row.excluded[name] for name in values}
    return row.on_conflict_do_update(index_elements=columns, set_=changed)


def count(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    """How many rows of a table fulfill these conditions."""
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def one_by_one(connection: Connection, column: Column[str], most: int) -> list[str]:
    """The first values of an indexed column, each once: one look at the index for each."""
    first = select(func.min(column).label("value")).cte("found", recursive=True)
    following = (
        select(func.min(column)).where(column > first.c.value).correlate(first).scalar_subquery()
    )
    found = first.union_all(select(following).where(first.c.value.is_not(None)))
    values = connection.scalars(select(found.c.value).limit(most + 1))
    return [value for value in values if value is not None][:most]


def listed_as(name: str) -> BindParameter[Any]:
    """A list that is bound, under this name, to a statement that is built only once."""
    return bindparam(name, expanding=True)


_PLANS_FOR_VALUES = (
    "SET LOCAL plan_cache_mode = force_custom_plan; "
    "SET LOCAL enable_seqscan = off; "
    "SET LOCAL enable_bitmapscan = off"
)


def plan_for_values(connection: Connection) -> None:
    """Have PostgreSQL plan each statement of this transaction for its values, by their indexes.

    For work on many rows, each found by a key. A plan that it has kept from when a table was small
    reads all of it. So does a new one until the table is analyzed; and a bitmap scan marks no row
    as dead that the transactions before have changed, so that each one reads more of them.
    """
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(_PLANS_FOR_VALUES)


@cache
def inline(word: str) -> ColumnElement[str]:
    """A word of ours spelled out in the SQL: a partial index serves no query that binds its word.

    Never for what comes from outside: it becomes part of the statement.
    """
    if "'" in word:
        raise ValueError(f"no word of a state: {word!r}")
    return literal_column(f"'{word}'", _WORD)
