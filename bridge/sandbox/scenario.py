"""`bridge sandbox`: the whole bridge between two pretend systems, with nothing to configure.

Cases are due in the pretend SmartAdvocate; the bridge texts and calls their people; the pretend
Twilio plays every call and text; and the cases must show the outcomes.
"""

import random
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from bridge.sandbox import cast, meanwhile, summary
from bridge.sandbox.cast import Role, Setting
from bridge.sandbox.dialects import PLAIN, Dialect, named
from bridge.sandbox.ending import Played, conclude
from bridge.sandbox.fields import FIRM_NUMBER
from bridge.sandbox.manner import Manner
from bridge.sandbox.office import AGENTS, DIAL_AGENTS, MAIN_LINE
from bridge.sandbox.papers import on_file
from bridge.sandbox.people import CLIENTS, LEADS
from bridge.sandbox.processes import Processes
from bridge.sandbox.progress import ProgressDisplay, progress
from bridge.sandbox.rest import Server
from bridge.sandbox.smartadvocate import Entry, SmartAdvocate
from bridge.sandbox.switchboard import Switchboard, Webhooks

_PATIENCE_SECONDS = 90.0
_SETTLING_SECONDS = 1.5
_LOOK_SECONDS = 0.1
_STEP_SECONDS = 0.2
_PAUSE_SECONDS = 45.0
_METRICS_TOKEN = "sandbox"  # noqa: S105 - printed for whoever runs the sandbox
_FREE_PORTS = range(20_000, 30_000)
_PORTS_TRIED = 50
_RETRIES = "#rc=5&rp=ct,rt,5xx&tt=15000"
_ZONE = ZoneInfo("America/New_York")


class _Interrupted(Exception):
    """Ctrl-C was pressed, or the process is to end."""


@dataclass(frozen=True)
class _Stage:
    """Everything that takes part in a run."""

    roles: Sequence[Role]
    smartadvocate: SmartAdvocate
    twilio: Server
    processes: Processes
    progress: ProgressDisplay
    started_at: float
    """Seconds of the machine's clock at which the bridge's processes were started."""


def run(*, port: int, cases: int, once: bool, dialect: str = "") -> int:
    """Run the sandbox; return the exit code.

    `port` is the web app's (0: a free one). With `once` it stops by itself, and the code says
    whether everybody was reached as expected and every case shows the outcome. `dialect` is a list
    of dialects with commas.
    """
    try:
        chosen = named(dialect.split(","))
        with _stage(_usable(port), cases, chosen) as stage:
            return _play_once(stage) if once else _play_on(stage)
    except _Interrupted:
        click.echo("\nStopped.")
        return 0
    except (OSError, RuntimeError, ValueError) as error:
        click.echo(f"Error: {error}", err=True)
        return 1


@contextmanager
def _stage(port: int, count: int, dialect: Dialect) -> Iterator[_Stage]:
    scene = cast.setting(datetime.now(UTC))
    roles = cast.cast(count, scene, dialect)
    home = Path(tempfile.mkdtemp(prefix="bridge-sandbox-"))
    smartadvocate = SmartAdvocate(api_key=secrets.token_hex(16), dialect=dialect)
    twilio = _twilio(roles, f"http://127.0.0.1:{port}")
    processes = Processes(home, _settings(port, scene, smartadvocate, twilio))
    _open_cases(roles, smartadvocate)
    meanwhile.arrange(roles, twilio.switchboard, smartadvocate)
    before = [signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        shown = progress()
        smartadvocate.on_request = lambda entry: _show(shown, entry)
        _announce(roles, smartadvocate, f"http://127.0.0.1:{port}", scene)
        if dialect != PLAIN:
            _probe(processes)
        started_at = time.monotonic()
        processes.start_web()
        _put_on_file(roles, processes)
        processes.start_worker()
        yield _Stage(roles, smartadvocate, twilio, processes, shown, started_at)
    finally:
        processes.stop()
        twilio.close()
        smartadvocate.close()
        shutil.rmtree(home, ignore_errors=True)
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)


def _open_cases(roles: Sequence[Role], smartadvocate: SmartAdvocate) -> None:
    book = smartadvocate.book
    for role in roles:
        for case in cast.cases(role, book.now(), smartadvocate.dialect):
            book.add(case)


def _put_on_file(roles: Sequence[Role], processes: Processes) -> None:
    """Have the firm record what leads have agreed to, and the do-not-call registry's list."""
    papers = on_file(roles)
    for paper in papers:
        processes.write(paper.name, paper.text)
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda paper: processes.succeed(*paper.command), papers))
    for paper, said in zip(papers, answers, strict=True):
        click.echo(f"bridge {' '.join(paper.command)}\n{summary.indented(said)}\n")


def _probe(processes: Processes) -> None:
    """Have the bridge find out SmartAdvocate's dialect, and use the settings that it writes."""
    command = ("check", "--probe", "--write-env")
    click.echo(f"bridge {' '.join(command)}")
    click.echo(f"{summary.indented(processes.run(*command))}\n")
    processes.adopt_env_file()


def _twilio(roles: Sequence[Role], public_url: str) -> Server:
    known = {**AGENTS, **cast.manners(roles)}
    board = Switchboard(
        account_sid=f"AC{secrets.token_hex(16)}",
        token=secrets.token_hex(16),
        manner=lambda number: known.get(number, Manner()),
        step=_STEP_SECONDS,
        chance=random.Random(),  # noqa: S311 - not a secret
    )
    board.webhooks = Webhooks(
        text=f"{public_url}/twilio/messages/inbound{_RETRIES}",
        call=f"{public_url}/twilio/voice/inbound{_RETRIES}",
        status=f"{public_url}/twilio/voice/status{_RETRIES}",
        fallback="https://handler.twilio.com/twiml/EH00000000000000000000000000000000",
    )
    return Server(board)


def _settings(
    port: int, scene: Setting, smartadvocate: SmartAdvocate, twilio: Server
) -> dict[str, str]:
    board = twilio.switchboard
    return {
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TWILIO_ACCOUNT_SID": board.account_sid,
        "TWILIO_AUTH_TOKEN": board.token,
        "TWILIO_API_URL": twilio.url,
        "TWILIO_FROM_NUMBER": FIRM_NUMBER,
        "SMARTADVOCATE_URL": smartadvocate.url,
        "SMARTADVOCATE_API_KEY": smartadvocate.api_key,
        "SMARTADVOCATE_TIMEZONE": _ZONE.key,
        "METRICS_TOKEN": _METRICS_TOKEN,
        "SECRET_KEY": secrets.token_hex(32),
        "FIRM_NAME": "Example & Partners",
        "FIRM_PHONE": MAIN_LINE,
        "DIAL_AGENTS": DIAL_AGENTS,
        "DIAL_WRAP_UP": "1s",
        "FIRM_HOURS": "mon-sun 00:00-24:00",
        # A machine calls and texts clients, as they have all agreed, and leads who have.
        "DIAL_MODE": "client_first",
        "CAMPAIGN_PURPOSES": f"{LEADS}=lead; {CLIENTS}=client",
        "CONSENT_BASIS": "client:voice=the retainer; client:text=the retainer",
        "DIAL_ENABLED": "true",
        "DIAL_POLL_SECONDS": "2",
        "DIAL_BATCH": "1000",
        "DIAL_CALLS_PER_SECOND": "5",
        "DIAL_MAX_CALLS": "10",
        "DIAL_RING_SECONDS": "15",
        # Nobody waits for hours: somebody with two cases is called about both at once.
        "DIAL_HOURS": scene.hours,
        "DIAL_DAYS": "mon,tue,wed,thu,fri,sat,sun",
        "DIAL_SKIP_HOLIDAYS": "false",
        "DIAL_STATE_RULES": "off",
        "TEXT_ENABLED": "true",
        "TEXT_LEAD": "8s",
    }


def _announce(
    roles: Sequence[Role], smartadvocate: SmartAdvocate, public_url: str, scene: Setting
) -> None:
    zones = ", ".join(zone.name for zone in scene.zones)
    click.echo(f"Console        open {public_url}/console/   (no password, in the sandbox)")
    click.echo(f"Cases          open {smartadvocate.url}   (the pretend SmartAdvocate)")
    click.echo(f"Bridge         {public_url}")
    click.echo(f"Metrics        {public_url}/metrics   (bearer token: {_METRICS_TOKEN})")
    click.echo(f"Calling hours  {scene.hours} in {zones}, for this run only")
    click.echo(f"{len(roles)} people are texted and called. Press Ctrl-C to stop.\n")


def _play_once(stage: _Stage) -> int:
    end = time.monotonic() + _PATIENCE_SECONDS
    try:
        while True:
            played = _played(stage)
            wrong = played.wrong()
            stage.progress.update(summary.standing(played.reached, wrong))
            if time.monotonic() > end or not any(wrong.values()):
                break
            stage.processes.check()
            time.sleep(_LOOK_SECONDS)
        # A call or text too many comes late: give it the time to show.
        time.sleep(_SETTLING_SECONDS)
    finally:
        stage.progress.close()
    return conclude(_played(stage), stage.processes)


def _play_on(stage: _Stage) -> int:
    """Open the same cases again and again, until interrupted."""
    while True:
        time.sleep(_PAUSE_SECONDS)
        stage.processes.check()
        _open_cases(stage.roles, stage.smartadvocate)


def _played(stage: _Stage) -> Played:
    board, book = stage.twilio.switchboard, stage.smartadvocate.book
    return Played(
        roles=stage.roles,
        cases={case.case_id: case for case in book.all()},
        calls=board.calls(),
        texts=board.texts(),
        # What the probe tried before isn't a fault when it was refused.
        journal=[entry for entry in stage.smartadvocate.journal() if entry.at >= stage.started_at],
        lapses=book.lapses(),
        tally=board.tally,
    )


def _show(shown: ProgressDisplay, entry: Entry) -> None:
    lines = summary.event(entry)
    if lines is not None:
        shown.event(lines)


def _usable(port: int) -> int:
    """The port, or a free one for 0.

    Raises:
        OSError: the port is taken.
    """
    # Not a port that the system picks: it might give the same one to an outgoing connection
    # before the web app listens.
    for candidate in (port,) if port else random.sample(_FREE_PORTS, _PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise OSError(f"port {port or 'after port'} is taken: choose another with --port")


def _interrupt(_number: int, _frame: Any) -> None:
    raise _Interrupted
