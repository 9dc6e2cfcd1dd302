"""The web app: blueprints and error pages; nothing else."""

import re

import structlog
from flask import Flask, Response, g, request

from bridge.console import views
from bridge.console.errors import in_dress
from bridge.console.guard import CHECKS, Identify
from bridge.runtime import Runtime
from bridge.web import errors, gate, health, twilio
from bridge.web.current import runtime as current_runtime
from bridge.web.held_answers import why_in_vain
from bridge.web.limits import MOST_BODY_BYTES

_REQUEST_ID = "X-Request-ID"
_USABLE_ID = re.compile(r"[\w.-]{8,80}")


def create_app(runtime: Runtime, identify: Identify | None = None) -> Flask:
    """The web app on a runtime of its own.

    `identify` says who sends requests to the console where that isn't told by signing in: in the
    sandbox, where everybody is let in.
    """
    app = Flask("bridge", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_BODY_BYTES
    app.extensions["bridge"] = runtime
    # A path is what it is: nothing is redirected, least of all to the host that was asked for.
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    app.before_request(_name_request)
    app.before_request(_raise_failure)
    gate.register(app, CHECKS)
    app.after_request(_tell_name)
    app.register_blueprint(twilio.blueprint)
    app.register_blueprint(health.blueprint)
    views.register(app, identify)
    errors.register(app, in_dress)
    return app


def _name_request() -> None:
    runtime = current_runtime()
    given = request.headers.get(_REQUEST_ID, "")
    g.request_id = given if _USABLE_ID.fullmatch(given) else runtime.new_id()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _raise_failure() -> None:
    """Answer a request whose answer was held back in vain by what went wrong."""
    error = why_in_vain(request.environ)
    if error is not None:
        raise error


def _tell_name(answer: Response) -> Response:
    answer.headers[_REQUEST_ID] = g.get("request_id", "")
    return answer
