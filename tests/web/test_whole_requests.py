"""From the server's messages to the web app's requests: whole bodies, or the reason why not."""

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st

from bridge.web import limits
from bridge.web.limits import (
    CUT_SHORT,
    MOST_BODY_BYTES,
    TARGET,
    CutShort,
    Limited,
    Message,
    Receive,
    Scope,
    Send,
)
from bridge.web.threads import SCOPE, InThreads

ROUTE = "/twilio/voice/status"
SIGNED = (b"x-twilio-signature", b"none")


@dataclass
class Handed:
    """What the web app gets of a request."""

    scope: Scope = field(default_factory=dict)
    body: bytes = b""
    read: int = 0
    """How many of the server's messages were asked for."""


def _ask(
    messages: Iterable[Message],
    headers: Iterable[tuple[bytes, bytes]] = (SIGNED,),
    query: bytes = b"",
    path: str = ROUTE,
) -> Handed:
    handed = Handed()
    coming = iter(messages)

    async def app(scope: Scope, receive: Receive, _send: Send) -> None:
        handed.scope, handed.body = scope, (await receive())["body"]

    async def receive() -> Message:
        handed.read += 1
        message = next(coming, None)
        return message if message is not None else await asyncio.Future()

    async def send(_message: Message) -> None:
        raise AssertionError("the web app answers, nobody else")

    scope = {
        "path": ROUTE,
        "raw_path": ROUTE.encode(),
        "query_string": query,
        "headers": [*headers],
    }
    asyncio.run(Limited(app)(scope, receive, send))
    return handed


async def _never(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("replaced below")


async def _at_once(limited: Limited, sizes: list[int]) -> list[Handed]:
    """Bodies of these sizes, all of them begun before any of them ends."""
    handed = [Handed() for _ in sizes]
    begun = asyncio.Event()

    async def app(scope: Scope, receive: Receive, _send: Send) -> None:
        one = handed[int(scope["query_string"])]
        one.scope, one.body = scope, (await receive())["body"]

    async def ask(place: int, size: int) -> None:
        coming = iter(
            [
                {"type": "http.request", "body": b"x" * size, "more_body": True},
                {"type": "http.request", "body": b"", "more_body": False},
            ]
        )

        async def receive() -> Message:
            message = next(coming)
            if not message["more_body"]:
                await begun.wait()
            return message

        scope = {
            "path": ROUTE,
            "raw_path": b"/",
            "query_string": b"%d" % place,
            "headers": [SIGNED],
        }
        await limited(scope, receive, _no_send)

    limited._app = app
    asking = [asyncio.ensure_future(ask(place, size)) for place, size in enumerate(sizes)]
    await asyncio.sleep(0)
    begun.set()
    await asyncio.gather(*asking)
    return handed


async def _no_send(_message: Message) -> None:
    raise AssertionError("the web app answers, nobody else")


def _messages(pieces: Iterable[bytes]) -> list[Message]:
    bodies = [*pieces]
    last = len(bodies) - 1
    return [
        {"type": "http.request", "body": body, "more_body": place < last}
        for place, body in enumerate(bodies)
    ]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8))
def test_a_body_is_whole_however_it_came(pieces: list[bytes]) -> None:
    handed = _ask(_messages(pieces))
    assert handed.body == b"".join(pieces)
    assert CUT_SHORT not in handed.scope


@pytest.mark.parametrize(
    ("size", "too_large"), [(0, False), (MOST_BODY_BYTES, False), (MOST_BODY_BYTES + 1, True)]
)
def test_a_body_has_a_limit(size: int, too_large: bool) -> None:
    handed = _ask(_messages([b"x" * size]))
    assert (handed.scope.get(CUT_SHORT) is CutShort.TOO_LARGE) is too_large
    assert len(handed.body) == (0 if too_large else size)


def test_what_is_announced_as_too_large_is_not_read() -> None:
    announced = (b"content-length", str(MOST_BODY_BYTES + 1).encode())
    handed = _ask([], headers=(SIGNED, announced))
    assert (handed.scope[CUT_SHORT], handed.read) == (CutShort.TOO_LARGE, 0)


def test_what_comes_without_end_is_read_up_to_the_limit() -> None:
    endless: Iterable[Any] = iter(
        lambda: {"type": "http.request", "body": b"x" * 1000, "more_body": True}, None
    )
    handed = _ask(endless)
    assert handed.scope[CUT_SHORT] is CutShort.TOO_LARGE
    assert handed.read == MOST_BODY_BYTES // 1000 + 1


def test_large_bodies_share_a_room_and_usual_ones_need_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "ROOM_BYTES", 3000)
    usual, large = limits.USUAL_BODY_BYTES, limits.USUAL_BODY_BYTES + 2000
    limited = Limited(_never)
    handed = asyncio.run(_at_once(limited, [large, large, usual, usual, large]))
    assert [CUT_SHORT in one.scope for one in handed] == [False, True, False, False, True]
    assert handed[1].scope[CUT_SHORT] is CutShort.CROWDED
    # And the room is free again.
    (again,) = asyncio.run(_at_once(limited, [large]))
    assert CUT_SHORT not in again.scope


def test_what_breaks_off_is_broken() -> None:
    begun = {"type": "http.request", "body": b"CallSid=", "more_body": True}
    handed = _ask([begun, {"type": "http.disconnect"}])
    assert (handed.scope[CUT_SHORT], handed.body) == (CutShort.BROKEN, b"")


def test_what_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.02)
    begun = {"type": "http.request", "body": b"CallSid=", "more_body": True}
    handed = _ask([begun])
    assert (handed.scope[CUT_SHORT], handed.body) == (CutShort.TOO_SLOW, b"")


@pytest.mark.parametrize("slashes", ["", "/", "//"])
def test_without_a_signature_the_body_is_not_read(slashes: str) -> None:
    handed = _ask(_messages([b"CallSid=CA1"]), headers=(), path=slashes + ROUTE)
    assert (handed.read, handed.body) == (0, b"")


@pytest.mark.parametrize(
    "query", [b"", b"CaseID=7", b"a=%41&b=+", "name=S\u00e3o".encode(), b"\xff"]
)
def test_the_target_is_kept_byte_for_byte(query: bytes) -> None:
    scope = _ask(_messages([b""]), query=query).scope
    assert scope[TARGET] == ROUTE.encode() + (b"?" + query if query else b"")
    assert scope["query_string"].isascii()


def test_a_name_with_an_underscore_is_no_header() -> None:
    headers = (SIGNED, (b"x_twilio_signature", b"forged"), (b"script_name", b"/x"))
    assert _ask(_messages([b""]), headers=headers).scope["headers"] == [SIGNED]


_SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/S\u00e3o",
    "query_string": b"q=1",
    "scheme": "http",
    "http_version": "1.1",
    "server": ("127.0.0.1", 80),
    "client": ("127.0.0.2", 5000),
    "headers": [
        (b"content-type", b"text/plain"),
        (b"x-a", b"1"),
        (b"x-a", b"2"),
        (b"transfer-encoding", b"chunked"),
        (b"content-length", b"9"),
    ],
}


def _served(app: Flask, body: bytes) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(InThreads(app, 2)(dict(_SCOPE), receive, send))
    return sent


def test_a_request_arrives_as_it_is_and_so_does_its_answer() -> None:
    app = Flask("test")
    seen: dict[str, Any] = {}

    @app.post("/<name>")
    def view(name: str) -> tuple[str, int, dict[str, str]]:
        asked = request.environ
        seen.update(
            name=name,
            body=request.get_data(),
            length=asked["CONTENT_LENGTH"],
            a=asked["HTTP_X_A"],
            query=request.args["q"],
            scope=asked[SCOPE]["method"],
            peer=request.remote_addr,
            kind=request.mimetype,
        )
        return "S\u00ed", 201, {"X-Said": "yes"}

    begun, body = _served(app, b"caf\xc3\xa9")
    assert seen == {
        "name": "S\u00e3o",
        "body": b"caf\xc3\xa9",
        "length": "5",
        "a": "1,2",
        "query": "1",
        "scope": "POST",
        "peer": "127.0.0.2",
        "kind": "text/plain",
    }
    assert (begun["status"], body["body"]) == (201, "S\u00ed".encode())
    assert (b"x-said", b"yes") in begun["headers"]


def test_what_needs_no_thread_is_answered_though_all_are_taken() -> None:
    app = Flask("test")
    over = threading.Event()
    app.add_url_rule("/slow", "slow", view_func=lambda: "slow" if over.wait(30) else "late")
    app.add_url_rule("/free", "free", view_func=lambda: "free")
    served = InThreads(app, 1, {"/free"})
    said: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            said.append(message["body"])

    async def ask() -> None:
        slow = asyncio.ensure_future(
            served({**_SCOPE, "method": "GET", "path": "/slow"}, receive, send)
        )
        await served({**_SCOPE, "method": "GET", "path": "/free"}, receive, send)
        over.set()
        await slow

    asyncio.run(ask())
    assert said == [b"free", b"slow"]
