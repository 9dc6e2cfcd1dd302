"""What SmartAdvocate is to be told, queued as deliveries in the transaction that decides it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store.db import Connection
from bridge.store.reporting import deliveries
from bridge.store.reporting.deliveries import Delivery, DeliveryKind


@dataclass(frozen=True)
class Message:
    """A status or a note for a case, or for all cases of a phone."""

    kind: DeliveryKind
    sid: str
    """The call or text it is about, or a word for what else it is about."""
    case_id: int | None
    payload: Mapping[str, object] = field(repr=False)
    phone: E164 | None = None
    caused_at: datetime | None = None
    """When the callback behind it came in; now, where there is none."""


def queue_message(runtime: Runtime, connection: Connection, message: Message) -> int:
    """Queue a message; return its delivery's id."""
    return deliveries.queue(connection, _delivery(runtime, message))


def queue_with_note(
    runtime: Runtime, connection: Connection, status: Message, note: Mapping[str, object]
) -> None:
    """Queue a status, and behind it the note with this payload about what became of it."""
    deliveries.queue_with_note(connection, _delivery(runtime, status), note)


def _delivery(runtime: Runtime, message: Message) -> Delivery:
    now = runtime.clock()
    return Delivery(
        kind=message.kind,
        sid=message.sid,
        case_id=message.case_id,
        phone=message.phone,
        payload=message.payload,
        caused_at=message.caused_at or now,
        give_up_at=now + runtime.settings.delivery_give_up,
    )
