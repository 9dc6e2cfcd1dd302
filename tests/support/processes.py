"""The bridge as its own processes, which say what the Procfile's say, and are killed for real."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import requests

from tests.support import forking
from tests.support.ports import free_port
from tests.support.settings import AGREED
from tests.support.signing import ACCOUNT_SID, signature

AUTH_TOKEN = "token-of-the-tests"
API_KEY = "key-of-the-tests"
METRICS_TOKEN = "metrics-of-the-tests"
ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 120.0


def wait_until(
    what: Callable[[], bool],
    why: str,
    seconds: float = _PATIENCE_SECONDS,
    *,
    every: float = 0.02,
) -> None:
    """Await a condition; `every` so many seconds it is looked at.

    Raises:
        AssertionError: it didn't come true in time.
    """
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s in vain: {why}")
        time.sleep(every)


class Child(Protocol):
    """A process that was started."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...


Start = Callable[[Sequence[str], Mapping[str, str], Path], Child]
"""Starts a process with these arguments and this environment, where its log lies."""


def forked(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
    """`python -m …`, by a process that has loaded the bridge already."""
    return forking.Forked(arguments, environment, log.parent, log, log)


def from_nothing(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
    """`python -m …`, as the Procfile starts it."""
    return any_program([sys.executable, "-m", *arguments], environment, log)


def any_program(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
    """Any program."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env=environment,
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


class Process:
    """One process of the bridge, its output kept in a file."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        start: Start = forked,
    ) -> None:
        # Where the log lies no `.env` of a developer's is read.
        self._arguments = arguments
        self._start = start
        self._environment = dict(environment)
        self.log = log
        self._child = start(arguments, self._environment, log)

    @property
    def pid(self) -> int:
        return self._child.pid

    def kill(self) -> None:
        """SIGKILL, to the process and all its children; nothing to those that have ended."""
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def stop(self) -> tuple[int, float]:
        """SIGTERM; return the exit code and the seconds it took."""
        begun = time.monotonic()
        if self._child.poll() is None:
            self._child.terminate()
        try:
            code = self._child.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return code, time.monotonic() - begun

    def alive(self) -> bool:
        return self._child.poll() is None

    def restarted(self) -> "Process":
        """The same process anew."""
        return Process(self._arguments, self._environment, self.log, self._start)


class Bridge:
    """A bridge of its own: its settings, its web processes and its workers."""

    def __init__(
        self, home: Path, database_url: str, smartadvocate_url: str, start: Start = forked
    ) -> None:
        self.home = home
        self._start = start
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "BRIDGE_HOME": str(home),
            "DATABASE_URL": database_url,
            "PUBLIC_URL": self.url,
            "PORT": str(self.port),
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "SMARTADVOCATE_URL": smartadvocate_url,
            "SMARTADVOCATE_API_KEY": API_KEY,
            "METRICS_TOKEN": METRICS_TOKEN,
            **AGREED,
            "WEB_CONCURRENCY": "2",
        }
        self._started: list[Process] = []

    def start(self, *arguments: str) -> Process:
        """Start `python -m …`."""
        log = self.home / f"{'-'.join(arguments)}-{len(self._started)}.log"
        process = Process(arguments, self.environment, log, self._start)
        self._started.append(process)
        return process

    def start_web(self) -> Process:
        web = self.start("bridge", "web")
        wait_until(
            lambda: self._status("/readyz") == requests.codes.ok or not web.alive(),
            "the web app is not ready",
        )
        assert web.alive(), web.log.read_text()
        return web

    def restart(self, process: Process) -> Process:
        again = process.restarted()
        self._started.append(again)
        return again

    def start_worker(self) -> Process:
        return self.start("bridge", "worker")

    def wait_ready(self) -> None:
        wait_until(lambda: self._status("/readyz") == requests.codes.ok, "the web app is not ready")

    def _status(self, path: str) -> int:
        try:
            return requests.get(self.url + path, timeout=5).status_code
        except requests.RequestException:
            return 0

    def post(
        self, session: requests.Session, target: str, fields: Mapping[str, str]
    ) -> requests.Response:
        """Post a signed callback."""
        signed = signature(AUTH_TOKEN, self.url + target, fields)
        return session.post(
            self.url + target,
            data=dict(fields),
            headers={"X-Twilio-Signature": signed},
            timeout=60,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the bridge to its end."""
        return self.run_program("bridge", *arguments)

    def run_program(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m …` to its end."""
        return forking.run(arguments, self.environment, self.home, 120)

    def said(self) -> str:
        """All that the processes have said."""
        return "\n".join(path.read_text() for path in sorted(self.home.glob("*.log")))

    def logs(self) -> str:
        """The last that each process has said, for a failing test."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text()[-4000:]}"
            for path in sorted(self.home.glob("*.log"))
        )

    def close(self) -> None:
        for process in self._started:
            if process.alive():
                process.kill()
