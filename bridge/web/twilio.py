"""Twilio's routes. Every one of them stands behind the gate, which checks its signature."""

from collections.abc import Callable, Mapping
from functools import partial

from flask import Blueprint, Response, abort, g, request

from bridge import call_flow
from bridge.adapters.twilio.callback_kinds import ROUTES
from bridge.adapters.twilio.vocabulary import DIRECTIONS, talk
from bridge.callbacks import intake
from bridge.callbacks.intake import KeptCallback, PostedCallback
from bridge.domain.callback_results import NOTHING
from bridge.domain.events import Direction, Topic
from bridge.domain.phones import parse_phone
from bridge.web.current import runtime
from bridge.web.held_answers import hold_until, may_hold

_TOKEN_HEADER = "I-Twilio-Idempotency-Token"  # noqa: S105 - the name of a header

blueprint = Blueprint("twilio", __name__)


def answer() -> Response:
    """A call of ours was answered: the prompt."""
    _accept(Topic.ANSWERED)
    if request.args.get("Test"):
        return _twiml(call_flow.tested(runtime()))
    return _twiml(call_flow.answered(runtime(), _attempt()))


def keypress() -> Response:
    """A key was pressed, by the person, at the firm or by a caller; or a prompt was heard out."""
    accepted = _accept(Topic.KEY)
    key = g.form.get("Digits", "").strip()
    result = intake.process_now(runtime(), accepted) if key else NOTHING
    if DIRECTIONS.get(g.form.get("Direction", "").strip().lower()) is Direction.INBOUND:
        return _twiml(call_flow.pressed_by_caller(runtime(), key, result.opt_out))
    return _twiml(call_flow.pressed(runtime(), _attempt(), key, result.opt_out))


def agent_key() -> Response:
    """An agent says by key what a call was."""
    accepted = _accept(Topic.AGENT)
    key = g.form.get("Digits", "").strip()
    if key:
        intake.process_now(runtime(), accepted)
    return _twiml(call_flow.agent_said(runtime(), _attempt(), key))


def dialed() -> Response:
    """Putting somebody through has ended."""
    _accept(Topic.DIALED)
    spoke = talk(g.form.get("DialBridged", ""), g.form.get("DialCallStatus", ""))
    return _twiml(call_flow.after_dial(runtime(), _attempt(), spoke))


def call_in() -> Response:
    """A person calls: put through to the firm, unless it goes in a circle or comes too often.

    An agent who calls is rung again.
    """
    accepted = _accept(Topic.CALL_IN)
    result = intake.process_now(runtime(), accepted)
    if result.is_ready:
        return _twiml(call_flow.ready_call(runtime(), _sender()))
    caller = parse_phone(g.form.get("From", ""))
    return _twiml(call_flow.called(runtime(), result.turned_away, caller))


def text_in() -> Response:
    """A person texts. Nobody gets two replies: not Twilio's and ours, nor one to a repetition."""
    accepted = _accept(Topic.TEXT_IN)
    if not accepted.is_new:
        # Whoever kept it may have died before it came to this, and a STOP waits for no worker.
        intake.process_left(runtime(), accepted)
        return _twiml(call_flow.replied(runtime(), None))
    result = intake.process_now(runtime(), accepted)
    if result.is_ready:
        return _twiml(call_flow.ready_text(runtime(), _sender()))
    return _twiml(call_flow.replied(runtime(), result.opt_out))


def _keep(topic: Topic) -> Response:
    """A callback that is kept and answered with nothing: a status, a result of detection."""
    if may_hold(request.environ):
        keeping = intake.keep_soon(runtime(), _posted(topic))
        hold_until(request.environ, keeping.committed)
        _refuse_unusable(keeping.complaint)
    else:
        _accept(topic)
    answer = Response(status=204)
    del answer.headers["Content-Type"]
    return answer


def _accept(topic: Topic) -> KeptCallback:
    accepted = intake.keep(runtime(), _posted(topic))
    _refuse_unusable(accepted.complaint)
    return accepted


def _posted(topic: Topic) -> PostedCallback:
    return PostedCallback(
        topic=topic,
        target=g.target,
        form=g.form,
        body=g.body,
        token=request.headers.get(_TOKEN_HEADER),
        request_id=g.request_id,
    )


def _refuse_unusable(complaint: str | None) -> None:
    if complaint is not None:
        abort(400, complaint)


def _attempt() -> str | None:
    return request.args.get("Attempt")


def _sender() -> str:
    return str(g.form.get("From", "")).strip()


def _twiml(document: str) -> Response:
    # Never anything else: Twilio reads a plain answer aloud, or sends it as a text.
    return Response(document, content_type="text/xml; charset=utf-8")


_VIEWS: Mapping[Topic, Callable[[], Response]] = {
    Topic.ANSWERED: answer,
    Topic.KEY: keypress,
    Topic.AGENT: agent_key,
    Topic.DIALED: dialed,
    Topic.CALL_IN: call_in,
    Topic.TEXT_IN: text_in,
}
"""The callbacks that are answered with TwiML; all others are only kept."""

KEPT_ONLY = frozenset(route for topic, route in ROUTES.items() if topic not in _VIEWS)
"""Where nothing but a commit is waited for."""

for _topic, _route in ROUTES.items():
    _view = _VIEWS.get(_topic, partial(_keep, _topic))
    blueprint.add_url_rule(_route, _topic.value, _view, methods=["POST"])
