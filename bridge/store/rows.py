"""Rows that are inserted together.

    row_writer   inserts rows of a table, as a statement says that is built only once

SQLite's driver takes a list of rows at once. PostgreSQL's would send each of them by itself: there
they are one value of one statement, as JSON.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    CursorResult,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
)

from bridge.store.db import insert_of

Rows = Sequence[Mapping[str, Any]]


def row_writer(
    table: Table, finish: Callable[[Any], Any] = lambda insert: insert
) -> Callable[[Connection, Rows], CursorResult[Any]]:
    """What inserts rows, all with the same columns.

    `finish` adds ON CONFLICT to the INSERT, or RETURNING: what is returned is the result.
    """

    @cache
    def statement(dialect: str, names: tuple[str, ...]) -> Any:
        insert = insert_of(dialect, table)
        if dialect != "sqlite":
            insert = insert.from_select(names, _bound(table, names))
        return finish(insert)

    def write(connection: Connection, rows: Rows) -> CursorResult[Any]:
        dialect = connection.dialect.name
        sent = rows if dialect == "sqlite" else {"rows": json.dumps(rows, default=_written)}
        return connection.execute(statement(dialect, tuple(rows[0])), sent)

    return write


def _bound(table: Table, names: Sequence[str]) -> Any:
    """The rows that are bound, with these columns."""
    rows = func.json_to_recordset(cast(bindparam("rows", type_=Text()), JSON))
    columns = (column(name, table.c[name].type) for name in names)
    return select(rows.table_valued(*columns).render_derived(with_types=True))


def _written(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a time needs a time zone")
    return moment.isoformat()
