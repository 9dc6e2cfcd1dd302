"""Twilio's REST API in front of a switchboard, as a Flask app on loopback."""

import hmac
import time
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException

from bridge.sandbox import published
from bridge.sandbox.loopback import ConnectionDropped, LoopbackServer
from bridge.sandbox.script import read
from bridge.sandbox.switchboard import Request, Switchboard
from bridge.sandbox.twilio_checks import (
    Params,
    RestError,
    check_names,
    check_new_call,
    check_new_text,
    is_within,
)
from bridge.sandbox.twilio_resources import (
    account_resource,
    call_resource,
    call_status,
    error_resource,
    number_resource,
    text_resource,
    text_sender,
)

_NOT_KEPT = frozenset({"EndTime", "EndTime<", "EndTime>"})
_EXTENSION = "switchboard"

_Answer = dict[str, Any] | tuple[dict[str, Any], int]


class Server:
    """The REST address of a switchboard, on a port of its own."""

    def __init__(self, board: Switchboard, port: int = 0) -> None:
        self.switchboard = board
        self._server = LoopbackServer(_app(board), port)
        self.url = self._server.url

    def close(self) -> None:
        """Stop listening and playing."""
        self._server.close()
        self.switchboard.close()


_routes = Blueprint("twilio_rest", __name__)


def _app(board: Switchboard) -> Flask:
    app = Flask("bridge.sandbox", static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.extensions[_EXTENSION] = board
    app.url_map.merge_slashes = False
    app.register_blueprint(_routes, url_prefix="/2010-04-01/Accounts")
    return app


def _board() -> Switchboard:
    return cast(Switchboard, current_app.extensions[_EXTENSION])


def _params() -> Params:
    fields = request.args if request.method == "GET" else request.form
    return fields.to_dict(flat=False)


# What happens to every request: a fault that was ordered, the sign-in, the journal.


@_routes.url_value_preprocessor
def _take_account(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.account = (values or {}).pop("account", None)


@_routes.before_app_request
def _begin() -> Response | None:
    g.at = time.monotonic()
    g.fault = _board().faults.take(_kind(request.method, request.path))
    if g.fault is not None and g.fault.delay:
        time.sleep(g.fault.delay)
    if g.fault is not None and g.fault.replaces_work:
        status = g.fault.status or 503
        return _error(RestError(g.fault.code or status, "ordered", status))
    _check_owner()
    return None


def _kind(method: str, path: str) -> str:
    """What is requested, in the words of `Fault.only`."""
    if method == "GET":
        return "reads"
    if "/Messages" in path:
        return "texts"
    return "calls" if path.endswith("/Calls.json") else "changes"


def _check_owner() -> None:
    board, given = _board(), request.authorization
    owner = f"{board.account_sid}:{board.token}"
    claimed = "" if given is None else f"{given.username}:{given.password}"
    if not hmac.compare_digest(claimed.encode(), owner.encode()):
        raise RestError(20003, "Authenticate", 401)
    if g.get("account", board.account_sid) != board.account_sid:
        raise RestError(20404, f"{request.path} was not found", 404)


@_routes.after_app_request
def _finish(answer: Response) -> Response:
    fault = g.fault
    done = answer.status_code < 400 and not (fault is not None and fault.replaces_work)
    dropped = fault is not None and (fault.drop == "before" or (fault.drop == "after" and done))
    if fault is not None and fault.hang:
        time.sleep(fault.hang)
    status = 0 if dropped else answer.status_code
    params = _params()
    _board().add_to_journal(
        Request(g.at, request.method, request.path, params, status, done, fault is not None)
    )
    if dropped:
        raise ConnectionDropped
    if fault is not None and fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


@_routes.app_errorhandler(RestError)
def _error(error: RestError) -> Response:
    answer = jsonify(error_resource(error.code, str(error), error.status))
    answer.status_code = error.status
    return answer


@_routes.app_errorhandler(HTTPException)
def _not_found(_error_of_http: HTTPException) -> Response:
    return _error(RestError(20404, f"{request.path} was not found", 404))


# The resources.


@_routes.get("/<account>.json")
def show_account() -> _Answer:
    """The account itself."""
    return account_resource(_board())


@_routes.get("/<account>/IncomingPhoneNumbers.json")
def list_numbers() -> _Answer:
    """The account's numbers; the filter is a pattern: a part of a number finds it too."""
    part = _params().get("PhoneNumber", [""])[0]
    numbers = [number_resource(_board(), number) for number in _board().numbers if part in number]
    return {"incoming_phone_numbers": numbers, "next_page_uri": None}


@_routes.post("/<account>/Calls.json")
def create_call() -> _Answer:
    """Place a call."""
    board, params = _board(), _params()
    check_new_call(board, params)
    return call_resource(board, board.place(params)), 201


@_routes.get("/<account>/Calls.json")
def list_calls() -> _Answer:
    """Calls, the newest first."""
    board, params = _board(), _params()
    check_names(params, published.LIST_CALLS - _NOT_KEPT)
    found = [
        call_resource(board, call)
        for call in reversed(board.calls())
        if params.get("To", [call.to])[0] == call.to
        and params.get("From", [call.sender])[0] == call.sender
        and params.get("ParentCallSid", [call.parent_sid])[0] == call.parent_sid
        and params.get("Status", [call_status(call)])[0] == call_status(call)
        and is_within(params, "StartTime", call.created_at)
    ]
    return {"calls": found, "next_page_uri": None, "page": 0}


@_routes.get("/<account>/Calls/<sid>.json")
def show_call(sid: str) -> _Answer:
    """One call."""
    board = _board()
    for call in board.calls():
        if call.sid == sid:
            return call_resource(board, call)
    raise RestError(20404, f"{sid} was not found", 404)


@_routes.post("/<account>/Calls/<sid>.json")
def update_call(sid: str) -> _Answer:
    """End a call, or have it hear something else."""
    board, params = _board(), _params()
    check_names(params, published.UPDATE_CALL)
    call = next((call for call in board.calls() if call.sid == sid), None)
    if call is None:
        raise RestError(20404, f"{sid} was not found", 404)
    status = params.get("Status", [None])[0]
    if call.is_over or (status == "canceled" and call.status == "in-progress"):
        raise RestError(21220, "the call is no longer live")
    if "Twiml" in params:
        if call.status != "in-progress":
            raise RestError(21220, "only a live call can be redirected")
        call.instead = read(params["Twiml"][0], "text/xml")
    elif status in {"completed", "canceled"}:
        waited = call.status in {"queued", "initiated", "ringing"}
        call.status = "canceled" if waited else call.status
    else:
        raise RestError(21218, "nothing to change")
    call.interrupted.set()
    return call_resource(board, call)


@_routes.post("/<account>/Messages.json")
def create_text() -> _Answer:
    """Send a text."""
    board, params = _board(), _params()
    check_new_text(board, params)
    return text_resource(board, board.send(params)), 201


@_routes.get("/<account>/Messages.json")
def list_texts() -> _Answer:
    """Texts, the newest first."""
    board, params = _board(), _params()
    check_names(params, published.LIST_MESSAGES)
    found = [
        text_resource(board, text)
        for text in reversed(board.texts())
        if params.get("To", [text.to])[0] == text.to
        and params.get("From", [text_sender(board, text)])[0] == text_sender(board, text)
        and is_within(params, "DateSent", text.created_at)
    ]
    return {"messages": found, "next_page_uri": None, "page": 0}


@_routes.get("/<account>/Messages/<sid>.json")
def show_text(sid: str) -> _Answer:
    """One text."""
    board = _board()
    for text in board.texts():
        if text.sid == sid:
            return text_resource(board, text)
    raise RestError(20404, f"{sid} was not found", 404)
