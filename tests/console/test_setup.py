"""Setup: who may do what, when it opens by itself, what is refused, and what never is shown."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from bridge.app import create_app
from bridge.checking.findings import FAILURE, OK
from bridge.console import setup
from bridge.console.setting_words import all_settings
from bridge.environment import load
from bridge.runtime import Runtime
from bridge.store import heartbeats
from bridge.store.console import audit, errands
from bridge.store.console.audit import Action
from bridge.store.console.errands import ErrandKind, ErrandState
from bridge.store.db import Connection
from bridge.store.heartbeats import Heartbeat, Role
from tests.support.clock import Clock
from tests.support.console import PASSWORD, SECRET_KEY, SignedIn, words

MINE = "+14025550177"
PAGES = ("/console/setup", "/console/setup/pauses", "/console/setup/settings", "/console/audit")
ACTIONS = (
    "/console/setup/check",
    "/console/setup/dismiss",
    "/console/setup/call",
    "/console/setup/text",
    "/console/setup/pauses/new",
    "/console/setup/pauses/1/lift",
)
FORMS = ("/console/setup/call", "/console/setup/text", "/console/setup/pauses/new")


def _checked(connection: Connection, runtime: Runtime, level: str, says: str = "says") -> None:
    now = runtime.clock()
    assert errands.ask(connection, ErrandKind.CHECK, "Ann", now) is not None
    taken = errands.take(connection, now)
    assert taken is not None
    finding = {"level": level, "subject": "SmartAdvocate", "sentence": says}
    errands.finish(connection, taken, ErrandState.DONE, {"findings": [finding]}, now=now)


@pytest.mark.parametrize("path", [*PAGES, "/console/audit.csv"])
def test_whoever_is_signed_in_may_look(
    stranger: FlaskClient, viewer: SignedIn, operator: SignedIn, path: str
) -> None:
    for somebody in (viewer, operator):
        answer = somebody.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
    assert "/console/sign-in" in stranger.get(path).location
    page = viewer.get(path).text
    assert "Re-check" not in page
    assert "Call my phone" not in page


@pytest.mark.parametrize("path", ACTIONS)
def test_only_an_operator_acts_and_by_a_form_of_ours(
    stranger: FlaskClient, viewer: SignedIn, operator: SignedIn, path: str
) -> None:
    assert viewer.post(path, reason="x").status_code == 403
    assert operator.post_forged(path, reason="x").status_code == 400
    assert stranger.post(path).status_code in {400, 401}
    if path in FORMS:
        assert viewer.get(path).status_code == 403
        assert operator.get(path).status_code == 200


@pytest.mark.parametrize(
    ("fields_sent", "says"),
    [
        ({"phone": "", "confirmed": "yes"}, "not a phone number"),
        ({"phone": "911", "confirmed": "yes"}, "not a phone number"),
        ({"phone": MINE}, "confirm that it is your own phone"),
        ({"phone": "+442079460123", "confirmed": "yes"}, "United States and Canada"),
        ({"phone": "900-555-0114", "confirmed": "yes"}, "never dialed"),
        ({"phone": "<script>alert(1)</script>", "confirmed": "yes"}, "not a phone number"),
    ],
)
def test_a_test_goes_to_a_number_that_was_typed_and_confirmed(
    operator: SignedIn, runtime: Runtime, fields_sent: dict[str, str], says: str
) -> None:
    answer = operator.post("/console/setup/call", **fields_sent)
    assert (answer.status_code, says in words(answer)) == (400, True)
    assert "<script>alert" not in answer.text
    with runtime.db.read() as connection:
        assert errands.newest(connection, ErrandKind.TEST_CALL) is None


def test_tests_come_one_by_one(operator: SignedIn, runtime: Runtime, clock: Clock) -> None:
    sent = {"phone": MINE, "confirmed": "yes"}
    assert operator.post("/console/setup/call", **sent).status_code == 303
    soon = operator.post("/console/setup/text", **sent)
    assert (soon.status_code, "half a minute" in words(soon)) == (400, True)
    clock.advance(seconds=31)
    same = operator.post("/console/setup/call", **sent)
    assert (same.status_code, "still under way" in words(same)) == (400, True)
    for number in range(9):
        clock.advance(minutes=2)
        kind = "text" if number % 2 else "call"
        assert operator.post(f"/console/setup/{kind}", **sent).status_code == 303
    clock.advance(minutes=2)
    many = operator.post("/console/setup/text", **sent)
    assert (many.status_code, "10 tests within the last hour" in words(many)) == (400, True)
    clock.advance(minutes=45)
    assert operator.post("/console/setup/text", **sent).status_code == 303


def test_it_opens_by_itself_until_all_works(runtime: Runtime) -> None:
    with runtime.db.begin() as connection:
        assert setup.is_due(connection)
        _checked(connection, runtime, FAILURE)
        assert setup.is_due(connection)
        _checked(connection, runtime, OK)
        assert not setup.is_due(connection)


def test_nobody_is_led_there_who_had_enough(operator: SignedIn, runtime: Runtime) -> None:
    assert "Don't open by itself" in words(operator.get("/console/setup"))
    assert operator.post("/console/setup/dismiss").location == "/console/"
    assert "Don't open by itself" not in words(operator.get("/console/setup"))
    with runtime.db.read() as connection:
        assert not setup.is_due(connection)
        assert audit.newest(connection, 1)[0].action is Action.SETUP_DISMISSED


def test_what_was_found_is_text_and_the_worst_comes_first(
    operator: SignedIn, runtime: Runtime
) -> None:
    with runtime.db.begin() as connection:
        _checked(connection, runtime, FAILURE, "<script>alert(1)</script> refused")
    page = operator.get("/console/setup")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; refused" in page.text
    assert "1 thing needs you before all works." in words(page)
    assert "Needs you" in words(page)


def test_who_is_alive(operator: SignedIn, runtime: Runtime, clock: Clock) -> None:
    assert "No worker is running." in words(operator.get("/console/setup"))
    now = runtime.clock()
    with runtime.db.begin() as connection:
        for name, role in (("a", Role.WEB), ("b", Role.WORKER)):
            seen = Heartbeat(name, role, now - timedelta(hours=1), now, True, "9.8.7")
            heartbeats.beat(connection, seen)
    page = words(operator.get("/console/setup"))
    assert "No worker is running." not in page
    assert "Worker running it calls and texts" in page
    assert "9.8.7" in page
    clock.advance(minutes=1)
    assert "No worker is running." in words(operator.get("/console/setup"))


def test_settings_stand_as_they_are_written_and_no_secret_is_among_them(
    runtime: Runtime,
) -> None:
    environment = {
        "CONSOLE_PASSWORD": PASSWORD,
        "SECRET_KEY": SECRET_KEY,
        "TWILIO_AUTH_TOKEN": "token-of-the-tests",
        "SMARTADVOCATE_API_KEY": "key-of-the-tests",
        "METRICS_TOKEN": "metrics-of-the-tests",
        "SMARTADVOCATE_URL": "https://sa.example.com:8443/api",
        "PUBLIC_URL": "http://localhost",
        "DIAL_HOURS": "10:00-18:30",
        "DIAL_DAYS": "mon,wed",
        "DIAL_CAMPAIGNS": "Camp <b>Lejeune</b>, Other",
        "DIAL_RETRY_BUSY": "90m",
        "DIAL_PERSON_GAP": "0",
        "DIAL_CAPS": "1,2,3,4",
        "SMARTADVOCATE_NAMES": "Auto-change=AutoChange; Campaign=campaign",
        "CAMPAIGN_GOALS": "Other=heard; *=talked",
        "TEXT_ENABLED": "true",
        "DATABASE_URL": runtime.settings.database_url,
    }
    settings = load(environment)
    ann = SignedIn(create_app(replace(runtime, settings=settings)), "Ann", PASSWORD)
    answer = ann.get("/console/setup/settings")
    shown = words(answer)
    for name in ("DIAL_HOURS", "DIAL_DAYS", "DIAL_RETRY_BUSY", "DIAL_PERSON_GAP", "DIAL_CAPS"):
        assert f"{name} {environment[name]} set" in shown
    for name in ("SMARTADVOCATE_NAMES", "CAMPAIGN_GOALS", "TEXT_ENABLED", "DIAL_CAMPAIGNS"):
        assert f"{name} {environment[name]} set" in shown
    assert "DIAL_RETRY_MACHINE 1d default" in shown
    assert "SMARTADVOCATE_URL https://sa.example.com:8443/api set" in shown
    assert "METRICS_TOKEN set, and not shown set" in shown
    assert "SENTRY_DSN not set" in shown
    for setting in fields(settings):
        value = getattr(settings, setting.name)
        if setting.metadata["secret"] and value:
            assert value not in answer.text, setting.name


def test_every_value_reads_back_as_it_was(runtime: Runtime) -> None:
    """What the page shows could be written into the environment."""
    shown = {row.name: row.value for row in all_settings(runtime.settings) if row.value}
    again = load(shown)
    for setting in fields(again):
        if not setting.metadata["secret"]:
            ours = getattr(runtime.settings, setting.name)
            assert getattr(again, setting.name) == ours, setting.name
