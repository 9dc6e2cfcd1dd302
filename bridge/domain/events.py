"""The words in which the bridge speaks of calls and texts, whoever the vendor is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """How a person is reached."""

    CALL = "call"
    TEXT = "text"


class Topic(StrEnum):
    """What a callback is about: each has a route of its own."""

    CALL = "call"
    TEXT = "text"
    ANSWERED = "answer"
    """A dialed call was answered, and Twilio asks what to say."""
    KEY = "key"
    AGENT = "agent"
    """The key by which an agent says what a call was, once the person's side has ended."""
    DIALED = "dialed"
    """Somebody on the line was put through, or nobody could be."""
    MACHINE = "amd"
    """What answering-machine detection heard."""
    TEXT_IN = "text-in"
    CALL_IN = "call-in"

    @property
    def channel(self) -> Channel:
        """By which channel the person is reached."""
        return Channel.TEXT if self in {Topic.TEXT, Topic.TEXT_IN} else Channel.CALL


class Direction(StrEnum):
    """Who reached out: the firm (outbound) or the person (inbound)."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class Status(StrEnum):
    """How far a call or a text has come (docs/reference/twilio.md#call-statuses)."""

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


class AnsweredBy(StrEnum):
    """Who answered, as far as answering-machine detection could tell."""

    HUMAN = "human"
    MACHINE = "machine"
    UNSAID = "unsaid"


class Talk(StrEnum):
    """How far a person who picked up came: to our message's end, to the other side, or not."""

    UNSAID = "unsaid"
    HEARD = "heard"
    """The message was heard to its end, or a key pressed."""
    MISSED = "missed"
    """Put through, and nobody was there."""
    BRIDGED = "bridged"
    """Put through, and both sides spoke."""


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
    attempt: str | None = None
    """The attempt named in the callback's URL: our own id."""
    parent_sid: str | None = None
    """The call of which this one is a leg."""
    sequence: int | None = None
    occurred_at: datetime | None = None
    duration: int | None = None
    """Seconds of talk; never the minutes that Twilio calls `Duration`."""
    answer: AnsweredBy = AnsweredBy.UNSAID
    talk: Talk = Talk.UNSAID
    sip_code: int | None = None
    error_code: int | None = None
