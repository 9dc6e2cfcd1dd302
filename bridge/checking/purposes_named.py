"""Whether the settings say what each campaign is for, and what texts to its people rest on."""

from collections.abc import Collection, Iterator

from bridge.checking.findings import WARNING, Finding
from bridge.domain.campaign_goals import EVERY_OTHER
from bridge.domain.events import Channel
from bridge.domain.folding import fold_label
from bridge.domain.purposes import Purpose, purpose_of
from bridge.settings import Settings

_SUBJECT = "CAMPAIGN_PURPOSES"


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Campaigns that are polled by name without a purpose, and texts that nothing is said for."""
    if not settings.dial_enabled:
        return
    yield from _unnamed(settings, settings.dial_campaigns)
    if settings.text_enabled:
        yield from _unattested(settings)


def of_campaigns(settings: Settings, seen: Collection[str]) -> Iterator[Finding]:
    """The same for the campaigns that SmartAdvocate has shown, where all are polled."""
    if settings.dial_enabled and not settings.dial_campaigns:
        yield from _unnamed(settings, seen)


def _unnamed(settings: Settings, campaigns: Collection[str]) -> Iterator[Finding]:
    """One finding for each purpose that campaigns have by `*` alone."""
    named = {fold_label(name) for name, _ in settings.campaign_purposes}
    unnamed = sorted({name.strip() for name in campaigns if fold_label(name) not in named} - {""})
    if not unnamed:
        return
    # What isn't named has one purpose, that of `*`.
    purpose = purpose_of(EVERY_OTHER, settings.campaign_purposes)
    verb, count = ("is", "counts") if len(unnamed) == 1 else ("are", "count")
    says = (
        f"{', '.join(unnamed)} {verb} polled and not named, and so {count} as {purpose}: say what "
        f"each campaign is for, such as {unnamed[0]}={purpose}"
    )
    yield Finding(WARNING, _SUBJECT, says)


def _unattested(settings: Settings) -> Iterator[Finding]:
    attested = {
        attestation.purpose
        for attestation in settings.consent_basis
        if attestation.channel is Channel.TEXT
    }
    for purpose in sorted(_in_use(settings) - attested):
        says = (
            f"it attests nothing for texts to {purpose}s: these go only to numbers with consent on "
            "file (`bridge consent list`)"
        )
        yield Finding(WARNING, "CONSENT_BASIS", says)


def _in_use(settings: Settings) -> set[Purpose]:
    """The purposes that polled campaigns have, or may have."""
    names = settings.dial_campaigns or (
        EVERY_OTHER,
        *(name for name, _ in settings.campaign_purposes),
    )
    return {purpose_of(name, settings.campaign_purposes) for name in names}
