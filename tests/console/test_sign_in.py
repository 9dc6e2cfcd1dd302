"""Signing in: right and wrong passwords, and guesses that are slowed down."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from bridge.app import create_app
from bridge.console import passwords
from bridge.runtime import Runtime
from bridge.store.console import audit
from bridge.store.tables import sessions as session_rows
from bridge.store.tables import sign_ins
from tests.support.clock import Clock
from tests.support.console import (
    PASSWORD,
    SIGN_IN,
    VIEW_PASSWORD,
    SignedIn,
    sign_in,
    token_of,
    words,
)

HERE = "8.8.8.8"


def _codes(app: Flask, tries: int, address: str = HERE) -> list[int]:
    return [sign_in(app, f"wrong {number}", address).status_code for number in range(tries)]


@pytest.fixture
def strangers() -> Iterator[str]:
    """Addresses that nobody has come from before."""
    return (f"9.{number // 250}.{number % 250}.9" for number in count())


@pytest.mark.parametrize(("password", "role"), [(PASSWORD, "operator"), (VIEW_PASSWORD, "viewer")])
def test_whoever_knows_a_password_gets_in(
    app: Flask, runtime: Runtime, password: str, role: str
) -> None:
    answer = sign_in(app, password, name="  Ann \u202e\x07 Miller\n")
    assert answer.status_code == 303
    assert answer.location in {"/console/", "/console/setup"}
    with runtime.db.read() as connection:
        (line,) = audit.newest(connection, 5)
        row = connection.execute(select(session_rows)).one()
    assert (line.actor, line.action, line.subject) == ("Ann Miller", "signed-in", role)
    assert (row.name, row.role, row.address) == ("Ann Miller", role, HERE)


def test_a_hash_in_the_settings_opens_as_its_password_does(runtime: Runtime) -> None:
    hashed = replace(
        runtime.settings,
        console_password=generate_password_hash(PASSWORD, "scrypt:1024:8:1"),
        console_view_password=generate_password_hash(VIEW_PASSWORD, "pbkdf2:sha256:1000"),
    )
    app = create_app(replace(runtime, settings=hashed))
    assert sign_in(app, PASSWORD).status_code == 303
    assert sign_in(app, VIEW_PASSWORD).status_code == 303
    assert sign_in(app, hashed.console_password or "").status_code == 401


@pytest.mark.parametrize("password", ["", "x", PASSWORD[:-1], f"{PASSWORD} ", PASSWORD.upper()])
def test_a_wrong_password_is_told_the_same_to_everybody(app: Flask, password: str) -> None:
    said = set()
    for name in ("Ann", "admin", "x" * 500):
        answer = sign_in(app, password, name=name)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)
        said.add(answer.text.partition('role="alert"')[2].partition("</div>")[0])
        assert not password or f'value="{password}"' not in answer.text
    assert len(said) == 1


def test_no_view_password_no_empty_one(runtime: Runtime) -> None:
    only = replace(runtime.settings, console_view_password=None)
    app = create_app(replace(runtime, settings=only))
    assert sign_in(app, "").status_code == 401
    assert sign_in(app, VIEW_PASSWORD).status_code == 401


@pytest.mark.parametrize("name", ["", "   ", "\u202e\x00"])
def test_a_name_is_needed(app: Flask, name: str) -> None:
    answer = sign_in(app, PASSWORD, name=name)
    assert answer.status_code == 400


def test_who_mistypes_twice_is_not_held_up(app: Flask) -> None:
    assert _codes(app, 2) == [401, 401]
    assert sign_in(app, PASSWORD).status_code == 303


def test_twenty_wrong_passwords_from_two_addresses_over_two_processes(
    app: Flask, runtime: Runtime, clock: Clock
) -> None:
    apps = [app, create_app(replace(runtime))]
    codes: dict[str, list[int]] = {HERE: [], "8.8.4.4": []}
    for number in range(10):
        for address, seen in codes.items():
            seen.append(sign_in(apps[number % 2], "wrong", address).status_code)
    assert list(codes.values()) == [[401] * 5 + [429] * 5] * 2
    held = sign_in(app, PASSWORD)
    assert (held.status_code, held.headers["Retry-After"]) == (429, "300")
    assert "try again after Mon Nov 23, 12:05 PM ET" in words(held)
    assert sign_in(app, PASSWORD, "1.1.1.1").status_code == 303, "others are not held up"
    clock.advance(minutes=5)
    assert sign_in(app, PASSWORD).status_code == 303


def test_a_held_try_does_not_prolong_the_wait(app: Flask, clock: Clock) -> None:
    assert _codes(app, 5) == [401] * 5
    for _ in range(4):
        clock.advance(minutes=1)
        assert _codes(app, 2) == [429, 429]
    clock.advance(minutes=1)
    assert sign_in(app, PASSWORD).status_code == 303


def test_a_right_password_between_buys_no_guesses(app: Flask, clock: Clock) -> None:
    """Whoever may look can't guess the other password between sign-ins of his own."""
    guesses = 0
    for _ in range(12):
        guesses += sum(code == 401 for code in _codes(app, 4))
        sign_in(app, VIEW_PASSWORD)
        clock.advance(minutes=5)
    assert guesses <= 10


def test_tries_side_by_side_count_too(app: Flask) -> None:
    together = threading.Barrier(8)

    def guess(number: int) -> int:
        client = app.test_client()
        form = {"csrf_token": token_of(client.get(SIGN_IN)), "name": "Ann", "password": "wrong"}
        together.wait(20)
        return client.post(
            SIGN_IN, data=form, headers={"X-Forwarded-For": f"{number}.0.0.1, {HERE}"}
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = [code for _ in range(3) for code in pool.map(guess, range(8))]
    assert codes.count(401) <= 5
    assert set(codes) <= {401, 429}


def test_a_flood_from_everywhere_is_slowed_and_the_firm_gets_in(
    app: Flask, clock: Clock, strangers: Iterator[str]
) -> None:
    assert sign_in(app, PASSWORD, HERE).status_code == 303
    clock.advance(days=29)
    flood = [sign_in(app, "wrong", next(strangers)).status_code for _ in range(40)]
    assert flood == [401] * 20 + [429] * 20
    assert sign_in(app, PASSWORD, next(strangers)).status_code == 429
    assert sign_in(app, "mistyped", HERE).status_code == 401
    assert sign_in(app, PASSWORD, HERE).status_code == 303
    clock.advance(minutes=15)
    assert sign_in(app, PASSWORD, next(strangers)).status_code == 303, "not for good"


def test_an_address_is_known_for_a_month(
    app: Flask, clock: Clock, strangers: Iterator[str]
) -> None:
    assert sign_in(app, PASSWORD, HERE).status_code == 303
    clock.advance(days=31)
    for _ in range(20):
        sign_in(app, "wrong", next(strangers))
    assert sign_in(app, PASSWORD, HERE).status_code == 429


def test_a_forged_header_is_no_fresh_address(app: Flask) -> None:
    client = app.test_client()
    token = token_of(client.get(SIGN_IN))
    form = {"csrf_token": token, "name": "Ann", "password": "wrong"}

    def guess(number: int, peer: str) -> int:
        return client.post(
            SIGN_IN,
            data=form,
            headers={"X-Forwarded-For": f"7.7.7.{number}"},
            environ_overrides={"REMOTE_ADDR": peer},
        ).status_code

    assert [guess(number, "9.9.9.9") for number in range(7)] == [401] * 5 + [429] * 2
    # In a network without a router each try may have an address: then all count together.
    assert [guess(number, "10.0.0.9") for number in range(20)].count(401) == 15


def test_a_try_that_could_not_be_looked_at_does_not_count(app: Flask, runtime: Runtime) -> None:
    with passwords.a_place(), passwords.a_place():
        answer = sign_in(app, PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert "Others are signing in right now" in words(answer)
    with runtime.db.read() as connection:
        assert list(connection.scalars(select(sign_ins.c.id))) == []
    assert sign_in(app, PASSWORD).status_code == 303


def test_one_hash_at_a_time(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """And of those who come meanwhile no more than one waits: threads stay free for Twilio."""
    hashed = replace(runtime.settings, console_password="scrypt:1024:8:1$salt$00")
    inside, most = [0], [0]

    def check(_kept: str, _password: str) -> bool:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.02)
        inside[0] -= 1
        return False

    monkeypatch.setattr(passwords, "check_password_hash", check)
    app = create_app(replace(runtime, settings=hashed))
    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(lambda n: sign_in(app, "x", f"9.9.9.{n}").status_code, range(12)))
    assert most == [1]
    assert set(codes) <= {401, 429}


def test_who_waits_too_long_is_told_so(
    app: Flask, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_LONGEST_WAIT_SECONDS", 0.01)
    hashed = generate_password_hash(PASSWORD, "scrypt:1024:8:1")
    app = create_app(replace(runtime, settings=replace(runtime.settings, console_password=hashed)))
    with passwords._ONE_AT_A_TIME:
        assert sign_in(app, PASSWORD).status_code == 429


def test_what_was_typed_is_shown_as_text(app: Flask) -> None:
    answer = sign_in(app, "wrong", name='"><script>alert(1)</script>', next='"><script>')
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_signing_in_is_a_form_of_ours(app: Flask) -> None:
    """Else another site could sign somebody in as somebody else, and read what he then does."""
    form = {"name": "Ann", "password": PASSWORD}
    answer = app.test_client().post(SIGN_IN, data=form)
    assert answer.status_code == 400
    assert "reload the page" in words(answer)


def test_sign_out_ends_the_session_wherever_its_cookie_went(
    operator: SignedIn, runtime: Runtime
) -> None:
    cookie = operator.client.get_cookie("bridge")
    assert cookie is not None
    thief = create_app(runtime).test_client()
    thief.set_cookie("bridge", cookie.value)
    assert thief.get("/console/plan").status_code == 200
    answer = operator.post("/console/sign-out")
    assert (answer.status_code, answer.location) == (303, SIGN_IN)
    assert thief.get("/console/plan").status_code == 302
    assert operator.get("/console/plan").status_code == 302
    with runtime.db.read() as connection:
        assert audit.newest(connection, 1)[0].action == "signed-out"


def test_a_viewer_may_sign_out_too(viewer: SignedIn) -> None:
    assert viewer.post("/console/sign-out").status_code == 303
    assert viewer.get("/console/").status_code == 302
