"""All that is known of one case's contacts, as it is stored: what the evidence is written from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.domain.case_updates import CaseReport, UpdatePlan
from bridge.domain.contact_facts import OptOutScope, PauseScope
from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.decisions import Permission
from bridge.domain.events import Channel, Direction
from bridge.domain.phones import E164


@dataclass(frozen=True)
class DecisionRecord:
    """A decision, with what it was based on."""

    id: int
    at: datetime
    stage: str
    attempt_id: str | None
    channel: Channel
    answer: Permission
    until: datetime | None
    why: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True)
class AttemptRecord:
    """A call or text of ours, as far as it came."""

    id: str
    channel: Channel
    phone: E164
    via_firm: bool
    """Whether somebody at the firm was rung first, and no machine spoke."""
    agent: E164 | None
    """The phone of the firm that was rung."""
    state: str
    created_at: datetime
    placed_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    sid: str | None


@dataclass(frozen=True)
class ContactRecord:
    """A call or text, as Twilio reported it."""

    sid: str
    attempt_id: str | None
    """The attempt behind it: two calls have the same where the firm's phone was rung first."""
    channel: Channel
    direction: Direction
    phone: E164 | None
    status: str
    outcome: ContactOutcome
    duration: int | None
    created_at: datetime
    ended_at: datetime | None
    was_reported: bool
    """Whether SmartAdvocate was told of it, whatever is still kept of that."""
    events: Sequence[tuple[datetime, str]]
    """When Twilio reported which status."""


@dataclass(frozen=True)
class ToldRecord:
    """A status that SmartAdvocate took: deleted after a while, like the words of notes."""

    sid: str
    at: datetime
    report: CaseReport
    result: UpdatePlan | None


@dataclass(frozen=True)
class OptOutRecord:
    """A refusal."""

    id: int
    phone: E164
    case_id: int | None
    channel: Channel
    scope: OptOutScope
    source: str
    sid: str
    created_at: datetime
    recorded_by: str | None
    reason: str | None = field(repr=False)
    words: str | None = field(repr=False)
    words_erased_at: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None = field(repr=False)


@dataclass(frozen=True)
class ConsentRecord:
    """A consent, in effect or revoked."""

    id: int
    phone: E164
    channel: Channel
    purpose: str
    words: str = field(repr=False)
    source: str
    evidence: str
    given_at: datetime
    recorded_at: datetime
    recorded_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_how: str | None


@dataclass(frozen=True)
class PauseRecord:
    """A hold that concerned the case, in effect or lifted."""

    id: int
    scope: PauseScope
    what: str
    until: datetime | None
    reason: str
    by: str
    created_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None


@dataclass(frozen=True)
class ChainRecord:
    """How far the chain over the evidence goes."""

    checkpoint: int
    until: datetime | None
    hash: str


@dataclass(frozen=True)
class CaseRecord:
    """What is known of one case, each kind in the order in which it happened."""

    case_id: int
    decisions: Sequence[DecisionRecord]
    is_cut: bool
    """Whether there are decisions older than these."""
    attempts: Sequence[AttemptRecord]
    contacts: Sequence[ContactRecord]
    told: Sequence[ToldRecord]
    opt_outs: Sequence[OptOutRecord]
    consents: Sequence[ConsentRecord]
    pauses: Sequence[PauseRecord]
    chain: ChainRecord | None
