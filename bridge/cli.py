"""The command line: thin commands, no rules. What they need is imported when they run.

Every command says what went wrong in one line and exits non-zero; none shows a traceback.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import click
from dotenv import load_dotenv

from bridge import __version__, logs
from bridge.checking import required
from bridge.commands import startup
from bridge.commands.callback_commands import callbacks
from bridge.commands.consent_commands import consent
from bridge.commands.delivery_commands import deliveries
from bridge.commands.dial_commands import dial
from bridge.commands.dnc_commands import dnc
from bridge.commands.evidence_commands import evidence
from bridge.commands.opt_out_commands import optouts
from bridge.commands.options import Group, actor, by_option
from bridge.commands.wrong_number_commands import wrong_numbers
from bridge.domain.redaction import without_details
from bridge.environment import has, load
from bridge.errors import NewerSchema, SettingError
from bridge.settings import FOR_DIALING
from bridge.store.db import FAILED, Database

_ENV_FILE = Path(".env")
"""In the working directory; one in a directory above belongs to another program."""


class _OneLine(Group):
    """Turns what may go wrong into one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (SettingError, NewerSchema) as error:
            raise click.ClickException(str(error)) from None
        except FAILED as error:
            reason = " ".join(without_details(str(getattr(error, "orig", error))).split())
            raise click.ClickException(f"the database can't be used: {reason}") from None
        except OSError as error:
            raise click.ClickException(str(error)) from None


def main() -> None:
    """Run the command line."""
    load_dotenv(_ENV_FILE)
    try:
        sys.exit(cli(prog_name="bridge", standalone_mode=False))
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        says = " ".join(error.format_message().split())
        if context:
            ended = says if says.endswith((".", "!", "?")) else f"{says}."
            says = f"{ended} See `{context.command_path} --help`."
        click.echo(f"Error: {says}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(1)


@click.group(cls=_OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """The bridge between Twilio and SmartAdvocate."""


for group in (callbacks, consent, deliveries, dial, dnc, evidence, optouts, wrong_numbers):
    cli.add_command(group)


@cli.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The web app's port; 0: a free one.",
)
@click.option(
    "--cases",
    default=24,
    show_default=True,
    type=click.IntRange(1, 200),
    help="How many pretend cases.",
)
@click.option("--once", is_flag=True, help="Stop when every case shows what its person did.")
@click.option(
    "--dialect",
    default="",
    metavar="NAME,...",
    help="Peculiarities of SmartAdvocate: post, "
    "wrapped, utc, fast-clock, refusing, own-labels, capped, auto-change.",
)
def sandbox(port: int, cases: int, once: bool, dialect: str) -> None:
    """Run everything with a pretend Twilio and a pretend SmartAdvocate; nothing to set up."""
    from bridge.sandbox.scenario import run

    sys.exit(run(port=port, cases=cases, once=once, dialect=dialect))


@cli.command()
@click.option(
    "--host",
    default="0.0.0.0",  # noqa: S104 - a host's router asks
    show_default=True,
    help="The address to listen on.",
)
def web(host: str) -> None:
    """Run the web app alone, on $PORT."""
    settings = startup.service_settings(required.for_web)
    from bridge.server import serve

    startup.ready(settings)
    serve(settings, host=host)


@cli.command()
def worker() -> None:
    """Run the worker alone; any number of them may share one database."""
    settings = startup.service_settings(required.for_worker)
    from bridge.dialing.dialer import Dialer
    from bridge.runtime import WORKER_CONNECTIONS, build, smartadvocate, twilio
    from bridge.worker import Worker

    remote = smartadvocate(settings)
    # Where dialing is off, what is under way is followed to its end, if Twilio can be asked.
    account = twilio(settings) if has(settings, *FOR_DIALING) else None
    startup.ready(settings)
    runtime = build(settings, connections=WORKER_CONNECTIONS)
    dialer = Dialer(runtime, remote, account) if account else None
    working = Worker(runtime, remote, dialer)
    signal.signal(signal.SIGTERM, lambda *_: working.stop())
    signal.signal(signal.SIGINT, lambda *_: working.stop())
    finished = working.run()
    runtime.close()
    sys.stdout.flush()
    if not finished:
        # A thread still waits for SmartAdvocate; its message is sent again when its lease ends.
        os._exit(0)


@cli.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on: by default only this machine's own.",
)
def run(host: str) -> None:
    """Run web app and worker together, for one small machine."""
    settings = startup.service_settings(required.for_both)
    from bridge.server import address, run_together

    startup.ready(settings)
    from bridge.console.guard import is_on

    page = "/console/" if is_on(settings) else "/readyz"
    # Not among the lines of the log.
    click.echo(f"open {address(host, settings.port)}{page}", err=True)
    sys.exit(run_together(host))


@cli.command()
def migrate() -> None:
    """Bring the database schema up to date."""
    from bridge.store.migrate import migrate as apply

    before, after = apply(Database(load().database_url, connections=1))
    click.echo(f"schema {after}: " + ("nothing to do" if before == after else "up to date now"))


@cli.command()
@click.option("--probe", is_flag=True, help="Find out how SmartAdvocate wants to be called.")
@click.option("--write-env", is_flag=True, help="With --probe: write what was found into `.env`.")
def check(probe: bool, write_env: bool) -> None:
    """Check every setting, the database, Twilio, SmartAdvocate and the public address."""
    from bridge.commands import check_report

    if write_env and not probe:
        raise click.UsageError("--write-env needs --probe: give both")
    logs.set_up("text")
    logs.quiet()
    is_well = (
        check_report.probe(_ENV_FILE if write_env else None) if probe else check_report.check()
    )
    sys.exit(int(not is_well))


@cli.command()
def secret() -> None:
    """Make a hash for CONSOLE_PASSWORD and a value for SECRET_KEY; nothing is stored.

    Asks for the password. Where there is no terminal, it is the first line of the input.
    """
    from bridge.commands import secret as making

    password = making.ask()
    doubt = making.doubt(password)
    if doubt:
        click.echo(doubt, err=True)
    click.echo(making.lines(password))


@cli.command()
@click.argument("phone", metavar="PHONE")
@by_option
def erase(phone: str, by: str | None) -> None:
    """Erase at once what the person at this number wrote, and the raw form of what came in.

    Says what is left of the number, and why. It can't be undone; who did it stands in the audit.
    """
    from bridge.commands import erase as erasing
    from bridge.domain.phones import parse_phone

    number = parse_phone(phone)
    if number is None:
        raise click.ClickException("PHONE should be a number, such as +14025555759")
    name = actor(by)
    with startup.runtime() as runtime:
        report = erasing.erase(runtime, number, name)
    click.echo(report.text, nl=False)
    sys.exit(int(not report.is_done))
