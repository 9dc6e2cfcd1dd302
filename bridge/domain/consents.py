"""What allows a machine to speak or write to a person: consent on file, or the firm's attestation.

An artificial voice needs prior express consent, for a lead in writing; a text needs consent on file
or an attestation, whatever the purpose (docs/reference/law.md#consent). Consent is a number's and a
channel's; it ends with the person's refusal.

basis_for   what a call or text leans on; None: nothing allows a machine to speak, or a text
why_none    why that is so, as a sentence
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose

CHANNELS: Mapping[str, Channel] = {"voice": Channel.CALL, "text": Channel.TEXT}
"""What people call a channel where consent is about it."""
CHANNEL_NAMES: Mapping[Channel, str] = {channel: name for name, channel in CHANNELS.items()}
WITHDRAWN = "withdrawn"
"""The source of what is on file where a person took back what the firm had attested."""


@dataclass(frozen=True, kw_only=True)
class NewConsent:
    """Consent that a person has given for one number, as it is to be kept."""

    phone: E164
    channel: Channel
    """`call`: to an artificial or prerecorded voice; `text`: to texts."""
    purpose: Purpose
    words: str = field(repr=False)
    """Exactly what the person has agreed to."""
    given_at: datetime
    source: str
    """How it was given: a web form, a signed agreement, a text."""
    evidence: str = field(repr=False)
    """Where the proof is: a link, or a document's name."""

    @property
    def fingerprint(self) -> str:
        """What tells this consent from every other: the same one is kept once."""
        said = (
            self.phone,
            self.channel,
            self.purpose,
            self.words,
            self.given_at.timestamp(),
            self.source,
            self.evidence,
        )
        return hashlib.sha256(repr(tuple(map(str, said))).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Consent(NewConsent):
    """Consent that is on file."""

    id: int
    recorded_at: datetime | None = None
    """When it was entered."""
    revoked_at: datetime | None = None
    """When it ended; None: nobody has ended it."""

    @property
    def is_withdrawal(self) -> bool:
        """Whether it never allowed anything, and says only that the person took back the rest."""
        return self.source == WITHDRAWN and self.revoked_at == self.given_at

    @property
    def taken_back_at(self) -> datetime | None:
        """When the person took it back; None: never, or before it was entered here.

        What was refused before it was entered ends as it is entered, which is no new refusal.
        """
        was_over = self.revoked_at == self.recorded_at and not self.is_withdrawal
        return None if was_over else self.revoked_at


@dataclass(frozen=True)
class Attestation:
    """The firm's word that all of a purpose have agreed to a channel (CONSENT_BASIS)."""

    purpose: Purpose
    channel: Channel
    words: str = field(repr=False)


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
    refused_at: datetime | None,
) -> Basis | None:
    """What allows this channel at this number for this purpose; None: nothing does.

    Consent to be solicited also covers being informed, not the other way round. `refused_at` is
    when the person last opted out of this channel at this number, even where that was lifted since:
    consent covers only what was agreed to afterwards. The same goes for the last time that any
    consent to the channel at this number was revoked, a mistaken entry too (cautious default). An
    attestation covers nobody who has ever opted out, or has taken a consent back: they must agree
    themselves.
    """
    of_it = _about(channel, phone, consents)
    covering = {purpose, Purpose.LEAD}
    for consent in _in_effect(of_it, refused_at):
        if consent.purpose in covering:
            return Basis(consent.id, f"consent of {consent.given_at:%Y-%m-%d} ({consent.source})")
    if _ended_at(of_it, refused_at) is not None:
        return None
    for attestation in attestations:
        if attestation.purpose is purpose and attestation.channel is channel:
            return Basis(None, f"the firm's attestation: {attestation.words}")
    return None


def why_none(
    purpose: Purpose,
    channel: Channel,
    phone: E164,
    consents: Iterable[Consent],
    *,
    refused_at: datetime | None,
) -> str:
    """Why nothing allows this channel at this number, as the reason of a decision."""
    to_it = "texts" if channel is Channel.TEXT else "an artificial voice"
    of_it = _about(channel, phone, consents)
    if _in_effect(of_it, refused_at):
        return f"the consent to {to_it} at this number covers {Purpose.CLIENT}s, not {purpose}s"
    ended = _ended_at(of_it, refused_at)
    if ended is not None:
        return (
            f"the person refused on {ended:%Y-%m-%d}, and no consent to {to_it} at this number "
            "since then is on file"
        )
    return (
        f"no consent to {to_it} at this number is on file, and CONSENT_BASIS attests none for "
        f"{purpose}s"
    )


def _about(channel: Channel, phone: E164, consents: Iterable[Consent]) -> list[Consent]:
    return [
        consent for consent in consents if consent.phone == phone and consent.channel is channel
    ]


def _in_effect(of_it: Iterable[Consent], refused_at: datetime | None) -> list[Consent]:
    """What was neither revoked nor given before a refusal, the newest first."""
    on_file = list(of_it)
    taken_back = [consent.taken_back_at for consent in on_file]
    ends = [at for at in [refused_at, *taken_back] if at is not None]
    in_effect = [
        consent
        for consent in on_file
        if consent.revoked_at is None and all(consent.given_at >= at for at in ends)
    ]
    return sorted(in_effect, key=lambda consent: (consent.given_at, consent.id), reverse=True)


def _ended_at(of_it: Iterable[Consent], refused_at: datetime | None) -> datetime | None:
    """When the person last opted out, or took a consent back; None: never."""
    revoked = [consent.revoked_at for consent in of_it if consent.revoked_at is not None]
    return max([*revoked, *([] if refused_at is None else [refused_at])], default=None)
