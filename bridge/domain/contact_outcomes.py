"""How a call or text stands, in the words in which people are shown it: stored with each.

What SmartAdvocate is told is `outcomes.py`; this is the same end seen by somebody at the firm, and
also what has no end yet, what came in, and the key by which somebody asked to be left alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bridge.domain.events import Channel, Direction
from bridge.domain.outcomes import Outcome, OutcomeKind


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
    FIRMS_SIDE = "firms-side"
    """Our own side of a call, or a text from a number of ours: no contact with a person. It stands
    on its case's page, and in no list, count or chart of contacts."""


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
    ContactOutcome.FIRMS_SIDE: "Our own side of a call",
}
"""What people read."""

OF_KIND: Mapping[OutcomeKind, ContactOutcome] = {
    OutcomeKind.REACHED: ContactOutcome.TALKED,
    OutcomeKind.MACHINE: ContactOutcome.MACHINE,
    OutcomeKind.BUSY: ContactOutcome.BUSY,
    OutcomeKind.NO_ANSWER: ContactOutcome.NO_ANSWER,
    OutcomeKind.CUT_SHORT: ContactOutcome.PICKED_UP,
    OutcomeKind.NOT_CONNECTED: ContactOutcome.NOT_CONNECTED,
    OutcomeKind.NOT_GREETED: ContactOutcome.CANCELED,
    OutcomeKind.HUNG_UP: ContactOutcome.PICKED_UP,
    OutcomeKind.HEARD_ALONE: ContactOutcome.PICKED_UP,
    OutcomeKind.HEARD: ContactOutcome.HEARD,
    OutcomeKind.VOICEMAIL: ContactOutcome.MACHINE,
    OutcomeKind.WRONG_PERSON: ContactOutcome.PICKED_UP,
    OutcomeKind.REFUSED: ContactOutcome.OPTED_OUT,
    OutcomeKind.FAILED: ContactOutcome.FAILED,
    OutcomeKind.CANCELED: ContactOutcome.CANCELED,
    OutcomeKind.TEXT_DELIVERED: ContactOutcome.DELIVERED,
    OutcomeKind.TEXT_FAILED: ContactOutcome.NOT_DELIVERED,
    OutcomeKind.CALLED_IN: ContactOutcome.TALKED,
    OutcomeKind.CALLED_BACK: ContactOutcome.TALKED,
    OutcomeKind.REACHED_US: ContactOutcome.TALKED,
    OutcomeKind.MISSED: ContactOutcome.MISSED,
}

ANSWERED = (
    ContactOutcome.TALKED,
    ContactOutcome.HEARD,
    ContactOutcome.PICKED_UP,
    ContactOutcome.NOT_CONNECTED,
    ContactOutcome.OPTED_OUT,
)
"""How a call stands that a person has answered."""


@dataclass(frozen=True)
class Circumstances:
    """What the end of a call or text alone doesn't tell."""

    is_firms_side: bool = False
    """Whether there is no person at the other end: a leg to the firm, a number of ours."""
    was_turned_away: bool = False
    """Whether it is a call in that was not put through."""
    has_opted_out: bool = False
    """Whether the person opted out by this very call's key or this very text, now or before."""


def contact_outcome(
    channel: Channel, direction: Direction, means: Outcome | None, seen: Circumstances
) -> ContactOutcome:
    """How a call or text stands; `means` is what its end means, None while it has none.

    Depends on all that is known by now and on no order: a detection that comes late corrects it,
    and an opt-out, once it was heard, stays.
    """
    if seen.is_firms_side:
        return ContactOutcome.FIRMS_SIDE
    if seen.has_opted_out:
        return ContactOutcome.OPTED_OUT
    if seen.was_turned_away:
        return ContactOutcome.TURNED_AWAY
    if channel is Channel.TEXT and direction is Direction.INBOUND:
        return ContactOutcome.WROTE
    return ContactOutcome.UNDER_WAY if means is None else OF_KIND[means.kind]
