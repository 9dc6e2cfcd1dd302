"""The web app: blueprints and error pages; nothing else."""

import re

import structlog
from flask import Flask, Response, g, request

from bridge.runtime import Runtime
from bridge.web import errors, health, twilio

MOST_BODY_BYTES = 64 * 1024
"""Twilio's callbacks are below 8 KiB (twilio.md, 3.2)."""

_REQUEST_ID = "X-Request-ID"
_USABLE_ID = re.compile(r"[\w.-]{8,80}")


def create_app(runtime: Runtime) -> Flask:
    """The web app on a runtime of its own."""
    app = Flask("bridge", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_BODY_BYTES
    app.extensions["bridge"] = runtime
    app.before_request(_name_request)
    app.after_request(_tell_name)
    app.register_blueprint(twilio.blueprint)
    app.register_blueprint(health.blueprint)
    errors.register(app)
    return app


def _name_request() -> None:
    runtime = twilio.runtime()
    given = request.headers.get(_REQUEST_ID, "")
    g.request_id = given if _USABLE_ID.fullmatch(given) else runtime.new_id()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _tell_name(answer: Response) -> Response:
    answer.headers[_REQUEST_ID] = g.get("request_id", "")
    return answer
