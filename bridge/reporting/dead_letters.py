"""What SmartAdvocate refused for good: somebody at the firm has it sent again, or gives it up.

retry     these, or all of them, wait for their turn again
give_up   these are not sent again; they are deleted with what was delivered
in_words  what a message is to tell SmartAdvocate, as a person reads it
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from html import unescape
from typing import Any

from bridge.domain import notes
from bridge.domain.case_updates import CaseReport
from bridge.domain.local_time import local
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.db import Connection
from bridge.store.reporting import deliveries, payloads
from bridge.store.reporting.deliveries import DeliveryKind


def retry(runtime: Runtime, connection: Connection, ids: Sequence[int]) -> list[int]:
    """Make dead messages pending again, these or all; return the ids of those that were dead."""
    # Callbacks that are processed lock many lanes as well, in the order in which they came.
    callbacks.lock(connection)
    return deliveries.retry(
        connection,
        ids,
        now=runtime.clock(),
        give_up_after=runtime.settings.delivery_give_up,
    )


def give_up(runtime: Runtime, connection: Connection, ids: Sequence[int]) -> list[int]:
    """Never send these dead messages again; return the ids of those that were dead."""
    return deliveries.give_up(connection, ids, runtime.clock())


def in_words(kind: DeliveryKind, payload: Mapping[str, Any], zone: tzinfo) -> str:
    """What a message is to tell, in the words of its note; a status as a sentence."""
    if kind in {DeliveryKind.STATUS, DeliveryKind.LATE_STATUS}:
        return _status(payloads.report(payload, None), zone)
    remark = payloads.remark(payload)
    if remark is not None:
        return unescape(notes.event_note(remark))
    return unescape(notes.outcome_note(payloads.ended(payload), None, zone))


def _status(report: CaseReport, zone: tzinfo) -> str:
    said = f"{report.disposition}. " if report.disposition else ""
    if report.next_call is None:
        return f"{said}Dialer status: Do not Dial."
    return f"{said}Dialer status: To Dial, next call {local(report.next_call, zone)}."
