"""What `bridge check` says of who is rung first, and of a machine's voice."""

from collections.abc import Iterable, Iterator

from bridge.checking.findings import OK, WARNING, Finding
from bridge.domain.abandonment import Level, judge
from bridge.domain.events import Channel
from bridge.domain.message_wording import voicemail_suggestions
from bridge.domain.purposes import Purpose
from bridge.domain.state_rules import Demand, rule_pack
from bridge.settings import AGENT_FIRST, Settings
from bridge.store.dialing.abandonment import CampaignCalls

_FIRM_FIRST = (
    "DIAL_MODE is agent_first, the default: a phone of the firm is rung first, and no machine "
    "speaks to a client"
)


def doubts(settings: Settings) -> Iterator[tuple[str, str]]:
    """What the settings mean for the people who are called, each with its level."""
    if settings.dial_mode == AGENT_FIRST:
        yield OK, _FIRM_FIRST
        if settings.voicemail_body:
            yield WARNING, "VOICEMAIL_BODY is never left: DIAL_MODE is agent_first"
        return
    said = settings.voicemail_body
    for doubt in voicemail_suggestions(said) if said else ():
        yield WARNING, f"VOICEMAIL_BODY: {doubt}"
    yield OK, f"DIAL_MODE is client_first: {_whom(settings)}; all others are called agent first"
    for doubt in _permits(settings):
        yield WARNING, doubt
    if settings.dial_state_rules == "off":
        yield (
            WARNING,
            "DIAL_STATE_RULES is off: what states demand of a machine's voice is not looked at",
        )


def _permits(settings: Settings) -> Iterator[str]:
    """States of VOICE_PERMITS that ask for none: perhaps another one was meant."""
    rules = rule_pack().recorded_voice
    for state, _ in settings.voice_permits:
        if state not in rules or rules[state].demand is not Demand.PERMIT:
            yield f"VOICE_PERMITS names {state}, where none is asked for: check its two letters"


def of_campaigns(campaigns: Iterable[CampaignCalls]) -> Iterator[Finding]:
    """Campaigns of which many answered calls were abandoned."""
    for kept in campaigns:
        if judge(kept.calls) is not Level.FINE:
            name = kept.campaign or "without a name"
            then = (
                "it goes agent first: see To do" if kept.held_at else "at 3 % it goes agent first"
            )
            yield Finding(WARNING, f"campaign {name}", f"{kept.calls.says}; {then}")


def _whom(settings: Settings) -> str:
    """Whom a machine greets, apart from the states' demands."""
    attested = {one.purpose for one in settings.consent_basis if one.channel is Channel.CALL}
    named = " and ".join(f"{purpose}s" for purpose in Purpose if purpose in attested)
    whom = "a machine greets people with consent to voice on file"
    return f"{whom}, and all {named} by CONSENT_BASIS" if named else whom
