"""Whether a machine may speak to a person, and so who is rung first.

An artificial voice needs consent, and some states ask more of it (docs/reference/law.md). Where it
may speak, the person is rung first and greeted, and a machine may be left a message. Everywhere
else the firm's phone is rung first and no machine says a word to the person.

decide_voice             as of a moment: when the call is planned, and when it is placed
decide_voice_at_answer   the same when the person has picked up
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bridge.domain.contact_facts import Facts
from bridge.domain.decisions import VoiceDecision
from bridge.domain.hours import BEFORE_CLOSING, DAYS, FirmHours, Window, next_opening
from bridge.domain.purposes import Purpose
from bridge.domain.state_rules import (
    AppliesTo,
    Demand,
    RecordedVoiceRule,
    RulePack,
    StateRule,
    recorded_voice_rules,
)

_WHOLE_DAY = Window(0, 24 * 60)


@dataclass(frozen=True)
class VoicePolicy:
    """What the firm and the states say of a machine's voice."""

    is_wanted: bool = False
    """DIAL_MODE=client_first."""
    pack: RulePack | None = None
    """The states' rules; None when DIAL_STATE_RULES is off."""
    permits: Mapping[str, str] = field(default_factory=dict)
    """By state: the permit or registration that the firm says it has (VOICE_PERMITS)."""


def decide_voice(facts: Facts, policy: VoicePolicy, now: datetime) -> VoiceDecision:
    """Whether a machine may speak to this person at this number now.

    Every state in which the person may be counts; where none is known, all of them do.
    """
    if not policy.is_wanted:
        return VoiceDecision(("DIAL_MODE is agent_first",))
    if facts.held_to_agent_first:
        return VoiceDecision((facts.held_to_agent_first,))
    if facts.basis is None:
        return VoiceDecision((facts.lacks_basis,))
    rules = _applying(facts, policy)
    obstacles = tuple(
        says for rule in rules if (says := _obstacle(rule, facts, policy.permits, now)) is not None
    )
    permits = tuple(
        f"{rule.state} permit: {policy.permits[rule.state]}"
        for rule in rules
        if rule.demand is Demand.PERMIT and rule.state in policy.permits
    )
    return VoiceDecision(obstacles, (facts.basis.says, *permits))


def decide_voice_at_answer(facts: Facts, policy: VoicePolicy, now: datetime) -> VoiceDecision:
    """Whether a machine may speak to a person who has picked up.

    The call was placed client first: what the firm itself would rather have by now holds for new
    calls. It was placed while the states' hours were open, and they are open to their very end.
    """
    facts, policy = replace(facts, held_to_agent_first=""), replace(policy, is_wanted=True)
    decided = decide_voice(facts, policy, now)
    before = decide_voice(facts, policy, now - BEFORE_CLOSING)
    return before if before.may_speak else decided


def _applying(facts: Facts, policy: VoicePolicy) -> tuple[RecordedVoiceRule, ...]:
    rules = recorded_voice_rules(policy.pack, facts.location.states) if policy.pack else ()
    return tuple(
        rule
        for rule in rules
        if rule.applies_to is AppliesTo.EVERY_CALL or facts.purpose is Purpose.LEAD
    )


def _obstacle(
    rule: RecordedVoiceRule, facts: Facts, permits: Mapping[str, str], now: datetime
) -> str | None:
    """What stands against a machine's voice by the rule of one state; None: nothing."""
    if _is_met(rule, facts, permits, now):
        return None
    return _DEMANDS[rule.demand].format(state=rule.state)


def _is_met(
    rule: RecordedVoiceRule, facts: Facts, permits: Mapping[str, str], now: datetime
) -> bool:
    match rule.demand:
        case Demand.HOURS:
            return _is_open(rule, facts, now)
        case Demand.CONSENT:
            return facts.basis is not None and facts.basis.consent_id is not None
        case Demand.PERMIT:
            return rule.state in permits
        case Demand.BAN:
            return False


_DEMANDS: Mapping[Demand, str] = {
    Demand.HOURS: "{state}'s hours for a machine's voice are over, or have not begun",
    Demand.CONSENT: "{state} wants the person's own consent, and only an attestation is on file",
    Demand.PERMIT: "{state} wants a permit for it, and VOICE_PERMITS names none",
    Demand.BAN: "{state} allows no machine's voice",
}


def _is_open(rule: RecordedVoiceRule, facts: Facts, now: datetime) -> bool:
    """Whether the state's hours for such a voice are open in every zone of the person."""
    if rule.week is None:
        return False
    own = StateRule(rule.state, rule.week, closed_on_holidays=False, provenance=rule.provenance)
    hours = FirmHours(_WHOLE_DAY, frozenset(DAYS), skip_holidays=False, rules={rule.state: own})
    where = replace(facts.location, states=frozenset({rule.state}))
    opening = next_opening(now, where, hours, _no_holidays)
    return opening is not None and opening.at == now


def _no_holidays(_day: date, _state: str | None) -> None:
    """Named, so that the clocks made for it are found again."""
