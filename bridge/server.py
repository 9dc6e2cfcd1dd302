"""The web server: granian's processes, and web app and worker together for one small machine.

Granian reads the heads of requests in threads of its own, `Limited` their bodies on the event
loop; a thread of ours is taken once a request is whole, unless it waits for a commit alone. So
peers that send slowly, or nothing, cost a socket each and keep nobody waiting.
"""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from bridge.adapters import geography
from bridge.app import create_app
from bridge.console import guard
from bridge.heartbeat import EVERY_SECONDS, Pulse
from bridge.runtime import WEB_CONNECTIONS, WEB_PROCESSES, Runtime, build, write_counts
from bridge.settings import Settings
from bridge.store.heartbeats import Role
from bridge.web.limits import App, Limited, Receive, Scope, Send
from bridge.web.routes import WITHOUT_THREAD
from bridge.web.threads import InThreads
from bridge.web.twilio import KEPT_ONLY

THREADS = 8
"""Requests that a process works on at a time. Mostly they wait for one commit, which is all the
more theirs together the more there are."""

_HEAD_MILLISECONDS = 10_000
_MOST_HEAD_BYTES = 32 * 1024
_SOCKETS = 2048
_COUNTS_SECONDS = 1.0
_PARENT_SECONDS = 0.5
_FINISH_SECONDS = 8
_KILL_SECONDS = 10.0

log = structlog.get_logger(__name__)


def serve(
    settings: Settings, *, host: str, make_app: Callable[[Runtime], Flask] = create_app
) -> None:
    """Serve the web app at this address until a signal ends it.

    Raises:
        OSError: something else listens on the port.
    """
    _check_port_is_free(host, settings.port)
    if guard.is_on(settings):
        # Ahead of the fork, so that its processes share the tables and no page waits for them.
        geography.load()
    # What is loaded by now stays. Its processes share it as long as nobody looks through it.
    gc.freeze()
    Server(
        "bridge",
        address=host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_concurrency or WEB_PROCESSES,
        http=HTTPModes.http1,
        websockets=False,
        backlog=_SOCKETS,
        backpressure=_SOCKETS,
        http1_settings=HTTP1Settings(
            header_read_timeout=_HEAD_MILLISECONDS, max_buffer_size=_MOST_HEAD_BYTES
        ),
        # Its own lines go through our log's handler.
        log_dictconfig={"handlers": {}, "formatters": {}, "loggers": {"_granian": {}}},
        respawn_failed_workers=True,
        workers_kill_timeout=_FINISH_SECONDS,
    ).serve(target_loader=_Loader(settings, make_app), wrap_loader=False)


class _Loader:
    """Makes the app of one server process, after the fork: connections are each one's own."""

    def __init__(self, settings: Settings, make_app: Callable[[Runtime], Flask]) -> None:
        self._settings = settings
        self._make_app = make_app
        # Asked here, in the server itself: it may be dead before its process asks who started it.
        self._server_pid = os.getpid()

    def __call__(self) -> App:
        runtime = build(self._settings, connections=WEB_CONNECTIONS)
        pulse = Pulse(runtime, Role.WEB)
        for duty, *arguments in (
            (_store_regularly, runtime, pulse),
            (_end_with_parent, self._server_pid),
        ):
            threading.Thread(target=duty, args=arguments, daemon=True).start()
        app = Limited(InThreads(self._make_app(runtime), THREADS, WITHOUT_THREAD | KEPT_ONLY))
        # What was made by now stays: the collector needn't visit it every time.
        gc.freeze()
        return _Closing(app, runtime, pulse)


class _Closing:
    """An app that closes its runtime when the server ends."""

    def __init__(self, app: App, runtime: Runtime, pulse: Pulse) -> None:
        self._app = app
        self._runtime = runtime
        self._pulse = pulse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._pulse.leave()
        self._runtime.close()
        await send({"type": "lifespan.shutdown.complete"})


def _check_port_is_free(host: str, port: int) -> None:
    # Granian's processes share the port, and would share it with another program's too.
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise OSError(f"can't listen on {host}:{port}: {why}; set another PORT") from None


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds what listens on this address."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not listened on
    return f"http://[{own}]:{port}" if ":" in own else f"http://{own}:{port}"


def run_together(host: str) -> int:
    """Run web app and worker as two processes until one ends; stop the other, return its code."""
    both = [
        subprocess.Popen([sys.executable, "-m", "bridge", *role])  # noqa: S603 - our own words
        for role in (("web", "--host", host), ("worker",))
    ]

    def stop(_number: int, _frame: Any) -> None:
        for process in both:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _, status = os.wait()
    for process in both:
        process.terminate()
        try:
            process.wait(_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    return os.waitstatus_to_exitcode(status)


def _store_regularly(runtime: Runtime, pulse: Pulse) -> None:
    """Store what was counted, and that this process lives: outside of any request."""
    next_beat = 0.0
    while True:
        if time.monotonic() >= next_beat:
            next_beat = time.monotonic() + EVERY_SECONDS
            pulse.beat()
        time.sleep(_COUNTS_SECONDS)
        try:
            write_counts(runtime)
        except Exception as error:  # noqa: BLE001 - counts wait in memory; requests go on
            log.warning("Counts could not be stored", error=type(error).__name__)


def _end_with_parent(parent: int) -> None:
    """End this process when its server was killed, so that nothing keeps holding the port."""
    while os.getppid() == parent:
        time.sleep(_PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    # A process that was still starting doesn't hear that.
    time.sleep(_FINISH_SECONDS)
    os._exit(1)
