"""The words in which the bridge speaks of calls and texts, whoever the vendor is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """How a person is reached."""

    CALL = "call"
    TEXT = "text"


class Direction(StrEnum):
    """Who reached out: the firm (outbound) or the person (inbound)."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class Status(StrEnum):
    """How far a call or a text has come (twilio.md, tables 1.2 and 2.2)."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    INITIATED = "initiated"
    SENDING = "sending"
    RINGING = "ringing"
    SENT = "sent"
    IN_PROGRESS = "in-progress"
    CANCELED = "canceled"
    FAILED = "failed"
    UNDELIVERED = "undelivered"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    COMPLETED = "completed"
    PARTIALLY_DELIVERED = "partially_delivered"
    DELIVERED = "delivered"
    READ = "read"
    RECEIVING = "receiving"
    RECEIVED = "received"


class Answer(StrEnum):
    """Who answered, as far as answering-machine detection could tell."""

    HUMAN = "human"
    MACHINE = "machine"
    UNSAID = "unsaid"


@dataclass(frozen=True)
class Event:
    """One callback, understood: what it says of one call or text at one moment."""

    channel: Channel
    sid: str
    status: Status
    direction: Direction
    person: str
    """The address of the person, as it came: a number, a client name, a SIP URI, free text."""
    case_id: int | None = None
    """The case named in the callback's URL."""
    parent_sid: str | None = None
    """The call of which this one is a leg."""
    sequence: int | None = None
    occurred_at: datetime | None = None
    duration: int | None = None
    """Seconds of talk; never the minutes that Twilio calls `Duration`."""
    answer: Answer = Answer.UNSAID
    sip_code: int | None = None
    error_code: int | None = None
