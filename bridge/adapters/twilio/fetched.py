"""Calls and texts fetched from Twilio, translated into the bridge's events."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bridge.adapters.twilio.vocabulary import ANSWERED_BY, STATUSES
from bridge.domain.events import AnsweredBy, Channel, Direction, Event, Status


@dataclass(frozen=True)
class FetchedRecord:
    """A call or text, as fetched from Twilio."""

    sid: str
    created_at: datetime
    sender: str
    parent_sid: str | None
    event: Event | None
    """Its state as an event; None for an unknown status."""


def fetched_call(made: Any) -> FetchedRecord:
    """The record of a call, from the SDK's instance."""
    return _record(
        made,
        Channel.CALL,
        parent_sid=made.parent_call_sid,
        duration=_whole(made.duration),
        answer=ANSWERED_BY.get(made.answered_by or "", AnsweredBy.UNSAID),
        ended_at=made.end_time,
    )


def fetched_text(made: Any) -> FetchedRecord:
    """The record of a text, from the SDK's instance."""
    return _record(made, Channel.TEXT, error_code=_whole(made.error_code))


def _record(
    made: Any,
    channel: Channel,
    *,
    parent_sid: str | None = None,
    duration: int | None = None,
    answer: AnsweredBy = AnsweredBy.UNSAID,
    error_code: int | None = None,
    ended_at: datetime | None = None,
) -> FetchedRecord:
    status: Status | None = STATUSES[channel].get(str(made.status))
    inbound = str(made.direction).startswith("inbound")
    event = (
        None
        if status is None
        else Event(
            channel=channel,
            sid=str(made.sid),
            status=status,
            direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
            person=_sender(made) if inbound else str(made.to),
            parent_sid=parent_sid,
            occurred_at=ended_at,
            duration=duration,
            answer=answer,
            error_code=error_code,
        )
    )
    return FetchedRecord(
        sid=str(made.sid),
        created_at=(made.date_created or datetime.now(UTC)).astimezone(UTC),
        sender=_sender(made),
        parent_sid=parent_sid,
        event=event,
    )


def _whole(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isdigit() else None


def _sender(made: Any) -> str:
    """`From`, which has different names in the SDK for calls and for texts."""
    shown = vars(made)
    return str(shown.get("_from") or shown.get("from_") or "")
