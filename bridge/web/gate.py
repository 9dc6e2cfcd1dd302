"""The one gate of the web app: every request passes its route's guard, or is refused.

Runs ahead of every view, of whichever blueprint. Of what is refused, nothing stays but a count
and, of some, a line in the log.
"""

import hmac
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, cast

import structlog
from flask import Flask, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callbacks import form_fields
from bridge.adapters.twilio.signature import FORM, HEADER, SignatureProblem, SignedRequest
from bridge.counts import REJECTED
from bridge.domain.redaction import without_numbers
from bridge.errors import Unusable
from bridge.web.current import runtime
from bridge.web.limits import CUT_SHORT, TARGET
from bridge.web.routes import GUARDS, Guard
from bridge.web.sampling import Sampled
from bridge.web.threads import SCOPE

Check = Callable[[str], ResponseReturnValue | None]
"""What a guard asks of a request by its route; an answer of its own ends the request."""

_SAMPLED = "bridge.sampled"
_CHECKS_OF_APP = "bridge.checks"
_MOST_SHOWN = 200
LINES = {401: "The bearer token is missing or wrong.", 403: "The signature is {}."}
NO_TOKEN = "METRICS_TOKEN is not set."  # noqa: S105 - a sentence
_EVENTS = {
    401: "A request without METRICS_TOKEN was refused",
    403: "A request without Twilio's signature was refused",
}
_HINTS = {
    401: "whoever reads /metrics must send it as a bearer token",
    403: "PUBLIC_URL must be the address that Twilio was given, to the letter",
}

log = structlog.get_logger(__name__)


def register(app: Flask, checks: Mapping[Guard, Check]) -> None:
    """Put the gate ahead of all views. `checks` are those of guards that aren't this module's."""
    app.extensions[_SAMPLED] = Sampled()
    app.extensions[_CHECKS_OF_APP] = {**_CHECKS, **checks}
    app.before_request(admit)


def admit() -> ResponseReturnValue | None:
    """Let the request through, if its route's guard does; else answer it here."""
    if request.url_rule is None:
        return None  # no such route or method: 404 or 405 follow
    route = request.url_rule.rule
    guard = GUARDS.get(route)
    if guard is None:
        log.error("A route has no guard in web/routes.py: nobody gets in", route=route)
        abort(404)
    cut_short = _scope().get(CUT_SHORT)
    if cut_short is not None:
        abort(*cut_short.value)
    checks: Mapping[Guard, Check] = current_app.extensions[_CHECKS_OF_APP]
    return checks[guard](route)


def raw_target() -> str:
    """Path and query exactly as they were requested: Twilio signed those very characters.

    Flask's own `request.url` is decoded and encoded anew
    (docs/reference/twilio.md#the-signed-url). A proxy may pass on
    the absolute form; its host is none of our business, PUBLIC_URL has it.
    """
    target: bytes | None = _scope().get(TARGET)
    if target is None:
        target = _wsgi_target(request.environ).encode("latin-1", "replace")
    return target.decode("utf-8", "replace")


def _wsgi_target(environ: Mapping[str, str]) -> str:
    """The same where a WSGI server serves the app, as in tests."""
    raw = environ.get("RAW_URI", "")
    scheme, absolute, rest = raw.partition("://")
    if absolute and scheme in {"http", "https"}:
        return "/" + rest.partition("/")[2]
    return raw


def _sampled() -> Sampled:
    return cast(Sampled, current_app.extensions[_SAMPLED])


def _scope() -> Mapping[str, Any]:
    scope: Mapping[str, Any] = request.environ.get(SCOPE, {})
    return scope


def _let_in(_route: str) -> None:
    """Public: nothing is asked."""


def _check_signature(route: str) -> None:
    """Only what Twilio signed. A body is read if there is a signature at all."""
    if not request.headers.get(HEADER):
        _refuse(SignatureProblem.MISSING, route, 403)
    target = raw_target()
    body = request.get_data(cache=True)
    try:
        fields = form_fields(body) if request.mimetype == FORM else MultiDict[str, str]()
    except Unusable:
        fields = MultiDict()
    url = f"{runtime().settings.public_url}{target}"
    signed = SignedRequest(url=url, fields=fields, body=body, content_type=request.mimetype)
    refusal = runtime().gate.refusal(signed, request.headers)
    if refusal is not None:
        _refuse(refusal, route, 403)
    g.target, g.form, g.body = target, fields, body


def _check_token(route: str) -> None:
    token = runtime().settings.metrics_token
    if token is None:
        abort(404, NO_TOKEN)
    expected = f"Bearer {token}".encode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
        _refuse("token-wrong", route, 401)


def _refuse(reason: str, route: str, status: int) -> NoReturn:
    runtime().counts.add(REJECTED, reason, route)
    alike = _sampled().count((reason, route), runtime().clock())
    if alike:
        log.warning(
            _EVENTS[status],
            reason=reason,
            checked_url=without_numbers(f"{runtime().settings.public_url}{raw_target()}")[
                :_MOST_SHOWN
            ],
            asked_host=request.host,
            alike=alike,
            hint=_HINTS[status],
        )
    abort(status, LINES[status].format(reason.replace("-", " ")))


_CHECKS: Mapping[Guard, Check] = {
    Guard.PUBLIC: _let_in,
    Guard.SIGNATURE: _check_signature,
    Guard.TOKEN: _check_token,
}
