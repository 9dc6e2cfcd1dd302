"""Exceptions and their HTTP status, in one place; the reason why stands beside each."""

from collections.abc import Callable

import structlog
from flask import Flask, Response, current_app, g
from werkzeug.exceptions import HTTPException

from bridge.store.db import UNREACHABLE

UNAVAILABLE = "The database is unavailable. Please try again."
INTERNAL = "Internal error. The log has the details under request_id={}."
_COME_BACK_SECONDS = "2"

Dress = Callable[[str, int], Response | None]
"""An error's answer by its line and status, where it isn't the plain line; None where it is."""

_DRESS = "bridge.dress"

log = structlog.get_logger(__name__)


def register(app: Flask, dress: Dress) -> None:
    """Answer every error with one plain line, or as `dress` shows it to people."""
    app.extensions[_DRESS] = dress
    app.register_error_handler(HTTPException, _http)
    for unreachable in UNREACHABLE:
        app.register_error_handler(unreachable, _unreachable)
    app.register_error_handler(Exception, _bug)


def _http(error: HTTPException) -> Response:
    answer = _line(error.description or error.name, error.code or 500)
    valid = getattr(error, "valid_methods", None)
    if valid:
        answer.headers["Allow"] = ", ".join(sorted(valid))
    return answer


def _unreachable(error: Exception) -> Response:
    """503: Twilio tries again, as the callback URLs we hand out ask it to."""
    log.error("Database unavailable", error=type(error).__name__)
    answer = _line(UNAVAILABLE, 503)
    answer.headers["Retry-After"] = _COME_BACK_SECONDS
    return answer


def _bug(error: Exception) -> Response:
    """500: Twilio tries again, so nothing is lost while the bug is mended."""
    log.error("Request failed", exc_info=error)
    return _line(INTERNAL.format(g.get("request_id", "")), 500)


def _line(text: str, status: int) -> Response:
    dress: Dress = current_app.extensions[_DRESS]
    dressed = dress(text, status)
    if dressed is not None:
        return dressed
    return Response(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
