"""How long the console's rows are kept: sessions and tries to sign in.

The audit trail is evidence (`store/evidence/retention.py`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, select

from bridge.domain.sign_in_limits import KEPT
from bridge.store.tables import sessions, sign_ins

_KEPT: Sequence[tuple[Table, Column[Any], timedelta]] = (
    (sessions, sessions.c.seen_at, timedelta(days=90)),
    (sign_ins, sign_ins.c.tried_at, KEPT),
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
