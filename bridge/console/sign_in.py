"""Signing in and out."""

from urllib.parse import urlsplit

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from bridge.console import sessions
from bridge.console.pages import page
from bridge.console.passwords import role_of
from bridge.console.people import Person, person
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.web.current import runtime

_WRONG = "That password is not right. Check it and try again."


def sign_in() -> Answer:
    """The form, and what it sends."""
    if request.method == "GET":
        return _form()
    name = request.form.get("name", "").strip()[:64]
    if not name:
        return _form("Please give your name: what you do here is kept with it.", 400)
    role = role_of(runtime().settings, request.form.get("password", ""))
    if role is None:
        return _form(_WRONG, 401)
    now = runtime().clock()
    with runtime().db.begin() as connection:
        sessions.start(connection, runtime(), Person(name, role), _address())
        audit.record(connection, actor=name, action=Action.SIGNED_IN, subject=role, now=now)
    return redirect(_inside(request.form.get("next", "")), 303)


def sign_out() -> Answer:
    """End the session."""
    with runtime().db.begin() as connection:
        sessions.end(connection, runtime())
        audit.record(
            connection,
            actor=person().name,
            action=Action.SIGNED_OUT,
            subject=person().role,
            now=runtime().clock(),
        )
    return redirect(url_for("console.sign_in"), 303)


def _form(problem: str = "", status: int = 200) -> Response:
    return page(
        "sign_in.html",
        "Sign in",
        status,
        problem=problem,
        name=request.form.get("name", ""),
        next=request.values.get("next", ""),
    )


def _inside(target: str) -> str:
    """Where somebody wanted to go, if that is a page of ours; else Today."""
    parts = urlsplit(target)
    is_ours = not parts.scheme and not parts.netloc and target.startswith("/console/")
    return target if is_ours and "\\" not in target else url_for("console.today")


def _address() -> str:
    return (request.remote_addr or "")[:64]
