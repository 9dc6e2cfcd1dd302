"""Signing in and out."""

import math
from datetime import datetime, timedelta

import structlog
from flask import Response, current_app, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from bridge.console import passwords, sessions, setup
from bridge.console.formats import moment
from bridge.console.pages import page
from bridge.console.people import Person, Role, person, written_name
from bridge.domain import client_addresses
from bridge.domain.backoff import whole_minute
from bridge.store.console import audit, sign_ins
from bridge.store.console.audit import Action
from bridge.web.current import runtime
from bridge.web.routes import GUARDS, Guard

_NO_NAME = "Please give your name: what you do here is kept with it."
_WRONG = "That password is not right. Check it and try again."
_BUSY = "Others are signing in right now. Please try again in a few seconds."
_TOO_MANY = "There were too many wrong passwords. Please try again after {}."
_SECOND = timedelta(seconds=1)

log = structlog.get_logger(__name__)


def sign_in() -> Answer:
    """The form, and what it sends."""
    if request.method != "POST":
        return _form()
    name = written_name(request.form.get("name", ""))
    if not name:
        return _form(_NO_NAME, 400)
    try:
        with passwords.a_place():
            return _try(name, request.form.get("password", ""))
    except passwords.Busy:
        # No 5xx, which would wake somebody: whoever guesses in a hurry brings this about.
        return _wait(_BUSY, passwords.BUSY_SECONDS)


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


def _try(name: str, password: str) -> Answer:
    now, address = runtime().clock(), _address()
    with runtime().db.single() as connection:
        tried = sign_ins.begin(connection, address, now)
    if tried.waits_until is not None:
        return _too_many(tried.waits_until, now)
    role = passwords.role_of(runtime().settings, password)
    if role is None:
        log.warning("A wrong password at the console")
        return _form(_WRONG, 401)
    with runtime().db.begin() as connection:
        sign_ins.succeed(connection, tried.id, now)
        sessions.start(connection, runtime(), Person(name, role), address)
        audit.record(connection, actor=name, action=Action.SIGNED_IN, subject=role, now=now)
        opens_setup = role is Role.OPERATOR and setup.is_due(connection)
    return redirect(_next(request.form.get("next", ""), opens_setup=opens_setup), 303)


def _next(wished: str, *, opens_setup: bool) -> str:
    """Where somebody wanted to go; whoever wanted nothing in particular may be led to Setup."""
    target = _inside(wished)
    is_particular = target != url_for("console.today")
    return target if is_particular or not opens_setup else url_for("console.setup")


def _form(problem: str = "", status: int = 200) -> Response:
    return page(
        "sign_in.html",
        "Sign in",
        status,
        problem=problem,
        name=request.form.get("name", ""),
        next=request.values.get("next", ""),
    )


def _too_many(until: datetime, now: datetime) -> Response:
    return _wait(_TOO_MANY.format(moment(whole_minute(until))), (until - now) / _SECOND)


def _wait(problem: str, seconds: float) -> Response:
    answer = _form(problem, 429)
    answer.headers["Retry-After"] = str(math.ceil(seconds))
    return answer


def _inside(target: str) -> str:
    """Where somebody wanted to go, if that is the address of a page of ours; else Today."""
    is_ours = target.isprintable() and "\\" not in target and _is_page(target.partition("?")[0])
    return target if is_ours else url_for("console.today")


def _is_page(path: str) -> bool:
    # A route is found however many slashes begin the path; with two, a browser finds another host.
    if not path.startswith("/console"):
        return False
    try:
        rule, _ = current_app.url_map.bind("").match(path, "GET", return_rule=True)
    except HTTPException:
        return False
    guard = GUARDS.get(rule.rule)
    return guard in {Guard.VIEWER, Guard.OPERATOR} and rule.endpoint != "console.missing"


def _address() -> str:
    forwarded_for = request.headers.get("X-Forwarded-For", "")
    return client_addresses.client(request.remote_addr or "", forwarded_for)
