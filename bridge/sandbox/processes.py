"""The bridge's own processes and commands in the sandbox, run as a host would run them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import requests
from dotenv import dotenv_values

_READY_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_STOP_SECONDS = 10.0
_TAIL = 2000
_COMMAND_SECONDS = 120.0
_PROGRAMS = {"web": ("bridge.sandbox.web",), "worker": ("bridge", "worker")}
_PACKAGES = Path(__file__).parents[2]


class Processes:
    """Web app and worker on a fresh SQLite file, their logs beside it."""

    def __init__(self, home: Path, settings: dict[str, str]) -> None:
        self._home = home
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PYTHONPATH": str(_PACKAGES),
            "BRIDGE_HOME": str(home),
            "DATABASE_URL": f"sqlite:///{home / 'bridge.db'}",
            "LOG_FORMAT": "json",
            **settings,
        }
        self._url = settings["PUBLIC_URL"]
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def env_file(self) -> Path:
        """The `.env` beside the database, which commands may write."""
        return self._home / ".env"

    def adopt_env_file(self) -> None:
        """Use what a command has written into `.env` instead of the sandbox's own settings.

        The bridge itself would ignore it: the environment takes precedence over the file.
        """
        written = dotenv_values(self.env_file)
        self._environment |= {name: value for name, value in written.items() if value}

    def write(self, name: str, text: str) -> None:
        """Put a file where commands find it by its name."""
        (self._home / name).write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> str:
        """Run a command of the bridge; return its output, whether it failed or not."""
        return self.try_run(*arguments)[1]

    def succeed(self, *arguments: str) -> str:
        """Run a command of the bridge; return its output.

        Raises:
            RuntimeError: it failed; with its output.
        """
        code, said = self.try_run(*arguments)
        if code != 0:
            raise RuntimeError(f"bridge {' '.join(arguments)} failed:\n{said}")
        return said

    def try_run(self, *arguments: str) -> tuple[int, str]:
        """Run a command of the bridge; return its exit code and output."""
        try:
            done = subprocess.run(  # noqa: S603 - no input
                [sys.executable, "-m", "bridge", *arguments],
                env=self._environment,
                cwd=self._home,
                check=False,
                timeout=_COMMAND_SECONDS,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        except subprocess.TimeoutExpired:
            return 1, f"no answer within {_COMMAND_SECONDS:.0f} s"
        return done.returncode, done.stdout

    def start_web(self) -> None:
        """Start the web app, which migrates the database, and wait until it is ready.

        Raises:
            RuntimeError: the process ended, or wasn't ready in time.
        """
        self._start("web")
        end = time.monotonic() + _READY_SECONDS
        while not self._is_ready():
            self.check()
            if time.monotonic() > end:
                raise RuntimeError(f"the web app isn't ready:\n{self.tail()}")
            time.sleep(_LOOK_SECONDS)

    def start_worker(self) -> None:
        """Start the worker, which begins to text and dial."""
        self._start("worker")

    def check(self) -> None:
        """Check that both are running.

        Raises:
            RuntimeError: a process ended; with the end of its log.
        """
        for name, process in self._running.items():
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended with {process.returncode}:\n{self.tail()}")

    def stop(self) -> None:
        """Stop both and wait until they have ended."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def tail(self) -> str:
        """The last lines of both logs."""
        return "\n".join(
            f"--- {name}\n{(self._home / f'{name}.log').read_text()[-_TAIL:]}"
            for name in self._running
        )

    def _start(self, name: str) -> None:
        with (self._home / f"{name}.log").open("wb") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - no input
                [sys.executable, "-m", *_PROGRAMS[name]],
                env=self._environment,
                # Not in a folder that may have a `.env` with real settings.
                cwd=self._home,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self._url}/readyz", timeout=2).ok
        except requests.RequestException:
            return False
