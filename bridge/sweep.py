"""What one worker does for all from time to time.

Stale plans are canceled, cases that nothing works on are released, floods of texts reported, old
bodies erased, finished rows purged, and the words of dead ones erased. (`reconciliation.py` checks
calls and texts whose last callback never came.)
"""

from collections.abc import Callable
from datetime import timedelta

import structlog

from bridge.consent.text_floods import report_floods
from bridge.domain.events import Channel
from bridge.domain.notes import EventNote, NoteKind
from bridge.reporting.turn_endings import queue_note, release_orphan, release_turn
from bridge.runtime import Runtime
from bridge.store import notices, schedules
from bridge.store.callbacks import callbacks
from bridge.store.console import errands
from bridge.store.dialing import attempt_transitions, attempts, turns
from bridge.store.reporting import deliveries

_IDLE_AFTER = timedelta(minutes=2)
_UNCLAIMED_AFTER = timedelta(hours=1)
_ORPHAN_AFTER = timedelta(minutes=2)
_ORPHAN_FOR = timedelta(days=7)
_REPORTED_AGAIN = timedelta(hours=1)
_NOTICED_FOR = timedelta(days=1)

BATCH = 500
"""Rows a transaction: few enough that no writer waits for long."""

log = structlog.get_logger(__name__)


def run_due(runtime: Runtime) -> None:
    """Do what is due. A tick that another worker claimed is left to it.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    for name, (every, work) in _SCHEDULE.items():
        with runtime.db.begin() as connection:
            mine = schedules.claim(connection, name, every, runtime.clock())
        rows = work(runtime) if mine else 0
        if rows:
            log.info("Sweep done", sweep=name, rows=rows)


def _erase_bodies(runtime: Runtime) -> int:
    """Raw callbacks older than RETENTION_DAYS lose their raw form; the facts stay."""
    before = runtime.clock() - timedelta(days=runtime.settings.retention_days)
    erased = 0
    while True:
        with runtime.db.begin() as connection:
            mark = schedules.mark(connection, "erase-bodies")
            last = callbacks.erase_bodies(connection, mark, before, BATCH)
            if last is None:
                return erased
            schedules.set_mark(connection, "erase-bodies", last)
        erased += last - mark


def _purge_deliveries(runtime: Runtime) -> int:
    """Messages that were settled longer ago than RETENTION_DAYS are deleted; dead ones stay."""
    before = runtime.clock() - timedelta(days=runtime.settings.retention_days)
    purged = 0
    while True:
        with runtime.db.begin() as connection:
            gone = deliveries.purge(connection, before, BATCH)
        purged += gone
        if gone < BATCH:
            return purged


def _erase_words_of_dead(runtime: Runtime) -> int:
    """Dead messages stay for ever; a person's words in them stay for RETENTION_DAYS."""
    before = runtime.clock() - timedelta(days=runtime.settings.retention_days)
    erased, last = 0, 0
    while True:
        with runtime.db.begin() as connection:
            done = deliveries.erase_words(connection, last, before, BATCH)
        erased += done.erased
        if done.last is None:
            return erased
        last = done.last


def _truncate_log(runtime: Runtime) -> int:
    """Remove what was erased from SQLite's log too; while others write, an hour later."""
    if not runtime.db.truncate_log():
        log.info("Database log in use; truncated later")
    return 0


def _cancel_stale(runtime: Runtime) -> int:
    """Cancel calls and texts past their time with a note; they aren't placed the next morning."""
    now = runtime.clock()
    with runtime.db.begin() as connection:
        found = attempts.stale(connection, now, BATCH)
        for attempt in found:
            if not attempt_transitions.cancel(connection, attempt.id, now, "stale"):
                continue
            say = NoteKind.STALE_TEXT if attempt.channel is Channel.TEXT else NoteKind.STALE_CALL
            queue_note(
                runtime,
                connection,
                attempt.case_id,
                EventNote(say, f"AT{attempt.id}", attempt.phone),
            )
    runtime.notifier.notify()
    return len(found)


def _release_idle(runtime: Runtime) -> int:
    """Release cases that are In the Dialer with nothing under way."""
    now = runtime.clock()
    with runtime.db.begin() as connection:
        found = turns.idle(connection, now - _IDLE_AFTER, BATCH)
        for turn in found:
            later = now + runtime.settings.retry_failed
            release_turn(runtime, connection, turn, later, "nothing was under way")
    runtime.notifier.notify()
    return len(found)


def _release_unclaimed(runtime: Runtime) -> int:
    """Release cases whose claim could not be finished for so long."""
    now = runtime.clock()
    with runtime.db.begin() as connection:
        found = turns.awaiting_claim(connection, now - _UNCLAIMED_AFTER, BATCH)
        for turn in found:
            later = now + runtime.settings.retry_failed
            release_turn(runtime, connection, turn, later, "the claim could not be finished")
    runtime.notifier.notify()
    return len(found)


def _release_orphans(runtime: Runtime) -> int:
    """Report cases again, once an hour, that are In the Dialer though their turn has ended."""
    now = runtime.clock()
    with runtime.db.begin() as connection:
        found = turns.orphans(
            connection, now - _ORPHAN_FOR, now - _ORPHAN_AFTER, now - _REPORTED_AGAIN, BATCH
        )
        for turn in found:
            release_orphan(runtime, connection, turn)
    runtime.notifier.notify()
    return len(found)


def _clear_notices(runtime: Runtime) -> int:
    """Delete notices of what wasn't seen again for a day."""
    with runtime.db.begin() as connection:
        return notices.forget(connection, runtime.clock() - _NOTICED_FOR)


def _purge_errands(runtime: Runtime) -> int:
    """Old errands of the console are deleted; the newest check stays."""
    before = runtime.clock() - timedelta(days=runtime.settings.retention_days)
    with runtime.db.begin() as connection:
        return errands.purge(connection, before)


_SCHEDULE: dict[str, tuple[timedelta, Callable[[Runtime], int]]] = {
    "erase-bodies": (timedelta(hours=1), _erase_bodies),
    "cancel-stale": (timedelta(seconds=30), _cancel_stale),
    "release-idle": (timedelta(seconds=30), _release_idle),
    "release-orphans": (timedelta(minutes=5), _release_orphans),
    "clear-notices": (timedelta(hours=1), _clear_notices),
    "release-unclaimed": (timedelta(minutes=5), _release_unclaimed),
    "report-floods": (timedelta(seconds=30), report_floods),
    "purge-deliveries": (timedelta(hours=1), _purge_deliveries),
    "purge-errands": (timedelta(hours=1), _purge_errands),
    "erase-words": (timedelta(hours=1), _erase_words_of_dead),
    # Behind all that erase.
    "truncate-log": (timedelta(hours=1), _truncate_log),
}
