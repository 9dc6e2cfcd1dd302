"""What the rules know about a call or text before it is planned or placed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.domain.caps import PastContact
from bridge.domain.consents import Basis
from bridge.domain.events import Channel
from bridge.domain.hours import Location
from bridge.domain.phones import E164
from bridge.domain.preferences import Preference
from bridge.domain.purposes import Purpose
from bridge.domain.registry import RegistryEntry


class PauseScope(StrEnum):
    """What a pause stops."""

    EVERYTHING = "everything"
    TEXTS = "texts"
    CAMPAIGN = "campaign"
    STATE = "state"
    NUMBER = "number"
    CASE = "case"


class OptOutScope(StrEnum):
    """What an opt-out ends."""

    PERSON = "person"
    NUMBER = "number"
    CHANNEL = "channel"
    SHARED_NUMBER = "shared-number"
    """One of several people who share the number. It ends contact at the number for all of them,
    and at their other numbers until it is known whose opt-out it was. Never a setting."""
    CASE = "case"
    """The person of one case, but no longer the number: START came from it, and others use it
    too. Never a setting: an opt-out of scope `person` becomes it."""


@dataclass(frozen=True)
class Pause:
    """A stop of contact, set by a person or by an event."""

    scope: PauseScope
    what: str
    """The campaign, state, number or case; empty for everything and for texts."""
    until: datetime | None
    """None: until somebody lifts it."""
    reason: str


@dataclass(frozen=True)
class OptOut:
    """An opt-out that is still in effect for the person in question."""

    scope: OptOutScope
    phone: E164
    channel: Channel
    source: str


@dataclass(frozen=True)
class Facts:
    """What the rules need to know about a call or text before it is planned or placed."""

    case_id: int
    campaign: str
    channel: Channel
    phone: E164
    attempts: int
    """As the case shows them."""
    location: Location
    purpose: Purpose = Purpose.LEAD
    """Why the person is reached."""
    basis: Basis | None = None
    """What allows a machine to speak to the person, or to text them; None: nothing does."""
    lacks_basis: str = "no consent is known"
    """Why nothing does; no matter where something does."""
    registry: RegistryEntry | None = None
    """What the do-not-call registry says of the number; None where it isn't asked."""
    wrong_number: str | None = None
    """Why the case's person is not to be found at this number, as somebody has said."""
    held_to_agent_first: str = ""
    """Why its campaign is dialed agent first for now, whatever is on file; empty if it isn't."""
    past: tuple[PastContact, ...] = ()
    """The person's contacts of the last 7 days, over all numbers, channels and campaigns."""
    opt_outs: tuple[OptOut, ...] = ()
    preferences: tuple[Preference, ...] = ()
    """How the person wants to be reached, at whatever number they said so."""
    pauses: tuple[Pause, ...] = ()
    out_of_use: str | None = None
    """Why this number can't be reached on this channel, as earlier attempts have shown."""
    calls_in_progress: int = 0
    """Calls to or from the person that are being placed, are ringing or are connected now."""
    turn_id: int | None = None
    """The turn that the contact belongs to; None when no turn has begun."""
    talked_at: datetime | None = None
    """When the newest talk between the person and the firm ended."""
    not_before: datetime | None = None
    """When the bridge itself has scheduled the case's next call, whatever SmartAdvocate shows."""
    closed: bool = False
    """Whether the bridge has closed the case: no further call."""
    is_set_by_staff: bool = False
    """Whether staff have set the date that made the case due. It overrides what the bridge has
    scheduled itself, but no caps, hours or opt-outs."""
