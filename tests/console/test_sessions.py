"""Sessions: their cookie, their end, and that nobody gets another role by one."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import select, update

from bridge.app import create_app
from bridge.runtime import Runtime
from bridge.store.tables import sessions
from tests.support.clock import Clock
from tests.support.console import PASSWORD, SIGN_IN, VIEW_PASSWORD, SignedIn, token_of

PUBLIC_URL = "https://firm.example.com"
OTHER = "another-password-of-the-tests"


def _is_in(client: FlaskClient) -> bool:
    answer = client.get("/console/plan")
    assert answer.status_code in {200, 302}
    return answer.status_code == 200


def _with_settings(runtime: Runtime, **changed: Any) -> Flask:
    return create_app(replace(runtime, settings=replace(runtime.settings, **changed)))


def _carried(somebody: SignedIn, app: Flask) -> FlaskClient:
    """A browser with the cookie of somebody else's, at another process of the web app."""
    cookie = somebody.client.get_cookie("bridge")
    assert cookie is not None
    client = app.test_client()
    client.set_cookie("bridge", cookie.value)
    return client


def test_over_https_the_cookie_is_for_this_host_alone(runtime: Runtime) -> None:
    client = _with_settings(runtime, public_url=PUBLIC_URL).test_client()
    form = client.get(SIGN_IN, base_url=PUBLIC_URL)
    fields = {"csrf_token": token_of(form), "name": "Ann", "password": PASSWORD}
    answer = client.post(SIGN_IN, base_url=PUBLIC_URL, data=fields)
    assert answer.status_code == 303
    for sent in (form, answer):
        (cookie,) = sent.headers.getlist("Set-Cookie")
        name, *attributes = (part.strip() for part in cookie.split(";"))
        assert name.startswith("__Host-bridge=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} == set(attributes)


def test_the_cookie_has_a_random_token_and_nothing_else(app: Flask, operator: SignedIn) -> None:
    cookie = operator.client.get_cookie("bridge")
    assert cookie is not None
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    kept = serializer.loads(cookie.value)
    assert set(kept) == {"token", "csrf_token"}
    assert len(kept["token"]) >= 43


def test_signing_in_makes_token_and_form_token_anew(app: Flask) -> None:
    """Whoever put a cookie of his own into a browser gets nothing by its owner's sign-in."""
    client = app.test_client()
    planted = token_of(client.get(SIGN_IN))
    before = client.get_cookie("bridge")
    fields = {"csrf_token": planted, "name": "Ann", "password": PASSWORD}
    assert client.post(SIGN_IN, data=fields).status_code == 303
    after = client.get_cookie("bridge")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    attacker = app.test_client()
    attacker.set_cookie("bridge", before.value)
    assert not _is_in(attacker)
    old_form = client.post("/console/pause", data={"csrf_token": planted, "reason": "x"})
    assert old_form.status_code == 400
    # Signing in once more, in the same browser, gives another session.
    again = {"csrf_token": token_of(client.get(SIGN_IN)), "name": "Ann", "password": PASSWORD}
    assert client.post(SIGN_IN, data=again).status_code == 303
    third = client.get_cookie("bridge")
    assert third is not None
    assert third.value != after.value


def test_the_database_has_nothing_to_sign_in_with(operator: SignedIn, runtime: Runtime) -> None:
    with runtime.db.read() as connection:
        row = connection.execute(select(sessions)).one()
    assert row.id not in str(operator.client.get_cookie("bridge"))
    thief = create_app(runtime).test_client()
    with thief.session_transaction("/console/") as forged:
        forged["token"] = row.id
    assert not _is_in(thief)


@pytest.mark.parametrize("token", [None, 7, [], {}, "", "x" * 4000, "\0"])
def test_odd_cookies_let_nobody_in(app: Flask, operator: SignedIn, token: object) -> None:
    client = app.test_client()
    with client.session_transaction("/console/") as forged:
        forged["token"] = token
        forged["role"] = "operator"
    assert not _is_in(client)
    client.set_cookie("bridge", "no cookie of ours")
    assert not _is_in(client)
    assert _is_in(operator.client)


def test_a_session_ends_when_nothing_was_asked_for_two_hours(
    operator: SignedIn, clock: Clock
) -> None:
    for _ in range(3):
        clock.advance(hours=1, minutes=58)
        assert _is_in(operator.client)
    clock.advance(hours=2, seconds=1)
    assert not _is_in(operator.client)


def test_a_page_that_moves_by_itself_keeps_nobody_signed_in(
    operator: SignedIn, clock: Clock
) -> None:
    for _ in range(11):
        clock.advance(minutes=10)
        assert operator.live("/console/").status_code == 200
    clock.advance(minutes=11)
    assert operator.live("/console/").status_code == 401
    assert not _is_in(operator.client)


def test_a_session_ends_after_twelve_hours_in_any_case(operator: SignedIn, clock: Clock) -> None:
    for _ in range(7):
        clock.advance(minutes=100)
        assert _is_in(operator.client)
    clock.advance(minutes=20)
    assert not _is_in(operator.client)


@pytest.mark.parametrize(
    "changed",
    [
        {"console_password": OTHER},
        {"console_view_password": OTHER},
        {"console_view_password": None},
        {"secret_key": "another-secret-of-the-tests"},
    ],
    ids=str,
)
def test_a_changed_password_ends_the_sessions(
    operator: SignedIn, viewer: SignedIn, runtime: Runtime, changed: dict[str, Any]
) -> None:
    for somebody in (operator, viewer):
        assert _is_in(_carried(somebody, _with_settings(runtime)))
        assert not _is_in(_carried(somebody, _with_settings(runtime, **changed)))


def test_nobody_gets_another_role(viewer: SignedIn, runtime: Runtime) -> None:
    """Not by a cookie, a field or a header; and a viewer whose password becomes the operator's
    has to sign in with it."""
    fields = {"reason": "x", "role": "operator", "person": "operator", "may_act": "1"}
    assert viewer.post("/console/pause?role=operator", **fields).status_code == 403
    with viewer.client.session_transaction("/console/") as own:
        own["role"] = "operator"
    assert viewer.post("/console/pause", **fields).status_code == 403
    swapped = _with_settings(
        runtime, console_password=VIEW_PASSWORD, console_view_password=PASSWORD
    )
    assert not _is_in(_carried(viewer, swapped))


def test_an_unknown_role_may_not_act(viewer: SignedIn, runtime: Runtime) -> None:
    with runtime.db.begin() as connection:
        connection.execute(update(sessions).values(role="viewer"))
    assert viewer.post("/console/resume").status_code == 403


def test_pages_are_kept_by_nobody(operator: SignedIn) -> None:
    """The back button after signing out shows nothing, on no machine on the way."""
    answer = operator.get("/console/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]
