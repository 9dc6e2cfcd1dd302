"""How a case stands, gathered from what is stored; `domain/case_standing.py` has the words."""

from collections.abc import Sequence
from dataclasses import replace

from bridge.domain.case_standing import Standing
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.contact_facts import PauseScope
from bridge.domain.decisions import Rule
from bridge.domain.events import Channel, Direction
from bridge.domain.local_time import local
from bridge.domain.redaction import without_numbers
from bridge.domain.timeline import contact
from bridge.explanation import Considered, Explanation
from bridge.runtime import Runtime
from bridge.store.callbacks import case_history
from bridge.store.db import Connection
from bridge.store.dialing import attempts
from bridge.store.dialing.attempts import UNDER_WAY, Attempt, AttemptState
from bridge.store.dialing.pauses import StoredPause
from bridge.store.dialing.turns import Turn


def gather(
    runtime: Runtime,
    connection: Connection,
    case_id: int,
    explained: Explanation | None,
    in_effect: Sequence[StoredPause],
) -> Standing:
    """The calls so far and what comes next."""
    so_far = case_history.calls_so_far(connection, case_id, runtime.settings.own_numbers)
    known = Standing(so_far.count, so_far.last)
    if explained is None:
        why = "SmartAdvocate has not shown this case to the bridge yet"
        known = replace(known, why_none=why)
    elif explained.turn is not None:
        happening = _happening(runtime, connection, explained.turn)
        known = replace(known, happening=happening)
    else:
        why = _why_none(runtime, explained, in_effect)
        call = explained.of(Channel.CALL)
        if why or call is None:
            known = replace(known, why_none=why or "no phone of it may be called")
        else:
            known = replace(known, next_call=call.earliest, zones=call.zones)
    return known


def _why_none(runtime: Runtime, explained: Explanation, in_effect: Sequence[StoredPause]) -> str:
    """Why no call is planned; empty where one is."""
    call = explained.of(Channel.CALL)
    for considered in explained.contacts:
        for restriction in considered.decision.restrictions:
            if restriction.rule is Rule.OPTED_OUT:
                return restriction.reason
    if explained.never is not None:
        return _why_never(explained.case)
    held = _held_by(explained.case, call, in_effect)
    if held:
        return held
    if call is None:
        return _why_no_phone(explained)
    if call.earliest is None:
        return without_numbers(call.decision.why)
    return "" if runtime.settings.dial_enabled else "the dialer is turned off (DIAL_ENABLED)"


def _held_by(case: CaseInfo, call: Considered | None, in_effect: Sequence[StoredPause]) -> str:
    """Which pause without an end holds the case back, and who set it; empty where none does."""
    holding = list(call.holding()) if call else []
    for kept in in_effect:
        pause = kept.pause
        of_case = pause.scope is PauseScope.CASE and pause.what == str(case.case_id)
        if pause.until is None and (of_case or pause in holding):
            held = f"{_held(pause.scope, pause.what)} paused by {kept.by}: {pause.reason}"
            return without_numbers(held)
    return ""


def _why_never(case: CaseInfo) -> str:
    if case.oddities:
        return "; ".join(case.oddities)
    if case.status is DialerStatus.IN_THE_DIALER:
        return "SmartAdvocate shows In the Dialer, and the bridge is not at work on it"
    return f"its dialer status is {case.status or case.label or 'empty'}"


def _why_no_phone(explained: Explanation) -> str:
    over = "; ".join(f"…{phone.number[-4:]}: {phone.why}" for phone in explained.choice.skipped)
    why = f"no phone of it may be called ({over})" if over else "it has no phone"
    return without_numbers(why)


def _held(scope: PauseScope, what: str) -> str:
    return {
        PauseScope.EVERYTHING: "all contact is",
        PauseScope.TEXTS: "texts are",
        PauseScope.CASE: "the case is",
    }.get(scope, f"{scope} {what} is")


def _happening(runtime: Runtime, connection: Connection, turn: Turn) -> str:
    """What goes on in a case's turn, as sentences."""
    zone = runtime.settings.firm_zone
    of_turn = attempts.of_turn(connection, turn.id)
    going = [f"{_what(one)} is under way now." for one in of_turn if one.state in UNDER_WAY]
    planned = [
        f"{_what(one)} planned for {local(one.due_at, zone)}."
        for one in of_turn
        if one.state is AttemptState.PLANNED
    ]
    said = [*going, *planned] or ["It is being set to In the Dialer."]
    return f"In progress since {local(turn.found_at, zone)}. {' '.join(said)}"


def _what(attempt: Attempt) -> str:
    return contact(attempt.channel, Direction.OUTBOUND, attempt.phone)
