"""Rows written past the store, as fast as the driver can: thousands a statement, or by COPY."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

from bridge.store.db import Database

_BATCH = 5000
_CACHE_KIB = 256 * 1024


def insert(db: Database, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows; all have the columns of the first."""
    given = iter(rows)
    while batch := list(islice(given, _BATCH)):
        names = list(batch[0])
        form = _for_sqlite if db.is_sqlite else _for_postgres
        values = [[form(row[name]) for name in names] for row in batch]
        # Autocommitting: on SQLite the driver is told below where its transaction begins and ends.
        with db.read() as connection:
            _write(connection, table.name, names, values)


def _write(
    connection: Connection, table: str, names: Sequence[str], values: Sequence[Sequence[Any]]
) -> None:
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        insert = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
        # Its indexes are filled in no order: a small cache would write each page many times.
        driver.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        driver.execute("PRAGMA synchronous = OFF")
        driver.execute("BEGIN IMMEDIATE")
        driver.executemany(insert, values)
        driver.execute("COMMIT")
        driver.execute("PRAGMA synchronous = FULL")
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _for_postgres(value: Any) -> Any:
    """As the driver takes it."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    return str(value) if isinstance(value, StrEnum) else value


def _for_sqlite(value: Any) -> Any:
    """The same; times as the bridge keeps them there: text without a zone. All are in UTC here."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond:06d}"
    return _for_postgres(value)
