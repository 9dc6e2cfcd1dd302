"""How workers learn of new work at once: NOTIFY on PostgreSQL, the file's version on SQLite.

Waking up only saves time. Workers look by themselves every second: a lost notice loses nothing.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bridge.store.db import Database

_CHANNEL = "bridge_work"
_SQLITE_POLL_SECONDS = 0.02
_RECONNECT_SECONDS = 1.0
_BETWEEN_NOTICES_SECONDS = 0.02
_LISTEN_SECONDS = 0.5
_CLOSE_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Notifier:
    """Wakes the workers up for what was committed, behind the request that committed it.

    NOTIFY makes commits wait for each other, so it isn't part of the INSERT: one thread sends one
    for everything that came in meanwhile. On SQLite the commit itself is seen.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._wanted = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._send, name="notifier", daemon=True)
        if not db.is_sqlite:
            self._thread.start()

    def notify(self) -> None:
        """Have workers woken up for new work. Returns at once."""
        self._wanted.set()

    def close(self) -> None:
        """Stop notifying, and give the connection back."""
        self._closed = True
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_SECONDS)

    def _send(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._closed:
                return
            try:
                with self._db.single() as connection:
                    connection.execute(text(f"NOTIFY {_CHANNEL}"))
            except SQLAlchemyError as error:
                log.warning("Could not notify the workers", error=type(error).__name__)
            time.sleep(_BETWEEN_NOTICES_SECONDS)


class Listener:
    """Calls `wake_up` whenever there may be new work, until it is closed.

    It has a connection of its own beside the pool's: it never gives it back.
    """

    def __init__(self, db: Database, wake_up: Callable[[], None]) -> None:
        self._db = db
        self._wake_up = wake_up
        self._closed = threading.Event()
        listen = self._watch_file if db.is_sqlite else self._listen
        self._thread = threading.Thread(target=listen, name="listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        self._thread.join(timeout=2 * _LISTEN_SECONDS)

    def _watch_file(self) -> None:
        own = Database(self._db.url, connections=1)
        with own.read() as connection:
            # Fifty times a second: past SQLAlchemy this costs a hundredth of a millisecond.
            driver: Any = connection.connection.driver_connection
            seen = None
            while not self._closed.wait(_SQLITE_POLL_SECONDS):
                version = driver.execute("PRAGMA data_version").fetchone()[0]
                if version != seen:
                    seen = version
                    self._wake_up()
        own.close()

    def _listen(self) -> None:
        import psycopg  # noqa: PLC0415 - SQLite does without

        url = make_url(self._db.url).set(drivername="postgresql")
        address = url.render_as_string(hide_password=False)
        while not self._closed.is_set():
            try:
                with psycopg.connect(address, autocommit=True, connect_timeout=3) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    self._wake_up()
                    while not self._closed.is_set():
                        for _ in connection.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                            self._wake_up()
            except psycopg.Error as error:
                log.warning(
                    "Not listening for new work; connecting again", error=type(error).__name__
                )
                self._closed.wait(_RECONNECT_SECONDS)
