"""`bridge dial explain`: what would happen with one case, and why. Dials nobody.

The first sentence after the case's own line is the answer; everything below it is the reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from bridge import eligibility
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.commands.pause import resume_command
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.eligibility import Decision, Facts, Pause, PauseScope, Permission, Rule
from bridge.domain.eligibility import decide as decide_on
from bridge.domain.events import Channel
from bridge.domain.local_time import local
from bridge.domain.phone_choice import PhoneChoice
from bridge.domain.phones import display, parse_phone
from bridge.eligibility import PlannedContact
from bridge.errors import BridgeError
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import attempts, skipped, turns
from bridge.store.dialing.turns import Turn

_VERBS = {Channel.CALL: "Call to", Channel.TEXT: "Text to"}


@dataclass(frozen=True)
class _Considered:
    """A call or text that may be made, and the decision on it at the moment it is due."""

    facts: Facts
    decision: Decision
    due: datetime

    @property
    def earliest(self) -> datetime | None:
        """When it may go out; None: never, or not by itself."""
        if self.decision.permission is Permission.ALLOW:
            return self.due
        return self.decision.until


def explain(runtime: Runtime, remote: SmartAdvocate | None, case_id: int) -> str | None:
    """What would happen with a case; None when neither system knows it.

    SmartAdvocate is asked how the case stands; if it can't be, what it last showed has to do.
    """
    case, source = _read(runtime, remote, case_id)
    if case is None:
        return None
    with runtime.db.read() as connection:
        turn = turns.of_case(connection, case_id)
        choice = eligibility.choice(runtime, connection, case)
        pauses = eligibility.active_pauses(runtime, connection)
        considered = list(_consider(runtime, connection, case, choice, turn))
        lines = [
            _head(case, source),
            _answer(runtime, case, turn, considered),
            *_in_progress(runtime, connection, turn),
            *_skipped(connection, case_id),
            *_unusable_phones(choice, pauses),
        ]
    if turn is not None or _never(case) is None:
        for contact in considered:
            lines += _reasons(contact, runtime.clock(), runtime.settings.firm_zone)
    return "".join(f"{line}\n" for line in lines)


def _read(
    runtime: Runtime, remote: SmartAdvocate | None, case_id: int
) -> tuple[CaseInfo | None, str]:
    if remote is not None:
        try:
            return remote.case(case_id), "as SmartAdvocate shows it now"
        except BridgeError as error:
            reason = error.sentence
    else:
        reason = "SmartAdvocate is not set up"
    with runtime.db.read() as connection:
        return cases.get(connection, case_id), f"as it was last read; {reason}"


def _consider(
    runtime: Runtime,
    connection: Connection,
    case: CaseInfo,
    choice: PhoneChoice,
    turn: Turn | None,
) -> Iterator[_Considered]:
    """Each contact that the case is due for, decided as of the moment it is due."""
    now = runtime.clock()
    is_ahead = case.status is DialerStatus.TO_DIAL and case.next_call is not None
    due = max(now, case.next_call) if is_ahead and case.next_call else now
    pauses = eligibility.active_pauses(runtime, connection)
    text = choice.text if runtime.settings.text_enabled else None
    for channel, phone in ((Channel.TEXT, text), (Channel.CALL, choice.call)):
        if phone is not None:
            contact = PlannedContact(case, channel, phone, turn_id=turn.id if turn else None)
            facts = eligibility.gather_facts(runtime, connection, contact, pauses)
            decision = decide_on(facts, eligibility.policy(runtime.settings), due)
            yield _Considered(facts, decision, due)


def _head(case: CaseInfo, source: str) -> str:
    own = f"“{case.label}”, a status of the firm's own" if case.label else "no dialer status"
    attempts_made = f"{case.attempts} attempt{'s' * (case.attempts != 1)}"
    campaign = f"campaign {case.campaign}" if case.campaign else "no campaign"
    return f"Case {case.case_id}: {case.status or own}, {attempts_made}, {campaign} ({source})."


def _answer(
    runtime: Runtime, case: CaseInfo, turn: Turn | None, considered: Sequence[_Considered]
) -> str:
    """The one answer, which nothing below contradicts."""
    zone = runtime.settings.firm_zone
    if turn is not None:
        return f"In progress since {local(turn.found_at, zone)} ({turn.state})."
    never = _never(case)
    if never is not None:
        return f"No: {never}."
    if not considered:
        return "No: it has no phone that may be called or texted."
    moments = [contact.earliest for contact in considered if contact.earliest is not None]
    if not moments:
        refused = all(contact.decision.permission is Permission.REFUSE for contact in considered)
        return "No." if refused else "Not until somebody lifts what holds it."
    earliest = min(moments)
    if earliest > runtime.clock():
        is_date = any(contact.due == earliest for contact in considered)
        why = ", the next call that SmartAdvocate shows" if is_date else ""
        answer = f"Not before {local(earliest, zone)}{why}."
    else:
        answer = "Yes, at the next poll."
    return answer if runtime.settings.dial_enabled else f"{answer} But DIAL_ENABLED is false."


def _never(case: CaseInfo) -> str | None:
    """Why a case is not taken at all, whoever its person is."""
    if case.oddities:
        return f"it would be skipped: {'; '.join(case.oddities)}"
    if case.status is not DialerStatus.TO_DIAL:
        return "only cases that are To Dial are called and texted"
    return None


def _in_progress(runtime: Runtime, connection: Connection, turn: Turn | None) -> Iterator[str]:
    for attempt in attempts.of_turn(connection, turn.id) if turn else ():
        when = local(attempt.due_at, runtime.settings.firm_zone)
        yield f"  {_VERBS[attempt.channel]} {display(attempt.phone)}: {attempt.state}, {when}"


def _skipped(connection: Connection, case_id: int) -> Iterator[str]:
    for row in skipped.listed(connection, case_id):
        yield f"The last poll skipped it: {row.reason}."


def _unusable_phones(choice: PhoneChoice, pauses: Sequence[Pause]) -> Iterator[str]:
    for phone in choice.skipped:
        yield f"Phone {phone.number} is skipped: {phone.why}."
        number = parse_phone(phone.number)
        if any(pause.scope is PauseScope.NUMBER and pause.what == number for pause in pauses):
            yield f"  To lift that: {resume_command(PauseScope.NUMBER, str(number))}"


def _reasons(contact: _Considered, now: datetime, zone: tzinfo) -> Iterator[str]:
    """The decision on one call or text, with all that it is based on."""
    facts, decision = contact.facts, contact.decision
    zones = sorted(facts.location.zones)
    what = f"{_VERBS[facts.channel]} {display(facts.phone)}"
    yield f"{what}: {_when(contact, zones, now, zone)}."
    for restriction in decision.restrictions:
        yield f"  because {restriction.reason}"
    for pause in _holding(contact):
        yield f"  To lift that: {resume_command(pause.scope, pause.what)}"
    places = ", ".join(sorted(facts.location.states)) or "an unknown state"
    yield f"  The person may be in {places} ({', '.join(zones) or 'unknown zone: strictest rule'})."
    past = ", ".join(f"{contact.channel} {local(contact.at, zone)}" for contact in facts.past)
    yield f"  Contacts in the last 7 days: {past or 'none'}."


def _when(contact: _Considered, zones: Sequence[str], now: datetime, zone: tzinfo) -> str:
    if contact.decision.permission is Permission.REFUSE:
        return "no"
    if contact.earliest is None:
        return "not until somebody lifts what holds it"
    if contact.earliest <= now:
        return "yes, now"
    shown = local(contact.earliest, zone)
    theirs = {local(contact.earliest, ZoneInfo(name)) for name in zones} - {shown}
    there = f" (there: {' / '.join(sorted(theirs))})" if theirs else ""
    return f"not before {shown}{there}"


def _holding(contact: _Considered) -> Iterator[Pause]:
    """The pauses that hold this contact back at the moment it is due."""
    if contact.decision.is_restricted_by(Rule.PAUSED):
        held = contact.decision.inputs["pauses"]
        for pause in contact.facts.pauses:
            named = f"{pause.scope} {pause.what}".strip()
            is_active = pause.until is None or pause.until > contact.due
            if is_active and isinstance(held, list) and named in held:
                yield pause
