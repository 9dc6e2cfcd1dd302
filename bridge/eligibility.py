"""May this call or text be made now? The same answer wherever it is asked.

gather_facts    the facts of one planned contact: place, history, opt-outs, pauses
decide          the decision on it, kept with its inputs
decide_on_line  the same for a call that is under way, before it reaches its person
preview         the same, and nothing is kept
choice          which phone of a case is called, and which is texted
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from bridge.adapters.geography import holiday, locate
from bridge.domain import eligibility
from bridge.domain.calls_under_way import CallUnderWay
from bridge.domain.caps import WEEK
from bridge.domain.case_updates import MOST_ATTEMPTS, CaseInfo, DialerStatus
from bridge.domain.consents import Basis, basis_for
from bridge.domain.contact_facts import Facts, OptOutScope, Pause, PauseScope
from bridge.domain.decisions import Decision
from bridge.domain.eligibility import Policy, opt_out_applies
from bridge.domain.events import Channel
from bridge.domain.hours import FirmHours, Location
from bridge.domain.phone_choice import PhoneChoice, choose_phones
from bridge.domain.phones import E164, parse_phone
from bridge.domain.purposes import Purpose, purpose_of
from bridge.domain.registry import RegistryEntry
from bridge.domain.registry import check as check_registry
from bridge.domain.state_rules import rule_pack
from bridge.domain.wrong_numbers import why_wrong
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store.cases import cases, identity
from bridge.store.cases.identity import PersonIdentity
from bridge.store.consent import registry, wrong_numbers
from bridge.store.db import Connection
from bridge.store.dialing import attempts, decisions, number_health, pauses

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
    )


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
    own = runtime.settings.own_numbers
    paused = {
        pause.what: pause.reason for pause in active_pauses if pause.scope is PauseScope.NUMBER
    }
    phones = frozenset(phone for listed in case.phones if (phone := parse_phone(listed.number)))
    opt_outs = [
        opt_out
        for opt_out in identity.opted_out(
            connection, PersonIdentity(frozenset({case.case_id}), phones), case.case_id
        )
        if opt_out.scope is not OptOutScope.PERSON
    ]
    worn_out = number_health.out_of_use(connection, phones)
    wrong = wrong_numbers.in_effect(connection, case.case_id, phones)

    def unfit(channel: Channel, phone: E164) -> str | None:
        if phone in own:
            return "it is the firm's own number"
        if phone in paused:
            return f"it is paused: {paused[phone]}"
        if any(opt_out_applies(opt_out, channel, phone) for opt_out in opt_outs):
            return "it has opted out"
        if phone in wrong:
            return why_wrong(wrong[phone].recorded_at)
        if (phone, channel) in worn_out:
            return worn_out[phone, channel]
        return _why_registered(runtime, connection, PlannedContact(case, channel, phone))

    return choose_phones(
        case.phones,
        last_called=attempts.last_called(connection, case.case_id),
        unfit_for_calls=lambda phone: unfit(Channel.CALL, phone),
        unfit_for_texts=lambda phone: unfit(Channel.TEXT, phone),
    )


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
    return Facts(
        case_id=case.case_id,
        campaign=case.campaign,
        channel=contact.channel,
        phone=phone,
        attempts=case.attempts,
        location=locate(phone, case.zip_code),
        purpose=purpose,
        basis=_basis(runtime, contact, purpose),
        registry=_registry_entry(connection, contact, purpose),
        wrong_number=why_wrong(wrong[phone].recorded_at) if wrong else None,
        past=identity.past(connection, who, since, contact.attempt_id),
        opt_outs=identity.opted_out(connection, who, case.case_id),
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


def _basis(runtime: Runtime, contact: PlannedContact, purpose: Purpose) -> Basis | None:
    """What allows a machine to speak or write to the person of this contact."""
    return basis_for(
        purpose,
        contact.channel,
        contact.phone,
        consents=(),
        attestations=runtime.settings.consent_basis,
        has_refused=False,
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
    basis = _basis(runtime, contact, purpose)
    refused = check_registry(entry, purpose, basis, runtime.clock()).refuses
    return refused.reason if refused else None


def on_channel(connection: Connection, facts: Facts, channel: Channel) -> Facts:
    """The facts of the same person and phone for another channel."""
    worn_out = number_health.out_of_use(connection, {facts.phone})
    return replace(facts, channel=channel, out_of_use=worn_out.get((facts.phone, channel)))


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
    """Decide on a call under way by one of the rules' two ways of doing so; nothing is kept.

    A pause because Twilio doesn't reach this app says nothing of a call about which it asks.
    """
    now = runtime.clock()
    in_effect = [
        kept.pause for kept in pauses.active(connection, now) if kept.source != pauses.BY_CANARY
    ]
    facts = gather_facts(runtime, connection, contact, in_effect)
    call = CallUnderWay(facts, contact.case.status is DialerStatus.DO_NOT_DIAL)
    return OnLine(facts, by(call, policy(runtime.settings), now))


def preview(runtime: Runtime, connection: Connection, contact: PlannedContact) -> Decision:
    """What would be decided on a contact now; nothing is kept, and nobody is reached."""
    facts = gather_facts(runtime, connection, contact, active_pauses(runtime, connection))
    return eligibility.decide(facts, policy(runtime.settings), runtime.clock())


def active_pauses(runtime: Runtime, connection: Connection) -> list[Pause]:
    """The pauses in effect now."""
    return [kept.pause for kept in pauses.active(connection, runtime.clock())]
