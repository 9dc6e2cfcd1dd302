"""The web server: gunicorn with threads, and web app and worker together for one small machine."""

import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from bridge.app import create_app
from bridge.runtime import WEB_CONNECTIONS, Runtime, build, write_counts
from bridge.settings import Settings

PROCESSES = 2
THREADS = 8
_COUNTS_SECONDS = 1.0
_FINISH_SECONDS = 8
_KILL_SECONDS = 10.0
# Gunicorn's heartbeat files: a slow disk must not make a busy process look dead.
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - made by the system, not guessed

log = structlog.get_logger(__name__)


class _Logger(Logger):
    """Gunicorn's own lines take the way of all others."""

    def setup(self, cfg: Any) -> None:  # noqa: ARG002
        """Attach no handlers: the root logger has ours."""
        self.error_log.propagate = True
        self.error_log.handlers = []
        self.error_log.setLevel(logging.INFO)


class Server(BaseApplication):
    """Gunicorn, serving the app that `make_app` builds on a runtime of each process's own."""

    def __init__(self, settings: Settings, make_app: Callable[[Runtime], Flask], host: str) -> None:
        self._host = host
        self._settings = settings
        self._make_app = make_app
        super().__init__()

    def load_config(self) -> None:
        """The server's options, from our settings alone."""
        options = {
            "bind": f"{self._host}:{self._settings.port}",
            "workers": self._settings.web_concurrency or PROCESSES,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": _FINISH_SECONDS,
            "timeout": 30,
            "keepalive": 60,
            "worker_tmp_dir": str(_SHARED_MEMORY) if _SHARED_MEMORY.is_dir() else None,
            "control_socket_disable": True,
            "logger_class": _Logger,
            "proc_name": "bridge-web",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The app of one server process; runs after the fork, so connections are its own."""
        runtime = build(self._settings, connections=WEB_CONNECTIONS)
        threading.Thread(target=_write_counts, args=[runtime], name="counts", daemon=True).start()
        app = self._make_app(runtime)
        # What was made by now stays: the collector needn't look at it again and again.
        gc.freeze()
        return app


def serve(settings: Settings, *, host: str) -> None:
    """Serve the web app at this address until a signal ends it."""
    Server(settings, create_app, host).run()


def run_together(host: str) -> int:
    """Web app and worker as two processes; when one ends, so does the other. Returns its code."""
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


def _write_counts(runtime: Runtime) -> None:
    while True:
        time.sleep(_COUNTS_SECONDS)
        try:
            write_counts(runtime)
        except Exception as error:  # noqa: BLE001 - counts wait in memory; requests go on
            log.warning("Counts could not be written down", error=type(error).__name__)
