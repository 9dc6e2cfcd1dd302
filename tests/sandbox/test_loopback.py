"""The HTTP server of the stand-ins: connections are kept, dropped and closed as told."""

from collections.abc import Iterator

import pytest
import requests
from flask import Flask, request

from bridge.sandbox.loopback import ConnectionDropped, LoopbackServer


def _app() -> Flask:
    app = Flask(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    ports: list[str] = []

    @app.post("/unread")
    def unread() -> dict[str, list[str]]:
        ports.append(request.environ["REMOTE_PORT"])
        return {"ports": ports}

    @app.get("/drop")
    def drop() -> str:
        raise ConnectionDropped

    return app


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    made = LoopbackServer(_app())
    yield made
    made.close()


def test_a_connection_is_kept_even_when_a_body_was_not_read(server: LoopbackServer) -> None:
    with requests.Session() as session:
        for _ in range(2):
            assert session.post(f"{server.url}/unread", data="x" * 5000, timeout=5).ok
        assert session.get(f"{server.url}/elsewhere", timeout=5).status_code == 404
        answer = session.post(f"{server.url}/unread", timeout=5)
    ports = answer.json()["ports"]
    assert (len(ports), len(set(ports)), answer.raw.version) == (3, 1, 11)


def test_a_dropped_connection_has_no_answer(server: LoopbackServer) -> None:
    with requests.Session() as session:
        with pytest.raises(requests.ConnectionError):
            session.get(f"{server.url}/drop", timeout=5)
        assert session.post(f"{server.url}/unread", timeout=5).ok


def test_after_it_is_closed_nobody_is_answered() -> None:
    server = LoopbackServer(_app())
    with requests.Session() as session:
        assert session.post(f"{server.url}/unread", timeout=5).ok
        server.close()
        with pytest.raises(requests.ConnectionError):
            session.post(f"{server.url}/unread", timeout=5)
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{server.url}/unread", timeout=5)
