"""Road 2: a list that is cut off must not hide what is due behind what can't be taken up.

    consider    when nothing of a cut-off list can be taken up, its cases get other dates
    saw         a list of which something could be taken up

SmartAdvocate has no pages (docs/reference/smartadvocate.md#getcasestodial), and whether it lists no
more than so many cases nobody tells. A round length that two lists had, of which nothing can be
taken up, is suspected: one case is given another date, and when the next list is as long again,
more was behind it. Lists that are whole are left alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

import structlog

from bridge import eligibility
from bridge.domain.eligibility import PauseScope
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
    """Have a list move on of which nothing could be taken up, if it is known to be cut off.

    `length` is how many cases SmartAdvocate listed, of the `asked_for`; `over` those passed over.
    """
    now = runtime.clock()
    if any(one.kind is SkipKind.EARLY for one in over):
        return  # these come up by themselves in a moment
    with runtime.db.read() as connection:
        if any(pause.scope in _WIDE for pause in eligibility.active_pauses(runtime, connection)):
            return  # it is the pause that holds them, and the list comes up when it is lifted
    with runtime.db.begin() as connection:
        known = _without_stuck_trial(connection, list_limits.get(connection, campaign))
        movable = [one for one in over if one.may_be_moved and _is_free(connection, one)]
        there = {one.case_id for one in over}
        step, limit = next_step(known, length, asked_for, there)
        moved = _to_move(step, movable)
        if step is Step.MOVE_ONE:
            limit = replace(limit, moved_case=moved[0].case_id) if moved else limit
        if limit != known:
            list_limits.put(connection, campaign, limit)
        if step is Step.MOVE_ALL:
            _notice(connection, campaign, length, now)
        for one in sorted(moved, key=lambda one: one.case_id or 0):
            _move(runtime, connection, one, now)
    if moved:
        runtime.notifier.notify()
        log.warning("A list was moved on", campaign=campaign, listed=length, moved=len(moved))


def observe_length(runtime: Runtime, campaign: str, length: int) -> None:
    """A list of which something could be taken up: how long it was is worth knowing."""
    with runtime.db.begin() as connection:
        known = list_limits.get(connection, campaign)
        limit = having_seen(known, length)
        if limit != known:
            list_limits.put(connection, campaign, limit)


def _to_move(step: Step, movable: Sequence[SkippedCase]) -> list[SkippedCase]:
    """All of them, or one to try with: one that waits for a moment of its own loses nothing."""
    if step is Step.MOVE_ALL:
        return list(movable)
    waiting = [one for one in movable if one.kind is SkipKind.DEFERRED and one.until is not None]
    return list(waiting or movable)[:1] if step is Step.MOVE_ONE else []


def _move(runtime: Runtime, connection: Connection, one: SkippedCase, now: datetime) -> None:
    case_id = one.case_id or 0
    sid = _cause(case_id)
    if cases.own_moments(connection, case_id).closed_at is not None:
        # Dealt with, and shown as due all the same: Do not Dial takes it out of the list too.
        close_case(runtime, connection, case_id, sid, one.reason)
        return
    is_deferred = one.kind is SkipKind.DEFERRED
    until = one.until if is_deferred and one.until else now + _TOMORROW
    reschedule_case(runtime, connection, case_id, until, sid)
    if is_deferred:
        return
    reason = blake2b(one.reason.encode(), digest_size=4).hexdigest()
    note = f"broken-{reason}-{case_id}"
    if not deliveries.is_known(connection, case_id, note):
        queue_note(
            runtime, connection, case_id, EventNote(NoteKind.BROKEN, note, None, ends=one.reason)
        )


def _cause(case_id: int) -> str:
    return f"hidden-{case_id}"


def _is_free(connection: Connection, one: SkippedCase) -> bool:
    """Whether nothing of this kind is on its way to the case, or was refused."""
    case_id = one.case_id
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
