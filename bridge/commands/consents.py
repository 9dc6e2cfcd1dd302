"""What people have agreed to, entered or ended at the command line, with its line in the audit."""

from collections.abc import Collection, Iterator, Sequence

from bridge.commands.opt_outs import ACTOR
from bridge.consent.consents import record_consents, withdraw, withdraw_one
from bridge.domain.consents import CHANNEL_NAMES, NewConsent
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store.consent.consents import StoredConsent
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection

ALLOWS_NOTHING = "It allows nothing: the person has refused since it was given."
_STAYS_ENDED = (
    "{} before new consent is recorded, whatever CONSENT_BASIS says. What was given earlier counts "
    "no longer. Where calls by people are to end too: `bridge optouts add`."
)
_STAYS_OUT = {
    Channel.TEXT: "no text goes out to it",
    Channel.CALL: "no machine speaks to it",
}


def add(runtime: Runtime, consent: NewConsent, by: str) -> str:
    """Record one consent; return what became of it, as a sentence."""
    what = f"consent to {CHANNEL_NAMES[consent.channel]} at number …{consent.phone[-4:]}"
    with runtime.db.begin() as connection:
        stored = record_consents(runtime, connection, [consent], by)
        if stored:
            audit.record(
                connection,
                actor=ACTOR.format(by),
                action=Action.CONSENT_RECORDED,
                subject=what,
                reason=f"{consent.purpose}: {consent.source}",
                now=runtime.clock(),
            )
    if not stored:
        return f"{what}: this is on file already"
    (kept,) = stored
    allows = "." if kept.revoked_at is None else f". {ALLOWS_NOTHING}"
    return f"{what}: recorded as {kept.id}{allows}"


def revoke(
    runtime: Runtime,
    which: int | E164,
    channels: Collection[Channel],
    by: str,
    reason: str,
) -> str | None:
    """End one consent, or all at a number to these channels; return what became of it.

    None: there is no consent of this id that is in effect.
    """
    with runtime.db.begin() as connection:
        if isinstance(which, int):
            ended = withdraw_one(runtime, connection, which, by=by, reason=reason)
        else:
            ended = withdraw(runtime, connection, which, channels, by=by, reason=reason)
        _audit(runtime, connection, ended, by, reason)
    if not ended:
        return None
    channels = {consent.channel for consent in ended}
    out = ", and ".join(says for channel, says in _STAYS_OUT.items() if channel in channels)
    said = [*_became(ended), _STAYS_ENDED.format(f"{out[0].upper()}{out[1:]}")]
    return ". ".join(said)


def _audit(
    runtime: Runtime,
    connection: Connection,
    ended: Sequence[StoredConsent],
    by: str,
    reason: str,
) -> None:
    for consent in ended:
        audit.record(
            connection,
            actor=ACTOR.format(by),
            action=Action.CONSENT_REVOKED,
            subject=f"consent {consent.id} at number …{consent.phone[-4:]}",
            reason=reason,
            now=runtime.clock(),
        )


def _became(ended: Sequence[StoredConsent]) -> Iterator[str]:
    """What became of consent at a number, in sentences without their period."""
    at = f"at number …{ended[0].phone[-4:]}"
    revoked = sorted(consent.id for consent in ended if not consent.is_withdrawal)
    if revoked:
        yield f"consent {', '.join(map(str, revoked))} {at}: revoked"
    withdrawn = [CHANNEL_NAMES[consent.channel] for consent in ended if consent.is_withdrawal]
    if withdrawn:
        yield f"consent to {' and '.join(withdrawn)} {at}: none was on file; recorded as withdrawn"
