"""The plans of the statements that some code sends, as the database itself explains them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event, text

from bridge.store.db import Database

_HOW = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}


def plans(db: Database, reads: Callable[[Connection], object]) -> list[str]:
    """How the database answers each SELECT that `reads` sends, in its own words."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        sent.append((statement, values))

    with db.read() as connection:
        event.listen(connection, "before_cursor_execute", note)
        reads(connection)
        event.remove(connection, "before_cursor_execute", note)
        how = _HOW[connection.dialect.name]
        return [
            "\n".join(str(row) for row in connection.exec_driver_sql(f"{how}{statement}", values))
            for statement, values in sent
            if statement.lstrip().upper().startswith(("SELECT", "WITH"))
        ]


def analyze(db: Database) -> None:
    """Let the planner know the tables: what it chooses depends on it."""
    with db.begin() as connection:
        connection.execute(text("ANALYZE"))
