"""The same decision once more, on a call under way: its person may have refused meanwhile.

decide_before_dial     somebody at the firm has taken the call: may its person be dialed now?
decide_at_answer       the person has picked up: may a machine speak to them?
decide_before_message  a machine has picked up: may it be left a message?
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.domain.contact_facts import Facts
from bridge.domain.decisions import Decision, Permission, Restriction, Rule
from bridge.domain.eligibility import Policy, decide, for_purpose
from bridge.domain.hours import BEFORE_CLOSING, next_opening
from bridge.domain.preferences import PreferenceKind, holding_back
from bridge.domain.voice import decide_voice_at_answer


@dataclass(frozen=True)
class CallUnderWay:
    """A call that was placed, and what is known of its person by now."""

    facts: Facts
    """As for a call that is yet to be placed; this one is none of the past contacts."""
    is_do_not_dial: bool
    """Whether the case was Do not Dial when it was last read."""


def decide_before_dial(call: CallUnderWay, policy: Policy, now: datetime) -> Decision:
    """Whether the person of a call that somebody at the firm has taken may be dialed now.

    Its window was open when it was placed, and is open to its very end.
    """
    decision = decide(call.facts, policy, now)
    if decision.permission is Permission.REFUSE:
        return decision
    if call.is_do_not_dial:
        restriction = Restriction(Rule.DO_NOT_DIAL, "the case is set to Do not Dial")
        return Decision(Permission.REFUSE, (restriction,), inputs=decision.inputs)
    if decision.permission is Permission.ALLOW:
        return decision
    others = tuple(
        restriction
        for restriction in decision.restrictions
        if not _ABOUT_TO_CLOSE.get(restriction.rule, _never)(call.facts, policy, now)
    )
    if others:
        return replace(decision, restrictions=others)
    return Decision(Permission.ALLOW, inputs=decision.inputs)


def decide_at_answer(call: CallUnderWay, policy: Policy, now: datetime) -> Decision:
    """Whether a machine may speak to a person who has picked up.

    They have been reached by then: how often and how soon was decided when the call was placed.
    What is kept with the decision are the facts as they are.
    """
    reached = replace(
        call.facts,
        attempts=0,
        past=(),
        calls_in_progress=0,
        talked_at=None,
        not_before=None,
        out_of_use=None,
    )
    inputs = decide(call.facts, policy, now).inputs
    decision = decide_before_dial(replace(call, facts=reached), policy, now)
    voice = decide_voice_at_answer(call.facts, policy.voice, now)
    if decision.permission is Permission.ALLOW and not voice.may_speak:
        restriction = Restriction(Rule.VOICE, f"no machine may speak to the person: {voice.why}")
        decision = Decision(Permission.REFUSE, (restriction,))
    inputs = {**inputs, "voice": dict(voice.inputs)}
    return replace(decision, inputs=inputs, voice=voice)


def decide_before_message(call: CallUnderWay, policy: Policy, now: datetime) -> Decision:
    """Whether a machine that has picked up may be left a message."""
    decision = decide_at_answer(call, policy, now)
    if decision.permission is Permission.REFUSE:
        return decision
    for wanted in call.facts.preferences:
        if wanted.kind is PreferenceKind.NO_VOICEMAILS:
            restriction = Restriction(Rule.PREFERENCE, f"the person wants {wanted.says}")
            return Decision(Permission.REFUSE, (restriction,), inputs=decision.inputs)
    return decision


def _is_about_to_close(facts: Facts, policy: Policy, now: datetime) -> bool:
    """Whether contact is still allowed by the hours, but nothing may be begun any more."""
    before = now - BEFORE_CLOSING
    hours = for_purpose(policy, facts.purpose).hours
    opening = next_opening(before, facts.location, hours, policy.holidays)
    return opening is not None and opening.at == before


def _is_about_to_be_unwanted(facts: Facts, _: Policy, now: datetime) -> bool:
    """The same by the hours that the person wants."""
    return holding_back(facts.preferences, now - BEFORE_CLOSING, facts.location.zones) is None


def _never(*_: object) -> bool:
    return False


_ABOUT_TO_CLOSE: Mapping[Rule, Callable[[Facts, Policy, datetime], bool]] = {
    Rule.HOURS: _is_about_to_close,
    Rule.PREFERENCE: _is_about_to_be_unwanted,
}
"""The rules under which nothing may be begun shortly before the end, but goes on until then."""
