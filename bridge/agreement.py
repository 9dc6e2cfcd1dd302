"""What a person has agreed to at a number: consent on file, or the firm's attestation.

agreed        what a call or text leans on, or why nothing allows it

Whether a text may go out is decided by `eligibility.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bridge.domain.consents import Basis, Consent, basis_for, why_none
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.eligibility import opt_out_applies
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.settings import Settings
from bridge.store.cases.identity import Refusal


@dataclass(frozen=True)
class Asked:
    """What a person may have agreed to, or refused."""

    purpose: Purpose
    channel: Channel
    phone: E164


@dataclass(frozen=True)
class Agreed:
    """What allows it; or why nothing does."""

    basis: Basis | None
    lacks: str


def agreed(
    settings: Settings, asked: Asked, stored: Iterable[Consent], refusals: Iterable[Refusal]
) -> Agreed:
    """What allows it, as far as the person hasn't refused it since.

    `stored` are the consents on file for the phone, the newest first, and `refusals` all of the
    person's. One that was lifted counts too: what was agreed to before it is over.
    """
    zone = settings.firm_zone
    on_file = [_in_zone(consent, zone) for consent in stored]
    ends = (refusal.at.astimezone(zone) for refusal in refusals if _ends(refusal, asked))
    refused_at = max(ends, default=None)
    about = (asked.purpose, asked.channel, asked.phone, on_file)
    basis = basis_for(*about, settings.consent_basis, refused_at=refused_at)
    return Agreed(basis, "" if basis else why_none(*about, refused_at=refused_at))


def _in_zone(consent: Consent, zone: ZoneInfo) -> Consent:
    """The same with its moments as the firm writes their dates."""
    entered, ended = consent.recorded_at, consent.revoked_at
    return replace(
        consent,
        given_at=consent.given_at.astimezone(zone),
        recorded_at=None if entered is None else entered.astimezone(zone),
        revoked_at=None if ended is None else ended.astimezone(zone),
    )


def _ends(refusal: Refusal, asked: Asked) -> bool:
    """Whether it is a refusal of this channel at this number, or may be one."""
    may_be = refusal.opt_out.scope is OptOutScope.SHARED_NUMBER
    return may_be or opt_out_applies(refusal.opt_out, asked.channel, asked.phone)
