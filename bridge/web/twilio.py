"""Twilio's routes. Every one of them stands behind the gate, which checks its signature."""

from flask import Blueprint, Response, abort, g, request

from bridge import call_flow
from bridge.adapters.twilio.callbacks import talk
from bridge.callbacks import intake
from bridge.callbacks.intake import KeptCallback, PostedCallback
from bridge.domain.callback_results import NOTHING
from bridge.domain.events import Topic
from bridge.web.current import runtime

_TOKEN_HEADER = "I-Twilio-Idempotency-Token"  # noqa: S105 - the name of a header

blueprint = Blueprint("twilio", __name__, url_prefix="/twilio")


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
    """A call of ours was answered: the prompt."""
    _accept(Topic.ANSWERED)
    return _twiml(call_flow.answered(runtime(), _attempt()))


@blueprint.post("/voice/keypress")
def keypress() -> Response:
    """A key was pressed, by the person or at the firm; or the prompt was heard without one."""
    accepted = _accept(Topic.KEY)
    key = g.form.get("Digits", "").strip()
    result = intake.process_now(runtime(), accepted) if key else NOTHING
    return _twiml(call_flow.pressed(runtime(), _attempt(), key, result.opt_out))


@blueprint.post("/voice/dialed")
def dialed() -> Response:
    """Putting somebody through has ended."""
    _accept(Topic.DIALED)
    spoke = talk(g.form.get("DialBridged", ""), g.form.get("DialCallStatus", ""))
    return _twiml(call_flow.after_dial(runtime(), _attempt(), spoke))


@blueprint.post("/voice/inbound")
def call_in() -> Response:
    """A person calls: put through to the firm, unless it goes in a circle or comes too often."""
    accepted = _accept(Topic.CALL_IN)
    result = intake.process_now(runtime(), accepted)
    return _twiml(call_flow.called(runtime(), result.turned_away))


@blueprint.post("/messages/inbound")
def text_in() -> Response:
    """A person texts. Nobody gets two replies: not Twilio's and ours, nor one to a repetition."""
    accepted = _accept(Topic.TEXT_IN)
    result = intake.process_now(runtime(), accepted) if accepted.is_new else NOTHING
    return _twiml(call_flow.replied(runtime(), result.opt_out))


def _keep(topic: Topic) -> Response:
    _accept(topic)
    answer = Response(status=204)
    del answer.headers["Content-Type"]
    return answer


def _accept(topic: Topic) -> KeptCallback:
    posted = PostedCallback(
        topic=topic,
        target=g.target,
        form=g.form,
        body=g.body,
        token=request.headers.get(_TOKEN_HEADER),
        request_id=g.request_id,
    )
    accepted = intake.keep(runtime(), posted)
    if accepted.complaint is not None:
        abort(400, accepted.complaint)
    return accepted


def _attempt() -> str | None:
    return request.args.get("Attempt")


def _twiml(document: str) -> Response:
    # Never anything else: Twilio reads a plain answer aloud, or sends it as a text.
    return Response(document, content_type="text/xml; charset=utf-8")
