"""How a call or text stands, in the words in which people are shown it: stored with each.

What SmartAdvocate is told is `outcomes.py`; this is the same end seen by somebody at the firm, and
also what has no end yet, what came in, and the key by which somebody asked to be left alone.
"""

from collections.abc import Mapping
from enum import StrEnum

from bridge.domain.outcomes import OutcomeKind


class ContactOutcome(StrEnum):
    """How a call or text stands. The same words stand in table, address and CSV."""

    UNDER_WAY = "under-way"
    TALKED = "talked"
    """Person and firm were on the line together, whoever called."""
    HEARD = "heard"
    """The message was heard, which was what the call was for."""
    PICKED_UP = "picked-up"
    """Somebody answered, and did not ask for the firm."""
    NOT_CONNECTED = "not-connected"
    """Asked for the firm, and nobody there picked up."""
    OPTED_OUT = "opted-out"
    """The person asked not to be contacted: pressed 9, or wrote STOP."""
    MACHINE = "machine"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    FAILED = "failed"
    """The call could not be connected at all."""
    CANCELED = "canceled"
    DELIVERED = "delivered"
    NOT_DELIVERED = "not-delivered"
    WROTE = "wrote"
    """A text from the person."""
    MISSED = "missed"
    """The person called, and nobody at the firm answered."""
    TURNED_AWAY = "turned-away"
    """A call in that was not put through (`call_screening.py`)."""


LABELS: Mapping[ContactOutcome, str] = {
    ContactOutcome.UNDER_WAY: "Under way",
    ContactOutcome.TALKED: "Talked with us",
    ContactOutcome.HEARD: "Heard the message",
    ContactOutcome.PICKED_UP: "Picked up, did not ask for us",
    ContactOutcome.NOT_CONNECTED: "Asked for us, nobody answered",
    ContactOutcome.OPTED_OUT: "Asked us to stop",
    ContactOutcome.MACHINE: "Answering machine",
    ContactOutcome.NO_ANSWER: "No answer",
    ContactOutcome.BUSY: "Busy",
    ContactOutcome.FAILED: "Could not be connected",
    ContactOutcome.CANCELED: "Canceled",
    ContactOutcome.DELIVERED: "Delivered",
    ContactOutcome.NOT_DELIVERED: "Not delivered",
    ContactOutcome.WROTE: "Wrote to us",
    ContactOutcome.MISSED: "Called us, nobody answered",
    ContactOutcome.TURNED_AWAY: "Called us, turned away",
}
"""What people read."""

OF_KIND: Mapping[OutcomeKind, ContactOutcome] = {
    OutcomeKind.REACHED: ContactOutcome.TALKED,
    OutcomeKind.MACHINE: ContactOutcome.MACHINE,
    OutcomeKind.BUSY: ContactOutcome.BUSY,
    OutcomeKind.NO_ANSWER: ContactOutcome.NO_ANSWER,
    OutcomeKind.CUT_SHORT: ContactOutcome.PICKED_UP,
    OutcomeKind.NOT_CONNECTED: ContactOutcome.NOT_CONNECTED,
    OutcomeKind.HUNG_UP: ContactOutcome.PICKED_UP,
    OutcomeKind.HEARD_ALONE: ContactOutcome.PICKED_UP,
    OutcomeKind.HEARD: ContactOutcome.HEARD,
    OutcomeKind.FAILED: ContactOutcome.FAILED,
    OutcomeKind.CANCELED: ContactOutcome.CANCELED,
    OutcomeKind.TEXT_DELIVERED: ContactOutcome.DELIVERED,
    OutcomeKind.TEXT_FAILED: ContactOutcome.NOT_DELIVERED,
    OutcomeKind.CALLED_IN: ContactOutcome.TALKED,
    OutcomeKind.CALLED_BACK: ContactOutcome.TALKED,
    OutcomeKind.REACHED_US: ContactOutcome.TALKED,
    OutcomeKind.MISSED: ContactOutcome.MISSED,
}
