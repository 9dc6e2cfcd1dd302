"""What is decided on a contact: the permission, the rules that restrict it, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_AGENT, _CLIENT = "agent", "client"


class Permission(StrEnum):
    """Whether contact may be made."""

    ALLOW = "allow"
    DEFER = "defer"
    REFUSE = "refuse"


class Rule(StrEnum):
    """The rules that may defer or refuse contact."""

    NUMBER = "number"
    BAD_NUMBER = "bad-number"
    OPTED_OUT = "opted-out"
    OPTED_OUT_HERE = "opted-out-here"
    """At this number or on this channel; elsewhere the person may be reached."""
    PREFERENCE = "preference"
    """The person wants to be reached by another channel, at another number or at another time."""
    NO_CONSENT = "no-consent"
    """Nothing allows a text: neither consent on file nor an attestation of the firm."""
    DO_NOT_DIAL = "do-not-dial"
    WRONG_NUMBER = "wrong-number"
    """The case's person is not at this number; elsewhere they may be reached."""
    REGISTRY = "registry"
    """The number is on the do-not-call registry, or its list is missing or too old to tell."""
    UNATTRIBUTED = "unattributed"
    """Somebody who may be this person opted out: a human decides whose opt-out it is."""
    ATTEMPTS = "attempts"
    PAUSED = "paused"
    UNLOCATABLE = "unlocatable"
    """Nobody can tell where the person is: a human finds out."""
    UNDER_WAY = "under-way"
    HOURS = "hours"
    CAPS = "caps"
    NOT_BEFORE = "not-before"
    """The bridge has scheduled the case's next call for later, or has closed the case."""
    GAP = "gap"
    TALKED = "talked"
    VOICE = "voice"
    """A machine would speak to the person, and may not."""


@dataclass(frozen=True)
class Restriction:
    """A rule that defers or refuses contact."""

    rule: Rule
    reason: str
    until: datetime | None = None
    """When it ends; None: not by itself."""
    standing: str = ""
    """The reason without the moment of the decision, where it names that."""


@dataclass(frozen=True)
class VoiceDecision:
    """Whether a machine may speak to the person, and why."""

    obstacles: tuple[str, ...] = ()
    """Why it may not; empty where it may."""
    leans_on: tuple[str, ...] = ()
    """What allows it: consent or attestation, and the states' permits."""

    @property
    def may_speak(self) -> bool:
        """Whether a machine may speak."""
        return not self.obstacles

    @property
    def why(self) -> str:
        """The reasons, in words."""
        return "; ".join(self.obstacles or self.leans_on)

    @property
    def sentence(self) -> str:
        """Who is rung first and why, as people read it."""
        if self.may_speak:
            return f"The client's phone rings first and a machine greets: {self.why}."
        return f"The firm's phone rings first, and no machine speaks: {self.why}."

    @property
    def inputs(self) -> Mapping[str, str]:
        """The same as it is kept with a decision."""
        return {"first": _CLIENT if self.may_speak else _AGENT, "why": self.why}


@dataclass(frozen=True)
class Decision:
    """Whether a contact may be made, and what that was based on."""

    permission: Permission
    restrictions: tuple[Restriction, ...] = ()
    """The rules that defer or refuse it, the most important first."""
    until: datetime | None = None
    """Until when it is deferred; None for a deferral that ends when somebody acts."""
    window_ends: datetime | None = None
    """When the first window closes; only for a contact that is allowed."""
    inputs: Mapping[str, object] = field(default_factory=dict)
    voice: VoiceDecision | None = None
    """Of a call: whether a machine may speak to the person, and so who is rung first."""

    @property
    def why(self) -> str:
        """The reasons as one sentence."""
        return "; ".join(restriction.reason for restriction in self.restrictions)

    @property
    def standing_why(self) -> str:
        """The same, alike whenever it was decided."""
        return "; ".join(one.standing or one.reason for one in self.restrictions)

    def is_restricted_by(self, *rules: Rule) -> bool:
        """Whether one of these rules defers or refuses the contact."""
        return any(restriction.rule in rules for restriction in self.restrictions)
