"""The worker's loop: process callbacks, lease lanes, deliver them on threads, sweep, stop cleanly.

The dialer, where it is enabled, runs beside it, and so do errands of the console. Any number of
workers share one database. Each looks for work when it is woken up, when the next retry is due,
and every second in any case.
"""

import threading
import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import structlog

from bridge import sweep
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.callbacks import intake
from bridge.dialing.dialer import Dialer
from bridge.errands import Errands
from bridge.heartbeat import EVERY_SECONDS, Pulse
from bridge.reporting import delivery
from bridge.runtime import Runtime, write_counts
from bridge.store.db import UNREACHABLE
from bridge.store.heartbeats import Role
from bridge.store.reporting import lanes
from bridge.store.reporting.lanes import LEASE, Lease
from bridge.store.wakeup import Listener

THREADS = 8
"""Deliveries under way at a time; a thread holds no connection while SmartAdvocate is asked."""

AT_ONCE = 3
"""Of them so many that don't wait: more only stand in each other's way, and cost time."""

WAITING_SECONDS = 0.1
"""A thread that has had its lane for longer waits for SmartAdvocate."""

LONGEST_WAIT_SECONDS = 1.0
STOP_SECONDS = 7.0
"""How long deliveries under way may take after a stop was asked for; hosts allow ten in all."""

_SHORTEST_WAIT_SECONDS = 0.005
_CHORES_SECONDS = 2.0
_ERRAND_SECONDS = 0.5

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class _Thread:
    """What one thread delivers."""

    held: Lease
    """The lane that it holds now; renewed as long as it does."""
    since: float
    """On the monotonic clock."""


def threads_to_begin(since: Collection[float], now: float) -> int:
    """How many threads more may deliver: as many as wait, and a few, up to all of them.

    `since` has, of each thread under way, when it began with its lane.
    """
    at_work = sum(now - begun < WAITING_SECONDS for begun in since)
    return max(min(THREADS - len(since), AT_ONCE - at_work), 0)


class Worker:
    """One worker process."""

    def __init__(
        self, runtime: Runtime, remote: SmartAdvocate, dialer: Dialer | None = None
    ) -> None:
        self._runtime = runtime
        self._remote = remote
        self._dialer = dialer
        self._errands = Errands(runtime)
        self._wakeup = threading.Event()
        self._stopping = threading.Event()
        self._held: dict[Future[None], _Thread] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="lane")
        self._next_chores = 0.0
        self._pulse = Pulse(runtime, Role.WORKER)
        self._next_beat = 0.0

    def stop(self) -> None:
        """Ask the worker to finish what is under way and return. Safe in a signal handler."""
        self._stopping.set()
        self._wakeup.set()
        if self._dialer:
            self._dialer.stop()

    def run(self) -> bool:
        """Work until stopped; return whether everything under way was finished."""
        listener = Listener(self._runtime.db, self._wake_up)
        renewer = threading.Thread(target=self._renew, name="renewer", daemon=True)
        renewer.start()
        if self._dialer:
            self._dialer.start()
        self._errands.start()
        log.info("Worker started")
        while not self._stopping.is_set():
            self._wakeup.clear()
            try:
                if not self._work():
                    self._wakeup.wait(self._until_next())
            except UNREACHABLE as error:
                log.warning("Database unavailable", error=type(error).__name__)
                self._stopping.wait(LONGEST_WAIT_SECONDS)
            except Exception:
                log.exception("Worker loop error; continuing")
                self._stopping.wait(LONGEST_WAIT_SECONDS)
        return self._shut_down(listener)

    def _wake_up(self) -> None:
        self._wakeup.set()
        self._errands.wake_up()
        if self._dialer:
            self._dialer.wake_up()

    def _work(self) -> bool:
        """Do what there is to do; return whether there may be more right now."""
        self._collect()
        if time.monotonic() >= self._next_chores:
            self._next_chores = time.monotonic() + _CHORES_SECONDS
            self._show_life()
            write_counts(self._runtime)
            sweep.run_due(self._runtime)
        processed = intake.process_pending(self._runtime)
        if processed:
            self._runtime.notifier.notify()  # other workers share what there is to deliver
        free = self._free()
        leased = delivery.take(self._runtime, free) if free > 0 else []
        for held in leased:
            thread = _Thread(held, time.monotonic())
            future = self._pool.submit(self._deliver, thread)
            self._held[future] = thread
            future.add_done_callback(lambda _: self._wakeup.set())
        return processed > 0

    def _show_life(self) -> None:
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + EVERY_SECONDS
            self._pulse.beat()

    def _deliver(self, thread: _Thread) -> None:
        def renew(held: Lease) -> None:
            thread.held, thread.since = held, time.monotonic()

        try:
            delivery.deliver_lanes(
                self._runtime, self._remote, thread.held, self._stopping.is_set, renew
            )
        except Exception:
            lane = thread.held.lane
            log.exception("Lane abandoned; it is free again when its lease ends", lane=lane)

    def _free(self) -> int:
        return threads_to_begin([thread.since for thread in self._held.values()], time.monotonic())

    def _collect(self) -> None:
        for future in [future for future in self._held if future.done()]:
            del self._held[future]

    def _until_next(self) -> float:
        """Seconds to wait to be woken: a second at most, and not past the next retry."""
        if len(self._held) == THREADS:
            return LONGEST_WAIT_SECONDS
        if self._free() == 0:
            return WAITING_SECONDS
        with self._runtime.db.read() as connection:
            due = lanes.next_due(connection)
        if due is None:
            return LONGEST_WAIT_SECONDS
        left = (due - self._runtime.clock()).total_seconds()
        # What is due already waits for the circuit breaker, or another worker is leasing it.
        return LONGEST_WAIT_SECONDS if left < 0 else min(left + _SHORTEST_WAIT_SECONDS, 1.0)

    def _renew(self) -> None:
        """Renew the leases of what is under way, also while the worker stops."""
        pause = LEASE.total_seconds() / 6
        while True:
            time.sleep(pause)
            held = [thread.held for future, thread in list(self._held.items()) if not future.done()]
            if not held:
                continue
            try:
                with self._runtime.db.begin() as connection:
                    lanes.renew(connection, held, self._runtime.clock())
            except Exception as error:  # noqa: BLE001 - the next renewal may succeed
                log.warning("Lease renewal failed", error=type(error).__name__)

    def _shut_down(self, listener: Listener) -> bool:
        listener.close()
        end = time.monotonic() + STOP_SECONDS
        placed = self._dialer is None or self._dialer.finish(STOP_SECONDS)
        self._errands.stop(_ERRAND_SECONDS)
        left = max(end - time.monotonic(), 0)
        unfinished = wait(list(self._held), timeout=left).not_done
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pulse.leave()
        log.info("Worker stopped", unfinished=len(unfinished))
        return placed and not unfinished
