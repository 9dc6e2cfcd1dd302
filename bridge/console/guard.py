"""Who may look and who may act. The gate (`web/gate.py`) asks ahead of every view of the console.

look      signed in, whoever it is
act       signed in with the password that may change something, and no forged form
knock     the sign-in page: nobody is signed in yet, and no forged form
serve     style and script: nothing to hide, as long as there is a console

`identify` says who sent a request; the sandbox passes one that lets everybody in.
"""

from collections.abc import Callable, Mapping

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response

from bridge.console import header, sessions
from bridge.console.form_fields import LARGEST_ROW
from bridge.console.pages import is_console
from bridge.console.people import Person
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store.db import Connection
from bridge.web.current import runtime
from bridge.web.routes import Guard

Identify = Callable[[Runtime, Connection], Person | None]

_IDENTIFY = "bridge.console.identify"
VIEWER_ONLY = (
    "You are signed in to look only. Ask whoever has the console's other password to do this."
)
_FOREIGN_FORM = (
    "This page was open for too long, the browser keeps no cookies, or the form was sent from "
    "somewhere else. Nothing was changed. Go back, reload the page and try again."
)
_NOT_ENCRYPTED = (
    "This was sent unencrypted, so nothing was changed. Open {}/console/ and do it there. If it "
    "was your password, choose another one."
)
_UNREADABLE = "What was sent has characters that can't be read. Nothing was changed."

csrf = CSRFProtect()


def is_on(settings: Settings) -> bool:
    """Whether somebody can sign in at all."""
    has_password = settings.console_password or settings.console_view_password
    return bool(has_password and settings.secret_key)


def register(app: Flask, identify: Identify | None) -> None:
    """Check forms; identify people by their sessions, or by `identify`."""
    app.session_interface = sessions.ConsoleCookies()
    csrf.init_app(app)
    app.extensions[_IDENTIFY] = identify
    app.before_request(_hide)


def look(_route: str) -> Response | None:
    """Let in whoever is signed in; send everybody else to sign in."""
    identify = _identification()
    elsewhere = _unencrypted()
    if elsewhere is not None:
        return elsewhere
    _check_text()
    _check_address()
    with runtime().db.read() as connection:
        g.person = identify(runtime(), connection)
        if g.person is not None:
            g.header = header.read(connection, runtime())
    if g.person is not None:
        return None
    if request.method != "GET" or sessions.LIVE in request.headers:
        abort(401, "You are no longer signed in. Sign in and try again.")
    return redirect(url_for("console.sign_in", next=request.full_path.rstrip("?")))


def act(route: str) -> Response | None:
    """Let in whoever may change something, with a form of ours."""
    answer = look(route)
    if answer is not None:
        return answer
    if not g.person.may_act:
        abort(403, VIEWER_ONLY)
    # Flask has HEAD answered as GET is, and with it a form that needs no token.
    if request.method not in {"GET", "POST"}:
        abort(405)
    _check_form()
    return None


def leave(route: str) -> Response | None:
    """Let in whoever is signed in, with a form of ours: signing out is everybody's right."""
    answer = look(route)
    if answer is None:
        _check_form()
    return answer


def knock(_route: str) -> Response | None:
    """Let everybody in, with a form of ours if it is one; where nobody signs in, to Today."""
    if _identification() is not sessions.identify:
        return redirect(url_for("console.today"))
    elsewhere = _unencrypted()
    if elsewhere is None:
        _check_text()
        _check_form()
    return elsewhere


def serve(_route: str) -> None:
    """Let everybody in."""
    _identification()


def _hide() -> None:
    """Where there is no console, answer 404 also to what would have been another method."""
    if request.url_rule is None and is_console(request.path):
        _identification()


def _unencrypted() -> Response | None:
    """Where the router says that it was asked by plain http: the same page by https."""
    public_url = runtime().settings.public_url or ""
    scheme = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip()
    if scheme != "http" or not public_url.startswith("https://"):
        return None
    if request.method != "GET":
        abort(403, _NOT_ENCRYPTED.format(public_url))
    return redirect(f"{public_url}{request.full_path.rstrip('?')}")


def _check_text() -> None:
    """Refuse what no database stores and nobody types."""
    sent = (request.path, *(one for values in request.values.listvalues() for one in values))
    if any("\0" in one for one in sent):
        abort(400, _UNREADABLE)


def _check_address() -> None:
    """There is no page about a row whose number no database stores."""
    numbers = [one for one in (request.view_args or {}).values() if isinstance(one, int)]
    if any(number > LARGEST_ROW for number in numbers):
        abort(404)


def _check_form() -> None:
    try:
        csrf.protect()
    except CSRFError:
        abort(400, _FOREIGN_FORM)


def _identification() -> Identify:
    given: Identify | None = current_app.extensions[_IDENTIFY]
    if given is not None:
        return given
    if not is_on(runtime().settings):
        abort(404)
    return sessions.identify


CHECKS: Mapping[Guard, Callable[[str], Response | None]] = {
    Guard.VIEWER: look,
    Guard.OPERATOR: act,
    Guard.SIGN_OUT: leave,
    Guard.SIGN_IN: knock,
    Guard.ASSET: serve,
}
"""For the gate."""
