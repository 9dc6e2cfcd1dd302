"""Road 2's canaries: while Twilio isn't known to reach this app, calls go out one at a time.

    most_calls  how many calls may be under way: one, until Twilio was heard
    watch       two calls ended and Twilio wasn't heard: all is paused; one request lifts that
    attend      the same, from time to time, also when nothing is due

Where PUBLIC_URL is wrong, Twilio asks somebody else what to say, and whoever picks up hears an
error. Any signed request counts as heard: of this call, of another, or from a person. What Twilio
tells when it is asked does not: that shows only that we reach Twilio.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bridge.counts import CANARY
from bridge.domain.eligibility import Pause, PauseScope
from bridge.runtime import Runtime
from bridge.store.callbacks import callbacks
from bridge.store.db import Connection
from bridge.store.dialing import attempts, pace, pauses

SILENT_AFTER = timedelta(hours=1)
"""Without a request for so long, Twilio isn't known to reach us any more."""

_JUST_HEARD = timedelta(seconds=10)
"""So soon after a request nothing has changed: most looks at what is due need ask no more."""

MOST_IN_VAIN = 2
"""So many calls may end without any request; then everything is paused."""

SOURCE = "canary"
"""Who has set the pause."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger(__name__)


def most_calls(runtime: Runtime, connection: Connection) -> int:
    """How many calls may be under way now, over all workers."""
    now, heard = runtime.clock(), callbacks.newest_at(connection) or _LONG_AGO
    is_heard = heard >= runtime.started_at and now - heard < SILENT_AFTER
    return runtime.settings.dial_max_calls if is_heard else 1


def watch(runtime: Runtime, connection: Connection) -> None:
    """Pause everything if calls went out in vain, or lift that pause if Twilio was heard since.

    Called with the pace's lock held, so that one transaction at a time decides.
    """
    heard = callbacks.newest_at(connection)
    if heard is not None and runtime.clock() - heard < _JUST_HEARD:
        return  # `attend` looks again in a moment
    _act(runtime, connection)


def _act(runtime: Runtime, connection: Connection) -> None:
    seen = _look(runtime, connection)
    if seen.is_in_vain:
        _pause(runtime, connection, seen.in_vain)
    elif seen.pause is not None and seen.is_heard_again:
        _lift(runtime, connection, seen.pause)


def attend(runtime: Runtime) -> None:
    """Look whether Twilio reaches us, also while nothing is due.

    Raises:
        OperationalError, TimeoutError: the database can't be reached.
    """
    with runtime.db.read() as connection:
        seen = _look(runtime, connection)
    if seen.is_in_vain or seen.is_heard_again:
        with runtime.db.begin() as connection:
            pace.lock(connection, runtime.clock())
            _act(runtime, connection)


@dataclass(frozen=True)
class _Seen:
    """What is known of Twilio's way to us."""

    heard: datetime
    pause: pauses.StoredPause | None
    """Our own pause, while it stands."""
    in_vain: int
    """Calls that have ended since Twilio was heard, or since our last pause was lifted."""

    @property
    def is_in_vain(self) -> bool:
        return self.pause is None and self.in_vain >= MOST_IN_VAIN

    @property
    def is_heard_again(self) -> bool:
        return self.pause is not None and self.heard > self.pause.created_at


def _look(runtime: Runtime, connection: Connection) -> _Seen:
    heard = callbacks.newest_at(connection) or _LONG_AGO
    since = max(heard, pauses.last_lifted(connection, SOURCE) or _LONG_AGO)
    return _Seen(
        heard,
        pauses.active_by(connection, SOURCE, runtime.clock()),
        attempts.calls_ended(connection, since),
    )


def _pause(runtime: Runtime, connection: Connection, in_vain: int) -> None:
    reason = _reason(runtime, in_vain)
    pauses.add(connection, Pause(PauseScope.EVERYTHING, "", None, reason), SOURCE, runtime.clock())
    runtime.counts.add(CANARY, "paused")
    log.error("Twilio does not reach this app: everything is paused", reason=reason, calls=in_vain)


def _reason(runtime: Runtime, in_vain: int) -> str:
    return (
        f"Twilio does not reach PUBLIC_URL={runtime.settings.public_url}: {in_vain} calls have "
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
    log.warning("Twilio reaches this app again: dialing goes on", paused_seconds=paused_for)
