"""What databases make of the statements that some code sends, as they explain them themselves.

`sent` notes statements, `plan_of` explains one; `unbounded` says which of them read a table that
grows from its beginning to its end. Allowed is what an index leads to, what a partial index holds
(it has what stands open alone), and the first rows in an index's order up to a LIMIT.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event, text

from bridge.store.db import Database
from bridge.store.tables import metadata

FEW_ROWS = frozenset(
    {
        *("abandonment", "circuit_breakers", "heartbeats", "list_limits", "notices", "pace"),
        "tallies",
    }
)
"""Tables whose rows are as many as processes, campaigns or names: they don't grow with the work."""

_PLANNED = ("SELECT", "WITH", "UPDATE", "DELETE")
_PARTIAL = frozenset(
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
)
# What a statement itself lists, as VALUES or in a value that is bound, is no table.
_SCAN = re.compile(
    r"SCAN (?!\d+ CONSTANT ROWS|json_each\b)(?P<name>\w+)"
    r"(?: USING (?:COVERING )?INDEX (?P<index>\w+))?"
)
_SORT = "USE TEMP B-TREE"
_INDEX_SCANS = frozenset({"Index Scan", "Index Only Scan", "Bitmap Index Scan"})
_READ_ALL = frozenset({"Sort", "Incremental Sort", "Aggregate", "Hash", "Materialize", "Unique"})
"""Nodes of PostgreSQL's plans that read everything below them before they say anything."""


@dataclass(frozen=True)
class Sent:
    """A statement with its values."""

    statement: str
    values: Any


@contextmanager
def sent(db: Database) -> Iterator[list[Sent]]:
    """What is sent to the database meanwhile, as far as it has a plan; each statement once."""
    noted: dict[str, Sent] = {}
    listed: list[Sent] = []

    def note(
        _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> None:
        if statement.lstrip().upper().startswith(_PLANNED) and statement not in noted:
            noted[statement] = Sent(statement, values[0] if many else values)
            listed.append(noted[statement])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield listed
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def plan_of(connection: Connection, one: Sent) -> str:
    """How the database answers a statement, in its own words."""
    how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = connection.exec_driver_sql(f"{how} {one.statement}", one.values)
    return "\n".join(str(row) for row in rows)


def unbounded(db: Database, statements: Sequence[Sent]) -> list[str]:
    """The statements that read all of a table that grows, with the table or index read."""
    with db.read() as connection:
        if db.is_sqlite:
            found = [(one, list(_read_by_sqlite(connection, one))) for one in statements]
        else:
            # Tables are small in tests: where an index can answer, it shall.
            connection.execute(text("SET enable_seqscan = off"))
            found = [(one, list(_read_by_postgres(connection, one))) for one in statements]
            connection.execute(text("RESET enable_seqscan"))
    return [f"{', '.join(read)}: {one.statement}" for one, read in found if read]


def analyze(db: Database) -> None:
    """Let the planner know the tables, as it does in a firm.

    PostgreSQL does so by itself; nobody asks SQLite to.
    """
    if not db.is_sqlite:
        with db.read() as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _read_by_sqlite(connection: Connection, one: Sent) -> Iterator[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one.statement}", one.values).all()
    own = set(re.findall(r"\) AS (\w+)|WITH RECURSIVE (\w+)", one.statement))
    own_names = {name for pair in own for name in pair} | {"CONSTANT"}
    sorted_places = {row.parent for row in rows if row.detail.startswith(_SORT)}
    for row in rows:
        scan = _SCAN.match(row.detail)
        if scan is None or scan["name"] in FEW_ROWS | own_names or scan["index"] in _PARTIAL:
            continue
        if "LIMIT" not in one.statement or row.parent in sorted_places:
            yield row.detail


def _read_by_postgres(connection: Connection, one: Sent) -> Iterator[str]:
    found = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {one.statement}", one.values)
    yield from _unbounded_nodes(found.scalar_one()[0]["Plan"], is_limited=False, table="")


def _unbounded_nodes(node: Mapping[str, Any], *, is_limited: bool, table: str) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name", table)
    if kind == "Limit":
        is_limited = True
    elif kind in _READ_ALL:
        is_limited = False
    if not is_limited and table not in FEW_ROWS:
        if kind == "Seq Scan":
            yield table
        elif kind in _INDEX_SCANS and "Index Cond" not in node:
            index = node["Index Name"]
            if index not in _PARTIAL:
                yield index
    for below in node.get("Plans", ()):
        yield from _unbounded_nodes(below, is_limited=is_limited, table=table)
