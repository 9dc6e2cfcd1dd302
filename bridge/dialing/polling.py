"""From SmartAdvocate's list of due cases to turns that may be claimed.

    poll            ask for the due cases of each campaign, one poller at a time over all workers
      _decide_list  store every case, decide on it, and begin the turns of those that may be reached

`deciding.py` decides on cases, batch by batch, and `claiming.py` claims and plans what begins. What
the list shows about SmartAdvocate itself is up to `list_checks.py`, and a list that hides cases
behind others to `truncated_lists.py`. A case that may not be reached now is left untouched in
SmartAdvocate: it stays To Dial, and is decided on again when anything about it has changed
(`fingerprints.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bridge import circuit_breaker
from bridge.adapters.smartadvocate.client import DueCases, SmartAdvocate
from bridge.circuit_breaker import SMARTADVOCATE
from bridge.dialing import call_takers, list_checks, truncated_lists
from bridge.dialing.call_takers import Room
from bridge.dialing.claiming import DueCase, catch_up, claim
from bridge.dialing.deciding import CASES_A_TRANSACTION, decide_some
from bridge.dialing.fingerprints import Fingerprints
from bridge.errors import BridgeError, Transient
from bridge.runtime import Runtime
from bridge.store import schedules
from bridge.store.dialing import skipped
from bridge.store.dialing.skipped import SkipKind, SkippedCase, skipped_case

POLL = "poll"
POLL_LEASE = timedelta(minutes=2)
"""How long a poller may stay silent before another takes its place."""
_RENEWALS = 4
"""How often a poll says so within that time: not before each of hundreds of batches."""

log = structlog.get_logger(__name__)


def poll(runtime: Runtime, remote: SmartAdvocate) -> int:
    """Begin a turn for what is due in every campaign; return how many began.

    Does nothing when no poll is due, another worker polls, or SmartAdvocate's circuit breaker is
    open.
    """
    every = timedelta(seconds=runtime.settings.dial_poll_seconds)
    begun = runtime.clock()
    with runtime.db.begin() as connection:
        if circuit_breaker.is_open(runtime, connection, SMARTADVOCATE):
            return 0
        if not schedules.claim(connection, POLL, every + POLL_LEASE, begun):
            return 0
        if list_checks.is_stopped(connection, begun):
            schedules.set_due(connection, POLL, begun + every)
            log.error("Polling is stopped: asking for cases claims them; see `bridge dial pauses`")
            return 0
    hold = _Hold(runtime, every, begun)
    begun_turns = 0
    try:
        catch_up(runtime, remote, hold)
        for campaign in runtime.settings.dial_campaigns or ("",):
            if not remote.listing_is_safe and _is_stopped(runtime):
                break
            begun_turns += _poll_campaign(runtime, remote, campaign, hold)
    except Transient as error:
        with runtime.db.begin() as connection:
            circuit_breaker.record_failure(runtime, connection, SMARTADVOCATE, error)
        log.warning("Polling SmartAdvocate failed", code=error.code)
    with runtime.db.begin() as connection:
        schedules.set_due(connection, POLL, max(begun + every, runtime.clock()))
    return begun_turns


class _Hold:
    """Keeps the poll to this worker, before whatever may take long."""

    def __init__(self, runtime: Runtime, every: timedelta, since: datetime) -> None:
        self._runtime = runtime
        self._every = every
        self._renewed_at = since

    def __call__(self) -> None:
        """Postpone the moment at which another worker takes over, once some of it has passed."""
        now = self._runtime.clock()
        if now - self._renewed_at < POLL_LEASE / _RENEWALS:
            return
        with self._runtime.db.begin() as connection:
            schedules.set_due(connection, POLL, now + self._every + POLL_LEASE)
        self._renewed_at = now


def _poll_campaign(
    runtime: Runtime, remote: SmartAdvocate, campaign: str, hold: Callable[[], None]
) -> int:
    """Begin a turn for what is due in one campaign; a campaign that is refused stops no other.

    Raises:
        Transient: SmartAdvocate is unavailable.
    """
    hold()
    with runtime.db.read() as connection:
        room = call_takers.room(runtime, connection)
        if not room.turns:
            log.info("Not polled: what is planned waits for the line already", campaign=campaign)
            return 0
        # Skipped cases stay To Dial and are listed again: they must not fill the batch.
        records = runtime.settings.dial_batch + skipped.count(connection, campaign)
    read_at = runtime.clock()
    try:
        due = remote.cases_to_dial(campaign, runtime.settings.dial_case_group or "", records)
    except Transient:
        raise
    except BridgeError as error:
        log.error("SmartAdvocate refused the poll", campaign=campaign, code=error.code)  # noqa: TRY400
        return 0
    with runtime.db.begin() as connection:
        circuit_breaker.record_success(connection, SMARTADVOCATE)
    if list_checks.asking_claims(runtime, remote, due.cases):
        return 0
    length = len(due.cases) + len(due.unreadable)
    list_checks.notice_clocks(runtime, remote, campaign, due.cases, is_whole=length < records)
    decided = _decide_list(runtime, campaign, due, read_at, hold, room=room)
    if decided.begun:
        truncated_lists.observe_length(runtime, campaign, length)
    else:
        truncated_lists.reschedule_hidden(runtime, campaign, length, records, decided.skipped)
    refused = claim(runtime, remote, decided.begun, hold)
    if refused:
        _skip_refused(runtime, campaign, decided.begun, refused)
    return len(decided.begun)


def _skip_refused(
    runtime: Runtime, campaign: str, begun: Sequence[DueCase], refused: Mapping[int, str]
) -> None:
    """Skip cases whose claim SmartAdvocate refused: they aren't claimed at every poll."""
    now = runtime.clock()
    until = now + runtime.settings.retry_failed
    with runtime.db.begin() as connection:
        fingerprints = Fingerprints(runtime, connection)
        new = [
            replace(
                skipped_case(due.case, SkipKind.DEFERRED, refused[due.case.case_id], until),
                fingerprint=fingerprints.of(due.case),
            )
            for due in begun
            if due.case.case_id in refused
        ]
        skipped.add(connection, campaign, new, now)


def _is_stopped(runtime: Runtime) -> bool:
    with runtime.db.read() as connection:
        return list_checks.is_stopped(connection, runtime.clock())


@dataclass(frozen=True)
class _DecidedList:
    """What was decided about the cases of a list."""

    begun: Sequence[DueCase]
    skipped: Sequence[SkippedCase]


def _decide_list(
    runtime: Runtime,
    campaign: str,
    due: DueCases,
    read_at: datetime,
    hold: Callable[[], None],
    *,
    room: Room,
) -> _DecidedList:
    """Store and decide on what is due: the turns that begin now, and the cases that are skipped.

    At most as many turns begin as there is room for, and no more than DIAL_BATCH: what the line
    can't take soon stays To Dial.
    """
    begun: list[DueCase] = []
    others = [SkippedCase(case.key, None, SkipKind.UNUSABLE, case.why) for case in due.unreadable]
    with runtime.db.read() as connection:
        asked = skipped.times_asked(connection)
        fingerprints = Fingerprints(runtime, connection)
        deferred = skipped.deferred(connection, campaign, runtime.clock())
    unchanged = [
        same
        for case in due.cases
        # Who waits for an agent is decided on each time: they keep their place in line.
        if deferred
        and (same := deferred.get(fingerprints.of(case)))
        and same.reason != call_takers.WAITS
    ]
    known = {case.case_id for case in unchanged}
    undecided = [case for case in due.cases if case.case_id not in known]
    at_once = min(CASES_A_TRANSACTION, room.turns)
    for start in range(0, len(undecided), at_once):
        if len(begun) >= room.turns:
            break
        hold()
        for case, result in decide_some(runtime, undecided[start : start + at_once], room):
            if isinstance(result, SkippedCase):
                others.append(replace(result, fingerprint=fingerprints.of(case)))
            else:
                begun.append(DueCase(result, case, read_at))
    _store_skipped(runtime, campaign, unchanged, others, asked)
    over = [*unchanged, *others]
    if due.cases or due.unreadable:
        log.info(
            "Polled", campaign=campaign, due=len(due.cases), begun=len(begun), skipped=len(over)
        )
    return _DecidedList(begun, over)


def _store_skipped(
    runtime: Runtime,
    campaign: str,
    unchanged: Sequence[SkippedCase],
    others: Sequence[SkippedCase],
    asked: int,
) -> None:
    """Store which cases of a list are skipped, those of them as before that are `unchanged`.

    Where somebody has had cases decided on again since it had been `asked` so often, perhaps some
    of the `others` were decided on without what is known now: the next poll decides on them anew.
    """
    now = runtime.clock()
    kept = {case.key for case in unchanged}
    changed = [case for case in others if case.key not in kept]
    with runtime.db.begin() as connection:
        if skipped.is_asked_since(connection, asked, now):
            changed = [replace(case, fingerprint="") for case in changed]
        skipped.see_again(connection, campaign, unchanged, now)
        skipped.replace(connection, campaign, changed, now)
