"""From a request's cookie to whoever is signed in, and back."""

import hashlib
import secrets

from flask import request, session

from bridge.console.people import Person, Role
from bridge.runtime import Runtime
from bridge.store.console import sessions
from bridge.store.db import Connection

LIVE = "X-Live"
"""The header by which a page asks for its moving parts: nobody sits there for certain."""

_TOKEN = "token"  # noqa: S105 - the name of a field
_TOKEN_BYTES = 32


def identify(runtime: Runtime, connection: Connection) -> Person | None:
    """Who is signed in, if anybody is. Uses a connection on which nothing else is under way."""
    token = session.get(_TOKEN)
    if not isinstance(token, str):
        return None
    now = runtime.clock()
    found = sessions.find(connection, _id(token), now)
    if found is None:
        return None
    if LIVE not in request.headers and now - found.seen_at >= sessions.TOUCHED_EVERY:
        sessions.touch(connection, found.id, now)
    return Person(found.name, Role(found.role))


def start(connection: Connection, runtime: Runtime, person: Person, address: str) -> None:
    """Sign somebody in: a new token, whatever the browser had before."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.clear()
    session[_TOKEN] = token
    sessions.start(
        connection,
        _id(token),
        name=person.name,
        role=person.role,
        address=address,
        now=runtime.clock(),
    )


def end(connection: Connection, runtime: Runtime) -> None:
    """Sign out: the row ends, and the cookie is emptied."""
    token = session.get(_TOKEN)
    if isinstance(token, str):
        sessions.end(connection, _id(token), runtime.clock())
    session.clear()


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
