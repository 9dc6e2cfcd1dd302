"""Statuses take no thread: their answers wait for the commit, and only for that."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, request
from sqlalchemy import Row, select

from bridge.app import create_app
from bridge.runtime import Runtime
from bridge.store.callbacks.callbacks import NewCallback
from bridge.store.callbacks.writer import CallbackWriter
from bridge.store.db import Database
from bridge.store.tables import callbacks
from bridge.web.held_answers import hold_until, may_hold, why_in_vain
from bridge.web.limits import USUAL_BODY_BYTES, Limited, Message
from bridge.web.threads import InThreads
from bridge.web.twilio import KEPT_ONLY
from tests.support.posting import CALL, TEXT
from tests.support.signing import call_fields, signature, text_fields

SID = "CA" + "0" * 28 + "1f3a"


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: dict[bytes, bytes]
    body: bytes


async def _ask(served: Any, target: str, body: bytes, *headers: tuple[bytes, bytes]) -> _Answer:
    sent: list[Message] = []
    path, _, query = target.partition("?")

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.2", 5000),
        "headers": [(b"content-type", b"application/x-www-form-urlencoded"), *headers],
    }
    await served(scope, receive, send)
    return _Answer(sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"])


async def _post(
    served: Any, runtime: Runtime, target: str, fields: dict[str, str], *, signed: bool = True
) -> _Answer:
    url = f"{runtime.settings.public_url}{target}"
    mark = signature(runtime.settings.auth_token or "", url, fields) if signed else "wrong"
    header = (b"x-twilio-signature", mark.encode())
    return await _ask(served, target, urlencode(fields).encode(), header)


def _serve(runtime: Runtime, threads: int = 1) -> Limited:
    return Limited(InThreads(create_app(runtime), threads, KEPT_ONLY))


def _rows(runtime: Runtime) -> Sequence[Row[Any]]:
    with runtime.db.read() as connection:
        return connection.execute(select(callbacks).order_by(callbacks.c.id)).all()


def test_statuses_are_kept_and_answered_as_ever(runtime: Runtime) -> None:
    served = _serve(runtime)

    async def ask() -> list[_Answer]:
        return [
            await _post(served, runtime, f"{CALL}?CaseID=7", call_fields(SID, "busy", 2)),
            await _post(served, runtime, f"{CALL}?CaseID=7", call_fields(SID, "busy", 2)),
            await _post(served, runtime, TEXT, text_fields("SM" + "0" * 32, "delivered")),
            await _post(served, runtime, CALL, call_fields("no SID", "busy", 2)),
            await _post(served, runtime, CALL, call_fields(SID, "busy", 3), signed=False),
        ]

    answers = asyncio.run(ask())
    assert [answer.status for answer in answers] == [204, 204, 204, 400, 403]
    assert b"CallSid" in answers[3].body
    assert b"content-type" not in answers[0].headers
    assert [row.verdict for row in _rows(runtime)] == ["new", "new", "malformed"]
    counted = runtime.counts.take()
    assert counted[("callbacks", "call|duplicate")] == 1
    assert counted[("callbacks", "call|malformed")] == 1


def test_many_at_once_share_commits(runtime: Runtime) -> None:
    served = _serve(runtime)

    async def ask() -> list[_Answer]:
        return await asyncio.gather(
            *[
                _post(served, runtime, CALL, call_fields(f"CA{number % 40:032x}", "busy", 2))
                for number in range(80)
            ]
        )

    assert {answer.status for answer in asyncio.run(ask())} == {204}
    assert len(_rows(runtime)) == 40
    assert runtime.counts.take()[("callbacks", "call|duplicate")] == 40


def test_the_answer_leaves_after_the_commit(runtime: Runtime) -> None:
    writer = _Slow(runtime.db)
    served = _serve(replace(runtime, callback_writer=writer))

    async def ask() -> _Answer:
        asked = asyncio.ensure_future(_post(served, runtime, CALL, call_fields(SID, "busy", 2)))
        while not writer.is_asked:
            await asyncio.sleep(0)
        assert not asked.done()
        writer.committed.set_result(True)
        return await asked

    assert asyncio.run(ask()).status == 204


class _Slow(CallbackWriter):
    """A writer that commits when it is told to."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.committed = Future[bool]()
        self.is_asked = False

    def keep_soon(self, arrival: NewCallback) -> Future[bool]:
        self.is_asked = True
        return self.committed


def test_where_the_database_is_away_twilio_is_asked_to_come_back(runtime: Runtime) -> None:
    away = Database("postgresql+psycopg://bridge@127.0.0.1:9/none", connections=1)
    served = _serve(replace(runtime, db=away, callback_writer=CallbackWriter(away)))

    async def ask() -> list[_Answer]:
        return await asyncio.gather(
            *[
                _post(served, runtime, CALL, call_fields(f"CA{number:032x}", "busy", 2))
                for number in range(4)
            ]
        )

    answers = asyncio.run(ask())
    assert {answer.status for answer in answers} == {503}
    assert all(answer.headers[b"retry-after"].isdigit() for answer in answers)
    assert runtime.counts.take() == {}
    away.close()


def test_a_flood_of_statuses_leaves_the_threads_to_others() -> None:
    app, committed = Flask("test"), Future[bool]()

    @app.post("/status")
    def status() -> str:
        hold_until(request.environ, committed)
        return "kept"

    @app.post("/call")
    def call() -> str:
        assert not may_hold(request.environ)
        return "prompt"

    served = InThreads(app, 1, {"/status"})

    async def ask() -> list[bytes]:
        statuses = [asyncio.ensure_future(_ask(served, "/status", b"")) for _ in range(50)]
        said = [(await _ask(served, "/call", b"")).body]
        assert not any(status.done() for status in statuses)
        committed.set_result(True)
        return said + [(await status).body for status in statuses]

    assert asyncio.run(ask()) == [b"prompt"] + [b"kept"] * 50


def test_what_failed_is_told_to_the_app() -> None:
    app, failed = Flask("test"), Future[bool]()
    failed.set_exception(ValueError("full"))

    @app.post("/status")
    def status() -> tuple[str, int]:
        error = why_in_vain(request.environ)
        if error is not None:
            return f"{error}, {request.get_data(as_text=True)}", 507
        hold_until(request.environ, failed)
        return "kept", 200

    answer = asyncio.run(_ask(InThreads(app, 1, {"/status"}), "/status", b"its body"))
    assert (answer.status, answer.body) == (507, b"full, its body")


@pytest.mark.parametrize(
    ("size", "holds"), [(USUAL_BODY_BYTES, True), (USUAL_BODY_BYTES + 1, False)]
)
def test_long_bodies_take_a_thread(size: int, *, holds: bool) -> None:
    app = Flask("test")
    app.add_url_rule("/status", "status", lambda: str(may_hold(request.environ)), methods=["POST"])
    answer = asyncio.run(_ask(InThreads(app, 1, {"/status"}), "/status", b"x" * size))
    assert answer.body == str(holds).encode()
