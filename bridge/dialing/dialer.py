"""The dialer of a worker: polls, places what is due at its moment, asks about what is unknown.

A thread of its own, since the pace must not wait for callbacks to be taken in. Any number of
workers may dial: the rows decide who does what.
"""

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

    With DIAL_ENABLED off it takes up and places nothing, and follows what is under way to its end.
    """

    def __init__(self, runtime: Runtime, remote: SmartAdvocate, twilio: Twilio) -> None:
        self._runtime = runtime
        self._remote = remote
        self._twilio = twilio
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(
            THREADS, thread_name_prefix="dial", initializer=twilio.warm_up
        )
        self._running: set[Future[None]] = set()
        self._chores: dict[str, Future[None]] = {}
        self._next_chores = 0.0
        self._thread = threading.Thread(target=self._run, name="dialer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ring(self) -> None:
        """There may be something to place."""
        self._bell.set()

    def stop(self) -> None:
        """Place nothing more. Safe in a signal handler."""
        self._stopping.set()
        self._bell.set()

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
        while not self._stopping.is_set():
            self._bell.clear()
            try:
                self._do_chores()
                may_place = self._runtime.settings.dial_enabled
                if not may_place or not self._place():
                    rung = self._bell.wait(
                        self._until_next() if may_place else LONGEST_WAIT_SECONDS
                    )
                    # Every callback rings: one look for all that came meanwhile is enough.
                    self._stopping.wait(_GATHER_SECONDS if rung else 0)
            except UNREACHABLE as error:
                log.warning("The database is away", error=type(error).__name__)
                self._stopping.wait(LONGEST_WAIT_SECONDS)
            except Exception:
                log.exception("The dialer stumbled and goes on")
                self._stopping.wait(LONGEST_WAIT_SECONDS)

    def _do_chores(self) -> None:
        """What is done from time to time, each beside the placing and never twice at once."""
        if time.monotonic() < self._next_chores:
            return
        self._next_chores = time.monotonic() + LONGEST_WAIT_SECONDS
        if self._runtime.settings.dial_enabled:
            self._chore("poll", lambda: polling.poll(self._runtime, self._remote))
            self._chore("canary", lambda: canary.attend(self._runtime))
        self._chore("ask", lambda: reconciliation.reconcile(self._runtime, self._twilio))
        self._chore("hang-up", lambda: reconciliation.handle_machines(self._runtime, self._twilio))

    def _chore(self, name: str, work: Callable[[], object]) -> None:
        running = self._chores.get(name)
        if running is None or running.done():
            self._chores[name] = self._pool.submit(self._guarded, name, work)

    def _place(self) -> bool:
        """Place one contact; return whether there may be more right now."""
        self._running = {one for one in self._running if not one.done()}
        if len(self._running) >= THREADS - len(self._chores):
            return False
        looked = reserving.reserve(self._runtime)
        if looked.reserved is not None:
            reserved = looked.reserved
            self._submit("place", lambda: placing.place(self._runtime, self._twilio, reserved))
        elif looked.to_refresh is not None:
            stale = looked.to_refresh
            self._submit("refresh", lambda: confirming.refresh(self._runtime, self._remote, stale))
        return looked.moved or looked.reserved is not None

    def _submit(self, name: str, work: Callable[[], object]) -> None:
        future = self._pool.submit(self._guarded, name, work)
        self._running.add(future)
        future.add_done_callback(lambda _: self._bell.set())

    def _guarded(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except UNREACHABLE as error:
            log.warning("The database is away", error=type(error).__name__, task=name)
        except Exception:
            log.exception("The dialer could not do something", task=name)

    def _until_next(self) -> float:
        """Seconds to wait for the bell: never longer than a second, nor past the next moment."""
        if len(self._running) >= THREADS - len(self._chores):
            return LONGEST_WAIT_SECONDS
        moment = reserving.next_moment(self._runtime)
        if moment is None:
            return LONGEST_WAIT_SECONDS
        left = (moment - self._runtime.clock()).total_seconds()
        # What is due already is held back by something else: calls under way, a pause, an outage.
        return LONGEST_WAIT_SECONDS if left <= 0 else min(left + _SHORTEST_WAIT_SECONDS, 1.0)
