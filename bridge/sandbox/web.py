"""The web app of a run: the bridge's own, but its console opens without a password.

It is a program of its own, started by `processes.py` alone: no setting opens a console so.
"""

import sys
from urllib.parse import urlsplit

import click
from flask import Flask, abort, request

from bridge.app import create_app
from bridge.checking import required
from bridge.commands import startup
from bridge.console.people import Person, Role
from bridge.runtime import Runtime
from bridge.server import serve
from bridge.settings import Settings

HOST = "127.0.0.1"
_NAMES = {HOST, "localhost"}
_WHOEVER = Person("You", Role.OPERATOR)


def make_app(runtime: Runtime) -> Flask:
    """The web app; whoever comes to its console may look and act."""
    return create_app(runtime, identify=_identify)


def _identify(*_: object) -> Person:
    # It listens on this machine alone, but another site can have its name lead here too.
    if urlsplit(f"//{request.host}").hostname not in _NAMES:
        abort(400, f"The sandbox's console is at {HOST} alone.")
    return _WHOEVER


def main() -> None:
    """Serve it, until a signal ends it."""
    settings = startup.service_settings(required.for_web)
    if not is_pretend(settings):
        click.echo("Error: this opens the console to everybody: run `bridge sandbox`", err=True)
        sys.exit(1)
    startup.ready(settings)
    serve(settings, host=HOST, make_app=make_app)


def is_pretend(settings: Settings) -> bool:
    """Whether nothing but the stand-ins is called, and nothing but a file is read."""
    called = (settings.public_url, settings.twilio_api_url, settings.smartadvocate_url)
    return settings.uses_sqlite and all(urlsplit(url or "").hostname == HOST for url in called)


if __name__ == "__main__":
    main()
