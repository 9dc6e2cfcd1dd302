"""Where one gets by signing in: where one wanted, as long as that is a page of ours."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bridge.console.setup import DISMISSED
from bridge.runtime import Runtime
from bridge.store import schedules
from tests.support.console import PASSWORD, SIGN_IN, VIEW_PASSWORD, sign_in, token_of


def _dismiss_setup(runtime: Runtime) -> None:
    with runtime.db.begin() as connection:
        schedules.remember(connection, DISMISSED, runtime.clock(), 1)


@pytest.mark.parametrize(
    "wanted",
    [
        "/console/plan",
        "/console/cases/7",
        "/console/contacts?digits=0114&q=%0d%0aX",
        "/console/pause",
    ],
)
def test_one_gets_where_one_wanted(stranger: FlaskClient, app: Flask, wanted: str) -> None:
    sent = stranger.get(wanted)
    assert sent.status_code == 302
    token = token_of(stranger.get(sent.location))
    assert f'name="next" value="{wanted.replace("&", "&amp;")}"' in stranger.get(sent.location).text
    form = {"csrf_token": token, "name": "Ann", "password": PASSWORD, "next": wanted}
    answer = stranger.post(SIGN_IN, data=form)
    assert (answer.status_code, answer.location) == (303, wanted)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example.com/",
        "//evil.example.com",
        "//evil.example.com/console/",
        "///evil.example.com",
        "//console/plan",
        "///console/",
        "/\\evil.example.com",
        "/console/\\evil.example.com",
        "\\\\evil.example.com",
        "https:/evil.example.com",
        "https:evil.example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "/console/../twilio/voice/status",
        "/console/%2e%2e/evil",
        "/console//evil.example.com",
        "/console/plan\r\nSet-Cookie: x=y",
        "/console/plan?x=\r\nLocation: //evil.example.com",
        "/console/plan?\u2028x",
        "/console/sign-out",
        "/console/sign-in",
        "/console/assets/x/console.css",
        "/healthz",
        "@evil.example.com",
        "/console@evil.example.com",
        "console/plan",
        "\t//evil.example.com",
        "",
    ],
)
def test_one_gets_nowhere_else(app: Flask, elsewhere: str, runtime: Runtime) -> None:
    _dismiss_setup(runtime)
    answer = sign_in(app, PASSWORD, next=elsewhere)
    assert (answer.status_code, answer.location) == (303, "/console/")
    assert "Set-Cookie: x" not in str(answer.headers)


def test_setup_opens_by_itself_until_it_is_dismissed(app: Flask, runtime: Runtime) -> None:
    for wanted in ("", "/console/"):
        assert sign_in(app, PASSWORD, next=wanted).location == "/console/setup"
    assert sign_in(app, PASSWORD, next="/console/plan").location == "/console/plan"
    assert sign_in(app, VIEW_PASSWORD).location == "/console/"
    _dismiss_setup(runtime)
    assert sign_in(app, PASSWORD).location == "/console/"
