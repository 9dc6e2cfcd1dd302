"""Twilio's REST API in front of a switchboard: strict about names and values, as Twilio is."""

import base64
import hmac
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bridge.sandbox import published
from bridge.sandbox.line import Call
from bridge.sandbox.script import read
from bridge.sandbox.switchboard import Fault, Request, Switchboard, Text

Params = Mapping[str, Sequence[str]]
_NOT_KEPT = frozenset({"EndTime", "EndTime<", "EndTime>"})
_MAY_REPEAT = frozenset({"StatusCallbackEvent", "MediaUrl"})
_SIDES: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "": lambda at, told: at.astimezone(UTC).date() == told.astimezone(UTC).date(),
    "<": lambda at, told: at <= told,
    ">": lambda at, told: at >= told,
}
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_EVENTS = {"initiated", "ringing", "answered", "completed"}
_LONGEST_TEXT = 1600


class Refused(Exception):
    """Twilio refuses: an error code, a sentence, an HTTP status."""

    def __init__(self, code: int, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.status = status


class Server:
    """The REST address of a switchboard, on a port of its own."""

    def __init__(self, board: Switchboard, port: int = 0) -> None:
        self.switchboard = board
        self._server = _Server(("127.0.0.1", port), _handler(board))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and playing."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.switchboard.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _handler(owner: Switchboard) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        board = owner

    return Handler


class _Handler(BaseHTTPRequestHandler):
    board: Switchboard
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Show something."""
        self._serve("GET", parse_qs(urlsplit(self.path).query, keep_blank_values=True))

    def do_POST(self) -> None:
        """Do something."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._serve("POST", parse_qs(body, keep_blank_values=True))

    def log_message(self, *_: Any) -> None:
        """Say nothing: the journal has it."""

    def _serve(self, method: str, params: Params) -> None:
        at, path = time.monotonic(), urlsplit(self.path).path
        kind = "asks" if method == "GET" else "texts" if "Messages" in path else "calls"
        fault = self.board.next_fault(kind)
        status, answer, done = self._answer(method, path, params, fault)
        if fault is not None and fault.hang:
            time.sleep(fault.hang)
        self.board.note_down(Request(at, method, path, params, status, done, fault is not None))
        if status == 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._send(status, answer, fault)

    def _answer(
        self, method: str, path: str, params: Params, fault: Fault | None
    ) -> tuple[int, Any, bool]:
        if fault is not None and fault.drop == "before":
            return 0, None, False
        if fault is not None and fault.status is not None:
            code = fault.code or fault.status
            return fault.status, _error(code, "ordered", fault.status), False
        try:
            status, answer = self._do(method, path, params)
        except Refused as refusal:
            return refusal.status, _error(refusal.code, str(refusal), refusal.status), False
        return (0 if fault is not None and fault.drop == "after" else status), answer, True

    def _do(self, method: str, path: str, params: Params) -> tuple[int, Any]:
        owner = f"{self.board.account_sid}:{self.board.token}".encode()
        expected = f"Basic {base64.b64encode(owner).decode()}"
        said = self.headers.get("Authorization", "")
        if not hmac.compare_digest(said.encode(), expected.encode()):
            raise Refused(20003, "Authenticate", 401)
        base = f"/2010-04-01/Accounts/{self.board.account_sid}"
        for pattern, verbs in _ROUTES.items():
            match = (
                re.fullmatch(pattern, path.removeprefix(base)) if path.startswith(base) else None
            )
            if match is not None and method in verbs:
                return verbs[method](self.board, params, *match.groups())
        raise Refused(20404, f"{path} was not found", 404)

    def _send(self, status: int, what: Any, fault: Fault | None) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if fault is not None and fault.retry_after is not None:
            self.send_header("Retry-After", str(fault.retry_after))
        self.end_headers()
        self.wfile.write(body)


def _create_call(board: Switchboard, params: Params) -> tuple[int, Any]:
    _only(params, published.CREATE_CALL)
    _check_numbers(board, params, 21210)
    if ("Url" in params) == ("Twiml" in params):
        raise Refused(21205, "exactly one of Url and Twiml is needed")
    for name in ("Url", "StatusCallback", "AsyncAmdStatusCallback"):
        if name in params and not urlsplit(params[name][0]).netloc:
            raise Refused(21205, f"{name} is no URL")
    if not set(params.get("StatusCallbackEvent", ())) <= _EVENTS:
        raise Refused(21626, "StatusCallbackEvent: one value each, of the four")
    _check_range(params, "Timeout", 5, 600, 21220)
    if params.get("MachineDetection", ["Enable"])[0] not in {"Enable", "DetectMessageEnd"}:
        raise Refused(21263, "MachineDetection is wrong")
    if params.get("AsyncAmd", ["true"])[0] not in {"true", "false"}:
        raise Refused(21263, "AsyncAmd should be true or false, in small letters")
    if params.get("AsyncAmd") == ["true"] and "AsyncAmdStatusCallback" not in params:
        raise Refused(21262, "AsyncAmdStatusCallback is missing")
    code = board.manner(params["To"][0]).refuse_call
    if code is not None:
        raise Refused(code, "refused")
    return 201, _call(board, board.place(params))


def _create_text(board: Switchboard, params: Params) -> tuple[int, Any]:
    _only(params, published.CREATE_MESSAGE)
    if "MessagingServiceSid" not in params:
        _check_numbers(board, params, 21606)
    body = params.get("Body", [""])[0]
    if not 0 < len(body) <= _LONGEST_TEXT:
        raise Refused(21617 if body else 21619, "Body should have 1 to 1600 characters")
    _check_range(params, "ValidityPeriod", 1, 36000, 21624)
    code = board.manner(params["To"][0]).refuse_text
    if code is not None:
        raise Refused(code, "refused")
    return 201, _text(board, board.send(params))


def _update_call(board: Switchboard, params: Params, sid: str) -> tuple[int, Any]:
    _only(params, published.UPDATE_CALL)
    call = next((one for one in board.calls() if one.sid == sid), None)
    if call is None:
        raise Refused(20404, f"{sid} was not found", 404)
    status = params.get("Status", [None])[0]
    if call.is_over or (status == "canceled" and call.status == "in-progress"):
        raise Refused(21220, "the call is not live any more")
    if "Twiml" in params:
        if call.status != "in-progress":
            raise Refused(21220, "only a live call can be redirected")
        call.instead = read(params["Twiml"][0], "text/xml")
    elif status in {"completed", "canceled"}:
        waited = call.status in {"queued", "initiated", "ringing"}
        call.status = "canceled" if waited else call.status
    else:
        raise Refused(21218, "nothing to change")
    call.interrupted.set()
    return 200, _call(board, call)


def _list_calls(board: Switchboard, params: Params) -> tuple[int, Any]:
    _only(params, published.LIST_CALLS - _NOT_KEPT)
    found = [
        _call(board, one)
        for one in reversed(board.calls())
        if params.get("To", [one.to])[0] == one.to
        and params.get("From", [one.sender])[0] == one.sender
        and params.get("ParentCallSid", [one.parent_sid])[0] == one.parent_sid
        and params.get("Status", [_status(one)])[0] == _status(one)
        and _is_within(params, "StartTime", one.created_at)
    ]
    return 200, {"calls": found, "next_page_uri": None, "page": 0}


def _list_texts(board: Switchboard, params: Params) -> tuple[int, Any]:
    _only(params, published.LIST_MESSAGES)
    found = [
        _text(board, one)
        for one in reversed(board.texts())
        if params.get("To", [one.to])[0] == one.to
        and params.get("From", [_sender(board, one)])[0] == _sender(board, one)
        and _is_within(params, "DateSent", one.created_at)
    ]
    return 200, {"messages": found, "next_page_uri": None, "page": 0}


def _show_call(board: Switchboard, _params: Params, sid: str) -> tuple[int, Any]:
    found = [_call(board, one) for one in board.calls() if one.sid == sid]
    if not found:
        raise Refused(20404, f"{sid} was not found", 404)
    return 200, found[0]


def _show_text(board: Switchboard, _params: Params, sid: str) -> tuple[int, Any]:
    found = [_text(board, one) for one in board.texts() if one.sid == sid]
    if not found:
        raise Refused(20404, f"{sid} was not found", 404)
    return 200, found[0]


def _show_account(board: Switchboard, _params: Params) -> tuple[int, Any]:
    return 200, {
        "sid": board.account_sid,
        "friendly_name": "Pretend account",
        "status": "active",
        "type": "Full",
    }


def _list_numbers(board: Switchboard, params: Params) -> tuple[int, Any]:
    # The filter is a pattern: a part of a number finds it too.
    part = params.get("PhoneNumber", [""])[0]
    numbers = [
        {"sid": f"PN{'0' * 32}", "phone_number": one} for one in board.numbers if part in one
    ]
    return 200, {"incoming_phone_numbers": numbers, "next_page_uri": None}


_Verb = Callable[..., tuple[int, Any]]
_ROUTES: dict[str, dict[str, _Verb]] = {
    r"\.json": {"GET": _show_account},
    r"/IncomingPhoneNumbers\.json": {"GET": _list_numbers},
    r"/Calls\.json": {"GET": _list_calls, "POST": _create_call},
    r"/Calls/(CA\w+)\.json": {"GET": _show_call, "POST": _update_call},
    r"/Messages\.json": {"GET": _list_texts, "POST": _create_text},
    r"/Messages/(SM\w+)\.json": {"GET": _show_text},
}


def _only(params: Params, names: frozenset[str]) -> None:
    unknown = set(params) - names
    if unknown:
        raise Refused(20001, f"not a published parameter: {', '.join(sorted(unknown))}")
    twice = {name for name, said in params.items() if len(said) > 1} - _MAY_REPEAT
    if twice:
        raise Refused(20001, f"more than once: {', '.join(sorted(twice))}")


def _is_within(params: Params, name: str, at: datetime) -> bool:
    """Whether a moment is on a date, or on the right side of a date's midnight or of a moment."""
    return all(
        holds(at, _moment(params[f"{name}{sign}"][0]))
        for sign, holds in _SIDES.items()
        if f"{name}{sign}" in params
    )


def _moment(said: str) -> datetime:
    try:
        read_as = datetime.fromisoformat(said)
    except ValueError as error:
        raise Refused(20001, f"neither a date nor a date-time: {said}") from error
    return read_as.replace(tzinfo=read_as.tzinfo or UTC)


def _check_numbers(board: Switchboard, params: Params, not_ours: int) -> None:
    if not _E164.fullmatch(params.get("To", [""])[0]):
        raise Refused(21211, "To should be in E.164 form")
    if params.get("From", [""])[0] not in board.numbers:
        raise Refused(not_ours, "From is not a number of this account")


def _check_range(params: Params, name: str, least: int, most: int, code: int) -> None:
    said = params.get(name, [str(least)])[0]
    if not said.isascii() or not said.isdigit() or not least <= int(said) <= most:
        raise Refused(code, f"{name} should be a whole number from {least} to {most}")


def _call(board: Switchboard, call: Call) -> dict[str, Any]:
    direction = (
        "outbound-dial" if call.parent_sid else "inbound" if call.inbound else "outbound-api"
    )
    return {
        "sid": call.sid,
        "account_sid": board.account_sid,
        "to": call.to,
        "from": call.sender,
        "parent_call_sid": call.parent_sid,
        "status": _status(call),
        "direction": direction,
        "date_created": format_datetime(call.created_at),
        "duration": None if call.duration is None else str(call.duration),
        "answered_by": call.answered_by,
        "price": None,
        "queue_time": "0",
        "uri": f"/2010-04-01/Accounts/{board.account_sid}/Calls/{call.sid}.json",
    }


def _status(call: Call) -> str:
    """Where a callback says `initiated`, the resource still says `queued` (twilio.md, 1.2)."""
    return "queued" if call.status == "initiated" else call.status


def _sender(board: Switchboard, text: Text) -> str:
    return text.params.get("From", [board.numbers[0]])[0]


def _text(board: Switchboard, text: Text) -> dict[str, Any]:
    return {
        "sid": text.sid,
        "account_sid": board.account_sid,
        "to": text.to,
        "from": _sender(board, text),
        "body": text.body,
        "status": text.status,
        "direction": "outbound-api",
        "date_created": format_datetime(text.created_at),
        "error_code": text.error,
        "num_segments": "1",
        "price": None,
        "uri": f"/2010-04-01/Accounts/{board.account_sid}/Messages/{text.sid}.json",
    }


def _error(code: int, message: str, status: int) -> dict[str, Any]:
    where = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": where, "status": status}
