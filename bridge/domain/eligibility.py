"""Whether a person may be reached now: allow, defer or refuse, until when and why.

Decided when a contact is planned and again in the transaction that places it (promise 7 in
docs/explanation/never-twice.md); then `calls_under_way.py`. Sources: docs/reference/law.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.domain import preferences
from bridge.domain.caps import Caps, PastContact, contact_gap, reached_caps
from bridge.domain.contact_facts import Facts, OptOut, OptOutScope, Pause, PauseScope
from bridge.domain.decision_inputs import RulesInEffect, decision_inputs, duration
from bridge.domain.decisions import Decision, Permission, Restriction, Rule
from bridge.domain.dialable import why_not_dialable
from bridge.domain.events import Channel
from bridge.domain.folding import fold_label
from bridge.domain.hours import FirmHours, Holidays, Location, next_business_day, next_opening
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.domain.registry import RegistryCheck
from bridge.domain.registry import check as check_registry
from bridge.domain.state_rules import StateRule
from bridge.domain.voice import VoicePolicy, decide_voice

CALL_RECHECK = timedelta(seconds=15)
"""How long to wait before a person on a call is checked again."""

WAIVED = "waived"
"""Under which a decision's inputs have why the states' rules are waived, where that changed it."""

_MAX_ROUNDS = 45
"""Two a day for three weeks: hours and a person's own may move each other on by turns."""
_DEFAULT_ZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Policy:
    """The firm's settings and the states' rule pack."""

    hours: FirmHours
    caps: Caps
    max_attempts: int
    holidays: Holidays
    version: str = ""
    """The version of the rule pack."""
    person_gap: timedelta = timedelta()
    """The least time between two contacts with one person; 0: no gap."""
    zone: ZoneInfo = _DEFAULT_ZONE
    """The zone of the firm's business days."""
    client_waiver: str = ""
    """Why the states' rules on solicitation are waived for clients; empty: they are not."""
    voice: VoicePolicy = field(default_factory=VoicePolicy)


def for_purpose(policy: Policy, purpose: Purpose) -> Policy:
    """The policy for this purpose.

    To inform a client is not to solicit: where the firm says so, the states' windows, holidays and
    caps of solicitation don't apply (CLIENT_STATE_RULES). The firm's own hours and caps do.
    """
    if purpose is not Purpose.CLIENT or not policy.client_waiver:
        return policy
    return replace(policy, hours=replace(policy.hours, rules={}))


def decide(facts: Facts, policy: Policy, now: datetime) -> Decision:
    """Whether one person may be contacted on one channel now.

    A decision that the waiver of the states' rules has changed says why they are waived.
    """
    relaxed = for_purpose(policy, facts.purpose)
    decision = _decide(facts, relaxed, now)
    if relaxed is policy or _is_alike(decision, _decide(facts, policy, now)):
        return decision
    return replace(decision, inputs={**decision.inputs, WAIVED: policy.client_waiver})


def _is_alike(one: Decision, other: Decision) -> bool:
    return replace(one, inputs={}) == replace(other, inputs={})


def _decide(facts: Facts, policy: Policy, now: datetime) -> Decision:
    pauses = [pause for pause in facts.pauses if _pause_applies(pause, facts)]
    inputs, voice = decision_inputs(facts, now, _in_effect(facts, policy, now), pauses), None
    if facts.channel is Channel.CALL:
        voice = decide_voice(facts, policy.voice, now)
        inputs["voice"] = dict(voice.inputs)
    refused = tuple(_refusals(facts, policy, now))
    if refused:
        return Decision(Permission.REFUSE, refused, inputs=inputs, voice=voice)
    deferred = tuple(_deferrals(facts, policy, now))
    if deferred:
        # The end of a call can't be foreseen: it only asks for an early recheck.
        without_calls = replace(facts, calls_in_progress=0)
        until = _first_free_moment(without_calls, policy, deferred)
        return Decision(Permission.DEFER, deferred, until=until, inputs=inputs, voice=voice)
    window = next_opening(now, facts.location, policy.hours, policy.holidays)
    closings = (
        window.until if window else None,
        preferences.ends(facts.preferences, now, facts.location.zones),
    )
    window_ends = min((at for at in closings if at is not None), default=None)
    return Decision(Permission.ALLOW, window_ends=window_ends, inputs=inputs, voice=voice)


def _in_effect(facts: Facts, policy: Policy, now: datetime) -> RulesInEffect:
    return RulesInEffect(
        hours=policy.hours,
        holidays=policy.holidays,
        caps=effective_caps(policy.caps, facts.location, policy.hours.rules),
        max_attempts=policy.max_attempts,
        person_gap=policy.person_gap,
        version=policy.version,
        registry=registry_check(facts, policy, now).found,
    )


def next_within_hours(moment: datetime, location: Location, policy: Policy) -> datetime:
    """The moment if the person may be reached then, else the start of the next window."""
    found = next_opening(moment, location, policy.hours, policy.holidays)
    return found.at if found else moment


def effective_caps(caps: Caps, location: Location, rules: Mapping[str, StateRule]) -> Caps:
    """The firm's caps, or stricter ones of a possible state; of any for an unknown location."""
    states = location.states or frozenset(rules)
    of_states = [rules[state].contacts_a_day for state in states if state in rules]
    strictest = min([caps.contacts_a_day, *(cap for cap in of_states if cap is not None)])
    return caps if strictest == caps.contacts_a_day else replace(caps, contacts_a_day=strictest)


def registry_check(facts: Facts, policy: Policy, moment: datetime) -> RegistryCheck:
    """What the do-not-call registry means for this contact at this moment."""
    return check_registry(facts.registry, facts.purpose, facts.basis, moment, policy.zone)


def opt_out_applies(opt_out: OptOut, channel: Channel, phone: E164) -> bool:
    """Whether an opt-out of this person ends contact on this channel at this number."""
    return {
        OptOutScope.PERSON: True,
        OptOutScope.NUMBER: opt_out.phone == phone,
        OptOutScope.CHANNEL: opt_out.phone == phone and opt_out.channel is channel,
        OptOutScope.SHARED_NUMBER: opt_out.phone == phone,
        # In its own case it counts as the person's; in others it ends nothing.
        OptOutScope.CASE: False,
    }[opt_out.scope]


def _refusals(facts: Facts, policy: Policy, moment: datetime) -> Iterable[Restriction]:
    not_dialable = why_not_dialable(facts.phone)
    if not_dialable:
        yield Restriction(Rule.NUMBER, f"the number is never dialed: {not_dialable}")
    if facts.out_of_use:
        yield Restriction(Rule.BAD_NUMBER, f"the number is out of use: {facts.out_of_use}")
    if facts.wrong_number:
        yield Restriction(Rule.WRONG_NUMBER, facts.wrong_number)
    applying = (
        opt_out
        for opt_out in facts.opt_outs
        if opt_out_applies(opt_out, facts.channel, facts.phone)
    )
    person_first = sorted(applying, key=lambda opt_out: opt_out.scope is not OptOutScope.PERSON)
    for opt_out in person_first[:1]:
        rule = Rule.OPTED_OUT if opt_out.scope is OptOutScope.PERSON else Rule.OPTED_OUT_HERE
        is_shared = opt_out.scope is OptOutScope.SHARED_NUMBER
        who = "someone at this number" if is_shared else "the person"
        yield Restriction(rule, f"{who} opted out ({opt_out.source})")
    wanted = preferences.excluding(facts.preferences, facts.channel, facts.phone)
    if wanted is not None:
        yield Restriction(Rule.PREFERENCE, f"the person wants {wanted.says}")
    if facts.channel is Channel.TEXT and facts.basis is None:
        yield Restriction(Rule.NO_CONSENT, facts.lacks_basis)
    if facts.attempts >= policy.max_attempts:
        attempts = f"{facts.attempts} of {policy.max_attempts} attempts"
        yield Restriction(Rule.ATTEMPTS, f"the case has had {attempts}")
    if refused := registry_check(facts, policy, moment).refuses:
        yield refused


def _deferrals(facts: Facts, policy: Policy, moment: datetime) -> Iterable[Restriction]:
    yield from _pauses(facts, moment)
    yield from _unattributed_opt_outs(facts)
    if held := registry_check(facts, policy, moment).holds:
        yield held
    if facts.location.unlocatable:
        yield Restriction(Rule.UNLOCATABLE, facts.location.unlocatable)
    if facts.calls_in_progress:
        reason = "a call with the person is in progress"
        yield Restriction(Rule.UNDER_WAY, reason, moment + CALL_RECHECK)
    if not facts.is_set_by_staff:
        yield from _scheduled_later(facts, policy, moment)
    yield from _closed_hours(facts, policy, moment)
    yield from _reached_caps(facts, policy, moment)


def _closed_hours(facts: Facts, policy: Policy, moment: datetime) -> Iterable[Restriction]:
    """The law's and the firm's hours, and the person's own."""
    opening = next_opening(moment, facts.location, policy.hours, policy.holidays)
    if opening is None:
        yield Restriction(Rule.HOURS, "no contact is allowed in the next three weeks")
    elif opening.at > moment:
        reason = opening.reason or "the calling window is about to close"
        yield Restriction(Rule.HOURS, reason, opening.at, opening.standing)
    unwanted = preferences.holding_back(facts.preferences, moment, facts.location.zones)
    if unwanted is not None:
        yield Restriction(Rule.PREFERENCE, unwanted.reason, unwanted.until)


def _reached_caps(facts: Facts, policy: Policy, moment: datetime) -> Iterable[Restriction]:
    caps = effective_caps(policy.caps, facts.location, policy.hours.rules)
    for cap in reached_caps(moment, facts.channel, facts.past, caps):
        yield Restriction(Rule.CAPS, f"the person has had {cap.reason}", cap.until)
    if facts.channel is Channel.TEXT:
        # The text announces a call: there must be room for both.
        with_text = (*facts.past, PastContact(Channel.TEXT, moment))
        for cap in reached_caps(moment, Channel.CALL, with_text, caps):
            reason = f"no room for the call after the text: {cap.reason}"
            yield Restriction(Rule.CAPS, reason, cap.until)


def _scheduled_later(facts: Facts, policy: Policy, moment: datetime) -> Iterable[Restriction]:
    """What the bridge has scheduled itself; a date set by staff overrides it."""
    if facts.closed:
        reason = "the bridge has closed the case; to have it called again, set a new date"
        yield Restriction(Rule.NOT_BEFORE, reason)
    if facts.not_before is not None and moment < facts.not_before:
        reason = "the bridge has scheduled the next call for later"
        yield Restriction(Rule.NOT_BEFORE, reason, facts.not_before)
    gap = contact_gap(facts.past, facts.turn_id, policy.person_gap)
    if policy.person_gap and gap is not None and moment < gap.until:
        reason = f"the person was contacted less than {duration(policy.person_gap)} ago"
        yield Restriction(Rule.GAP, reason, gap.until)
    if facts.talked_at is not None:
        next_day = next_business_day(facts.talked_at, policy.zone, policy.holidays)
        if moment < next_day:
            reason = "the person has talked with the firm: no call before the next business day"
            yield Restriction(Rule.TALKED, reason, next_day)


def _pauses(facts: Facts, moment: datetime) -> Iterable[Restriction]:
    for pause in facts.pauses:
        if _pause_applies(pause, facts) and (pause.until is None or moment < pause.until):
            what = {
                PauseScope.EVERYTHING: "all contact is",
                PauseScope.TEXTS: "texts are",
            }.get(pause.scope, f"{pause.scope} {pause.what} is")
            yield Restriction(Rule.PAUSED, f"{what} paused: {pause.reason}", pause.until)


def _unattributed_opt_outs(facts: Facts) -> Iterable[Restriction]:
    """An opt-out that may be this person's, unless the case is paused for it already."""
    pauses = [pause for pause in facts.pauses if _pause_applies(pause, facts)]
    if any(pause.scope is PauseScope.CASE for pause in pauses):
        return
    for opt_out in facts.opt_outs:
        if opt_out.scope is OptOutScope.SHARED_NUMBER:
            number = f"…{opt_out.phone[-4:]}"
            reason = f"someone at {number} opted out, possibly this person: find out who it was"
            yield Restriction(Rule.UNATTRIBUTED, reason)
            return


def _pause_applies(pause: Pause, facts: Facts) -> bool:
    states = facts.location.states
    match pause.scope:
        case PauseScope.EVERYTHING:
            return True
        case PauseScope.TEXTS:
            return facts.channel is Channel.TEXT
        case PauseScope.CAMPAIGN:
            return fold_label(pause.what) == fold_label(facts.campaign)
        case PauseScope.STATE:
            # Where no state is known, any state's pause may be meant for this person.
            return pause.what in states or not states
        case PauseScope.NUMBER:
            return pause.what == facts.phone
        case PauseScope.CASE:
            return pause.what == str(facts.case_id)


def _first_free_moment(
    facts: Facts, policy: Policy, deferred: Iterable[Restriction]
) -> datetime | None:
    """The first moment at which nothing defers contact any more, as far as can be foreseen."""
    moments = [restriction.until for restriction in deferred]
    for _ in range(_MAX_ROUNDS):
        known = [moment for moment in moments if moment is not None]
        if len(known) < len(moments):
            return None
        latest = max(known)
        moments = [restriction.until for restriction in _deferrals(facts, policy, latest)]
        if not moments:
            return latest
    return None
