"""The opt-outs that concern one case: its own, and those at its numbers."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, select

from bridge.domain.phones import E164
from bridge.store.consent.opt_outs import StoredOptOut, read_row
from bridge.store.tables import opt_outs


def opt_outs_of(
    connection: Connection,
    case_id: int,
    phones: Collection[E164],
    before: datetime,
    limit: int,
) -> Sequence[StoredOptOut]:
    """The opt-outs of a case and at these numbers from before then, lifted ones among them."""
    rows = connection.execute(
        select(opt_outs)
        .where(
            or_(opt_outs.c.case_id == case_id, opt_outs.c.phone.in_(sorted(phones))),
            opt_outs.c.created_at < before,
        )
        .order_by(opt_outs.c.created_at.desc(), opt_outs.c.id.desc())
        .limit(limit)
    )
    return [read_row(row) for row in rows]
