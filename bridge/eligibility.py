"""May this call or text be made now? The same answer wherever it is asked.

gather_facts    the facts of one planned contact: place, history, opt-outs, preferences, pauses
decide          the decision on it, kept with its inputs
decide_on_line  the same for a call that is under way, before it reaches its person
preview         the same, and nothing is kept
may_text        whether anything allows a text; where nothing does, that is kept
rings_firm_first  whether no machine may speak to the person of a call
choice          which phone of a case is called, and which is texted
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from bridge import agreement
from bridge.adapters.geography import holiday, locate
from bridge.agreement import Asked
from bridge.domain import eligibility
from bridge.domain.abandonment import why_held
from bridge.domain.calls_under_way import CallUnderWay
from bridge.domain.caps import WEEK
from bridge.domain.case_updates import MOST_ATTEMPTS, CaseInfo, DialerStatus
from bridge.domain.contact_facts import Facts, OptOutScope, Pause, PauseScope
from bridge.domain.decisions import Decision, Rule
from bridge.domain.eligibility import Policy, opt_out_applies
from bridge.domain.events import Channel
from bridge.domain.hours import FirmHours, Location
from bridge.domain.phone_choice import PhoneChoice, choose_phones
from bridge.domain.phones import E164, parse_phone
from bridge.domain.preferences import PreferenceKind
from bridge.domain.purposes import Purpose, purpose_of
from bridge.domain.registry import RegistryEntry
from bridge.domain.registry import check as check_registry
from bridge.domain.state_rules import rule_pack
from bridge.domain.voice import VoicePolicy, decide_voice
from bridge.domain.wrong_numbers import why_wrong
from bridge.runtime import Runtime
from bridge.settings import CLIENT_FIRST, Settings
from bridge.store.cases import cases, identity
from bridge.store.cases.identity import PersonIdentity
from bridge.store.consent import preferences, registry, wrong_numbers
from bridge.store.db import Connection
from bridge.store.dialing import abandonment, attempts, decisions, number_health, pauses

_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class PlannedContact:
    """A call or text that may be made."""

    case: CaseInfo
    channel: Channel
    phone: E164
    attempt_id: str | None = None
    turn_id: int | None = None
    """The turn that it belongs to; None as long as none has begun."""


@dataclass(frozen=True)
class OnLine:
    """What was decided on a call under way, and on which facts."""

    facts: Facts
    decision: Decision


@cache
def policy(settings: Settings) -> Policy:
    """The rules as the settings have them."""
    pack = rule_pack()
    strict = settings.dial_state_rules == "strict"
    hours = FirmHours(
        window=settings.dial_hours,
        days=settings.dial_days,
        skip_holidays=settings.dial_skip_holidays,
        rules=pack.states if strict else {},
    )
    return Policy(
        hours=hours,
        caps=settings.dial_caps,
        max_attempts=min(settings.dial_max_attempts, MOST_ATTEMPTS),
        holidays=holiday,
        version=pack.version if strict else "off",
        person_gap=settings.person_gap,
        zone=settings.firm_zone,
        client_waiver=settings.client_waiver if strict else "",
        voice=VoicePolicy(
            is_wanted=settings.dial_mode == CLIENT_FIRST,
            pack=pack if strict else None,
            permits=dict(settings.voice_permits),
        ),
    )


def policy_of(settings: Settings, case: CaseInfo) -> Policy:
    """The same as they apply to a case of this campaign's purpose."""
    purpose = purpose_of(case.campaign, settings.campaign_purposes)
    return eligibility.for_purpose(policy(settings), purpose)


def place_of_next_call(runtime: Runtime, connection: Connection, case: CaseInfo) -> Location | None:
    """Where the person may be who gets the next call: its number is the case's next in turn.

    None without a number that may be called.
    """
    phone = choice(runtime, connection, case).call
    return locate(phone, case.zip_code) if phone else None


def choice(runtime: Runtime, connection: Connection, case: CaseInfo) -> PhoneChoice:
    """The phones of a case, in the order in which they are to be called, and the one to text."""
    return choice_under(runtime, connection, case, active_pauses(runtime, connection))


def choice_under(
    runtime: Runtime, connection: Connection, case: CaseInfo, active_pauses: Sequence[Pause]
) -> PhoneChoice:
    """The same, where it is known what is paused."""
    phones = frozenset(phone for listed in case.phones if (phone := parse_phone(listed.number)))
    who = PersonIdentity(frozenset({case.case_id}), phones)
    opt_outs = [
        opt_out
        for opt_out in identity.opted_out(connection, who, case.case_id)
        if opt_out.scope is not OptOutScope.PERSON
    ]
    worn_out = number_health.out_of_use(connection, phones)
    unfit_numbers = _unfit_numbers(runtime, connection, who, case, active_pauses)

    def unfit(channel: Channel, phone: E164) -> str | None:
        if phone in unfit_numbers:
            return unfit_numbers[phone]
        if any(opt_out_applies(opt_out, channel, phone) for opt_out in opt_outs):
            return "it has opted out"
        if (phone, channel) in worn_out:
            return worn_out[phone, channel]
        return _why_registered(runtime, connection, PlannedContact(case, channel, phone))

    return choose_phones(
        case.phones,
        last_called=attempts.last_called(connection, case.case_id),
        unfit_for_calls=lambda phone: unfit(Channel.CALL, phone),
        unfit_for_texts=lambda phone: unfit(Channel.TEXT, phone),
        has_agreed_to_texts=lambda phone: _agreed_to_texts(runtime, connection, case, phone),
    )


def _unfit_numbers(
    runtime: Runtime,
    connection: Connection,
    who: PersonIdentity,
    case: CaseInfo,
    active_pauses: Sequence[Pause],
) -> dict[str, str]:
    """The numbers that are neither called nor texted, whatever the contact, and why."""
    wrong = wrong_numbers.in_effect(connection, case.case_id, who.phones)
    return {
        **{phone: why_wrong(found.recorded_at) for phone, found in wrong.items()},
        **{
            wanted.phone: f"the person wants {wanted.says}"
            for wanted in preferences.in_effect(connection, who)
            if wanted.kind is PreferenceKind.NOT_THIS_NUMBER
        },
        **{
            pause.what: f"it is paused: {pause.reason}"
            for pause in active_pauses
            if pause.scope is PauseScope.NUMBER
        },
        **dict.fromkeys(runtime.settings.own_numbers, "it is the firm's own number"),
    }


def _agreed_to_texts(runtime: Runtime, connection: Connection, case: CaseInfo, phone: E164) -> bool:
    """Whether anything allows a text to this phone of a case; no matter where none are sent."""
    if not runtime.settings.text_enabled:
        return True
    purpose = purpose_of(case.campaign, runtime.settings.campaign_purposes)
    asked = Asked(case.case_id, purpose, Channel.TEXT, phone)
    return agreement.agreed_again(runtime, connection, asked).basis is not None


def gather_facts(
    runtime: Runtime,
    connection: Connection,
    contact: PlannedContact,
    active_pauses: Sequence[Pause],
) -> Facts:
    """All that is known of a contact now."""
    case, phone = contact.case, contact.phone
    now, firms_own = runtime.clock(), runtime.settings.own_numbers
    who = identity.identify(connection, case.case_id, phone, firms_own)
    since = now - max(WEEK, runtime.settings.person_gap)
    own = cases.own_moments(connection, case.case_id)
    purpose = purpose_of(case.campaign, runtime.settings.campaign_purposes)
    wrong = wrong_numbers.in_effect(connection, case.case_id, {phone})
    refusals = identity.refusals(connection, who, case.case_id)
    asked = Asked(case.case_id, purpose, contact.channel, phone)
    agreed = agreement.agreed(runtime, connection, asked, refusals)
    return Facts(
        case_id=case.case_id,
        campaign=case.campaign,
        channel=contact.channel,
        phone=phone,
        attempts=case.attempts,
        location=locate(phone, case.zip_code),
        purpose=purpose,
        basis=agreed.basis,
        lacks_basis=agreed.lacks,
        held_to_agent_first=_held(connection, case.campaign),
        registry=_registry_entry(connection, contact, purpose),
        wrong_number=why_wrong(wrong[phone].recorded_at) if wrong else None,
        past=identity.past(connection, who, since, contact.attempt_id),
        opt_outs=tuple(refusal.opt_out for refusal in refusals if not refusal.is_lifted),
        preferences=preferences.in_effect(connection, who),
        pauses=tuple(active_pauses),
        out_of_use=number_health.out_of_use(connection, {phone}).get((phone, contact.channel)),
        calls_in_progress=identity.calls_under_way(
            connection, who, now, firms_own, contact.attempt_id
        ),
        turn_id=contact.turn_id,
        talked_at=identity.talked_at(connection, who),
        not_before=own.not_before,
        closed=own.closed_at is not None,
        is_set_by_staff=_is_wished(case, own.wished_call),
    )


def _registry_entry(
    connection: Connection, contact: PlannedContact, purpose: Purpose
) -> RegistryEntry | None:
    """What the do-not-call registry says of a lead's number; of a client's it isn't asked."""
    if purpose is not Purpose.LEAD:
        return None
    return registry.entry(connection, contact.case.case_id, contact.phone)


def is_registered(runtime: Runtime, connection: Connection, case: CaseInfo) -> bool:
    """Whether a lead may not be called at any of its numbers that are on the registry."""
    phones = [phone for listed in case.phones if (phone := parse_phone(listed.number))]
    contacts = [PlannedContact(case, Channel.CALL, phone) for phone in phones]
    return any(_why_registered(runtime, connection, contact) for contact in contacts)


def _why_registered(
    runtime: Runtime, connection: Connection, contact: PlannedContact
) -> str | None:
    """Why a lead's number is skipped that is on the registry; None where that ends nothing."""
    purpose = purpose_of(contact.case.campaign, runtime.settings.campaign_purposes)
    listing = registry.listing(connection, contact.phone) if purpose is Purpose.LEAD else None
    if listing is None or not listing.is_listed:
        return None
    entry = _registry_entry(connection, contact, purpose)
    asked = Asked(contact.case.case_id, purpose, contact.channel, contact.phone)
    basis = agreement.agreed_again(runtime, connection, asked).basis
    zone = runtime.settings.firm_zone
    refused = check_registry(entry, purpose, basis, runtime.clock(), zone).refuses
    return refused.reason if refused else None


def _held(connection: Connection, campaign: str) -> str:
    """Why the campaign is dialed agent first for now; empty where it isn't."""
    kept = abandonment.held(connection, campaign)
    return why_held(kept.calls) if kept else ""


def rings_firm_first(
    runtime: Runtime, connection: Connection, contact: PlannedContact, at: datetime
) -> bool:
    """Whether a call then rings the firm first: no machine may speak to its person."""
    voice = policy(runtime.settings).voice
    if not voice.is_wanted:
        return True
    facts = gather_facts(runtime, connection, contact, ())
    return not decide_voice(facts, voice, at).may_speak


def on_channel(runtime: Runtime, connection: Connection, facts: Facts, channel: Channel) -> Facts:
    """The facts of the same person and phone for another channel."""
    worn_out = number_health.out_of_use(connection, {facts.phone})
    asked = Asked(facts.case_id, facts.purpose, channel, facts.phone)
    agreed = agreement.agreed_again(runtime, connection, asked)
    return replace(
        facts,
        channel=channel,
        out_of_use=worn_out.get((facts.phone, channel)),
        basis=agreed.basis,
        lacks_basis=agreed.lacks,
    )


def _is_wished(case: CaseInfo, wished: datetime | None) -> bool:
    """Whether staff have set the date that made the case due.

    While a case has its turn it shows the claim's date; what staff wished stands until its end.
    """
    if wished is None:
        return False
    if case.status is DialerStatus.IN_THE_DIALER:
        return True
    return case.next_call is not None and abs(case.next_call - wished) < _A_MINUTE


def decide(
    runtime: Runtime, connection: Connection, contact: PlannedContact, *, stage: str
) -> Decision:
    """Decide on a contact now, and keep the decision with its inputs."""
    now = runtime.clock()
    facts = gather_facts(runtime, connection, contact, active_pauses(runtime, connection))
    decision = eligibility.decide(facts, policy(runtime.settings), now)
    decisions.record(connection, facts, decision, now, stage=stage, attempt_id=contact.attempt_id)
    return decision


def decide_on_line(
    runtime: Runtime,
    connection: Connection,
    contact: PlannedContact,
    by: Callable[[CallUnderWay, Policy, datetime], Decision],
) -> OnLine:
    """Decide on a call under way by one of the rules' ways of doing so; nothing is kept.

    A pause because Twilio doesn't reach this app, or because nobody at the firm picked up, says
    nothing of a call that is on the line.
    """
    now = runtime.clock()
    in_effect = [
        kept.pause
        for kept in pauses.active(connection, now)
        if kept.source not in pauses.BESIDE_CALLS_UNDER_WAY
    ]
    facts = gather_facts(runtime, connection, contact, in_effect)
    call = CallUnderWay(facts, contact.case.status is DialerStatus.DO_NOT_DIAL)
    return OnLine(facts, by(call, policy(runtime.settings), now))


def preview(runtime: Runtime, connection: Connection, contact: PlannedContact) -> Decision:
    """What would be decided on a contact now; nothing is kept, and nobody is reached."""
    facts = gather_facts(runtime, connection, contact, active_pauses(runtime, connection))
    return eligibility.decide(facts, policy(runtime.settings), runtime.clock())


def may_text(runtime: Runtime, connection: Connection, contact: PlannedContact) -> bool:
    """Whether anything allows this text; where nothing does, the decision is kept.

    Only that: hours, caps and opt-outs are decided on when it is placed.
    """
    facts = gather_facts(runtime, connection, contact, active_pauses(runtime, connection))
    now = runtime.clock()
    decision = eligibility.decide(facts, policy(runtime.settings), now)
    if not decision.is_restricted_by(Rule.NO_CONSENT):
        return True
    decisions.record(connection, facts, decision, now, stage=decisions.PLANNED)
    return False


def active_pauses(runtime: Runtime, connection: Connection) -> list[Pause]:
    """The pauses in effect now."""
    return [kept.pause for kept in pauses.active(connection, runtime.clock())]
