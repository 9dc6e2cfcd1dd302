"""What people have agreed to, entered or ended at the command line, with its line in the audit."""

from bridge.commands.opt_outs import ACTOR
from bridge.consent.consents import record_consents, withdraw
from bridge.domain.consents import CHANNEL_NAMES, NewConsent
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store.console import audit
from bridge.store.console.audit import Action

ALLOWS_NOTHING = "It allows nothing: the person has refused since it was given."
STAYS_ENDED = (
    "No text goes out to it, and no machine speaks to it, before new consent is recorded, whatever "
    "CONSENT_BASIS says. Where calls by people are to end too: `bridge optouts add`."
)


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


def revoke(runtime: Runtime, which: int | E164, by: str, reason: str) -> str | None:
    """End one consent, or all at a number; return what ended. None: nothing was in effect."""
    with runtime.db.begin() as connection:
        ended = withdraw(runtime, connection, which, by=by, reason=reason)
        for consent in ended:
            audit.record(
                connection,
                actor=ACTOR.format(by),
                action=Action.CONSENT_REVOKED,
                subject=f"consent {consent.id} at number …{consent.phone[-4:]}",
                reason=reason,
                now=runtime.clock(),
            )
    if not ended:
        return None
    ids = ", ".join(str(consent.id) for consent in sorted(ended, key=lambda consent: consent.id))
    return f"consent {ids} at number …{ended[0].phone[-4:]}: revoked. {STAYS_ENDED}"
