"""What allows a machine to speak or write to a person: consent on file, or the firm's attestation.

An artificial voice needs prior express consent, for a lead in writing; so does a text to a lead
(docs/reference/law.md). Consent is a number's and a channel's; it ends with the person's refusal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose


@dataclass(frozen=True)
class Consent:
    """Consent that a person has given for one number, and that is in effect."""

    id: int
    phone: E164
    channel: Channel
    """`call`: to an artificial or prerecorded voice; `text`: to texts."""
    purpose: Purpose
    words: str
    """Exactly what the person has agreed to."""
    given_at: datetime
    source: str
    """How it was given: a web form, a signed agreement, a text."""
    evidence: str
    """Where the proof is: a link, or a document's name."""


@dataclass(frozen=True)
class Attestation:
    """The firm's word that all of a purpose have agreed to a channel (CONSENT_BASIS)."""

    purpose: Purpose
    channel: Channel
    words: str


@dataclass(frozen=True)
class Basis:
    """What a contact leans on, as it is kept with the decision."""

    consent_id: int | None
    """None where it is an attestation."""
    says: str


def basis_for(
    purpose: Purpose,
    channel: Channel,
    phone: E164,
    consents: Iterable[Consent],
    attestations: Iterable[Attestation],
    *,
    has_refused: bool,
) -> Basis | None:
    """What allows this channel at this number for this purpose; None: nothing does.

    Consent to be solicited also covers being informed, not the other way round. An attestation
    covers nobody who has ever refused, even where that was lifted: they must agree anew.
    """
    covering = {purpose, Purpose.LEAD}
    for consent in sorted(consents, key=lambda consent: consent.given_at, reverse=True):
        if consent.phone == phone and consent.channel is channel and consent.purpose in covering:
            return Basis(consent.id, f"consent of {consent.given_at:%Y-%m-%d} ({consent.source})")
    if has_refused:
        return None
    for attestation in attestations:
        if attestation.purpose is purpose and attestation.channel is channel:
            return Basis(None, f"the firm's attestation: {attestation.words}")
    return None
