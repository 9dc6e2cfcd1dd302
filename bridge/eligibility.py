"""May this call or text be made now? The same answer wherever it is asked.

gather_facts    the facts of one planned contact: place, history, opt-outs, preferences, pauses
decide          the decision on it, kept with its inputs
decide_on_line  the same for a call that is under way, before it reaches its person
preview         the same, and nothing is kept
rings_firm_first  whether no machine may speak to the person of a call
choice          which phone of a case is called, and which is texted

What is known of people is gathered by `background.py`, for one case or for many at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from bridge.adapters.geography import holiday, locate
from bridge.background import Background, PlannedContact
from bridge.domain import eligibility
from bridge.domain.calls_under_way import CallUnderWay
from bridge.domain.case_updates import MOST_ATTEMPTS, CaseInfo, DialerStatus
from bridge.domain.contact_facts import Facts, Pause
from bridge.domain.decisions import Decision
from bridge.domain.eligibility import Policy
from bridge.domain.hours import FirmHours, Location
from bridge.domain.phone_choice import PhoneChoice
from bridge.domain.purposes import purpose_of
from bridge.domain.state_rules import rule_pack
from bridge.domain.voice import VoicePolicy, decide_voice
from bridge.phone_choices import choose
from bridge.runtime import Runtime
from bridge.settings import CLIENT_FIRST, Settings
from bridge.store.db import Connection
from bridge.store.dialing import decisions, pauses


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
    background = Background(runtime, connection, [case])
    return choose(background, case, active_pauses(runtime, connection))


def gather_facts(
    runtime: Runtime,
    connection: Connection,
    contact: PlannedContact,
    active_pauses: Sequence[Pause],
) -> Facts:
    """All that is known of a contact now."""
    background = Background(runtime, connection, [contact.case], [contact.phone])
    return background.facts(contact, active_pauses)


def rings_firm_first(background: Background, contact: PlannedContact, at: datetime) -> bool:
    """Whether a call then rings the firm first: no machine may speak to its person."""
    voice = policy(background.settings).voice
    if not voice.is_wanted:
        return True
    return not decide_voice(background.facts_of_voice(contact), voice, at).may_speak


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


def active_pauses(runtime: Runtime, connection: Connection) -> list[Pause]:
    """The pauses in effect now."""
    return [kept.pause for kept in pauses.active(connection, runtime.clock())]
