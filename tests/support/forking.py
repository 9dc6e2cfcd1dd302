"""Processes of the bridge that are forked from one that has loaded its code and tables already.

To load them takes a process a second or two, and the stories start hundreds. From there on it is a
process like any other: a session of its own, its own memory, connections and signals, and it is
killed for real. Whether a program starts from nothing is up to those tests that start it so:
tests/test_cli.py, tests/stories/test_server.py, test_sandbox.py and test_host_build.py.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory

_FORKSERVER = multiprocessing.get_context("forkserver")
_FORKSERVER.set_forkserver_preload(["tests.support.loaded"])
_TAKING_TURNS = threading.Lock()
"""An exit code can be read once, and any start reads those of all that have ended."""
_STARTS_WITHIN_SECONDS = 120.0


class Forked:
    """A process that runs `python -m …`; it can do what the tests need of a `Popen`."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path,
        out: Path,
        err: Path,
    ) -> None:
        """What it says is added to the files `out` and `err`, which may be one."""
        for path in (out, err):
            path.touch()
        self._process = _FORKSERVER.Process(
            target=_run, args=(list(arguments), dict(environment), cwd, out, err)
        )
        with _TAKING_TURNS:
            self._process.start()
        self._await_session()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with _TAKING_TURNS:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return the exit code.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def terminate(self) -> None:
        """SIGTERM; nothing to one that has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def _await_session(self) -> None:
        """Until it leads a session of its own, it can't be killed with all its children."""
        end = time.monotonic() + _STARTS_WITHIN_SECONDS
        # One that has ended by now has led its session.
        with suppress(ProcessLookupError):
            while os.getsid(self.pid) != self.pid:
                assert time.monotonic() < end, "a process doesn't start"
                time.sleep(0.001)


def run(
    arguments: Sequence[str], environment: Mapping[str, str], cwd: Path, seconds: float
) -> "subprocess.CompletedProcess[str]":
    """Run `python -m …` to its end; `seconds` are the most that it may take.

    Raises:
        subprocess.TimeoutExpired: it takes longer, and was killed.
    """
    with TemporaryDirectory() as said:
        out, err = Path(said, "out"), Path(said, "err")
        process = Forked(arguments, environment, cwd, out, err)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())


def _run(
    arguments: list[str], environment: dict[str, str], cwd: Path, out: Path, err: Path
) -> None:
    os.setsid()
    # Its own children are made as by default, and not like itself.
    multiprocessing.set_start_method(None, force=True)
    os.environ.clear()
    os.environ.update(environment)
    for path, number in ((out, 1), (err, 2)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), number)
    os.chdir(cwd)
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
