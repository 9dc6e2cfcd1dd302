"""What a person has agreed to at a number: consent on file, or the firm's attestation.

agreed        what a call or text leans on, or why nothing allows it
agreed_again  the same where the person's refusals are yet to be read

Whether a text may go out is decided by `eligibility.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bridge.domain.consents import Basis, Consent, basis_for, why_none
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.eligibility import opt_out_applies
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.runtime import Runtime
from bridge.store.cases import identity
from bridge.store.cases.identity import Refusal
from bridge.store.consent import consents
from bridge.store.db import Connection


@dataclass(frozen=True)
class Asked:
    """What a person may have agreed to, or refused."""

    case_id: int
    purpose: Purpose
    channel: Channel
    phone: E164


@dataclass(frozen=True)
class Agreed:
    """What allows it; or why nothing does."""

    basis: Basis | None
    lacks: str


def agreed(
    runtime: Runtime, connection: Connection, asked: Asked, refusals: Sequence[Refusal]
) -> Agreed:
    """What allows it, as far as the person hasn't refused it since: `refusals` are all of theirs.

    A refusal that was lifted counts too: what was agreed to before it is over.
    """
    zone = runtime.settings.firm_zone
    stored = consents.of_phones(connection, {asked.phone})
    on_file = [_in_zone(consent, zone) for consent in stored]
    ends = (refusal.at.astimezone(zone) for refusal in refusals if _ends(refusal, asked))
    refused_at = max(ends, default=None)
    about = (asked.purpose, asked.channel, asked.phone, on_file)
    basis = basis_for(*about, runtime.settings.consent_basis, refused_at=refused_at)
    return Agreed(basis, "" if basis else why_none(*about, refused_at=refused_at))


def agreed_again(runtime: Runtime, connection: Connection, asked: Asked) -> Agreed:
    """The same, with the person's refusals as they are stored now."""
    own_numbers = runtime.settings.own_numbers
    who = identity.identify(connection, asked.case_id, asked.phone, own_numbers)
    refusals = identity.refusals(connection, who, asked.case_id)
    return agreed(runtime, connection, asked, refusals)


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
