"""From a request's cookie to whoever is signed in, and back.

The cookie has a random token. The row's id is made of the token and of the settings that let people
in: whoever reads the database can't sign in with it, and when a password changes, no cookie leads
to a row any more.
"""

import hashlib
import hmac
import secrets

from flask import Flask, Request, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from bridge.console.pages import is_console
from bridge.console.people import Person, Role
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store.console import sessions
from bridge.store.db import Connection

LIVE = "X-Live"
"""The header by which a page asks for its moving parts: nobody sits there for certain."""

_TOKEN = "token"  # noqa: S105 - the name of a field
_TOKEN_BYTES = 32


class ConsoleCookies(SecureCookieSessionInterface):
    """Cookies of the console's pages alone: Twilio's requests have none, and don't wait for one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie says; nothing, and nothing can be kept, on other routes."""
        if is_console(request.path):
            return super().open_session(app, request)
        return self.make_null_session(app)


def identify(runtime: Runtime, connection: Connection) -> Person | None:
    """Who is signed in, if anybody is. Uses a connection on which nothing else is under way."""
    token = session.get(_TOKEN)
    if not isinstance(token, str):
        return None
    now = runtime.clock()
    found = sessions.find(connection, _id(runtime.settings, token), now)
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
        _id(runtime.settings, token),
        name=person.name,
        role=person.role,
        address=address,
        now=runtime.clock(),
    )


def end(connection: Connection, runtime: Runtime) -> None:
    """Sign out: the row ends, and the cookie is emptied."""
    token = session.get(_TOKEN)
    if isinstance(token, str):
        sessions.end(connection, _id(runtime.settings, token), runtime.clock())
    session.clear()


def _id(settings: Settings, token: str) -> str:
    lets_in = (settings.secret_key, settings.console_password, settings.console_view_password)
    key = "\0".join(setting or "" for setting in lets_in)
    return hmac.digest(key.encode(), token.encode(), hashlib.sha256).hex()
