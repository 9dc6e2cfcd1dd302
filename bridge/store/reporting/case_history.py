"""What SmartAdvocate was told of one case, and what it is still to be told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from bridge.store.reporting.deliveries import DeliveryKind, DeliveryState
from bridge.store.tables import deliveries


@dataclass(frozen=True)
class PastDelivery:
    """One message about a case, as far as it came."""

    id: int
    kind: DeliveryKind
    state: DeliveryState
    sid: str
    payload: Mapping[str, Any] = field(repr=False)
    result: Mapping[str, Any] | None
    refusal: str | None
    tries: int
    due_at: datetime
    created_at: datetime
    settled_at: datetime | None

    @property
    def at(self) -> datetime:
        """When it was settled; until then, when it was written."""
        return self.settled_at or self.created_at


def deliveries_of(
    connection: Connection, case_id: int, before: datetime, limit: int
) -> Sequence[PastDelivery]:
    """The messages about a case that were settled, or else written, before then; newest first."""
    of = deliveries.c
    at = func.coalesce(of.settled_at, of.created_at)
    rows = connection.execute(
        select(
            of.id,
            of.kind,
            of.state,
            of.sid,
            of.payload,
            of.result,
            of.refusal,
            of.tries,
            of.due_at,
            of.created_at,
            of.settled_at,
        )
        .where(of.case_id == case_id, at < before)
        .order_by(at.desc(), of.id.desc())
        .limit(limit)
    )
    return [
        PastDelivery(identity, DeliveryKind(kind), DeliveryState(state), *more)
        for identity, kind, state, *more in rows
    ]


def results(connection: Connection, ids: Collection[int]) -> Mapping[int, Mapping[str, Any] | None]:
    """How these statuses left their case."""
    of = deliveries.c
    rows = connection.execute(
        select(of.id, of.result).where(of.id.in_(ids), of.state == DeliveryState.DELIVERED)
    )
    return {row.id: row.result for row in rows}
