"""Requests of the bridge to both remote systems, inside this process: no sockets.

What strikes a request is drawn here: it never arrives, its answer is lost, the process that sent it
dies before or behind it, or its machine stands still while everybody else goes on.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, SupportsIndex
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from tests.simulation.processes import Fate


@dataclass(frozen=True)
class Asked:
    """A request, as a stand-in sees it."""

    verb: str
    path: str
    params: Mapping[str, list[str]]
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def changes(self) -> bool:
        """Whether it asks for anything but to be shown something."""
        return self.verb == "POST"


@dataclass(frozen=True)
class Answer:
    """What a stand-in answers."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


Standin = Callable[[Asked], Answer]


class Network:
    """Finds the stand-in that a request is for, and has it meet its fate."""

    def __init__(self, fate: Fate, standins: Mapping[str, Standin]) -> None:
        self._fate = fate
        self._standins = standins
        self.on_lost: Callable[[str, Asked], None] = lambda _host, _asked: None
        """Called for an answer that was lost after the request was carried out."""

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        """What `requests` does with a request."""
        asked = _read(request)
        host = urlsplit(request.url or "").hostname or ""
        self._fate.before_request(host)
        answer = self._standins[host](asked)
        if self._fate.after_request(host, failed=answer.status >= 500):
            self.on_lost(host, asked)
            raise requests.ReadTimeout("the answer was lost")
        return _response(request, answer)


@contextmanager
def in_process(network: Network, sleep: Callable[[float], None]) -> Iterator[None]:
    """Have `requests` send everything through this network, and nobody really sleep.

    That is of this thread: those that an earlier test has left behind have their own time.
    """
    original, original_sleep, mine = HTTPAdapter.send, time.sleep, threading.get_ident()

    def send(
        adapter: HTTPAdapter, request: requests.PreparedRequest, **how: Any
    ) -> requests.Response:
        if threading.get_ident() != mine:
            return original(adapter, request, **how)
        return network.send(request)

    def pass_time(seconds: float | SupportsIndex) -> None:
        if threading.get_ident() == mine:
            sleep(float(seconds))
        else:
            original_sleep(seconds)

    HTTPAdapter.send = send  # type: ignore[method-assign, assignment]
    time.sleep = pass_time
    try:
        yield
    finally:
        time.sleep = original_sleep
        HTTPAdapter.send = original  # type: ignore[method-assign]


def _read(request: requests.PreparedRequest) -> Asked:
    url = urlsplit(request.url or "")
    body = request.body or ""
    text = body.decode() if isinstance(body, bytes) else str(body)
    kind = str(request.headers.get("Content-Type", ""))
    # The SDK names a form's type in requests that have no body, too.
    is_form = request.method == "POST" and "form" in kind
    params = parse_qs(text if is_form else url.query, keep_blank_values=True)
    return Asked(request.method or "GET", url.path, params, text, request.headers)


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response.headers.setdefault("Content-Type", "application/json; charset=utf-8")
    response.encoding = "utf-8"
    response.url = request.url or ""
    response.request = request
    # Still to be read, as from a connection.
    body = BytesIO(answer.body.encode())
    response.raw = HTTPResponse(body, status=answer.status, preload_content=False)
    return response
