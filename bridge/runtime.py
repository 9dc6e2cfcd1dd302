"""What a process runs on: built in one function, passed by hand, nothing constructed at import."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.adapters.twilio.signature import SignatureCheck
from bridge.counts import Counts
from bridge.domain.callback_results import CallbackResult
from bridge.domain.phones import E164
from bridge.environment import need
from bridge.settings import FOR_DIALING, FOR_SMARTADVOCATE, Settings
from bridge.store import tallies
from bridge.store.batching import Batcher, Transactions
from bridge.store.callbacks.writer import CallbackWriter
from bridge.store.db import Database
from bridge.store.wakeup import Notifier

if TYPE_CHECKING:
    from bridge.adapters.smartadvocate.client import SmartAdvocate
    from bridge.adapters.twilio.client import Twilio

WEB_PROCESSES = 2
"""Where WEB_CONCURRENCY says nothing; so many fit the smallest dyno."""

WEB_CONNECTIONS = 2
"""A web process: one writes callbacks for all its threads, one serves everything else."""

WORKER_CONNECTIONS = 3
"""A worker's threads share them: they hold none while SmartAdvocate or Twilio is asked."""

INTAKE_BATCH = 25
"""Callbacks processed by one transaction: few, since SQLite's other writers wait meanwhile."""

COMMAND_CONNECTIONS = 1
"""A command of the operator's, and the release step."""

_LISTENING = 1


@dataclass(frozen=True)
class Connections:
    """How many connections to PostgreSQL a deployment takes at most, dyno by dyno.

    A release step ends before new dynos start, so it never adds to two dynos of a kind.
    """

    web: int
    """A web dyno."""
    worker: int
    """A worker dyno, with the one it listens on."""

    @property
    def running(self) -> int:
        """One web and one worker dyno, and a command."""
        return self.web + self.worker + COMMAND_CONNECTIONS

    @property
    def deploying(self) -> int:
        """The same while a deploy or a restart has old and new dynos side by side."""
        return 2 * (self.web + self.worker) + COMMAND_CONNECTIONS


def connections(settings: Settings) -> Connections:
    """What one web and one worker dyno with these settings take."""
    processes = settings.web_concurrency or WEB_PROCESSES
    return Connections(processes * WEB_CONNECTIONS, WORKER_CONNECTIONS + _LISTENING)


@dataclass(frozen=True)
class Runtime:
    """One process's view of the world."""

    settings: Settings
    db: Database
    gate: SignatureCheck
    callback_writer: CallbackWriter
    intake: Batcher[tuple[str, str], CallbackResult]
    """Processes the callbacks that can't wait for a worker, by sid and event: what waits for its
    turn, perhaps behind other processes, waits here without holding a connection."""
    transactions: Transactions
    """Short ones of many threads."""
    notifier: Notifier
    counts: Counts
    clock: Callable[[], datetime]
    """The time now, in UTC."""
    new_id: Callable[[], str]
    jitter: Callable[[], float]
    """A random number from 0 to 1, for pauses."""
    started_at: datetime
    """When this process began: until Twilio has been heard from since, calls go out one by one."""

    def close(self) -> None:
        """Store what was counted and close the database."""
        write_counts(self)
        self.notifier.close()
        self.db.close()


def build(settings: Settings, *, connections: int) -> Runtime:
    """The runtime of a process. Called after a server forks, since connections can't be shared."""
    db = Database(settings.database_url, connections=connections)
    tokens = (settings.auth_token, settings.auth_token_secondary)
    return Runtime(
        settings=settings,
        db=db,
        gate=SignatureCheck(tuple(token for token in tokens if token), settings.shared_key),
        callback_writer=CallbackWriter(db),
        intake=Batcher(largest=INTAKE_BATCH),
        transactions=Transactions(db),
        notifier=Notifier(db),
        counts=Counts(),
        clock=_now,
        new_id=lambda: uuid.uuid4().hex,
        jitter=random.random,
        started_at=datetime.now(UTC),
    )


def write_counts(runtime: Runtime) -> None:
    """Add this process's counts to the database's; keep them when it can't be reached."""
    counts = runtime.counts.take()
    if not counts:
        return
    try:
        with runtime.db.begin() as connection:
            tallies.add(connection, counts, runtime.clock())
    except Exception:
        runtime.counts.restore(counts)
        raise


def _now() -> datetime:
    return datetime.now(UTC)


def smartadvocate(settings: Settings, clock: Callable[[], datetime] = _now) -> "SmartAdvocate":
    """The firm's SmartAdvocate. Apart from `build`, since the web app never asks it.

    Raises:
        SettingError: its address or key is missing, or an override is malformed.
    """
    from bridge.adapters.smartadvocate.api_mapping import api_mapping  # noqa: PLC0415
    from bridge.adapters.smartadvocate.client import SmartAdvocate  # noqa: PLC0415

    need(settings, *FOR_SMARTADVOCATE)
    return SmartAdvocate(
        settings.smartadvocate_url or "",
        settings.smartadvocate_key or "",
        settings.smartadvocate_zone,
        api_mapping(
            settings.smartadvocate_calls,
            settings.smartadvocate_names,
            settings.smartadvocate_labels,
            settings.smartadvocate_attempts,
        ),
        clock,
    )


def twilio(settings: Settings) -> "Twilio":
    """The firm's Twilio account. Apart from `build`, since the web app never asks it.

    Raises:
        SettingError: a setting that dialing needs is missing.
    """
    from bridge.adapters.twilio.client import ANSWER_SECONDS  # noqa: PLC0415

    need(settings, *FOR_DIALING)
    return twilio_for_reading(settings, answer_seconds=ANSWER_SECONDS)


def twilio_for_reading(settings: Settings, *, answer_seconds: float) -> "Twilio":
    """The firm's Twilio account for questions alone: without a number that it calls from."""
    from bridge.adapters.twilio.client import Account, Twilio  # noqa: PLC0415

    account = Account(
        sid=settings.account_sid or "",
        token=settings.auth_token or "",
        from_number=settings.from_number or E164(""),
        messaging_service=settings.messaging_service_sid,
        api_url=settings.twilio_api_url,
    )
    return Twilio(account, answer_seconds=answer_seconds)
