"""How long the evidence is kept: rows are deleted in batches, and the chain knows of each.

decisions, audit        EVIDENCE_YEARS; the audit trail at least five years, as ever
opt-outs, consents      twice as long after they ended; in effect, for ever
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from bridge.domain.evidence_chain import covered
from bridge.store.evidence import chain
from bridge.store.tables import metadata

_YEAR = timedelta(days=365.25)
_LEAST_FOR_AUDIT = 5


def purge(connection: Connection, now: datetime, years: int, limit: int) -> int:
    """Delete up to `limit` rows of each table that are old enough; return how many."""
    kept = {
        ("decisions", "decided_at"): years,
        ("audit", "at"): max(years, _LEAST_FOR_AUDIT),
        ("opt_outs", "lifted_at"): 2 * years,
        ("consents", "revoked_at"): 2 * years,
    }
    return sum(
        _purge(connection, name, column, now, now - many * _YEAR, limit)
        for (name, column), many in kept.items()
    )


def _purge(  # noqa: PLR0917 - one row of the table above
    connection: Connection, name: str, column: str, now: datetime, before: datetime, limit: int
) -> int:
    table, of = metadata.tables[name], covered(name)
    old = connection.scalars(
        select(table.c.id)
        .where(table.c[column].is_not(None), table.c[column] < before)
        .order_by(table.c[column])
        .limit(limit)
    ).all()
    if not old:
        return 0
    if of is not None:
        chain.expired(connection, of, old, now)
    return connection.execute(delete(table).where(table.c.id.in_(old))).rowcount
