"""A process says that it lives, so that people can see whether the bridge works."""

import os
import socket
import threading
import uuid

import structlog

from bridge import __version__
from bridge.runtime import Runtime
from bridge.store import heartbeats
from bridge.store.heartbeats import Heartbeat, Role

EVERY_SECONDS = 4.0

_LONGEST_HOST = 30

log = structlog.get_logger(__name__)


class Pulse:
    """The heartbeat of one process. Whatever goes wrong with it, work goes on."""

    def __init__(self, runtime: Runtime, role: Role) -> None:
        self._runtime = runtime
        self._role = role
        host = socket.gethostname()[:_LONGEST_HOST]
        self._process = f"{host} {os.getpid()} {uuid.uuid4().hex[:8]}"
        self._lock = threading.Lock()
        self._has_left = False

    def beat(self) -> None:
        """Store that the process lives."""
        runtime = self._runtime
        seen = Heartbeat(
            process=self._process,
            role=self._role,
            started_at=runtime.started_at,
            seen_at=runtime.clock(),
            dials=self._role is Role.WORKER and runtime.settings.dial_enabled,
            version=__version__,
        )
        with self._lock:
            if self._has_left:
                return
            try:
                with runtime.db.begin() as connection:
                    heartbeats.beat(connection, seen)
            except Exception as error:  # noqa: BLE001 - the next one may succeed
                log.warning("Heartbeat could not be stored", error=type(error).__name__)

    def leave(self) -> None:
        """Take the process off the list: it ends as it should."""
        with self._lock:
            self._has_left = True
            try:
                with self._runtime.db.begin() as connection:
                    heartbeats.leave(connection, self._process)
            except Exception as error:  # noqa: BLE001 - it is no longer seen, and purged
                log.warning("Heartbeat could not be removed", error=type(error).__name__)
