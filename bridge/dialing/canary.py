"""Canaries: while Twilio isn't known to reach this app, calls are placed one at a time.

    most_calls      how many calls may be under way: one, until a request of Twilio's has come
    check           two calls ended without a request: everything is paused; a request lifts that
    check_locked    the same, in a transaction that holds the lock of the pace

Where PUBLIC_URL is wrong, Twilio asks somebody else what to say, and whoever answers hears an
error. Any signed request counts: about this call, about another, or from a person. What Twilio
answers when it is asked does not: that shows only that we reach Twilio.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bridge.counts import CANARY
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.db import Connection
from bridge.store.dialing import attempts, pace, pauses

SILENT_AFTER = timedelta(hours=1)
"""After so long without a request, Twilio is no longer known to reach this app."""

_JUST_REQUESTED = timedelta(seconds=10)
"""So soon after a request nothing can have changed: most reservations need no more."""

MOST_UNANSWERED = 2
"""Calls that may end without any request from Twilio before everything is paused."""

SOURCE = pauses.BY_CANARY
"""Who sets the pause."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger(__name__)


def most_calls(runtime: Runtime, connection: Connection) -> int:
    """How many calls may be under way now, over all workers."""
    now, newest = runtime.clock(), callbacks.newest_at(connection) or _LONG_AGO
    is_reached = newest >= runtime.started_at and now - newest < SILENT_AFTER
    return runtime.settings.dial_max_calls if is_reached else 1


def check_locked(runtime: Runtime, connection: Connection) -> None:
    """Pause everything if no request has followed the calls, or lift that pause if one has since.

    Called with the lock of the pace held, so that one transaction at a time decides.
    """
    newest = callbacks.newest_at(connection)
    if newest is not None and runtime.clock() - newest < _JUST_REQUESTED:
        return  # `check` comes by again in a moment
    _act(runtime, connection)


def check(runtime: Runtime) -> None:
    """Find out whether Twilio reaches this app, also while nothing is due.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    with runtime.db.read() as connection:
        reach = _reach(runtime, connection)
    if reach.is_lost or reach.is_back:
        with runtime.db.begin() as connection:
            pace.lock(connection, runtime.clock())
            _act(runtime, connection)


def _act(runtime: Runtime, connection: Connection) -> None:
    reach = _reach(runtime, connection)
    if reach.is_lost:
        _pause(runtime, connection, reach.unanswered)
    elif reach.pause is not None and reach.is_back:
        _lift(runtime, connection, reach.pause)


@dataclass(frozen=True)
class _Reach:
    """Whether Twilio reaches this app, as far as it is known."""

    newest: datetime
    """When its newest request came."""
    pause: pauses.StoredPause | None
    """Our own pause, while it is active."""
    unanswered: int
    """Calls that have ended since that request, or since our last pause was lifted."""

    @property
    def is_lost(self) -> bool:
        return self.pause is None and self.unanswered >= MOST_UNANSWERED

    @property
    def is_back(self) -> bool:
        return self.pause is not None and self.newest > self.pause.created_at


def _reach(runtime: Runtime, connection: Connection) -> _Reach:
    newest = callbacks.newest_at(connection) or _LONG_AGO
    since = max(newest, pauses.last_lifted(connection, SOURCE) or _LONG_AGO)
    return _Reach(
        newest,
        pauses.active_by(connection, SOURCE, runtime.clock()),
        attempts.calls_ended(connection, since),
    )


def _pause(runtime: Runtime, connection: Connection, calls: int) -> None:
    reason = _reason(runtime, calls)
    pauses.add(connection, Pause(PauseScope.EVERYTHING, "", None, reason), SOURCE, runtime.clock())
    runtime.counts.add(CANARY, "paused")
    log.error("Twilio does not reach this app: everything is paused", reason=reason, calls=calls)


def _reason(runtime: Runtime, calls: int) -> str:
    return (
        f"Twilio does not reach PUBLIC_URL={runtime.settings.public_url}: {calls} calls have "
        "ended without a single request from it. Check that this is the address of this app, that "
        "it can be reached from outside, and that TWILIO_AUTH_TOKEN is the account's: `bridge "
        "check` tries the address and counts the requests whose signature was refused. Then "
        "`bridge dial resume`"
    )


def _lift(runtime: Runtime, connection: Connection, pause: pauses.StoredPause) -> None:
    now = runtime.clock()
    pauses.lift_by(connection, SOURCE, now)
    runtime.counts.add(CANARY, "lifted")
    paused_for = round((now - pause.created_at).total_seconds())
    log.warning("Twilio reaches this app again: dialing resumed", paused_seconds=paused_for)
