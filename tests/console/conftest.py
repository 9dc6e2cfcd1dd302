"""Browsers without a browser: clients of the web app that are signed in, on both databases."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bridge.app import create_app
from bridge.runtime import Runtime
from tests.support.clock import Clock
from tests.support.console import PASSWORD, SECRET_KEY, VIEW_PASSWORD, SignedIn
from tests.support.desk import Desk
from tests.support.templates import compile_once
from tests.support.world import World, Worldwide


def with_console(runtime: Runtime, public_url: str = "http://localhost") -> Runtime:
    """A runtime with a console; over http, so that clients of the tests send its cookie."""
    settings = replace(
        runtime.settings,
        public_url=public_url,
        firm_name="Example & Partners",
        console_password=PASSWORD,
        console_view_password=VIEW_PASSWORD,
        secret_key=SECRET_KEY,
    )
    return replace(runtime, settings=settings)


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    """A runtime with a console."""
    return with_console(runtime)


@pytest.fixture
def world(worldwide: Worldwide) -> World:
    """One whose people get a text first."""
    return worldwide(TEXT_ENABLED="true", TEXT_LEAD="10m")


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    made = create_app(runtime)
    compile_once(made)
    return made


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Somebody who isn't signed in."""
    return app.test_client()


@pytest.fixture
def operator(app: Flask) -> SignedIn:
    """Somebody who may look and act."""
    return SignedIn(app, "Ann Operator", PASSWORD)


@pytest.fixture
def viewer(app: Flask) -> SignedIn:
    """Somebody who may look."""
    return SignedIn(app, "Vic Viewer", VIEW_PASSWORD)


@pytest.fixture
def desk(runtime: Runtime, operator: SignedIn, clock: Clock) -> Iterator[Desk]:
    """A desk at the firm, at which that somebody sits."""
    made = Desk(runtime, operator, clock)
    yield made
    made.close()
