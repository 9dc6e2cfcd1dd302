"""How long the console's rows are kept: sessions, tries to sign in, the audit trail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, select

from bridge.domain.sign_in_limits import KEPT
from bridge.store.tables import audit, sessions, sign_ins

_YEAR = timedelta(days=365.25)

_KEPT: Sequence[tuple[Table, Column[Any], timedelta]] = (
    (sessions, sessions.c.seen_at, timedelta(days=90)),
    (sign_ins, sign_ins.c.tried_at, KEPT),
    (audit, audit.c.at, 5 * _YEAR),
)


def purge(connection: Connection, now: datetime, limit: int) -> int:
    """Delete up to `limit` rows of each table that are old enough; return how many."""
    return sum(
        _purge(connection, table, column, now - kept, limit) for table, column, kept in _KEPT
    )


def _purge(
    connection: Connection, table: Table, column: Column[Any], before: datetime, limit: int
) -> int:
    old = select(table.c.id).where(column < before).order_by(column).limit(limit)
    return connection.execute(delete(table).where(table.c.id.in_(old))).rowcount
