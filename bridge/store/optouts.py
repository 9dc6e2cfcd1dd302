"""Who no longer wants to be reached. Rows are never deleted (compliance.md, section 3)."""

from datetime import datetime

from sqlalchemy import Connection

from bridge.domain.phones import E164
from bridge.store.db import insert_into
from bridge.store.tables import opt_outs


def add(
    connection: Connection,
    *,
    phone: E164,
    case_id: int | None,
    channel: str,
    source: str,
    sid: str,
    now: datetime,
) -> None:
    """Mark the person at this phone as opted out; saying so twice changes nothing."""
    connection.execute(
        insert_into(connection, opt_outs)
        .values(
            phone=phone, case_id=case_id, channel=channel, source=source, sid=sid, created_at=now
        )
        .on_conflict_do_nothing()
    )
