"""Whatever page or action the console has or gets: guarded, named, labelled, tested."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from bridge.app import create_app
from bridge.console.people import Person, Role
from bridge.environment import load
from bridge.runtime import Runtime, build
from bridge.store.tables import metadata
from bridge.web.routes import GUARDS, Guard
from tests.support.clock import Clock
from tests.support.console import PASSWORD, VIEW_PASSWORD, SignedIn, token_of
from tests.support.html_pages import Page

ROOT = Path(__file__).parents[2]
CONSOLE = {Guard.VIEWER, Guard.OPERATOR, Guard.SIGN_IN, Guard.SIGN_OUT, Guard.ASSET}
FIRM = "Example & Partners"
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>")
_SAMPLES = {"int": "7", "path": "no/such/page"}
Call = tuple[str, str]
"""A method and an address."""


@pytest.fixture
def runtime(sqlite_template: Path, tmp_path: Path) -> Iterator[Runtime]:
    path = tmp_path / "bridge.db"
    shutil.copy(sqlite_template, path)
    environment = {
        "DATABASE_URL": f"sqlite:///{path}",
        "PUBLIC_URL": "https://firm.example.com",
        "TWILIO_AUTH_TOKEN": "right",
        "FIRM_NAME": FIRM,
        "CONSOLE_PASSWORD": PASSWORD,
        "CONSOLE_VIEW_PASSWORD": VIEW_PASSWORD,
        "SECRET_KEY": "secret-of-the-tests-in-32-characters",
    }
    made = build(load(environment), connections=3)
    yield replace(made, clock=Clock())
    made.close()


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    return create_app(runtime)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def operator(app: Flask) -> SignedIn:
    return SignedIn(app, "Ann Operator", PASSWORD)


@pytest.fixture
def viewer(app: Flask) -> SignedIn:
    return SignedIn(app, "Vic Viewer", VIEW_PASSWORD)


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console.")]


def _address(rule: Rule) -> str:
    """The rule's address with something in place of its parameters."""
    return _PARAMETER.sub(lambda found: _SAMPLES.get(found[1] or "", "x"), rule.rule)


def _calls(app: Flask, *guards: Guard) -> list[Call]:
    """Every method of every address that has one of these guards."""
    return [
        (method, _address(rule))
        for rule in _rules(app)
        if GUARDS[rule.rule] in guards
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _pages(app: Flask) -> list[str]:
    return [where for method, where in _calls(app, Guard.VIEWER, Guard.OPERATOR) if method == "GET"]


def _is_html(answer: TestResponse) -> bool:
    return answer.mimetype == "text/html" and answer.status_code not in {302, 303}


def test_what_lies_under_its_address_is_the_consoles_and_guarded(app: Flask) -> None:
    rules = _rules(app)
    assert len(rules) >= 10
    for rule in rules:
        assert re.match(r"/console(/|$)", rule.rule), rule
        assert GUARDS[rule.rule] in CONSOLE, rule
    others = {rule for rule, guard in GUARDS.items() if guard in CONSOLE}
    assert others == {rule.rule for rule in rules}


def test_what_may_be_posted_is_an_operators(app: Flask) -> None:
    for rule in _rules(app):
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods <= {"GET", "POST"}, rule
        if "POST" in methods:
            assert GUARDS[rule.rule] in {Guard.OPERATOR, Guard.SIGN_IN, Guard.SIGN_OUT}, rule
        if GUARDS[rule.rule] is Guard.OPERATOR:
            assert "POST" in methods, f"{rule}: a page that only shows is everybody's"


def test_strangers_are_sent_to_sign_in_and_told_nothing(app: Flask, stranger: FlaskClient) -> None:
    calls = _calls(app, Guard.VIEWER, Guard.OPERATOR, Guard.SIGN_OUT)
    for method, where in calls:
        answer = stranger.open(where, method=method)
        expected = 302 if method == "GET" else 401
        assert answer.status_code == expected, (method, where)
        if method == "GET":
            assert answer.location.startswith("/console/sign-in?next="), where
        assert FIRM.split(maxsplit=1)[0] not in answer.text
    for where in _pages(app):
        assert stranger.get(where, headers={"X-Live": "1"}).status_code == 401, where


def test_a_form_without_our_token_changes_nothing(
    app: Flask, operator: SignedIn, viewer: SignedIn, stranger: FlaskClient, runtime: Runtime
) -> None:
    before = _stored(runtime)
    for method, where in _calls(app, Guard.OPERATOR, Guard.SIGN_OUT):
        if method == "POST":
            assert operator.post_forged(where, reason="x").status_code == 400, where
            other = {"csrf_token": token_of(viewer.get("/console/"))}
            assert operator.post_forged(where, **other).status_code == 400, where
    unasked = stranger.post("/console/sign-in", data={"name": "Ann", "password": PASSWORD})
    assert unasked.status_code == 400
    assert _stored(runtime) == before


def test_only_a_post_changes_anything(app: Flask, operator: SignedIn, runtime: Runtime) -> None:
    """A token is asked for in what is posted; nothing else may do as well."""
    before = _stored(runtime)
    for _, where in _calls(app, Guard.OPERATOR, Guard.SIGN_OUT, Guard.SIGN_IN):
        for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"):
            form = {"reason": "x", "name": "Ann", "password": PASSWORD}
            answer = operator.client.open(where, method=method, data=form)
            assert answer.status_code in {200, 404, 405}, (method, where)
    assert _stored(runtime) == before


def test_whoever_only_looks_changes_nothing(app: Flask, viewer: SignedIn, runtime: Runtime) -> None:
    before = _stored(runtime)
    for method, where in _calls(app, Guard.OPERATOR):
        answer = viewer.get(where) if method == "GET" else viewer.post(where, reason="x")
        assert answer.status_code == 403, (method, where)
        assert "signed in to look only" in answer.text
    assert _stored(runtime) == before


def test_looking_changes_nothing(app: Flask, operator: SignedIn, runtime: Runtime) -> None:
    """But for the audit trail, which keeps what was taken away as CSV."""
    before = _stored(runtime)
    for where in _pages(app):
        assert operator.get(where).status_code < 500, where
    after = _stored(runtime)
    assert {**after, "audit": []} == {**before, "audit": []}


def test_without_a_password_there_is_no_console(runtime: Runtime) -> None:
    off = replace(runtime.settings, console_password=None, console_view_password=None)
    keyless = replace(runtime.settings, secret_key=None)
    for settings in (off, keyless):
        app = create_app(replace(runtime, settings=settings))
        client = app.test_client()
        for rule in _rules(app):
            for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
                answer = client.open(_address(rule), method=method)
                assert answer.status_code == 404, (method, rule)
                assert answer.mimetype == "text/plain"
                assert "Set-Cookie" not in answer.headers


def test_the_headers_of_every_answer(
    app: Flask, operator: SignedIn, viewer: SignedIn, stranger: FlaskClient
) -> None:
    calls = [*_calls(app, *CONSOLE), ("PUT", "/console/"), ("OPTIONS", "/console/plan")]
    for client in (stranger, viewer.client, operator.client):
        for method, where in calls:
            _check_headers(client.open(where, method=method), where)
            # A route is found however many slashes begin the path.
            slashes = {"PATH_INFO": f"//{where[1:]}"}
            _check_headers(client.open("/", method=method, environ_overrides=slashes), where)


def _check_headers(answer: TestResponse, where: str) -> None:
    expected: Mapping[str, str] = {
        "Content-Security-Policy": CSP,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000",
        "Cache-Control": "no-store",
    }
    for name, value in expected.items():
        assert answer.headers.getlist(name) == [value], (where, name, answer.status_code)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Server" not in answer.headers or "/" not in answer.headers["Server"]


def test_nobody_is_let_in_unencrypted(
    app: Flask, operator: SignedIn, stranger: FlaskClient, runtime: Runtime
) -> None:
    plain = {"X-Forwarded-Proto": "http"}
    before = _stored(runtime)
    for client in (stranger, operator.client):
        for method, where in _calls(app, *(CONSOLE - {Guard.ASSET})):
            answer = client.open(where, method=method, headers=plain, data={"password": PASSWORD})
            if method == "GET":
                assert answer.status_code == 302, where
                assert answer.location == f"https://firm.example.com{where}"
            else:
                assert answer.status_code == 403, where
                assert "sent unencrypted" in answer.text
            assert "Set-Cookie" not in answer.headers
    assert _stored(runtime) == before
    encrypted = {"X-Forwarded-Proto": "http, https"}
    assert operator.client.get("/console/", headers=encrypted).status_code == 200


def test_assets_are_kept_and_nothing_else(app: Flask, stranger: FlaskClient) -> None:
    page = stranger.get("/console/sign-in").text
    assets = set(re.findall(r'(?:href|src)="(/console/assets/[^"]+)"', page))
    assert len(assets) >= 5
    for where in assets:
        for coding in ("gzip", "identity"):
            answer = stranger.get(where, headers={"Accept-Encoding": coding})
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["Content-Security-Policy"] == CSP
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert "Set-Cookie" not in answer.headers
        version = where.split("/")[3]
        gone = stranger.get(where.replace(version, "0" * 12))
        assert (gone.status_code, gone.headers["Cache-Control"]) == (404, "no-store")
    for odd in ("../../pages.py", "..%2f..%2fpages.py", "pages.py", "%00"):
        assert stranger.get(f"/console/assets/x/{odd}").status_code in {302, 404}


@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
def test_every_page_can_be_read_by_everybody(
    app: Flask, operator: SignedIn, viewer: SignedIn, stranger: FlaskClient, *, paused: bool
) -> None:
    if paused:
        operator.post("/console/pause", reason="Snow")
    seen = 0
    for who in (operator, viewer):
        for where in [*_pages(app), "/console/sign-in"]:
            answer = who.get(where)
            if _is_html(answer):
                _check_page(answer, where)
                seen += 1
    _check_page(stranger.get("/console/sign-in"), "/console/sign-in")
    _check_page(operator.post_forged("/console/resume"), "a forged form")
    assert seen >= 10


def _check_page(answer: TestResponse, where: str) -> None:
    page = Page(answer.text)
    assert page.language == "en", where
    assert page.title, where
    headings = [said for level, said in page.headings if level == 1]
    assert len(headings) == 1, (where, page.headings)
    assert headings[0], where
    levels = [level for level, _ in page.headings]
    assert all(below <= above + 1 for above, below in pairwise(levels)), (where, levels)
    assert page.unlabelled() == [], where
    assert all(page.buttons), (where, page.buttons)
    assert all(page.links), (where, page.links)
    assert page.inline == [], where
    assert all(has_token == (method == "post") for method, has_token in page.tokens), where
    assert len(set(page.ids)) == len(page.ids), where
    assert (page.headers_without_scope, page.mains) == (0, 1), where


def test_titles_tell_pages_apart(app: Flask, operator: SignedIn) -> None:
    titles: dict[str, str] = {}
    for where in _pages(app):
        answer = operator.get(where)
        if _is_html(answer) and answer.status_code == 200:
            title = Page(answer.text).title
            assert title not in titles, (where, titles.get(title))
            titles[title] = where


def test_each_address_has_a_test(app: Flask) -> None:
    folder = ROOT / "tests" / "console"
    tested = "\n".join(_with_constants(path.read_text()) for path in sorted(folder.glob("*.py")))
    untested = [
        rule.rule
        for rule in _rules(app)
        if not re.search(_as_written(rule.rule), tested) and rule.endpoint != "console.asset"
    ]
    assert untested == []


def _with_constants(test: str) -> str:
    """A test with the addresses that it gives names to: `f"{CASE}.csv"` is one under `CASE`."""
    for name, address in re.findall(r'^([A-Z_]+) = "(/console[^"]*)"', test, re.MULTILINE):
        test = test.replace(f"{{{name}}}", address)
    return test


def _as_written(rule: str) -> str:
    """How a test names an address: `"/console/cases/7"`, or `f"/console/cases/{case_id}"`."""
    parts = (re.escape(part) for part in _PARAMETER.split(rule)[::2])
    return r"""(?:\{[^}]*\}|[^/"'{}.?\s]+)""".join(parts) + r"""(?=["'?#])"""


def test_where_nobody_signs_in_everybody_is_in(runtime: Runtime) -> None:
    """As in the sandbox: an app that is told who sends requests, by its maker alone."""
    bare = replace(runtime.settings, console_password=None, console_view_password=None)
    app = create_app(
        replace(runtime, settings=bare), identify=lambda *_: Person("You", Role.OPERATOR)
    )
    client = app.test_client()
    assert client.get("/console/").status_code == 200
    token = token_of(client.get("/console/"))
    assert client.post("/console/pause", data={"reason": "x"}).status_code == 400
    paused = client.post("/console/pause", data={"reason": "x", "csrf_token": token})
    assert paused.status_code == 303
    assert client.get("/console/sign-in").location == "/console/"
    assert client.post("/console/sign-out", data={"csrf_token": token}).status_code == 303
    assert client.get("/console/").status_code == 200


def _stored(runtime: Runtime) -> dict[str, list[tuple[object, ...]]]:
    with runtime.db.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
        }
