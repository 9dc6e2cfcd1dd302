"""What the page of a case shows beside its history: how it stands, why, its phones, its pauses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bridge import explanation
from bridge.console import standing
from bridge.console.consents import in_short
from bridge.domain.case_standing import as_sentence, in_words
from bridge.domain.case_updates import CaseInfo, CasePhone
from bridge.domain.contact_facts import PauseScope
from bridge.domain.decisions import Rule
from bridge.domain.events import Channel
from bridge.domain.local_time import local
from bridge.domain.phones import E164, display, parse_phone
from bridge.domain.redaction import without_numbers
from bridge.domain.timeline import end_of
from bridge.explanation import Considered, Explanation
from bridge.runtime import Runtime
from bridge.store.callbacks import case_history
from bridge.store.cases import cases, identity
from bridge.store.consent import consents
from bridge.store.db import Connection
from bridge.store.dialing import number_health, pauses
from bridge.store.dialing.pauses import StoredPause

LARGEST = 2**63 - 1
"""The largest number that a case can have."""

_CALL_OR_TEXT = {Channel.CALL: "Call to", Channel.TEXT: "Text to"}
_LIFTS = {
    Rule.OPTED_OUT: "Opt-outs lists it, and lifts it with a reason.",
    Rule.OPTED_OUT_HERE: "Opt-outs lists it, and lifts it with a reason.",
    Rule.NO_CONSENT: "Consents records what the person has agreed to.",
    Rule.UNATTRIBUTED: "To do asks whose opt-out it was.",
    Rule.UNLOCATABLE: "The right ZIP code in SmartAdvocate ends it.",
    Rule.NOT_BEFORE: "Call at… sets another time.",
    Rule.GAP: "Call at… overrides it.",
    Rule.TALKED: "Call at… overrides it.",
    Rule.HOURS: "It ends by itself.",
    Rule.CAPS: "It ends by itself.",
    Rule.UNDER_WAY: "It ends by itself.",
}
_NEXT_CALL = ("SmartAdvocate shows this next call.", "Call at… sets another time.")
_RESUMED_HERE = frozenset({PauseScope.CASE, PauseScope.NUMBER})


@dataclass(frozen=True)
class Phone:
    """A phone of the case."""

    position: int
    """By which a form names it."""
    name: str
    end: str
    is_primary: bool
    takes_texts: bool
    troubles: Sequence[str]
    """Why it isn't called or texted, if so."""
    agreed: Sequence[str]
    """What its person has agreed to, and whether that is in effect."""
    whole: str = field(default="", repr=False)
    """The whole number, for whoever has just asked for it."""


@dataclass(frozen=True)
class Hold:
    """A pause of the case, or of one of its numbers."""

    id: int
    by: str
    since: datetime
    reason: str
    until: datetime | None
    phone: Phone | None
    """The number that is paused; None where the case is."""


@dataclass(frozen=True)
class Reasons:
    """A call or text that the case is due for: when it may be made, and why then."""

    what: str
    when: str
    because: Sequence[tuple[str, str]]
    """Each reason as a sentence, with what lifts it."""
    rests_on: str
    """The purpose, and what allows it."""
    places: str
    past: Sequence[str]
    """The person's contacts of the last seven days."""


@dataclass(frozen=True)
class CaseFacts:
    """A case as its page shows it."""

    case_id: int
    status: str
    """Its dialer status."""
    campaign: str
    read_at: datetime | None
    """When SmartAdvocate last showed it; None: never."""
    standing: str
    next_call: datetime | None
    answer: str
    reasons: Sequence[Reasons]
    phones: Sequence[Phone]
    holds: Sequence[Hold]
    numbers: frozenset[E164]

    @property
    def has_next(self) -> bool:
        """Whether a next call is planned."""
        return self.next_call is not None

    @property
    def is_paused(self) -> bool:
        """Whether the case itself is held back."""
        return any(hold.phone is None for hold in self.holds)

    def with_whole(self, position: int, number: str) -> "CaseFacts":
        """The same with one phone's whole number."""
        shown = [
            replace(phone, whole=_display(number)) if phone.position == position else phone
            for phone in self.phones
        ]
        return replace(self, phones=shown)


def read(runtime: Runtime, connection: Connection, case_id: int) -> CaseFacts | None:
    """What is known of a case; None where nothing is."""
    if not 0 <= case_id <= LARGEST:
        return None
    case = cases.get(connection, case_id)
    if case is None and not case_history.is_known(connection, case_id):
        return None
    numbers = identity.phones_of(connection, case_id)
    in_effect = pauses.active(connection, runtime.clock())
    explained = None
    if case is not None:
        paused = [kept.pause for kept in in_effect]
        explained = explanation.explain(runtime, connection, case, paused)
    phones = list(_phones(connection, explained)) if explained else []
    stands = standing.gather(runtime, connection, case_id, explained, in_effect)
    return CaseFacts(
        case_id=case_id,
        status=_status(case),
        campaign=case.campaign if case else "",
        read_at=cases.read_at(connection, case_id) if case else None,
        standing=in_words(stands, runtime.clock(), runtime.settings.firm_zone),
        next_call=stands.next_call,
        answer=explanation.answer(runtime, explained) if explained else "",
        reasons=[_reasons(runtime, one) for one in explained.contacts] if explained else [],
        phones=phones,
        holds=list(_holds(case_id, case, phones, in_effect)),
        numbers=numbers,
    )


def numbers_of(connection: Connection, case_id: int) -> frozenset[E164] | None:
    """The numbers of a case; None where nothing at all is known of it."""
    return identity.phones_of(connection, case_id) if is_known(connection, case_id) else None


def is_known(connection: Connection, case_id: int) -> bool:
    """Whether SmartAdvocate has shown this case, or a call or text was about it."""
    if not 0 <= case_id <= LARGEST:
        return False
    has_row = cases.get(connection, case_id) is not None
    return has_row or case_history.is_known(connection, case_id)


def number_at(case: CaseInfo | None, position: int) -> str | None:
    """The number of a phone, as SmartAdvocate shows it."""
    listed = case.phones if case else ()
    return listed[position].number if 0 <= position < len(listed) else None


def _status(case: CaseInfo | None) -> str:
    if case is None:
        return "Not read yet"
    return str(case.status or case.label or "No dialer status")


def _reasons(runtime: Runtime, contact: Considered) -> Reasons:
    zone, facts = runtime.settings.firm_zone, contact.facts
    held = [pause.scope for pause in contact.holding()]
    return Reasons(
        what=f"{_CALL_OR_TEXT[facts.channel]} {end_of(facts.phone)}",
        when=contact.when(runtime.clock(), zone),
        because=[
            *([_NEXT_CALL] if contact.earliest == contact.due > runtime.clock() else []),
            *(
                (as_sentence(without_numbers(one.reason)), _lifts(one.rule, held))
                for one in contact.decision.restrictions
            ),
        ],
        rests_on=without_numbers(contact.rests_on),
        places=contact.places,
        past=[f"{one.channel} {local(one.at, zone)}" for one in facts.past],
    )


def _lifts(rule: Rule, held: Sequence[PauseScope]) -> str:
    if rule is not Rule.PAUSED:
        return _LIFTS.get(rule, "")
    if PauseScope.EVERYTHING in held:
        return "Resume at the top of the page lifts it."
    if _RESUMED_HERE & set(held):
        return "Resume on this page lifts it."
    return "Setup lists this pause, and lifts it."


def _phones(connection: Connection, explained: Explanation) -> Iterator[Phone]:
    numbers = {one for listed in explained.case.phones if (one := parse_phone(listed.number))}
    worn_out = number_health.out_of_use(connection, numbers)
    over = {phone.number: phone.why for phone in explained.choice.skipped}
    on_file = consents.of_phones(connection, numbers)
    for position, listed in enumerate(explained.case.phones):
        number = parse_phone(listed.number)
        why = over.get(number or listed.number) or over.get(listed.number)
        troubles = [
            f"Out of use for {channel}s: {reason}."
            for channel in (Channel.CALL, Channel.TEXT)
            if number and (reason := worn_out.get((number, channel)))
        ]
        if why and why != worn_out.get((number or E164(""), Channel.CALL)):
            troubles.insert(0, f"Not called: {without_numbers(why)}.")
        yield Phone(
            position,
            listed.name,
            f"…{''.join(filter(str.isdigit, listed.number))[-4:]}",
            listed.primary,
            listed.text,
            troubles,
            [in_short(consent) for consent in on_file if consent.phone == number],
        )


def _holds(
    case_id: int,
    case: CaseInfo | None,
    phones: Sequence[Phone],
    in_effect: Sequence[StoredPause],
) -> Iterator[Hold]:
    listed: Sequence[CasePhone] = case.phones if case else ()
    by_number = {parse_phone(one.number): phone for one, phone in zip(listed, phones, strict=True)}
    for kept in in_effect:
        pause = kept.pause
        of_case = pause.scope is PauseScope.CASE and pause.what == str(case_id)
        of_phone = pause.scope is PauseScope.NUMBER and E164(pause.what) in by_number
        if of_case or of_phone:
            yield Hold(
                kept.id,
                kept.by,
                kept.created_at,
                without_numbers(pause.reason),
                pause.until,
                by_number[E164(pause.what)] if of_phone else None,
            )


def _display(number: str) -> str:
    known = parse_phone(number)
    return display(known) if known else number
