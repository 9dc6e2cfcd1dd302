"""The main job with nothing to configure: the bridge between two pretend systems.

Pretend people are called and texted by another app on the account, as it were; their callbacks
come in signed, some twice, some late, some crossed; and the cases must show what they did.
"""

import random
import secrets
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bridge.sandbox import cast, proof, summary
from bridge.sandbox.casebook import Case
from bridge.sandbox.cast import Role
from bridge.sandbox.processes import Processes
from bridge.sandbox.smartadvocate import Entry, SmartAdvocate
from bridge.sandbox.twilio import FIRM_NUMBER, Twilio

_PATIENCE_SECONDS = 45.0
_NOTE_SECONDS = 20.0
_SETTLING_SECONDS = 1.5
_BETWEEN_STARTS_SECONDS = 0.12
_AT_A_TIME = 12
_PAUSE_SECONDS = 3.0
_METRICS_TOKEN = "sandbox"  # noqa: S105 - printed for whoever runs the sandbox


class _Interrupted(Exception):
    """Somebody wants the sandbox to end."""


@dataclass(frozen=True)
class _Stage:
    """All that plays."""

    roles: Sequence[Role]
    smartadvocate: SmartAdvocate
    twilio: Twilio
    processes: Processes
    public_url: str
    chance: random.Random


def run(*, port: int, cases: int, once: bool) -> int:
    """Run the sandbox; return the exit code.

    `port` is the web app's (0: a free one); with `once` it ends by itself, and the code says
    whether every case shows what its person did.
    """
    try:
        with _stage(_usable(port), cases) as stage:
            return _play_once(stage) if once else _play_on(stage)
    except _Interrupted:
        click.echo("\nStopped.")
        return 0
    except (OSError, RuntimeError) as error:
        click.echo(f"Error: {error}", err=True)
        return 1


@contextmanager
def _stage(port: int, count: int) -> Iterator[_Stage]:
    chance = random.Random()  # noqa: S311 - a play, not a secret
    token, key = secrets.token_hex(16), secrets.token_hex(16)
    account_sid = f"AC{chance.getrandbits(128):032x}"
    home = Path(tempfile.mkdtemp(prefix="bridge-sandbox-"))
    smartadvocate = SmartAdvocate(api_key=key)
    twilio = Twilio(account_sid=account_sid, token=token)
    public_url = f"http://127.0.0.1:{port}"
    processes = Processes(
        home,
        {
            "PORT": str(port),
            "PUBLIC_URL": public_url,
            "TWILIO_ACCOUNT_SID": account_sid,
            "TWILIO_AUTH_TOKEN": token,
            "TWILIO_API_URL": twilio.url,
            "TWILIO_FROM_NUMBER": FIRM_NUMBER,
            "SMARTADVOCATE_URL": smartadvocate.url,
            "SMARTADVOCATE_API_KEY": key,
            "METRICS_TOKEN": _METRICS_TOKEN,
            "FIRM_NAME": "Example & Partners",
            "FIRM_PHONE": FIRM_NUMBER,
        },
    )
    roles = cast.cast(count, chance)
    for role in roles:
        for case in cast.cases(role):
            smartadvocate.book.add(case)
    stage = _Stage(roles, smartadvocate, twilio, processes, public_url, chance)
    before = [signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        processes.start()
        smartadvocate.heard = _say
        click.echo(f"The bridge            {public_url}")
        click.echo(f"Pretend SmartAdvocate {smartadvocate.url}   (its cases)")
        click.echo(f"Metrics               {public_url}/metrics   (bearer token: {_METRICS_TOKEN})")
        click.echo(f"{count} people are called and texted; Ctrl-C ends it.\n")
        yield stage
    finally:
        twilio.close()
        processes.stop()
        smartadvocate.close()
        shutil.rmtree(home, ignore_errors=True)
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)


def _play_once(stage: _Stage) -> int:
    _play_all(stage, stage.roles)
    _wait_until_finished(stage)
    # What comes too often comes late: give it the time to show.
    time.sleep(_SETTLING_SECONDS)
    return _prove(stage)


def _play_on(stage: _Stage) -> int:
    _play_all(stage, stage.roles)
    count = len(stage.roles)
    while True:
        again = cast.cast(count, stage.chance)
        for role in stage.chance.sample(again, count):
            time.sleep(_PAUSE_SECONDS)
            stage.processes.check()
            _play_person(stage, role)


def _play_all(stage: _Stage, roles: Sequence[Role]) -> None:
    stopped = threading.Event()
    with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="person") as pool:
        plays = []
        try:
            for role in roles:
                plays.append(pool.submit(_play_person, stage, role, stopped))
                time.sleep(_BETWEEN_STARTS_SECONDS)
            for one in plays:
                one.result()
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _play_person(stage: _Stage, role: Role, stopped: threading.Event | None = None) -> None:
    """One after the other: nobody is called again before the last call is on the case."""
    for index in range(len(role.sids)):
        if stopped is not None and stopped.is_set():
            return
        play = cast.play(
            role,
            index,
            account_sid=stage.twilio.account_sid,
            public_url=stage.public_url,
            chance=stage.chance,
        )
        stage.twilio.tally.late += cast.is_late_or_crossed(play)
        for posted in stage.twilio.start(play):
            posted.result()
        _await_note(stage, role, index)


def _await_note(stage: _Stage, role: Role, index: int) -> None:
    temper, mark = role.person.tempers[index], proof.reference(role.sids[index])
    if temper.expected.note is None or not role.case_ids:
        return

    def is_noted(case: Case) -> bool:
        return any(mark in note for note in case.notes)

    case_id = role.named_by(temper) or role.case_id
    stage.smartadvocate.book.wait_for(case_id, is_noted, _NOTE_SECONDS)


def _wait_until_finished(stage: _Stage) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        stage.processes.check()
        if not any(_wrong(stage).values()):
            return
        time.sleep(0.1)


def _wrong(stage: _Stage) -> dict[int, list[str]]:
    cases = {case.case_id: case for case in stage.smartadvocate.book.all()}
    journal = stage.smartadvocate.journal()
    return {role.case_id: proof.discrepancies(role, cases, journal) for role in stage.roles}


def _prove(stage: _Stage) -> int:
    cases = {case.case_id: case for case in stage.smartadvocate.book.all()}
    journal = stage.smartadvocate.journal()
    wrong = _wrong(stage)
    faults = [one for found in wrong.values() for one in found]
    faults += proof.refusals(journal)
    faults += [f"callback of {sid} was lost" for sid in stage.twilio.tally.lost]
    click.echo(f"\n{summary.table(stage.roles, cases, wrong)}\n")
    click.echo(summary.totals(stage.roles, cases.values(), journal, stage.twilio.tally))
    if not faults:
        click.echo("\nEvery case shows what its person did, exactly once. Nothing was lost.")
        return 0
    click.echo("\nWrong:")
    for fault in faults:
        click.echo(f"  {fault}")
    click.echo(stage.processes.tail(), err=True)
    return 1


def _say(entry: Entry) -> None:
    line = summary.event(entry)
    if line is not None:
        click.echo(line)


def _usable(port: int) -> int:
    """The port, or a free one for 0.

    Raises:
        OSError: something else listens on it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise OSError(f"port {port} is taken: choose another with --port") from None
        found: int = probe.getsockname()[1]
        return found


def _interrupt(_number: int, _frame: Any) -> None:
    raise _Interrupted
