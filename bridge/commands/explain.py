"""`bridge dial explain`: what would happen with one case, and why. Dials nobody.

The first sentence after the case's own line is the answer; everything below it is the reason.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge import eligibility, explanation
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.commands.pause import resume_command
from bridge.domain.case_updates import CaseInfo
from bridge.domain.contact_facts import PauseScope
from bridge.domain.events import Channel
from bridge.domain.local_time import local
from bridge.domain.phones import display, parse_phone
from bridge.errors import BridgeError
from bridge.explanation import Considered, Explanation
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import attempts, skipped
from bridge.store.dialing.turns import Turn

_VERBS = {Channel.CALL: "Call to", Channel.TEXT: "Text to"}


def explain(runtime: Runtime, remote: SmartAdvocate | None, case_id: int) -> str | None:
    """What would happen with a case; None when neither system knows it.

    SmartAdvocate is asked how the case stands; if it can't be, what it last showed has to do.
    """
    case, source = _read(runtime, remote, case_id)
    if case is None:
        return None
    with runtime.db.read() as connection:
        pauses = eligibility.active_pauses(runtime, connection)
        explained = explanation.explain(runtime, connection, case, pauses)
        lines = [
            _head(case, source),
            explanation.answer(runtime, explained),
            *_in_progress(runtime, connection, explained.turn),
            *_skipped(connection, case_id),
            *_unusable_phones(explained),
        ]
    if explained.turn is not None or explained.never is None:
        for contact in explained.contacts:
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


def _head(case: CaseInfo, source: str) -> str:
    own = f"“{case.label}”, a status of the firm's own" if case.label else "no dialer status"
    attempts_made = f"{case.attempts} attempt{'s' * (case.attempts != 1)}"
    campaign = f"campaign {case.campaign}" if case.campaign else "no campaign"
    return f"Case {case.case_id}: {case.status or own}, {attempts_made}, {campaign} ({source})."


def _in_progress(runtime: Runtime, connection: Connection, turn: Turn | None) -> Iterator[str]:
    for attempt in attempts.of_turn(connection, turn.id) if turn else ():
        when = local(attempt.due_at, runtime.settings.firm_zone)
        yield f"  {_VERBS[attempt.channel]} {display(attempt.phone)}: {attempt.state}, {when}"


def _skipped(connection: Connection, case_id: int) -> Iterator[str]:
    for row in skipped.listed(connection, case_id):
        yield f"The last poll skipped it: {row.reason}."


def _unusable_phones(explained: Explanation) -> Iterator[str]:
    paused = {pause.what for pause in explained.pauses if pause.scope is PauseScope.NUMBER}
    for phone in explained.choice.skipped:
        yield f"Phone {phone.number} is skipped: {phone.why}."
        number = parse_phone(phone.number)
        if number is not None and number in paused:
            yield f"  To lift that: {resume_command(PauseScope.NUMBER, number)}"


def _reasons(contact: Considered, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """The decision on one call or text, with all that it is based on."""
    facts = contact.facts
    yield f"{_VERBS[facts.channel]} {display(facts.phone)}: {contact.when(now, zone)}."
    for restriction in contact.decision.restrictions:
        yield f"  because {restriction.reason}"
    for pause in contact.holding():
        yield f"  To lift that: {resume_command(pause.scope, pause.what)}"
    yield f"  {contact.rests_on}"
    if contact.decision.voice is not None:
        yield f"  {contact.decision.voice.sentence}"
    yield f"  The person may be in {contact.places}."
    past = ", ".join(f"{contact.channel} {local(contact.at, zone)}" for contact in facts.past)
    yield f"  Contacts in the last 7 days: {past or 'none'}."
