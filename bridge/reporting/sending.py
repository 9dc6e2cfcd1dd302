"""A message goes to SmartAdvocate: a status, or a note.

send_due   a message, and at once the note about it where it is a status that was taken
make_sure  the lease on its lane is still held

How the try ended is for `delivery.py`, which settles it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.domain import notes
from bridge.domain.case_updates import UpdatePlan
from bridge.domain.phones import E164, ten_digits
from bridge.errors import BridgeError, NotKnown, Permanent, Unclear
from bridge.reporting import status_updates
from bridge.runtime import Runtime
from bridge.store.db import UNREACHABLE, Connection
from bridge.store.reporting import deliveries, lanes, payloads
from bridge.store.reporting.deliveries import DeliveryKind
from bridge.store.reporting.lanes import LEASE, Job, Lease, LeaseLost

_SURELY_HELD = LEASE / 4
"""After so long the lease is made sure of, by settling the status, ahead of its note."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Due:
    """A message that is to be sent now, and the lease on its lane."""

    held: Lease
    job: Job
    told: UpdatePlan | None = None
    """Of a note: what became of the status that it reports, where this process has just sent it."""


@dataclass(frozen=True)
class Sent:
    """How a try ended: with how the case stands now, where it was a status, or with an error."""

    plan: UpdatePlan | None = None
    error: BridgeError | None = None

    @property
    def is_answered(self) -> bool:
        """Whether SmartAdvocate has answered for itself, whatever it said: it isn't down."""
        return self.error is None or isinstance(self.error, Permanent | Unclear)


@dataclass(frozen=True)
class Tried:
    """A message that was sent, or was to be."""

    job: Job
    sent: Sent


def send_due(
    runtime: Runtime, remote: SmartAdvocate, due: Due, stopping: Callable[[], bool]
) -> list[Tried]:
    """Send a message; after a status that was taken at once, the note about it, too."""
    begun = runtime.clock()
    sent = _send(runtime, remote, due)
    tried, note = [Tried(due.job, sent)], due.job.behind
    if sent.plan is None or note is None or not reports(note, due.job):
        return tried
    if runtime.clock() - begun < _SURELY_HELD and not stopping():
        tried.append(Tried(note, _send(runtime, remote, Due(due.held, note, sent.plan))))
    return tried


def reports(note: Job, status: Job) -> bool:
    """Whether a note is about what became of this status."""
    return bool(note.payload.get("after") == status.id)


def _send(runtime: Runtime, remote: SmartAdvocate, due: Due) -> Sent:
    send = {
        DeliveryKind.STATUS: _send_status,
        DeliveryKind.LATE_STATUS: _send_status,
        DeliveryKind.NOTE: _send_note,
        DeliveryKind.PHONE_NOTE: _send_phone_note,
    }[DeliveryKind(due.job.kind)]
    try:
        return Sent(send(runtime, remote, due))
    except BridgeError as error:
        return Sent(error=error)
    except (LeaseLost, *UNREACHABLE):
        raise
    except Exception as error:
        log.exception("Delivery failed with an internal error", delivery=due.job.id)
        return Sent(error=BridgeError("bug", f"{type(error).__name__} inside the bridge"))


def _send_status(runtime: Runtime, remote: SmartAdvocate, due: Due) -> UpdatePlan:
    def make_sure_here(connection: Connection) -> None:
        make_sure(connection, due.held, runtime.clock())

    return status_updates.send(runtime, remote, due.job, make_sure_here)


def _send_note(runtime: Runtime, remote: SmartAdvocate, due: Due) -> None:
    job, told = due.job, due.told
    if told is None and job.payload.get("after") is not None:
        with runtime.db.read() as connection:
            told = payloads.decision(deliveries.result_of(connection, job.payload["after"]))
    remote.add_note(job.case_id or 0, _note(runtime, job, told))


def _send_phone_note(runtime: Runtime, remote: SmartAdvocate, due: Due) -> None:
    phone = ten_digits(E164(due.job.payload["phone"]))
    if phone is None:
        raise NotKnown("foreign", "SmartAdvocate finds cases by US numbers alone")
    remote.add_note_by_phone(phone, _note(runtime, due.job, None))


def make_sure(connection: Connection, held: Lease, now: datetime) -> None:
    """Lock a lane and renew its lease.

    Raises:
        LeaseLost: another worker has taken the lane over.
    """
    if not lanes.still_held(connection, held, now):
        raise LeaseLost


def _note(runtime: Runtime, job: Job, told: UpdatePlan | None) -> str:
    remark = payloads.remark(job.payload)
    if remark is not None:
        return notes.event_note(remark)
    return notes.outcome_note(payloads.ended(job.payload), told, runtime.settings.firm_zone)
