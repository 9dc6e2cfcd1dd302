"""What is asked for on Setup: a check, a test call or text, and not to be led there any more."""

from datetime import timedelta

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bridge.checking.own_phone import why_not
from bridge.console.form_fields import typed
from bridge.console.pages import page
from bridge.console.people import person
from bridge.console.setup import DISMISSED
from bridge.domain.events import Channel
from bridge.domain.phones import E164, last_four, parse_phone
from bridge.store import schedules
from bridge.store.console import audit, errands
from bridge.store.console.audit import Action
from bridge.store.console.errands import ErrandKind
from bridge.store.db import Connection
from bridge.web.current import runtime

_BETWEEN_TESTS = timedelta(seconds=30)
_AN_HOUR = timedelta(hours=1)
_TESTS_AN_HOUR = 10
_PACE = "setup-tests"
_NOT_A_NUMBER = "That is not a phone number. Give it with its area code, such as 402-555-0114."
_NOT_CONFIRMED = "Please confirm that it is your own phone: nobody else may be tested with."
_TOO_SOON = "The last test was less than half a minute ago. Wait a moment, then try again."
_TOO_MANY = "There were 10 tests within the last hour. Try again later."
_UNDER_WAY = "The same test is still under way. Wait until it is done."
_TITLES = {Channel.CALL: "Call my phone", Channel.TEXT: "Text my phone"}
_KINDS = {Channel.CALL: ErrandKind.TEST_CALL, Channel.TEXT: ErrandKind.TEST_TEXT}
_ACTIONS = {Channel.CALL: Action.TEST_CALL, Channel.TEXT: Action.TEST_TEXT}


class _Refused(Exception):
    """The test isn't made; the message says why, and what to do."""


def check() -> Response:
    """Have a worker look at everything."""
    now, name = runtime().clock(), person().name
    with runtime().db.begin() as connection:
        asked = errands.ask(connection, ErrandKind.CHECK, name, now)
        if asked is not None:
            audit.record(
                connection, actor=name, action=Action.CHECK_ASKED, subject="everything", now=now
            )
    runtime().notifier.notify()
    return redirect(url_for("console.setup"), 303)


def dismiss() -> Response:
    """Don't lead anybody to Setup after signing in any more."""
    now, name = runtime().clock(), person().name
    with runtime().db.begin() as connection:
        schedules.remember(connection, DISMISSED, now, 1)
        audit.record(
            connection, actor=name, action=Action.SETUP_DISMISSED, subject="Setup", now=now
        )
    flash("Setup no longer opens by itself. It stays in the menu.")
    return redirect(url_for("console.today"), 303)


def test_call() -> Response:
    """Call the phone that is typed and confirmed."""
    return _test(Channel.CALL)


def test_text() -> Response:
    """Text the phone that is typed and confirmed."""
    return _test(Channel.TEXT)


def _test(channel: Channel) -> Response:
    if request.method == "GET":
        return _form(channel)
    try:
        phone = _confirmed_phone()
        with runtime().db.begin() as connection:
            _ask(connection, channel, phone)
    except _Refused as refused:
        return _form(channel, str(refused), 400)
    runtime().notifier.notify()
    return redirect(url_for("console.setup", _anchor=f"test-{channel}"), 303)


def _confirmed_phone() -> E164:
    """The number that was typed and confirmed.

    Raises:
        _Refused: it is no number, or it wasn't confirmed.
    """
    phone = parse_phone(typed("phone"))
    if phone is None:
        raise _Refused(_NOT_A_NUMBER)
    if request.form.get("confirmed") != "yes":
        raise _Refused(_NOT_CONFIRMED)
    return phone


def _ask(connection: Connection, channel: Channel, phone: E164) -> None:
    """Ask a worker for the test; in one transaction, so that of two at once one is refused.

    Raises:
        _Refused: the number gets no test, or there were too many.
    """
    now, name = runtime().clock(), person().name
    why = why_not(connection, runtime().settings, phone, channel, now)
    if why is not None:
        raise _Refused(why)
    if not schedules.claim(connection, _PACE, _BETWEEN_TESTS, now):
        raise _Refused(_TOO_SOON)
    if errands.tests_since(connection, now - _AN_HOUR, _TESTS_AN_HOUR) >= _TESTS_AN_HOUR:
        raise _Refused(_TOO_MANY)
    if errands.ask(connection, _KINDS[channel], name, now, phone) is None:
        raise _Refused(_UNDER_WAY)
    audit.record(
        connection, actor=name, action=_ACTIONS[channel], subject=last_four(phone), now=now
    )


def _form(channel: Channel, problem: str = "", status: int = 200) -> Response:
    return page(
        "test_contact.html",
        _TITLES[channel],
        status,
        channel=channel,
        problem=problem,
        phone=request.form.get("phone", ""),
    )
