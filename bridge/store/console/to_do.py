"""How much needs somebody at the firm: what the menu counts on every page."""

from sqlalchemy import Connection, func, literal, select, union_all

from bridge.domain.eligibility import PauseScope
from bridge.store.callbacks.callbacks import Verdict
from bridge.store.db import inline
from bridge.store.dialing import pauses as store_pauses
from bridge.store.reporting.deliveries import DeliveryState
from bridge.store.tables import callbacks, deliveries, pauses

MOST = 1000
"""Of each kind no more are counted: a flood must not slow down every page."""

_ODD = (Verdict.UNMATCHED, Verdict.AMBIGUOUS, Verdict.MALFORMED, Verdict.REVIEW)


def count(connection: Connection) -> int:
    """How many things need somebody, roughly where they are very many."""
    kinds = (
        select(literal(1)).where(
            callbacks.c.settled_at.is_(None), callbacks.c.verdict.in_([inline(v) for v in _ODD])
        ),
        select(literal(1)).where(deliveries.c.state == inline(DeliveryState.DEAD)),
        select(literal(1)).where(deliveries.c.state == inline(DeliveryState.UNMATCHED)),
        select(literal(1)).where(
            pauses.c.lifted_at.is_(None),
            pauses.c.scope == PauseScope.CASE,
            pauses.c.source == store_pauses.BY_SHARED_NUMBER,
        ),
    )
    counted = [select(kind.limit(MOST).subquery()).subquery() for kind in kinds]
    each = union_all(*(select(func.count().label("n")).select_from(one) for one in counted))
    return connection.scalar(select(func.sum(each.subquery().c.n))) or 0
