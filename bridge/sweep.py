"""What one worker does for all from time to time.

Stale plans are canceled, cases that nothing works on are released, floods of texts reported, old
bodies erased, finished rows purged, the words of dead ones erased, the hours counted for charts,
overdue questions warned about, campaigns judged by the calls that nobody of the firm took, the
evidence chained, and deleted in its time. (`reconciliation.py` checks calls and texts whose last
callback never came.)
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bridge.adapters.geography import holiday
from bridge.consent.text_floods import report_floods
from bridge.dialing.abandoned_calls import judge_campaigns, warn
from bridge.domain.business_days import a_business_day_before
from bridge.domain.events import Channel
from bridge.domain.notes import EventNote, NoteKind
from bridge.reporting.turn_endings import queue_note, release_orphan, release_turn
from bridge.runtime import Runtime
from bridge.store import heartbeats, notices, schedules
from bridge.store.callbacks import callbacks, hourly_counts, questions
from bridge.store.console import errands, retention, to_do
from bridge.store.db import Connection
from bridge.store.dialing import attempt_transitions, attempts, turns
from bridge.store.evidence import chain
from bridge.store.evidence import retention as evidence_retention
from bridge.store.reporting import deliveries

_IDLE_AFTER = timedelta(minutes=2)
_UNCLAIMED_AFTER = timedelta(hours=1)
_ORPHAN_AFTER = timedelta(minutes=2)
_ORPHAN_FOR = timedelta(days=7)
_REPORTED_AGAIN = timedelta(hours=1)
_NOTICED_FOR = timedelta(days=1)
_HEARTBEATS_FOR = timedelta(days=1)
_STRETCH = timedelta(days=1)
_STRETCHES = 60
"""Days of history that are counted in one go: others wait no longer than a second or two."""

BATCH = 500
"""Rows a transaction: few enough that no writer waits for long."""

COVERED_AT_ONCE = 2000
"""Rows of a table that a checkpoint covers: they are read and hashed before anything is locked."""
CHAINED_FOR = timedelta(seconds=20)
"""In one go, where very many rows came: the rest follows with the next one."""

log = structlog.get_logger(__name__)


def run_due(runtime: Runtime) -> None:
    """Do what is due. A tick that another worker claimed is left to it.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    with runtime.db.read() as connection:
        due = schedules.due(connection, _SCHEDULE, runtime.clock())
    for name in due:
        every, work = _SCHEDULE[name]
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


def _purge_console(runtime: Runtime) -> int:
    """What the console keeps is deleted, each in its time (`store/console/retention.py`)."""
    purged = 0
    while True:
        with runtime.db.begin() as connection:
            gone = retention.purge(connection, runtime.clock(), BATCH)
        purged += gone
        if gone < BATCH:
            return purged


def _purge_evidence(runtime: Runtime) -> int:
    """What was kept for EVIDENCE_YEARS is deleted, and the chain says so."""
    purged = 0
    while True:
        with runtime.db.begin() as connection:
            gone = evidence_retention.purge(
                connection, runtime.clock(), runtime.settings.evidence_years, BATCH
            )
        purged += gone
        if gone < BATCH:
            return purged


def _add_checkpoints(runtime: Runtime) -> int:
    """Chain a hash over what came since the last checkpoint (`store/evidence/chain.py`)."""
    _date_opt_outs(runtime)
    # What comes while this goes on is left to the next time: it would never end.
    rows, now = 0, runtime.clock()
    while runtime.clock() - now < CHAINED_FOR:
        with runtime.db.snapshot() as connection:
            links = chain.next_links(connection, now, COVERED_AT_ONCE)
        with runtime.db.begin() as connection:
            # Where words were erased meanwhile, the next one reads the rows as they are then.
            is_added = bool(links) and chain.append(connection, links)
        if not is_added:
            break
        rows += sum(chain.rows_in(made) for made in links)
    return rows


def _date_opt_outs(runtime: Runtime) -> None:
    """What an old process stored in a deploy is dated, so that the chain doesn't pass over it."""
    with runtime.db.read() as connection:
        undated = chain.undated(connection, BATCH)
    if undated:
        with runtime.db.begin() as connection:
            chain.date(connection, undated, runtime.clock())


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


def _ask_missed(runtime: Runtime) -> int:
    """Questions that an old process left unasked in a deploy are asked."""
    with runtime.db.begin() as connection:
        callbacks.lock(connection)
        return questions.ask_missed(connection)


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


def _count_hours(runtime: Runtime) -> int:
    """Count the newest hours anew, and older ones in which something has changed.

    The first time all hours of the last 400 days, a part of them each minute.
    """
    now, rows = runtime.clock(), 0
    for _ in range(_STRETCHES):
        with runtime.db.begin() as connection:
            hourly_counts.lock(connection)
            end = _count_stretch(connection, now)
        if end > now:
            break
    with runtime.db.read() as connection:
        changed = hourly_counts.changed(connection, now, BATCH)
    for name in changed:
        with runtime.db.begin() as connection:
            hourly_counts.lock(connection)
            rows += hourly_counts.recount_changed(connection, name)
    return rows


def _count_stretch(connection: Connection, now: datetime) -> datetime:
    """Count a day's hours, from where it is due; return up to where it is counted then."""
    newest = hourly_counts.hour_of(now)
    known = hourly_counts.counted_until(connection)
    start = min(
        known or hourly_counts.first_hour(connection, now - hourly_counts.KEPT_FOR) or newest,
        newest - hourly_counts.LIVE,
    )
    end = min(start + _STRETCH, newest + hourly_counts.AN_HOUR)
    hourly_counts.recount(connection, start, end)
    hourly_counts.set_counted_until(connection, min(end, newest))
    return end


def _warn_of_overdue(runtime: Runtime) -> int:
    """Warn once a day of questions that nobody has answered within a business day."""
    since = a_business_day_before(runtime.clock(), runtime.settings.firm_zone, holiday)
    with runtime.db.read() as connection:
        overdue = to_do.count_late(connection, since)
    if overdue:
        log.warning("Questions overdue: somebody must answer them in To do", questions=overdue)
    return 0


def _purge_counts(runtime: Runtime) -> int:
    """Delete the counts of hours that no chart shows any more."""
    with runtime.db.begin() as connection:
        return hourly_counts.purge(connection, runtime.clock() - hourly_counts.KEPT_FOR)


def _purge_heartbeats(runtime: Runtime) -> int:
    """Delete the heartbeats of processes that ended without a word."""
    with runtime.db.begin() as connection:
        return heartbeats.purge(connection, runtime.clock() - _HEARTBEATS_FOR)


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
    "ask-missed": (timedelta(hours=1), _ask_missed),
    "report-floods": (timedelta(seconds=30), report_floods),
    "purge-deliveries": (timedelta(hours=1), _purge_deliveries),
    "purge-console": (timedelta(hours=1), _purge_console),
    "purge-evidence": (timedelta(hours=1), _purge_evidence),
    "chain-evidence": (timedelta(minutes=2), _add_checkpoints),
    "purge-errands": (timedelta(hours=1), _purge_errands),
    "erase-words": (timedelta(hours=1), _erase_words_of_dead),
    hourly_counts.NAME: (timedelta(minutes=1), _count_hours),
    "warn-of-overdue": (timedelta(days=1), _warn_of_overdue),
    "judge-abandoned": (timedelta(minutes=5), judge_campaigns),
    "warn-of-abandoned": (timedelta(days=1), warn),
    "purge-counts": (timedelta(days=1), _purge_counts),
    "purge-heartbeats": (timedelta(hours=1), _purge_heartbeats),
    # Behind all that erase.
    "truncate-log": (timedelta(hours=1), _truncate_log),
}
