"""The host's own steps in a bare environment: what it installs, and what it then runs.

Only on the machine that judges the project, since packages are installed: `CI=true` elsewhere.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bridge.sandbox.manner import Manner
from bridge.sandbox.rest import Server
from bridge.sandbox.smartadvocate import SmartAdvocate
from bridge.sandbox.switchboard import Switchboard
from tests.stories.workload import case
from tests.support.postgres import Postgres
from tests.support.processes import AUTH_TOKEN, ROOT, Bridge, Process, any_program, wait_until
from tests.support.signing import ACCOUNT_SID, call_fields, just_now

pytestmark = pytest.mark.skipif(not os.environ.get("CI"), reason="it installs packages")

_ALLOWED = 20
_NOT_PUSHED = shutil.ignore_patterns(
    ".git", ".venv", "var", "*.db", "__pycache__", ".*_cache", ".hypothesis", ".env"
)


class Dyno(Bridge):
    """A bridge on the host: its home is what was pushed, its Python has requirements.txt alone."""

    def __init__(self, home: Path, database_url: str, smartadvocate_url: str) -> None:
        super().__init__(home, database_url, smartadvocate_url)
        python = home / ".heroku/python"
        # As the buildpack sets them when a dyno starts.
        self.environment |= {
            "HOME": str(home),
            "PATH": f"{python}/bin:/usr/bin:/bin",
            "PYTHONPATH": str(home),
        }

    def build(self) -> None:
        """Push and install, as the buildpack does."""
        shutil.copytree(ROOT, self.home, dirs_exist_ok=True, ignore=_NOT_PUSHED)
        python = self.home / ".heroku/python"
        for step in (
            ["venv", "--without-pip", str(python)],
            [
                "pip",
                "--python",
                str(python / "bin/python"),
                "install",
                "--quiet",
                "--no-input",
                "--no-compile",
                "--disable-pip-version-check",
                "-r",
                "requirements.txt",
            ],
        ):
            done = subprocess.run(
                [sys.executable, "-m", *step],
                cwd=self.home,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr

    def launch(self, kind: str) -> Process:
        """Start what the Procfile says."""
        lines = (self.home / "Procfile").read_text().splitlines()
        (command,) = (line.partition(":")[2] for line in lines if line.startswith(f"{kind}:"))
        return self.one_off(command.strip(), kind)

    def one_off(self, command: str, name: str) -> Process:
        """`heroku run`: a shell that has read `.profile` runs the command."""
        process = Process(
            ["/bin/bash", "-c", f". ./.profile; {command}"],
            self.environment,
            self.home / f"{name}.log",
            any_program,
        )
        self._started.append(process)
        return process

    def finish(self, process: Process) -> tuple[int, str]:
        """Await its end; its exit code and what it said."""
        wait_until(lambda: not process.alive(), "it doesn't end")
        return process.stop()[0], process.log.read_text()


@pytest.fixture
def dyno(postgres: Postgres, standin: SmartAdvocate, tmp_path: Path) -> Iterator[Dyno]:
    url = postgres.new_tenant(_ALLOWED)
    made = Dyno(tmp_path / "app", url, standin.url)
    made.build()
    yield made
    made.close()
    postgres.drop_tenant(url.rpartition("/")[2])


@pytest.fixture
def exchange() -> Iterator[Server]:
    made = Server(Switchboard(account_sid=ACCOUNT_SID, token=AUTH_TOKEN, manner=lambda _: Manner()))
    yield made
    made.close()


def test_the_host_runs_what_it_has_installed(
    dyno: Dyno, exchange: Server, standin: SmartAdvocate
) -> None:
    dyno.environment["TWILIO_API_URL"] = exchange.url
    standin.book.add(case(7))
    for command in ("python -m pytest --version", "python -m pip --version"):
        code, said = dyno.finish(dyno.one_off(command, "bare"))
        assert code == 1, f"the environment isn't bare: {said}"
    version = (dyno.home / ".python-version").read_text().strip()
    assert f"Python {version}." in dyno.finish(dyno.one_off("python --version", "version"))[1]

    code, said = dyno.finish(dyno.launch("release"))
    assert (code, said.endswith("up to date now\n")) == (0, True), said
    web, worker = dyno.launch("web"), dyno.launch("worker")
    dyno.wait_ready()
    with requests.Session() as session:
        ended = call_fields(
            "CA" + "a" * 32,
            "completed",
            3,
            CallDuration="42",
            AnsweredBy="human",
            Timestamp=just_now(),
        )
        assert dyno.post(session, "/twilio/voice/status?CaseID=7", ended).status_code == 204
    wait_until(lambda: len(standin.book.all()[0].notes) == 1, "the note is missing")

    code, said = dyno.finish(dyno.one_off("bridge check", "check"))
    assert (code, "failure" in said) == (0, False), said
    assert "ok      connections: " in said
    assert [web.stop()[0], worker.stop()[0]] == [0, 0], dyno.logs()
