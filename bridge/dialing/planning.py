"""Writes calls and texts down as planned, with the time after which they are stale.

plan_turns        what turns begin with: each its text and its call
plan              one call or text of a turn that has begun
plan_next_number  the call to another phone of the case, in the same turn
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge import eligibility
from bridge.background import Background, PlannedContact
from bridge.domain import claims
from bridge.domain.case_updates import CaseInfo
from bridge.domain.contact_facts import Facts
from bridge.domain.decisions import Decision
from bridge.domain.eligibility import decide
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.phone_choices import choose
from bridge.runtime import Runtime
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, decisions
from bridge.store.dialing.attempts import Attempt, AttemptState

STALE_AFTER = {Channel.TEXT: timedelta(hours=12), Channel.CALL: timedelta(hours=48)}
"""What is so late makes no sense any more (docs/reference/law.md#hours: queue rollover)."""


@dataclass(frozen=True)
class Planned:
    """A call or text to be."""

    turn_id: int
    case_id: int
    channel: Channel
    phone: E164
    due_at: datetime


def plan_turns(
    runtime: Runtime,
    connection: Connection,
    claimed: Sequence[tuple[int, CaseInfo]],
    stored: Mapping[int, CaseInfo],
) -> None:
    """Plan the text and the call of each of these turns, which have begun with these cases.

    `stored` are the cases as they stand now, by their ids.

    Without anything that allows a text the call goes out and waits for none; that is kept. Hours,
    caps and opt-outs are decided on when it is placed.
    """
    if not claimed:
        return
    settings, now = runtime.settings, runtime.clock()
    begins = now + claims.READ_BACK_AFTER
    background = Background(runtime, connection, [case for _, case in claimed])
    active_pauses = eligibility.active_pauses(runtime, connection)
    planned, without_consent = list[Planned](), list[tuple[Facts, Decision]]()
    for turn_id, case in claimed:
        chosen = choose(background, case, active_pauses)
        calls_at, texted = begins, chosen.text if settings.text_enabled else None
        if texted is not None and background.agreed(case, Channel.TEXT, texted).basis is None:
            contact = PlannedContact(case, Channel.TEXT, texted, turn_id=turn_id)
            facts = background.facts(contact, active_pauses)
            without_consent.append((facts, decide(facts, eligibility.policy(settings), now)))
        elif texted is not None:
            calls_at = begins + settings.text_lead
            planned.append(Planned(turn_id, case.case_id, Channel.TEXT, texted, begins))
        if chosen.call is not None:
            planned.append(Planned(turn_id, case.case_id, Channel.CALL, chosen.call, calls_at))
    decisions.record_each(connection, without_consent, now, stage=decisions.PLANNED)
    _plan(runtime, connection, background, planned, stored)


def plan(runtime: Runtime, connection: Connection, planned: Planned) -> None:
    """Write one call or text down, in a turn that has begun."""
    case = cases.get(connection, planned.case_id)
    about = [] if case is None else [case]
    background = Background(runtime, connection, about, [planned.phone])
    _plan(runtime, connection, background, [planned], {each.case_id: each for each in about})


def _plan(
    runtime: Runtime,
    connection: Connection,
    background: Background,
    planned: Sequence[Planned],
    stored: Mapping[int, CaseInfo],
) -> None:
    """Write calls and texts down; nobody is reached before their rows are there.

    See promise 5 in docs/explanation/never-twice.md.
    """
    now = runtime.clock()
    attempts_planned = [
        Attempt(
            id=runtime.new_id(),
            turn_id=each.turn_id,
            case_id=each.case_id,
            channel=each.channel,
            phone=each.phone,
            state=AttemptState.PLANNED,
            due_at=each.due_at,
            not_after=each.due_at + STALE_AFTER[each.channel],
            via_firm=_is_via_firm(background, each, stored.get(each.case_id)),
        )
        for each in planned
    ]
    attempt_transitions.plan_each(connection, attempts_planned, now)


def _is_via_firm(background: Background, planned: Planned, case: CaseInfo | None) -> bool:
    """Whether the firm is rung first: decided once more when the call is reserved."""
    if planned.channel is not Channel.CALL:
        return False
    if case is None:
        return True
    contact = PlannedContact(case, Channel.CALL, planned.phone, turn_id=planned.turn_id)
    return eligibility.rings_firm_first(background, contact, max(planned.due_at, background.now))


def plan_next_number(runtime: Runtime, connection: Connection, attempt: Attempt) -> bool:
    """Plan the call to another phone of the case, in the same turn; False when there is none."""
    case = cases.get(connection, attempt.case_id)
    if case is None:
        return False
    background = Background(runtime, connection, [case])
    chosen = choose(background, case, eligibility.active_pauses(runtime, connection))
    tried = {
        earlier.phone
        for earlier in attempts.of_turn(connection, attempt.turn_id)
        if earlier.channel is Channel.CALL
    }
    others = [phone for phone in chosen.calls if phone not in tried]
    if not others:
        return False
    following = Planned(attempt.turn_id, attempt.case_id, Channel.CALL, others[0], runtime.clock())
    _plan(runtime, connection, background, [following], {case.case_id: case})
    return True
