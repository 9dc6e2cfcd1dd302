"""The bridge as its own processes, started as the Procfile starts them, and killed for real."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import requests

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


class Process:
    """One process of the bridge, its output kept in a file."""

    def __init__(
        self,
        arguments: list[str],
        environment: Mapping[str, str],
        log: Path,
        program: tuple[str, ...] = (sys.executable, "-m"),
    ) -> None:
        # Where the log lies no `.env` of a developer's is read.
        self._arguments = arguments
        self._program = program
        self._environment = dict(environment)
        self.log = log
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                [*program, *arguments],
                env=self._environment,
                cwd=log.parent,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def kill(self) -> None:
        """SIGKILL, to the process and all its children."""
        os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()

    def stop(self) -> tuple[int, float]:
        """SIGTERM; return the exit code and the seconds it took."""
        begun = time.monotonic()
        if self._popen.poll() is None:
            self._popen.terminate()
        try:
            code = self._popen.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return code, time.monotonic() - begun

    def alive(self) -> bool:
        return self._popen.poll() is None

    def restarted(self) -> "Process":
        """The same process anew."""
        return Process(self._arguments, self._environment, self.log, self._program)


class Bridge:
    """A bridge of its own: its settings, its web processes and its workers."""

    def __init__(self, home: Path, database_url: str, smartadvocate_url: str) -> None:
        self.home = home
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
        process = Process(list(arguments), self.environment, log)
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
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

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
