"""The two limits to which accepting callbacks is compared, on the very same server.

`python -m tests.benchmarks.limits check`   the signature check alone, then 204
`python -m tests.benchmarks.limits insert`  the check, one bare committed INSERT, then 204
"""

import sqlite3
import sys
import threading
from collections.abc import Callable

import psycopg
from flask import Flask, Response, g, request
from sqlalchemy.engine import make_url

from bridge import logs
from bridge.adapters.twilio.callback_kinds import ROUTES
from bridge.app import create_app
from bridge.domain.events import Topic
from bridge.environment import load
from bridge.runtime import Runtime
from bridge.server import serve


def check_alone(runtime: Runtime) -> Flask:
    """The bridge's app with nothing behind the gate."""
    return _with_view(runtime, lambda: None)


def bare_insert(runtime: Runtime) -> Flask:
    """The bridge's app with the least that could be kept behind the gate."""
    local = threading.local()
    connect = _sqlite if runtime.db.is_sqlite else _postgres

    def keep() -> None:
        if not hasattr(local, "insert"):
            local.insert = connect(runtime.db.url)
        local.insert(request.headers["X-Twilio-Signature"], g.body)

    return _with_view(runtime, keep)


def _with_view(runtime: Runtime, work: Callable[[], None]) -> Flask:
    app = create_app(runtime)

    def view() -> Response:
        work()
        return Response(status=204)

    (endpoint,) = {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.rule == ROUTES[Topic.CALL]
    }
    app.view_functions[endpoint] = view
    return app


def _sqlite(url: str) -> Callable[[str, bytes], object]:
    file = make_url(url).database or ""
    connection = sqlite3.connect(file, isolation_level=None, timeout=5)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE IF NOT EXISTS bare (key TEXT PRIMARY KEY, body BLOB)")
    statement = "INSERT OR IGNORE INTO bare VALUES (?, ?)"
    return lambda key, body: connection.execute(statement, (key, body))


def _postgres(url: str) -> Callable[[str, bytes], object]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(address, autocommit=True)
    statement = "INSERT INTO bare VALUES (%s, %s) ON CONFLICT DO NOTHING"
    return lambda key, body: connection.execute(statement, (key, body))


def prepare(url: str) -> None:
    """Make the table of the bare INSERT."""
    if url.startswith("sqlite"):
        return
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bare (key TEXT PRIMARY KEY, body BYTEA)")


if __name__ == "__main__":
    settings = load()
    logs.set_up(settings.log_format)
    make_app = {"check": check_alone, "insert": bare_insert}[sys.argv[1]]
    serve(settings, host="127.0.0.1", make_app=make_app)
