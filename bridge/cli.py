"""The command line: thin commands, no rules. What they need is imported when they run.

Every command says what went wrong in one line and exits non-zero; none shows a traceback.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from dotenv import load_dotenv

from bridge import __version__, logs
from bridge.commands import startup
from bridge.commands.pause_options import named_scope, scope_options
from bridge.domain.redaction import without_details
from bridge.errors import NewerSchema, SettingError
from bridge.settings import has, load
from bridge.store.db import FAILED, Database

if TYPE_CHECKING:
    pass

_ENV_FILE = Path(".env")
"""In the working directory; what lies in one above it is another program's."""
_TWILIO_CALLS_US = ("PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
_WE_CALL_SMARTADVOCATE = ("SMARTADVOCATE_URL", "SMARTADVOCATE_API_KEY")


class _OneLine(click.Group):
    """Turns what may go wrong into one line."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
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
        click.echo(f"Error: {' '.join(error.format_message().split())}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(1)


@click.group(cls=_OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """The bridge between Twilio and SmartAdvocate."""


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
    help="How SmartAdvocate is odd: post, "
    "wrapped, utc, fast-clock, refusing, own-labels, capped, auto-change.",
)
def sandbox(port: int, cases: int, once: bool, dialect: str) -> None:
    """The whole bridge with a pretend Twilio and a pretend SmartAdvocate; nothing to set up."""
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
    """The web app alone, on $PORT."""
    settings = startup.settings(*_TWILIO_CALLS_US)
    from bridge.server import serve

    startup.ready(settings)
    serve(settings, host=host)


@cli.command()
def worker() -> None:
    """The worker alone; any number of them may share one database."""
    settings = startup.settings(*_TWILIO_CALLS_US, *_WE_CALL_SMARTADVOCATE)
    from bridge.dialing.dialer import Dialer
    from bridge.runtime import TO_DIAL, WORKER_CONNECTIONS, build, smartadvocate, twilio
    from bridge.worker import Worker

    remote = smartadvocate(settings)
    # Where dialing is off, what is under way is followed to its end, if Twilio can be asked.
    asks = settings.dial_enabled or has(settings, *TO_DIAL)
    account = twilio(settings) if asks else None
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
    """Web app and worker together, for one small machine."""
    settings = startup.settings(*_TWILIO_CALLS_US, *_WE_CALL_SMARTADVOCATE)
    from bridge.server import run_together

    startup.ready(settings)
    sys.exit(run_together(host))


@cli.command()
def migrate() -> None:
    """Bring the database schema up to date."""
    settings = load()
    from bridge.store.migrate import migrate as apply

    before, after = apply(Database(settings.database_url, connections=1))
    click.echo(f"schema {after}: " + ("nothing to do" if before == after else "up to date now"))


@cli.command()
@click.option("--probe", is_flag=True, help="Find out how SmartAdvocate wants to be called.")
@click.option("--write-env", is_flag=True, help="With --probe: write what was found into `.env`.")
def check(probe: bool, write_env: bool) -> None:
    """Check every setting, the database, Twilio, SmartAdvocate and the public address."""
    from bridge.commands import check_report

    if write_env and not probe:
        raise click.UsageError("--write-env needs --probe")
    logs.set_up("text")
    logs.quiet()
    is_well = (
        check_report.probe(click.echo, _ENV_FILE if write_env else None)
        if probe
        else check_report.check(click.echo)
    )
    sys.exit(int(not is_well))


@cli.group()
def callbacks() -> None:
    """What came in from Twilio."""


@callbacks.command("list")
@click.option("--unmatched", "verdict", flag_value="unmatched", help="Nobody's number.")
@click.option("--ambiguous", "verdict", flag_value="ambiguous", help="Several cases' number.")
@click.option("--malformed", "verdict", flag_value="malformed", help="Signed but unusable.")
@click.option(
    "--review",
    "verdict",
    flag_value="review",
    help="A person should look: unknown status, refusal to be asked about.",
)
@click.option("--limit", default=50, show_default=True, help="How many, the newest first.")
def callbacks_list(verdict: str | None, limit: int) -> None:
    """What came in: sid, status, case and verdict."""
    from bridge.commands import tables

    click.echo(tables.callbacks(startup.database(), verdict, limit), nl=False)


@callbacks.command("show")
@click.argument("identity", metavar="ID", type=int)
def callbacks_show(identity: int) -> None:
    """One callback with its raw form."""
    from bridge.commands import tables

    shown = tables.callback(startup.database(), identity)
    if shown is None:
        raise click.ClickException(f"there is no callback {identity}")
    click.echo(shown, nl=False)


@callbacks.command("replay")
@click.argument("ids", metavar="ID...", type=int, nargs=-1, required=True)
def callbacks_replay(ids: tuple[int, ...]) -> None:
    """Process these again; harmless when they were processed already."""
    from bridge.callbacks.intake import replay

    with startup.runtime() as runtime:
        logs.quiet()
        verdicts = dict(replay(runtime, list(ids)))
    for identity in ids:
        if identity not in verdicts:
            raise click.ClickException(f"there is no callback {identity}")
        verdict = verdicts[identity]
        click.echo(f"{identity}: {verdict or 'its raw form was erased; nothing was done'}")


@cli.group()
def deliveries() -> None:
    """What SmartAdvocate is to be told."""


@deliveries.command("list")
@click.option("--dead", "state", flag_value="dead", help="Refused or given up on.")
@click.option("--pending", "state", flag_value="pending", help="Not delivered yet.")
@click.option("--limit", default=50, show_default=True, help="How many, the newest first.")
def deliveries_list(state: str | None, limit: int) -> None:
    """What SmartAdvocate is told: case, state, tries and the last refusal in its own words."""
    from bridge.commands import tables

    click.echo(tables.deliveries(startup.database(), state, limit), nl=False)


@deliveries.command("retry")
@click.argument("ids", metavar="[ID...]", type=int, nargs=-1)
def deliveries_retry(ids: tuple[int, ...]) -> None:
    """Send dead messages again: these, or all of them."""
    from bridge.reporting.delivery import revive
    from bridge.store.reporting.deliveries import without_words

    with startup.runtime() as runtime:
        revived = revive(runtime, list(ids))
        with runtime.db.read() as connection:
            wordless = without_words(connection, revived)
    missing = [str(one) for one in ids if one not in revived]
    click.echo(f"{len(revived)} to be sent again")
    if wordless:
        shown = ", ".join(map(str, wordless))
        click.echo(f"without the person's words, which are no longer kept: {shown}")
    if missing:
        raise click.ClickException(f"neither dead nor unmatched: {', '.join(missing)}")


@cli.command()
@click.argument("phone", metavar="PHONE")
def erase(phone: str) -> None:
    """Erase at once what the person at this number wrote, and the raw form of what came in.

    What is left of the number, and why, is said. For good: there is no way back.
    """
    from bridge.commands import erase
    from bridge.domain.phones import parse_phone

    number = parse_phone(phone)
    if number is None:
        raise click.ClickException("PHONE should be a number, such as +14025555759")
    with startup.runtime() as runtime:
        logs.quiet()
        report = erase.erase(runtime, number)
    click.echo(report.text, nl=False)
    sys.exit(int(not report.is_done))


@cli.group()
def dial() -> None:
    """Who is called and texted, when, and why not."""


@dial.command("explain")
@click.argument("case_id", metavar="CASEID", type=click.IntRange(min=1))
def dial_explain(case_id: int) -> None:
    """What would happen with a case now, and why. Dials nobody."""
    from bridge.commands import explain
    from bridge.runtime import smartadvocate

    with startup.runtime() as runtime:
        logs.quiet()
        remote = smartadvocate(runtime.settings) if runtime.settings.smartadvocate_url else None
        said = explain.explain(runtime, remote, case_id)
    if said is None:
        raise click.ClickException(f"nobody knows case {case_id}")
    click.echo(said, nl=False)


@dial.command("plan")
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1, 24 * 14))
def dial_plan(hours: int) -> None:
    """What is due to happen. Dials nobody."""
    from bridge.commands import explain

    with startup.runtime() as runtime:
        logs.quiet()
        click.echo(explain.plan(runtime, hours), nl=False)


@dial.command("skipped")
def dial_skipped() -> None:
    """Cases that the last poll found due and didn't take up, with the reason."""
    from bridge.commands import tables

    click.echo(tables.skipped(startup.database()), nl=False)


@dial.command("verdicts")
@click.argument("case_id", metavar="[CASEID]", type=int, required=False)
@click.option("--deferred", "answer", flag_value="defer", help="Not then.")
@click.option("--refused", "answer", flag_value="refuse", help="Not at all.")
@click.option("--limit", default=50, show_default=True, help="How many, the newest first.")
def dial_verdicts(case_id: int | None, answer: str | None, limit: int) -> None:
    """Who was judged how, and why."""
    from bridge.commands import tables

    click.echo(tables.verdicts(startup.database(), case_id, answer, limit), nl=False)


@dial.command("pauses")
def dial_pauses() -> None:
    """What is paused, by whom and why."""
    from bridge.commands import tables

    click.echo(tables.pauses(startup.database()), nl=False)


@dial.command("pause")
@scope_options
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="In SMARTADVOCATE_TIMEZONE; without it until `resume`.",
)
@click.option("--reason", required=True, help="Why: it is shown wherever somebody asks.")
def dial_pause(reason: str, until: datetime | None, **named: str | bool | None) -> None:
    """Hold back everything, all texts, a campaign, a state, a number or a case."""
    from bridge.commands import pause

    settings = startup.settings()
    startup.check_database()
    scope, what = named_scope(named)
    zone = settings.smartadvocate_zone
    end = until.replace(tzinfo=zone) if until else None
    if end is not None and end <= datetime.now(UTC):
        raise click.UsageError(f"--until {until} is over already")
    click.echo(pause.pause(settings, scope, what, end, reason))


@dial.command("resume")
@scope_options
def dial_resume(**named: str | bool | None) -> None:
    """Lift the pauses of everything, of texts, a campaign, a state, a number or a case.

    A case that is held for several refusals is resumed once for each, the oldest first.
    """
    from bridge.commands import pause

    startup.check_database()
    scope, what = named_scope(named)
    lifted = pause.resume(startup.settings(), scope, what)
    still = pause.still_held(startup.settings(), scope, what)
    if not lifted:
        nothing = f"nothing is paused: {scope} {what}".rstrip()
        raise click.ClickException(f"{nothing}\n{still}".rstrip())
    click.echo(f"{scope} {what}".rstrip() + f": resumed\n{still}", nl=False)
