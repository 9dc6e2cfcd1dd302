"""Twilio's routes. Every one of them stands behind the signature gate of this blueprint."""

from typing import cast
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Request, Response, abort, current_app, g, request
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callbacks import form_fields, talk
from bridge.adapters.twilio.signature import FORM, Refusal, Signed
from bridge.counts import REJECTED
from bridge.domain.events import Topic
from bridge.domain.redaction import without_numbers
from bridge.errors import Unusable
from bridge.inbound import arrival, speaking
from bridge.inbound.arrival import Accepted, Posted
from bridge.runtime import Runtime

_TOKEN_HEADER = "I-Twilio-Idempotency-Token"  # noqa: S105 - the name of a header

log = structlog.get_logger(__name__)
blueprint = Blueprint("twilio", __name__, url_prefix="/twilio")


def runtime() -> Runtime:
    """The runtime of this process."""
    return cast(Runtime, current_app.extensions["bridge"])


@blueprint.before_request
def check_signature() -> None:
    """Let nothing through that Twilio didn't sign; keep only a count and the reason of the rest."""
    target = raw_target(request)
    url = f"{runtime().settings.public_url}{target}"
    body = request.get_data(cache=True)
    try:
        fields = form_fields(body) if request.mimetype == FORM else MultiDict[str, str]()
    except Unusable:
        fields = MultiDict()
    refusal = runtime().gate.refusal(
        Signed(url=url, fields=fields, body=body, content_type=request.mimetype), request.headers
    )
    if refusal is not None:
        _refuse(refusal, url)
    g.target, g.form, g.body = target, fields, body


def _refuse(refusal: Refusal, url: str) -> None:
    rule = request.url_rule.rule if request.url_rule else ""
    runtime().counts.add(REJECTED, refusal, rule)
    log.warning(
        "A request without Twilio's signature was refused",
        reason=refusal,
        checked_url=without_numbers(url),
        asked_host=request.host,
        hint="PUBLIC_URL must be the address that Twilio was given, to the letter",
    )
    abort(403, f"The signature is {refusal.replace('-', ' ')}.")


@blueprint.post("/voice/status")
def voice_status() -> Response:
    """A call's status callback."""
    return _keep(Topic.CALL)


@blueprint.post("/messages/status")
def message_status() -> Response:
    """A message's status callback."""
    return _keep(Topic.TEXT)


@blueprint.post("/voice/amd")
def machine() -> Response:
    """What answering-machine detection has found."""
    return _keep(Topic.MACHINE)


@blueprint.post("/voice/answer")
def answer() -> Response:
    """A dialed call was picked up: what is said."""
    _accept(Topic.ANSWERED)
    return _twiml(speaking.answered(runtime(), _attempt()))


@blueprint.post("/voice/keypress")
def keypress() -> Response:
    """A key was pressed, by the person or at the firm; or the prompt was heard without one."""
    accepted = _accept(Topic.KEY)
    key = g.form.get("Digits", "").strip()
    if key:
        arrival.take_in_now(runtime(), accepted)
    return _twiml(speaking.pressed(runtime(), _attempt(), key))


@blueprint.post("/voice/dialed")
def dialed() -> Response:
    """Putting somebody through has ended."""
    _accept(Topic.DIALED)
    spoke = talk(g.form.get("DialBridged", ""), g.form.get("DialCallStatus", ""))
    return _twiml(speaking.after_dial(runtime(), _attempt(), spoke))


@blueprint.post("/voice/inbound")
def call_in() -> Response:
    """A person calls: put through to the firm."""
    _accept(Topic.CALL_IN)
    return _twiml(speaking.called(runtime()))


@blueprint.post("/messages/inbound")
def text_in() -> Response:
    """A person writes. Nobody is answered twice: neither after Twilio nor after a repetition."""
    accepted = _accept(Topic.TEXT_IN)
    if not accepted.is_new:
        return _twiml(speaking.silence())
    arrival.take_in_now(runtime(), accepted)
    body, kind = g.form.get("Body", ""), g.form.get("OptOutType")
    return _twiml(speaking.replied(runtime(), accepted.sid, body, kind))


def _keep(topic: Topic) -> Response:
    _accept(topic)
    answer = Response(status=204)
    del answer.headers["Content-Type"]
    return answer


def _accept(topic: Topic) -> Accepted:
    posted = Posted(
        topic=topic,
        target=g.target,
        form=g.form,
        body=g.body,
        token=request.headers.get(_TOKEN_HEADER),
        request_id=g.request_id,
    )
    accepted = arrival.accept(runtime(), posted)
    if accepted.complaint is not None:
        abort(400, accepted.complaint)
    return accepted


def _attempt() -> str | None:
    return request.args.get("Attempt")


def _twiml(document: str) -> Response:
    # Never anything else: Twilio reads a plain answer aloud, or sends it as a text.
    return Response(document, content_type="text/xml; charset=utf-8")


def raw_target(asked: Request) -> str:
    """Path and query exactly as they were requested: Twilio signed those very characters.

    Flask's own `request.url` is decoded and encoded anew (twilio.md, 3.2). A proxy may pass on
    the absolute form; its host is none of our business, PUBLIC_URL has it.
    """
    raw: str = asked.environ.get("RAW_URI") or asked.environ.get("REQUEST_URI") or ""
    if not raw:
        query = asked.query_string.decode("latin-1")
        raw = asked.environ.get("PATH_INFO", "") + (f"?{query}" if query else "")
    if raw.startswith(("http://", "https://")):
        parts = urlsplit(raw)
        raw = raw.split(parts.netloc, 1)[1]
    # WSGI hands bytes over as Latin-1; Twilio signs UTF-8.
    return raw.encode("latin-1", "replace").decode("utf-8", "replace")
