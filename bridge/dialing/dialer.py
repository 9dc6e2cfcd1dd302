"""The dialer of a worker: polls, places what is due on time, reconciles what is unknown.

It has a thread of its own: the pace must not wait for callbacks to be processed. Any number of
workers may dial: the rows decide who does what.
"""

import gc
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog

from bridge.adapters import geography
from bridge.adapters.smartadvocate.client import SmartAdvocate
from bridge.adapters.twilio.client import Twilio
from bridge.dialing import canary, confirming, placing, polling, reconciliation, reserving
from bridge.runtime import Runtime
from bridge.store.db import UNREACHABLE

THREADS = 12
"""Requests under way at a time; a thread holds no connection while somebody is asked."""

LONGEST_WAIT_SECONDS = 1.0
_SHORTEST_WAIT_SECONDS = 0.002
_GATHER_SECONDS = 0.05

log = structlog.get_logger(__name__)


class Dialer:
    """One worker's part in dialing.

    With DIAL_ENABLED off it polls and places nothing, and tracks what is under way to its end.
    """

    def __init__(self, runtime: Runtime, remote: SmartAdvocate, twilio: Twilio) -> None:
        self._runtime = runtime
        self._remote = remote
        self._twilio = twilio
        self._wakeup = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(
            THREADS, thread_name_prefix="dial", initializer=twilio.warm_up
        )
        self._running: set[Future[None]] = set()
        self._chores: dict[str, Future[None]] = {}
        self._next_chores = 0.0
        self._thread = threading.Thread(target=self._run, name="dialer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake_up(self) -> None:
        """There may be something to place."""
        self._wakeup.set()

    def stop(self) -> None:
        """Place nothing more. Safe in a signal handler."""
        self._stopping.set()
        self._wakeup.set()

    def finish(self, seconds: float) -> bool:
        """Wait for the requests under way; return whether all of them were answered."""
        end = time.monotonic() + seconds
        self._thread.join(seconds)
        under_way = [*self._running, *self._chores.values()]
        unfinished = wait(under_way, timeout=max(end - time.monotonic(), 0)).not_done
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not unfinished

    def _run(self) -> None:
        geography.load()
        # The tables stay: no search for garbage needs to look through them.
        gc.freeze()
        while not self._stopping.is_set():
            self._wakeup.clear()
            try:
                self._do_chores()
                may_place = self._runtime.settings.dial_enabled
                if not may_place or not self._place():
                    woken = self._wakeup.wait(
                        self._until_next() if may_place else LONGEST_WAIT_SECONDS
                    )
                    # Every callback wakes the dialer: once for all that came meanwhile is enough.
                    self._stopping.wait(_GATHER_SECONDS if woken else 0)
            except UNREACHABLE as error:
                log.warning("Database unavailable", error=type(error).__name__)
                self._stopping.wait(LONGEST_WAIT_SECONDS)
            except Exception:
                log.exception("Dialer loop error; continuing")
                self._stopping.wait(LONGEST_WAIT_SECONDS)

    def _do_chores(self) -> None:
        """Start the periodic tasks: each runs beside the placing, and never twice at once."""
        if time.monotonic() < self._next_chores:
            return
        self._next_chores = time.monotonic() + LONGEST_WAIT_SECONDS
        if self._runtime.settings.dial_enabled:
            self._chore("poll", lambda: polling.poll(self._runtime, self._remote))
            self._chore("canary", lambda: canary.check(self._runtime))
        self._chore("reconcile", lambda: reconciliation.reconcile(self._runtime, self._twilio))
        self._chore("machines", lambda: reconciliation.handle_machines(self._runtime, self._twilio))

    def _chore(self, name: str, work: Callable[[], object]) -> None:
        running = self._chores.get(name)
        if running is None or running.done():
            self._chores[name] = self._pool.submit(self._guarded, name, work)

    def _place(self) -> bool:
        """Place one call or text; return whether there may be more right now."""
        self._running = {future for future in self._running if not future.done()}
        if len(self._running) >= THREADS - len(self._chores):
            return False
        result = reserving.reserve(self._runtime)
        if result.reserved is not None:
            reserved = result.reserved
            self._submit("place", lambda: placing.place(self._runtime, self._twilio, reserved))
        elif result.to_refresh is not None:
            stale = result.to_refresh
            self._submit("refresh", lambda: confirming.refresh(self._runtime, self._remote, stale))
        return result.moved or result.reserved is not None

    def _submit(self, name: str, work: Callable[[], object]) -> None:
        future = self._pool.submit(self._guarded, name, work)
        self._running.add(future)
        future.add_done_callback(lambda _: self._wakeup.set())

    def _guarded(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except UNREACHABLE as error:
            log.warning("Database unavailable", error=type(error).__name__, task=name)
        except Exception:
            log.exception("Dialer task failed", task=name)

    def _until_next(self) -> float:
        """Seconds to wait to be woken: a second at most, and not past what is due next."""
        if len(self._running) >= THREADS - len(self._chores):
            return LONGEST_WAIT_SECONDS
        due_at = reserving.next_due(self._runtime)
        if due_at is None:
            return LONGEST_WAIT_SECONDS
        left = (due_at - self._runtime.clock()).total_seconds()
        # What is due already is held back by something else: calls under way, a pause, an outage.
        return LONGEST_WAIT_SECONDS if left <= 0 else min(left + _SHORTEST_WAIT_SECONDS, 1.0)
