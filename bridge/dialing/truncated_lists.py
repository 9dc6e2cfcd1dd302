"""A list that is cut off must not hide due cases behind ones that have to wait.

    reschedule_hidden   when no turn begins from a cut-off list, its cases get other dates
    observe_length      the length of a list from which a turn did begin

SmartAdvocate has no pages (docs/reference/smartadvocate.md#getcasestodial), and whether it lists no
more than so many cases nobody tells. A round length of two lists in a row, with nothing in them to
dial now, is suspected: one case is given another date, and when the next list is as long again,
more was behind it. Lists that are whole are left alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

import structlog

from bridge import eligibility
from bridge.dialing import call_takers
from bridge.domain.contact_facts import PauseScope
from bridge.domain.list_limits import Limit, Step, next_step
from bridge.domain.list_limits import observe as having_seen
from bridge.domain.notes import EventNote, NoteKind
from bridge.reporting.turn_endings import close_case, queue_note, reschedule_case
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.cases import cases, list_limits
from bridge.store.db import Connection
from bridge.store.dialing.skipped import SkipKind, SkippedCase
from bridge.store.notices import NoticeName
from bridge.store.reporting import deliveries

_WIDE = {PauseScope.EVERYTHING, PauseScope.CAMPAIGN, PauseScope.STATE}
_TOMORROW = timedelta(days=1)

log = structlog.get_logger(__name__)


def reschedule_hidden(
    runtime: Runtime, campaign: str, length: int, asked_for: int, over: Sequence[SkippedCase]
) -> None:
    """Give the cases of a list other dates if it is known to be cut off.

    `length` is how many cases SmartAdvocate listed, of the `asked_for`; `over` the skipped ones.
    """
    now = runtime.clock()
    if any(case.kind is SkipKind.EARLY for case in over):
        return  # these come up by themselves in a moment
    with runtime.db.read() as connection:
        if any(pause.scope in _WIDE for pause in eligibility.active_pauses(runtime, connection)):
            return  # it is the pause that holds them, and the list comes up when it is lifted
    with runtime.db.begin() as connection:
        known = _without_stuck_trial(connection, list_limits.get(connection, campaign))
        movable = [case for case in over if case.may_be_moved and _is_free(connection, case)]
        there = {case.case_id for case in over}
        step, limit = next_step(known, length, asked_for, there)
        moved = _to_move(step, movable)
        if step is Step.MOVE_ONE:
            limit = replace(limit, moved_case=moved[0].case_id) if moved else limit
        if limit != known:
            list_limits.put(connection, campaign, limit)
        if step is Step.MOVE_ALL:
            _notice(connection, campaign, length, now)
        for case in sorted(moved, key=lambda case: case.case_id or 0):
            _move(runtime, connection, case, now)
    if moved:
        runtime.notifier.notify()
        log.warning(
            "Cases of a cut-off list rescheduled",
            campaign=campaign,
            listed=length,
            moved=len(moved),
        )


def observe_length(runtime: Runtime, campaign: str, length: int) -> None:
    """Store how long a list was from which a turn began."""
    with runtime.db.begin() as connection:
        known = list_limits.get(connection, campaign)
        limit = having_seen(known, length)
        if limit != known:
            list_limits.put(connection, campaign, limit)


def _to_move(step: Step, movable: Sequence[SkippedCase]) -> list[SkippedCase]:
    """All of them, or one to try with: one that waits for a moment of its own loses nothing."""
    if step is Step.MOVE_ALL:
        # Whoever waits for an agent keeps the place in line, and the date that staff set.
        return [case for case in movable if case.reason != call_takers.WAITS]
    waiting = [
        case for case in movable if case.kind is SkipKind.DEFERRED and case.until is not None
    ]
    return list(waiting or movable)[:1] if step is Step.MOVE_ONE else []


def _move(runtime: Runtime, connection: Connection, case: SkippedCase, now: datetime) -> None:
    case_id = case.case_id or 0
    sid = _cause(case_id)
    if cases.own_moments(connection, case_id).closed_at is not None:
        # Closed, and listed as due all the same: Do not Dial takes it out of the list.
        close_case(runtime, connection, case_id, sid, case.reason)
        return
    is_deferred = case.kind is SkipKind.DEFERRED
    until = case.until if is_deferred and case.until else now + _TOMORROW
    reschedule_case(runtime, connection, case_id, until, sid)
    if is_deferred:
        return
    reason = blake2b(case.reason.encode(), digest_size=4).hexdigest()
    note = f"broken-{reason}-{case_id}"
    if not deliveries.is_known(connection, case_id, note):
        queue_note(
            runtime, connection, case_id, EventNote(NoteKind.BROKEN, note, None, ends=case.reason)
        )


def _cause(case_id: int) -> str:
    return f"hidden-{case_id}"


def _is_free(connection: Connection, case: SkippedCase) -> bool:
    """Whether nothing of this kind is on its way to the case, or was refused."""
    case_id = case.case_id
    return case_id is not None and not deliveries.is_on_its_way(
        connection, case_id, _cause(case_id)
    )


def _without_stuck_trial(connection: Connection, known: Limit) -> Limit:
    """A trial whose case SmartAdvocate won't move says nothing: another is made."""
    case_id = known.moved_case
    if case_id is None or not deliveries.is_dead(connection, case_id, _cause(case_id)):
        return known
    return replace(known, suspected=None, moved_case=None)


def _notice(connection: Connection, campaign: str, length: int, now: datetime) -> None:
    says = (
        f"SmartAdvocate lists no more than {length} cases of campaign “{campaign or 'all'}” at a "
        f"time; those that cannot be called now are given other dates, so that they hide no others"
    )
    notices.add(connection, NoticeName.LIST_LIMIT, campaign, says, now)
