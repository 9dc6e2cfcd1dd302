"""What would happen with one case, and why, as far as the bridge knows. Reaches nobody.

explain       each contact that the case is due for, decided as of the moment it is due
explain_wish  the same for a call at a moment that somebody at the firm asks for
answer        the one answer, in a sentence; whatever else is said is its reason
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge import eligibility
from bridge.background import Background, PlannedContact
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.contact_facts import Facts, Pause
from bridge.domain.decisions import Decision, Permission, Rule
from bridge.domain.eligibility import WAIVED
from bridge.domain.eligibility import decide as decide_on
from bridge.domain.events import Channel
from bridge.domain.local_time import local
from bridge.domain.phone_choice import PhoneChoice
from bridge.phone_choices import choose
from bridge.runtime import Runtime
from bridge.store.db import Connection
from bridge.store.dialing import turns
from bridge.store.dialing.turns import Turn


@dataclass(frozen=True)
class Considered:
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

    @property
    def zones(self) -> Sequence[str]:
        """The zones in which the person may be, by name."""
        return sorted(self.facts.location.zones)

    @property
    def places(self) -> str:
        """Where the person may be, in words."""
        states = ", ".join(sorted(self.facts.location.states)) or "an unknown state"
        return f"{states} ({', '.join(self.zones) or 'unknown zone: strictest rule'})"

    @property
    def rests_on(self) -> str:
        """The purpose of the contact, and what allows it, as a sentence."""
        facts, waived = self.facts, self.decision.inputs.get(WAIVED)
        agreed = f"; it rests on {facts.basis.says}" if facts.basis else f"; {facts.lacks_basis}"
        if self.decision.is_restricted_by(Rule.NO_CONSENT):
            # That is its reason already.
            agreed = ""
        waiver = f" The states' rules on solicitation are waived for clients: {waived}."
        return f"Its purpose is {facts.purpose}{agreed}.{waiver if waived else ''}"

    def holding(self) -> Iterator[Pause]:
        """The pauses that hold this contact back at the moment it is due."""
        if self.decision.is_restricted_by(Rule.PAUSED):
            held = self.decision.inputs["pauses"]
            for pause in self.facts.pauses:
                named = f"{pause.scope} {pause.what}".strip()
                is_active = pause.until is None or pause.until > self.due
                if is_active and isinstance(held, list) and named in held:
                    yield pause

    def when(self, now: datetime, zone: ZoneInfo) -> str:
        """When it may be made, in words."""
        if self.decision.permission is Permission.REFUSE:
            return "no"
        if self.earliest is None:
            return "not until somebody lifts what holds it"
        if self.earliest <= now:
            return "yes, now"
        shown = local(self.earliest, zone)
        theirs = {local(self.earliest, ZoneInfo(name)) for name in self.zones} - {shown}
        there = f" (there: {' / '.join(sorted(theirs))})" if theirs else ""
        return f"not before {shown}{there}"


@dataclass(frozen=True)
class Explanation:
    """A case, and all that says whether and when its person is called or texted."""

    case: CaseInfo
    turn: Turn | None
    """The turn that it is having."""
    choice: PhoneChoice
    pauses: Sequence[Pause]
    contacts: Sequence[Considered] = ()

    @property
    def never(self) -> str | None:
        """Why a case is not taken at all, whoever its person is."""
        if self.case.oddities:
            return f"it would be skipped: {'; '.join(self.case.oddities)}"
        if self.case.status is not DialerStatus.TO_DIAL:
            return "only cases that are To Dial are called and texted"
        return None

    def of(self, channel: Channel) -> Considered | None:
        """The call, or the text."""
        return next((one for one in self.contacts if one.facts.channel is channel), None)


def explain(
    runtime: Runtime, connection: Connection, case: CaseInfo, active_pauses: Sequence[Pause]
) -> Explanation:
    """What would happen with a case as it stands here."""
    turn = turns.of_case(connection, case.case_id)
    background = Background(runtime, connection, [case])
    choice = choose(background, case, active_pauses)
    known = Explanation(case, turn, choice, active_pauses)
    return replace(known, contacts=tuple(_consider(background, known)))


def explain_wish(
    runtime: Runtime, connection: Connection, case: CaseInfo, at: datetime
) -> Considered | None:
    """The call that somebody at the firm would have made then; None without a phone to call."""
    background = Background(runtime, connection, [case])
    pauses = eligibility.active_pauses(runtime, connection)
    phone = choose(background, case, pauses).call
    if phone is None:
        return None
    gathered = background.facts(PlannedContact(case, Channel.CALL, phone), pauses)
    facts = replace(gathered, is_set_by_staff=True)
    return Considered(facts, decide_on(facts, eligibility.policy(runtime.settings), at), at)


def answer(runtime: Runtime, explained: Explanation) -> str:
    """The one answer, which nothing else contradicts."""
    zone, turn, never = runtime.settings.firm_zone, explained.turn, explained.never
    if turn is not None:
        return f"In progress since {local(turn.found_at, zone)} ({turn.state})."
    if never is not None:
        return f"No: {never}."
    if not explained.contacts:
        return "No: it has no phone that may be called or texted."
    moments = [one.earliest for one in explained.contacts if one.earliest is not None]
    if not moments:
        refused = all(one.decision.permission is Permission.REFUSE for one in explained.contacts)
        return "No." if refused else "Not until somebody lifts what holds it."
    earliest = min(moments)
    if earliest > runtime.clock():
        is_date = any(one.due == earliest for one in explained.contacts)
        why = ", the next call that SmartAdvocate shows" if is_date else ""
        said = f"Not before {local(earliest, zone)}{why}."
    else:
        said = "Yes, at the next poll."
    return said if runtime.settings.dial_enabled else f"{said} But DIAL_ENABLED is false."


def _consider(background: Background, known: Explanation) -> Iterator[Considered]:
    """Each contact that the case is due for, decided as of the moment it is due."""
    now, case, turn = background.now, known.case, known.turn
    is_ahead = case.status is DialerStatus.TO_DIAL and case.next_call is not None
    due = max(now, case.next_call) if is_ahead and case.next_call else now
    text = known.choice.text if background.settings.text_enabled else None
    for channel, phone in ((Channel.TEXT, text), (Channel.CALL, known.choice.call)):
        if phone is not None:
            contact = PlannedContact(case, channel, phone, turn_id=turn.id if turn else None)
            facts = background.facts(contact, known.pauses)
            decision = decide_on(facts, eligibility.policy(background.settings), due)
            yield Considered(facts, decision, due)
