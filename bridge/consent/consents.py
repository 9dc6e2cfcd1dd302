"""What people have agreed to: kept when somebody at the firm enters it, ended when they refuse.

record_consents    somebody at the firm enters consents
withdraw_one       somebody at the firm ends one: the person has taken it back
withdraw           the same for a number, and for what the firm attests of it
end_wrong          a number has changed hands: what was agreed to there ends
end_refused        an opt-out ends what its person had agreed to, in the same transaction
keep_opt_in        START after a STOP: consent to texts at that number, in the person's own words

A refusal ends no more than the opt-out itself does (docs/how-to/consent.md#what-ends-it).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bridge.consent.held_leads import decide_again_at
from bridge.domain.consents import NewConsent
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.domain.shared_phones import ties
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.cases import identity
from bridge.store.consent import consents, opt_outs
from bridge.store.consent.consents import StoredConsent
from bridge.store.db import Connection

BY_START = "START by text"
"""The source of a consent that a person has given by opting in again."""
_THE_PERSON = "the person"
_WAYS = {
    opt_outs.BY_TEXT: "by text",
    opt_outs.BY_KEY: "by key",
    opt_outs.AT_TWILIO: "as Twilio reports (21610)",
    opt_outs.BY_HAND: "as the firm has recorded",
}


@dataclass(frozen=True)
class Refused:
    """An opt-out as far as it ends what was agreed to."""

    phone: E164
    channel: Channel
    scope: OptOutScope
    case_id: int | None
    """The case whose person it is for certain; of scope `person` all their numbers are meant."""
    source: str
    sid: str
    by: str | None = None
    """Who at the firm recorded it, if somebody did; and why."""
    reason: str = field(default="", repr=False)

    @property
    def how(self) -> str:
        """How consent ended, as it is kept."""
        proof = self.reason if self.by else self.sid
        return f"opted out {_WAYS.get(self.source, self.source)}: {proof}"


def record_consents(
    runtime: Runtime, connection: Connection, new: Sequence[NewConsent], by: str
) -> list[StoredConsent]:
    """Keep consents; return those that weren't on file yet, some perhaps refused since.

    Leads that were held for want of them are decided on at the next poll.
    """
    # A refusal that is being processed is stored before, and so ends them, or afterwards.
    callbacks.lock(connection)
    now = runtime.clock()
    stored = consents.add(connection, new, by, now)
    allowed = {consent.phone for consent in stored if consent.revoked_at is None}
    decide_again_at(connection, allowed, now)
    return stored


def withdraw_one(
    runtime: Runtime, connection: Connection, consent_id: int, *, by: str, reason: str
) -> list[StoredConsent]:
    """End the consent with this id, and with it all others at its number for its channel.

    What was given before a revocation counts no longer, a mistaken entry's too (cautious default).
    Returns those ended: none where it wasn't in effect.
    """
    callbacks.lock(connection)
    known = consents.get(connection, consent_id)
    if known is None or known.revoked_at is not None:
        return []
    return consents.revoke(
        connection, [known.phone], [known.channel], by=by, how=reason, now=runtime.clock()
    )


def withdraw(
    runtime: Runtime,
    connection: Connection,
    phone: E164,
    channels: Collection[Channel],
    *,
    by: str,
    reason: str,
) -> list[StoredConsent]:
    """End all that is in effect at a number for these channels; return what says so on file.

    For a channel without any, the withdrawal itself is kept, so that no attestation covers it.
    """
    callbacks.lock(connection)
    now = runtime.clock()
    ended = consents.revoke(connection, [phone], channels, by=by, how=reason, now=now)
    others = set(channels) - {consent.channel for consent in ended}
    kept = consents.withdraw(connection, phone, others, by=by, how=reason, now=now)
    return [*ended, *kept]


def end_wrong(
    runtime: Runtime, connection: Connection, phone: E164, *, by: str, proof: str
) -> None:
    """End what was agreed to at a number that has changed hands, whoever of its people it was."""
    how = f"wrong number: {proof}" if proof else "wrong number"
    consents.revoke(connection, [phone], list(Channel), by=by, how=how, now=runtime.clock())


def end_refused(runtime: Runtime, connection: Connection, refused: Refused) -> None:
    """End what the person had agreed to, as far as this opt-out goes."""
    channels = [refused.channel] if refused.scope is OptOutScope.CHANNEL else list(Channel)
    consents.revoke(
        connection,
        _numbers(connection, refused),
        channels,
        by=refused.by or _THE_PERSON,
        how=refused.how,
        now=runtime.clock(),
    )


def keep_opt_in(connection: Connection, phone: E164, sid: str, words: str, now: datetime) -> None:
    """Keep a START that lifted an opt-out as consent to texts, for the purpose that had ended.

    Where none was on file before, it is consent to be informed: one word agrees to no solicitation
    (cautious default).
    """
    before = consents.newest_revoked(connection, phone, Channel.TEXT)
    consent = NewConsent(
        phone=phone,
        channel=Channel.TEXT,
        purpose=before.purpose if before else Purpose.CLIENT,
        words=words.strip() or "START",
        given_at=now,
        source=BY_START,
        evidence=sid,
    )
    consents.add(connection, [consent], _THE_PERSON, now)


def _numbers(connection: Connection, refused: Refused) -> set[E164]:
    """The numbers that it is about: that of the opt-out, and for a person all that are theirs.

    One that stands in more cases than a person has is a clinic's, and not theirs alone.
    """
    numbers = {refused.phone} - {E164("")}
    if refused.scope is OptOutScope.PERSON and refused.case_id is not None:
        listed = identity.phones_of(connection, refused.case_id)
        sharing = identity.sharing_each(connection, listed)
        numbers |= {phone for phone in listed if ties(sharing.get(phone, ()))}
    return numbers
