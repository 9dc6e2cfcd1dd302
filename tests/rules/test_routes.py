"""Whatever may be posted to stands behind the signature gate, or is a form of the console."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from bridge.app import create_app
from bridge.environment import load
from bridge.runtime import Runtime, build
from bridge.store.tables import callbacks
from bridge.web.routes import GUARDS, Guard
from tests.support.signing import call_fields, just_now, signature

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
STATUS_ROUTES = {"/twilio/voice/status", "/twilio/messages/status"}
FORMS = {Guard.OPERATOR, Guard.SIGN_IN, Guard.SIGN_OUT}
"""What asks for a token in each form."""
PUBLIC_URL = "https://firm.example.com"


@pytest.fixture
def alone(sqlite_template: Path, tmp_path: Path) -> Iterator[Runtime]:
    path = tmp_path / "bridge.db"
    shutil.copy(sqlite_template, path)
    environment = {
        "DATABASE_URL": f"sqlite:///{path}",
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_AUTH_TOKEN": "right",
    }
    made = build(load(environment), connections=3)
    yield made
    made.close()


@pytest.fixture
def app(alone: Runtime) -> Flask:
    return create_app(alone)


def _rules(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def test_all_that_may_be_posted_to_is_twilios_or_the_consoles(app: Flask) -> None:
    posted = {
        rule.rule: GUARDS[rule.rule] for rule in _rules(app) if UNSAFE & (rule.methods or set())
    }
    assert set(posted) >= STATUS_ROUTES
    for route, guard in posted.items():
        allowed = {Guard.SIGNATURE} if route.startswith("/twilio/") else FORMS
        assert guard in allowed, route
        assert route.startswith(("/twilio/", "/console/")), route


def test_every_route_has_a_guard_and_no_guard_lacks_a_route(app: Flask) -> None:
    assert {rule.rule for rule in _rules(app)} == set(GUARDS)


def test_all_of_twilios_routes_are_signed(app: Flask) -> None:
    routes = {rule.rule for rule in _rules(app) if rule.rule.startswith("/twilio")}
    assert routes >= STATUS_ROUTES
    assert {GUARDS[route] for route in routes} == {Guard.SIGNATURE}


def test_a_route_that_is_in_no_list_is_not_served(app: Flask) -> None:
    tomorrow = Blueprint("tomorrow", __name__)
    views = {"/tomorrow", "/twilio/tomorrow", "/tomorrow/<int:number>"}
    for place, rule in enumerate(sorted(views)):
        tomorrow.add_url_rule(
            rule, f"view{place}", lambda **_: "inside", methods=["GET", "POST", "PUT", "DELETE"]
        )
    app.register_blueprint(tomorrow)
    client = app.test_client()
    for path in ("/tomorrow", "/twilio/tomorrow", "/tomorrow/7"):
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = client.open(path, method=method)
            assert (answer.status_code, b"inside" in answer.data) == (404, False), (method, path)


@pytest.mark.parametrize("path", ["//healthz", "//evil.example.com/healthz", "/healthz/", "/./x"])
def test_nothing_is_redirected(app: Flask, path: str) -> None:
    asked = {"PATH_INFO": path, "HTTP_HOST": "evil.example.com"}
    answer = app.test_client().get("/", environ_overrides=asked)
    assert answer.status_code in {200, 404}
    assert "Location" not in answer.headers


@pytest.mark.parametrize("forged", [None, "", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "other token"])
def test_each_of_them_refuses_what_is_not_signed(
    app: Flask, alone: Runtime, forged: str | None
) -> None:
    fields = call_fields("CA" + "1" * 32, "completed", 3)
    client = app.test_client()
    tried = 0
    for rule in _rules(app):
        if not rule.rule.startswith("/twilio"):
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            header = forged
            if forged == "other token":
                header = signature("wrong", PUBLIC_URL + rule.rule, fields)
            headers = {} if header is None else {"X-Twilio-Signature": header}
            answer = client.open(rule.rule, method=method, data=fields, headers=headers)
            assert answer.status_code == 403, f"{method} {rule.rule}"
            tried += 1
    assert tried >= len(STATUS_ROUTES)
    with alone.db.read() as connection:
        assert connection.scalar(select(func.count()).select_from(callbacks)) == 0


@pytest.mark.parametrize("route", sorted(STATUS_ROUTES))
def test_the_gate_opens_to_what_is_signed(app: Flask, route: str) -> None:
    fields = call_fields("CA" + "1" * 32, "completed", 3, Timestamp=just_now()) | {
        "MessageSid": "SM1",
        "MessageStatus": "sent",
    }
    header = signature("right", PUBLIC_URL + route, fields)
    answer = app.test_client().post(route, data=fields, headers={"X-Twilio-Signature": header})
    assert (answer.status_code, answer.data) == (204, b"")


def test_the_other_routes_only_answer(app: Flask) -> None:
    others = {
        rule.rule: (rule.methods or set()) - {"OPTIONS", "HEAD"}
        for rule in _rules(app)
        if not rule.rule.startswith("/twilio") and GUARDS[rule.rule] not in FORMS
    }
    assert set(others) >= {"/healthz", "/readyz", "/metrics"}
    assert all(methods == {"GET"} for methods in others.values())
