"""A call or text as Twilio shows it when it is asked, told as an event of ours."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bridge.adapters.twilio.callbacks import ANSWERS, STATUSES
from bridge.domain.events import AnsweredBy, Channel, Direction, Event, Status


@dataclass(frozen=True)
class FetchedRecord:
    """A call or text as Twilio shows it."""

    sid: str
    created_at: datetime
    sender: str
    parent_sid: str | None
    event: Event | None
    """What it says of the call or text; None for a status that the bridge has no word for."""


def fetched_call(made: Any) -> FetchedRecord:
    """A call, as the SDK's instance shows it."""
    return _found(
        made,
        Channel.CALL,
        parent_sid=made.parent_call_sid,
        duration=_whole(made.duration),
        answer=ANSWERS.get(made.answered_by or "", AnsweredBy.UNSAID),
        ended_at=made.end_time,
    )


def fetched_text(made: Any) -> FetchedRecord:
    """A text, as the SDK's instance shows it."""
    return _found(made, Channel.TEXT, error_code=_whole(made.error_code))


def _found(
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


def _whole(said: object) -> int | None:
    text = str(said or "")
    return int(text) if text.isdigit() else None


def _sender(made: Any) -> str:
    """`From`, which the SDK calls differently for calls and for texts."""
    shown = vars(made)
    return str(shown.get("_from") or shown.get("from_") or "")
