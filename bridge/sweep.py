"""What one worker does for all from time to time: erase old bodies, purge finished rows."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from bridge.runtime import Runtime
from bridge.store import callbacks, deliveries, schedules

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
        if mine:
            log.info("Swept", sweep=name, rows=work(runtime))


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


_SCHEDULE: dict[str, tuple[timedelta, Callable[[Runtime], int]]] = {
    "erase-bodies": (timedelta(hours=1), _erase_bodies),
    "purge-deliveries": (timedelta(hours=1), _purge_deliveries),
}
