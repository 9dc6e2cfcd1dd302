"""Engines for both databases: how a connection is made, and how a transaction begins."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from bridge.store import files

WAIT_SECONDS = 5.0
"""How long to wait for a connection: less than half of what Twilio grants a callback."""
ALONE = "bridge_statement_alone"
"""The option of a connection on SQLite whose statements are each for themselves."""

_LOOK_AGAIN_SECONDS = 0.05
# Refused before a session begins, so there is no SQLSTATE to go by.
_NO_PLACE = ("too many connections", "too many clients", "remaining connection slots")
_SQLITE_BUSY_MS = 5000
_SQLITE_LOOK_SECONDS = 0.0005
_POSTGRES_ON_CONNECT = (
    "SET statement_timeout = '15s'; "
    "SET idle_in_transaction_session_timeout = '30s'; "
    "SET lock_timeout = '10s'"
)
_SQLITE_ON_CONNECT = (
    f"PRAGMA busy_timeout = {_SQLITE_BUSY_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # What is erased is overwritten in the file as well.
    "PRAGMA secure_delete = ON",
)


def postgres_engine(url: str, connections: int) -> Engine:
    """An engine for PostgreSQL with so many connections at most."""
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            "keepalives_idle": 30,
            "tcp_user_timeout": 10_000,
            "application_name": "bridge",
        },
    )

    @event.listens_for(engine, "connect")
    def set_limits(connection: Any, _record: Any) -> None:
        autocommit, connection.autocommit = connection.autocommit, True
        connection.execute(_POSTGRES_ON_CONNECT)
        connection.autocommit = autocommit

    @event.listens_for(engine, "do_connect")
    def wait_for_a_place(dialect: Any, _record: Any, words: Any, options: Any) -> Any:
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                return dialect.connect(*words, **options)
            except dialect.dbapi.OperationalError as error:
                if not any(phrase in str(error) for phrase in _NO_PLACE) or time.monotonic() > end:
                    raise
            time.sleep(_LOOK_AGAIN_SECONDS)

    return engine


def _take_write_lock(connection: Connection) -> None:
    """Begin a transaction that holds SQLite's write lock.

    SQLite itself looks for the lock again after 1 ms, 3, 8, 18 and so on, while other processes
    hold it for one or two: looking often, a burst waits a third as long.
    """
    driver: Any = connection.connection.driver_connection
    end = time.monotonic() + _SQLITE_BUSY_MS / 1000
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < end:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            else:
                return
            time.sleep(_SQLITE_LOOK_SECONDS)
        # Once more by SQLAlchemy, which raises what there is to raise.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout = {_SQLITE_BUSY_MS}")


def sqlite_engine(url: str, connections: int) -> Engine:
    """An engine for a SQLite file; its transactions hold the write lock from their start."""
    file = make_url(url).database
    if file and file != ":memory:" and not file.startswith("file:"):
        files.keep_private(Path(file))
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": _SQLITE_BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late: ours begin below, by name.
        connection.isolation_level = None
        for pragma in _SQLITE_ON_CONNECT:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(ALONE):
            _take_write_lock(connection)

    return engine
