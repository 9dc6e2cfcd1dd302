"""The command line: thin commands, no rules. What they need is imported when they run.

Every command says what went wrong in one line and exits non-zero; none shows a traceback.
"""

import os
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from dotenv import find_dotenv, load_dotenv

from bridge import __version__, logs
from bridge.errors import NewerSchema, SettingError
from bridge.settings import Settings, has, load, need
from bridge.store.db import FAILED, Database

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
            reason = " ".join(str(getattr(error, "orig", error)).split())
            raise click.ClickException(f"the database can't be used: {reason}") from None
        except OSError as error:
            raise click.ClickException(str(error)) from None


def main() -> None:
    """Run the command line."""
    load_dotenv(find_dotenv(usecwd=True))
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
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535),
              help="The web app's port; 0: a free one.")  # fmt: skip
@click.option("--cases", default=24, show_default=True, type=click.IntRange(1, 200),
              help="How many pretend cases.")  # fmt: skip
@click.option("--once", is_flag=True, help="Stop when every case shows what its person did.")
@click.option("--dialect", default="", metavar="NAME,...", help="How SmartAdvocate is odd: post, "
              "wrapped, utc, fast-clock, refusing, own-labels, capped, auto-change.")  # fmt: skip
def sandbox(port: int, cases: int, once: bool, dialect: str) -> None:
    """The whole bridge with a pretend Twilio and a pretend SmartAdvocate; nothing to set up."""
    from bridge.sandbox.scenario import run

    sys.exit(run(port=port, cases=cases, once=once, dialect=dialect))


@cli.command()
def web() -> None:
    """The web app alone, on 0.0.0.0:$PORT."""
    settings = _settings(*_TWILIO_CALLS_US)
    from bridge.server import serve

    _ready(settings)
    serve(settings)


@cli.command()
def worker() -> None:
    """The worker alone; any number of them may share one database."""
    settings = _settings(*_TWILIO_CALLS_US, *_WE_CALL_SMARTADVOCATE)
    from bridge.outbound.dialer import Dialer
    from bridge.runtime import TO_DIAL, WORKER_CONNECTIONS, build, smartadvocate, twilio
    from bridge.worker import Worker

    remote = smartadvocate(settings)
    # Where dialing is off, what is under way is followed to its end, if Twilio can be asked.
    asks = settings.dial_enabled or has(settings, *TO_DIAL)
    account = twilio(settings) if asks else None
    _ready(settings)
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
def run() -> None:
    """Web app and worker together, for one small machine."""
    settings = _settings(*_TWILIO_CALLS_US, *_WE_CALL_SMARTADVOCATE)
    from bridge.server import run_together

    _ready(settings)
    sys.exit(run_together())


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
    from bridge.commands import reporting

    if write_env and not probe:
        raise click.UsageError("--write-env needs --probe")
    logs.set_up("text")
    logs.quiet()
    env_file = Path(find_dotenv(usecwd=True) or ".env") if write_env else None
    is_well = reporting.probe(click.echo, env_file) if probe else reporting.check(click.echo)
    sys.exit(int(not is_well))


@cli.group()
def callbacks() -> None:
    """What came in from Twilio."""


@callbacks.command("list")
@click.option("--unmatched", "verdict", flag_value="unmatched", help="Nobody's number.")
@click.option("--ambiguous", "verdict", flag_value="ambiguous", help="Several cases' number.")
@click.option("--malformed", "verdict", flag_value="malformed", help="Signed but unusable.")
@click.option("--review", "verdict", flag_value="review", help="A status nobody knows.")
@click.option("--limit", default=50, show_default=True, help="How many, the newest first.")
def callbacks_list(verdict: str | None, limit: int) -> None:
    """What came in: sid, status, case and verdict."""
    from bridge.commands import listings

    click.echo(listings.callbacks(_database(), verdict, limit), nl=False)


@callbacks.command("show")
@click.argument("identity", metavar="ID", type=int)
def callbacks_show(identity: int) -> None:
    """One callback with its raw form."""
    from bridge.commands import listings

    shown = listings.callback(_database(), identity)
    if shown is None:
        raise click.ClickException(f"there is no callback {identity}")
    click.echo(shown, nl=False)


@callbacks.command("replay")
@click.argument("ids", metavar="ID...", type=int, nargs=-1, required=True)
def callbacks_replay(ids: tuple[int, ...]) -> None:
    """Process these again; harmless when they were processed already."""
    from bridge.inbound.arrival import replay
    from bridge.runtime import COMMAND_CONNECTIONS, build

    settings = _settings()
    _check_database()
    runtime = build(settings, connections=COMMAND_CONNECTIONS)
    logs.quiet()
    verdicts = dict(replay(runtime, list(ids)))
    runtime.close()
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
    from bridge.commands import listings

    click.echo(listings.deliveries(_database(), state, limit), nl=False)


@deliveries.command("retry")
@click.argument("ids", metavar="[ID...]", type=int, nargs=-1)
def deliveries_retry(ids: tuple[int, ...]) -> None:
    """Send dead messages again: these, or all of them."""
    from bridge.inbound.delivery import revive
    from bridge.runtime import COMMAND_CONNECTIONS, build

    _check_database()
    runtime = build(_settings(), connections=COMMAND_CONNECTIONS)
    revived = revive(runtime, list(ids))
    runtime.close()
    missing = [str(one) for one in ids if one not in revived]
    click.echo(f"{len(revived)} to be sent again")
    if missing:
        raise click.ClickException(f"neither dead nor unmatched: {', '.join(missing)}")


@cli.group()
def dial() -> None:
    """Who is called and texted, when, and why not."""


@dial.command("explain")
@click.argument("case_id", metavar="CASEID", type=click.IntRange(min=1))
def dial_explain(case_id: int) -> None:
    """What would happen with a case now, and why. Dials nobody."""
    from bridge.commands import explaining
    from bridge.runtime import COMMAND_CONNECTIONS, build, smartadvocate

    settings = _settings()
    _check_database()
    logs.quiet()
    remote = smartadvocate(settings) if settings.smartadvocate_url else None
    runtime = build(settings, connections=COMMAND_CONNECTIONS)
    said = explaining.explain(runtime, remote, case_id)
    runtime.close()
    if said is None:
        raise click.ClickException(f"nobody knows case {case_id}")
    click.echo(said, nl=False)


@dial.command("plan")
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1, 24 * 14))
def dial_plan(hours: int) -> None:
    """What is due to happen. Dials nobody."""
    from bridge.commands import explaining
    from bridge.runtime import COMMAND_CONNECTIONS, build

    settings = _settings()
    _check_database()
    logs.quiet()
    runtime = build(settings, connections=COMMAND_CONNECTIONS)
    click.echo(explaining.plan(runtime, hours), nl=False)
    runtime.close()


@dial.command("skipped")
def dial_skipped() -> None:
    """Cases that the last poll found due and didn't take up, with the reason."""
    from bridge.commands import listings

    click.echo(listings.skipped(_database()), nl=False)


@dial.command("verdicts")
@click.argument("case_id", metavar="[CASEID]", type=int, required=False)
@click.option("--deferred", "answer", flag_value="defer", help="Not then.")
@click.option("--refused", "answer", flag_value="refuse", help="Not at all.")
@click.option("--limit", default=50, show_default=True, help="How many, the newest first.")
def dial_verdicts(case_id: int | None, answer: str | None, limit: int) -> None:
    """Who was judged how, and why."""
    from bridge.commands import listings

    click.echo(listings.verdicts(_database(), case_id, answer, limit), nl=False)


@dial.command("pauses")
def dial_pauses() -> None:
    """What is paused, by whom and why."""
    from bridge.commands import listings

    click.echo(listings.pauses(_database()), nl=False)


def _scope_options(command: Any) -> Any:
    """What a pause is about; with none of them, everything."""
    for option, help_text in (
        ("--case", "A case."),
        ("--number", "A number, such as +14025555759."),
        ("--state", "A state, such as LA."),
        ("--campaign", "A campaign."),
    ):
        command = click.option(option, help=help_text)(command)
    return click.option("--texts", is_flag=True, help="All texts, and no calls.")(command)


@dial.command("pause")
@_scope_options
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
              help="In SMARTADVOCATE_TIMEZONE; without it until `resume`.")  # fmt: skip
@click.option("--reason", required=True, help="Why: it is shown wherever somebody asks.")
def dial_pause(reason: str, until: datetime | None, **named: str | bool | None) -> None:
    """Hold back everything, all texts, a campaign, a state, a number or a case."""
    from bridge.commands import pausing

    settings = _settings()
    _check_database()
    scope, what = _scope(named)
    zone = settings.smartadvocate_zone
    end = until.replace(tzinfo=zone) if until else None
    if end is not None and end <= datetime.now(UTC):
        raise click.UsageError(f"--until {until} is over already")
    click.echo(pausing.pause(settings, scope, what, end, reason))


@dial.command("resume")
@_scope_options
def dial_resume(**named: str | bool | None) -> None:
    """Lift the pauses of everything, of texts, a campaign, a state, a number or a case."""
    from bridge.commands import pausing

    _check_database()
    scope, what = _scope(named)
    lifted = pausing.resume(_settings(), scope, what)
    if not lifted:
        raise click.ClickException(f"nothing is paused: {scope} {what}".rstrip())
    click.echo(f"{scope} {what}".rstrip() + ": resumed")


def _scope(named: Mapping[str, str | bool | None]) -> tuple[str, str]:
    given = {scope: what for scope, what in named.items() if what is not None and what is not False}
    if len(given) > 1:
        raise click.UsageError("name one of campaign, state, number, case and texts, not several")
    for scope, what in given.items():
        if not isinstance(what, str):
            return scope, ""
        if not what.strip():
            # An empty shell variable must not mean everything.
            raise click.UsageError(f"--{scope} is empty")
        return scope, what
    return "everything", ""


def _settings(*needed: str) -> Settings:
    settings = load()
    need(settings, *needed)
    logs.set_up(settings.log_format, settings.sentry_dsn)
    return settings


def _database() -> Database:
    """The database, for a command that only looks; its schema must be current."""
    from bridge.runtime import COMMAND_CONNECTIONS

    db = Database(load().database_url, connections=COMMAND_CONNECTIONS)
    _check_schema(db)
    return db


def _check_database() -> None:
    """Its schema must be current; the command then uses a connection of its runtime's."""
    _database().close()


def _ready(settings: Settings) -> None:
    """On SQLite the schema is brought up to date; on Postgres the release step did it."""
    db = Database(settings.database_url, connections=1)
    if settings.uses_sqlite and db.lacks() is not None:
        from bridge.store.migrate import migrate as apply

        apply(db)
    _check_schema(db)
    db.close()


def _check_schema(db: Database) -> None:
    lack = db.lacks()
    if lack is not None:
        raise click.ClickException(lack)
