"""Twilio's REST API in front of the exchange: the sandbox's checks and resources, no sockets."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, cast

from bridge.sandbox.line import Call
from bridge.sandbox.switchboard import Switchboard
from bridge.sandbox.twilio_checks import RestError, check_new_call, check_new_text
from bridge.sandbox.twilio_resources import call_resource, error_resource, text_resource
from tests.simulation.exchange import ACCOUNT_SID, Exchange
from tests.simulation.network import Answer, Asked

_ACCOUNT = f"/2010-04-01/Accounts/{ACCOUNT_SID}"


class Rest:
    """Answers the bridge's requests."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        # The checks look at its numbers and people alone.
        self._board = cast(Switchboard, exchange)

    def answer(self, asked: Asked) -> Answer:
        """Answer a request of the bridge."""
        owner = b64encode(f"{ACCOUNT_SID}:{self._exchange.mail.token}".encode()).decode()
        try:
            is_owner = asked.headers.get("Authorization") == f"Basic {owner}"
            status, body = self._rest(asked) if is_owner else _unknown_owner()
        except RestError as error:
            status, body = error.status, error_resource(error.code, str(error), error.status)
        return Answer(status, json.dumps(body))

    def _rest(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        kind, _, sid = asked.path.removeprefix(f"{_ACCOUNT}/").removesuffix(".json").partition("/")
        if asked.changes:
            return self._create_or_change(kind, sid, asked.params)
        if kind == "Calls":
            return 200, self._show_calls(sid, asked.params)
        if kind == "Messages":
            return 200, self._show_texts(sid, asked.params)
        raise RestError(20404, f"{asked.path} was not found", 404)

    def _create_or_change(
        self, kind: str, sid: str, params: Mapping[str, list[str]]
    ) -> tuple[int, dict[str, Any]]:
        if kind == "Messages":
            check_new_text(self._board, params)
            return 201, text_resource(self._board, self._exchange.send(params))
        if sid:
            return 200, call_resource(self._board, self._changed(self._call(sid), params))
        check_new_call(self._board, params)
        return 201, call_resource(self._board, self._exchange.place(params))

    def _show_calls(self, sid: str, params: Mapping[str, list[str]]) -> dict[str, Any]:
        if sid:
            return call_resource(self._board, self._call(sid))
        shown = [
            call_resource(self._board, call)
            for call in reversed(self._exchange.calls.values())
            if params.get("To", [call.to])[0] == call.to
            and params.get("ParentCallSid", [call.parent_sid or ""])[0] == (call.parent_sid or "")
        ]
        return {"calls": shown, "next_page_uri": None, "page": 0}

    def _show_texts(self, sid: str, params: Mapping[str, list[str]]) -> dict[str, Any]:
        if sid in self._exchange.texts:
            return text_resource(self._board, self._exchange.texts[sid])
        if sid:
            raise RestError(20404, f"{sid} was not found", 404)
        shown = [
            text_resource(self._board, text)
            for text in reversed(self._exchange.texts.values())
            if params.get("To", [text.to])[0] == text.to
        ]
        return {"messages": shown, "next_page_uri": None, "page": 0}

    def _call(self, sid: str) -> Call:
        if sid not in self._exchange.calls:
            raise RestError(20404, f"{sid} was not found", 404)
        return self._exchange.calls[sid]

    def _changed(self, call: Call, params: Mapping[str, list[str]]) -> Call:
        status, twiml = (params.get(name, [""])[0] for name in ("Status", "Twiml"))
        self._exchange.change(call, status, twiml or None)
        return call


def _unknown_owner() -> tuple[int, dict[str, Any]]:
    return 401, error_resource(20003, "Authenticate", 401)
