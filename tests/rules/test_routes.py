"""Whatever may be posted to stands behind the signature gate."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from bridge.app import create_app
from bridge.runtime import Runtime, build
from bridge.settings import load
from bridge.store.tables import callbacks
from tests.support.signing import call_fields, just_now, signature

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
STATUS_ROUTES = {"/twilio/voice/status", "/twilio/messages/status"}
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


def test_all_that_may_be_posted_to_is_twilios(app: Flask) -> None:
    posted = {rule.rule for rule in _rules(app) if UNSAFE & (rule.methods or set())}
    assert posted >= STATUS_ROUTES
    assert all(route.startswith("/twilio/") for route in posted)


def test_all_of_twilios_routes_are_in_the_guarded_blueprint(app: Flask) -> None:
    routes = [rule for rule in _rules(app) if rule.rule.startswith("/twilio")]
    assert {rule.rule for rule in routes} >= STATUS_ROUTES
    assert {rule.endpoint.split(".")[0] for rule in routes} == {"twilio"}
    # And the blueprint does have a gate: something that runs ahead of its views.
    assert app.before_request_funcs.get("twilio")


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
        if not rule.rule.startswith("/twilio")
    }
    assert set(others) >= {"/healthz", "/readyz", "/metrics"}
    assert all(methods == {"GET"} for methods in others.values())
