"""What would happen now and why, in plain words; and what is due to happen. Dials nobody.

explain    one case: its phones, its person's place and history, and the verdict
plan       what is planned, and when what was deferred may go out
"""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bridge import eligibility
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.eligibility import Decision, Facts, Permission
from bridge.domain.events import Channel
from bridge.domain.local_time import local
from bridge.domain.phone_choice import PhoneChoice
from bridge.domain.phones import E164, display
from bridge.eligibility import PlannedContact
from bridge.errors import BridgeError
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import attempts, skipped, turns

_MOST = 500
_ANSWERS = {
    Permission.ALLOW: "yes, now",
    Permission.DEFER: "not now",
    Permission.REFUSE: "no",
}


def explain(runtime: Runtime, remote: SmartAdvocate | None, case_id: int) -> str | None:
    """What would happen with a case now; None when nobody knows it.

    SmartAdvocate is asked how the case stands; if it can't be, what it last showed has to do.
    """
    case, source = _read(runtime, remote, case_id)
    if case is None:
        return None
    with runtime.db.read() as connection:
        lines = [
            _head(case, source),
            *_status(case, runtime.clock()),
            *_under_way(runtime, connection, case_id),
            *_skipped(connection, case_id),
            *_verdicts(runtime, connection, case),
        ]
    return "".join(f"{line}\n" for line in lines)


def plan(runtime: Runtime, hours: int) -> str:
    """What is due to happen within so many hours, as far as it is known now."""
    now = runtime.clock()
    with runtime.db.read() as connection:
        planned = attempts.planned(connection, now + timedelta(hours=hours), _MOST)
        waiting = [
            row
            for row in skipped.listed(connection)
            if row.until is not None and row.until <= now + timedelta(hours=hours)
        ]
        entries = [(max(one.due_at, now), _foreseen(runtime, connection, one)) for one in planned]
        coming = cases.due_until(connection, now + timedelta(hours=hours), _MOST)
        busy = turns.under_way(connection, [case_id for _, case_id in coming])
    entries += [
        (moment, f"case {case_id} comes due for its next call")
        for moment, case_id in coming
        if moment > now and case_id not in busy
    ]
    entries += [
        (row.until, f"case {row.case_id} may be taken up; it waits because {row.reason}")
        for row in waiting
    ]
    zone = runtime.settings.smartadvocate_zone
    lines = [f"{_when(moment, zone)}  {says}" for moment, says in sorted(entries)]
    return "".join(f"{line}\n" for line in lines or ["Nothing is due."])


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
    status = case.status or own
    campaign = case.campaign or "none"
    return (
        f"Case {case.case_id}: {status}, {case.attempts} attempts, campaign {campaign} ({source})"
    )


def _status(case: CaseInfo, now: datetime) -> Iterator[str]:
    if case.oddities:
        yield f"It would be skipped: {'; '.join(case.oddities)}."
    if case.status is not DialerStatus.TO_DIAL:
        yield "It would not be taken up: only cases that are To Dial are."
    elif case.next_call is not None and case.next_call > now:
        yield f"It is due at {case.next_call:%Y-%m-%d %H:%M}Z, not before."


def _under_way(runtime: Runtime, connection: Connection, case_id: int) -> Iterator[str]:
    turn = turns.of_case(connection, case_id)
    if turn is None:
        return
    yield f"It is having its turn since {turn.found_at:%Y-%m-%d %H:%M}Z ({turn.state})."
    zone = runtime.settings.smartadvocate_zone
    for one in attempts.of_turn(connection, turn.id):
        yield f"  {one.channel} to {display(one.phone)}: {one.state}, {_when(one.due_at, zone)}"


def _skipped(connection: Connection, case_id: int) -> Iterator[str]:
    for row in skipped.listed(connection, case_id):
        yield f"The last poll passed it over: {row.reason}."


def _verdicts(runtime: Runtime, connection: Connection, case: CaseInfo) -> Iterator[str]:
    chosen = eligibility.choice(runtime, connection, case)
    for one in chosen.skipped:
        yield f"Phone {one.number} is passed over: {one.why}."
    turn = turns.of_case(connection, case.case_id)
    for channel, phone in _contacts(runtime, chosen):
        contact = PlannedContact(case, channel, phone, turn_id=turn.id if turn else None)
        facts = eligibility.gather_facts(
            runtime, connection, contact, eligibility.active_pauses(runtime, connection)
        )
        verdict = eligibility.preview(runtime, connection, contact)
        yield from _say(channel, facts, verdict)


def _contacts(runtime: Runtime, chosen: PhoneChoice) -> Iterator[tuple[Channel, E164]]:
    if runtime.settings.text_enabled and chosen.text is not None:
        yield Channel.TEXT, chosen.text
    if chosen.call is not None:
        yield Channel.CALL, chosen.call


def _say(channel: Channel, facts: Facts, verdict: Decision) -> Iterator[str]:
    permission = _ANSWERS[verdict.permission]
    yield f"Would it be reached by {channel} at {display(facts.phone)}? {permission}."
    for restriction in verdict.restrictions:
        yield f"  because {restriction.reason}"
    zones = sorted(facts.location.zones)
    places = ", ".join(sorted(facts.location.states)) or "an unknown state"
    yield f"  the person may be in {places} ({', '.join(zones) or 'zone unknown: strictest rule'})"
    if verdict.until is not None:
        there = [_when(verdict.until, ZoneInfo(zone)) for zone in zones]
        yield f"  at the earliest {' / '.join(there) or f'{verdict.until:%a %H:%M}Z'}"
    elif verdict.permission is Permission.DEFER:
        yield "  until somebody lifts what holds it back"
    past = ", ".join(f"{one.channel} {one.at:%b %d %H:%M}Z" for one in facts.past)
    yield f"  contacts in the last 7 days: {past or 'none'}"


def _foreseen(runtime: Runtime, connection: Connection, one: attempts.Attempt) -> str:
    what = f"{one.channel} case {one.case_id} at {display(one.phone)}"
    case = cases.get(connection, one.case_id)
    if case is None:
        return f"{what}: its case is not known"
    contact = PlannedContact(case, one.channel, one.phone, one.id, one.turn_id)
    verdict = eligibility.preview(runtime, connection, contact)
    because = f", because {verdict.why}" if verdict.why else ""
    return f"{what}: {_ANSWERS[verdict.permission]}{because}"


def _when(moment: datetime, zone: tzinfo) -> str:
    return local(moment, zone)
