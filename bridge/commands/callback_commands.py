"""`bridge callbacks`: what came in from Twilio."""

import click

from bridge.commands import startup
from bridge.commands.options import ID, Group, limit_option, list_options


@click.group(cls=Group)
def callbacks() -> None:
    """What came in from Twilio."""


@callbacks.command("list")
@click.option("--unmatched", "verdict", flag_value="unmatched", help="No matching case.")
@click.option("--ambiguous", "verdict", flag_value="ambiguous", help="Several matching cases.")
@click.option("--malformed", "verdict", flag_value="malformed", help="Signed, but unusable.")
@click.option(
    "--review",
    "verdict",
    flag_value="review",
    help="For a person to look at: unrecognized status, possible opt-out.",
)
@limit_option
@list_options
def list_(verdict: str | None, limit: int, output: str | None) -> None:
    """List what came in: SID, status, case and verdict."""
    from bridge.commands import list_output, listings

    settings = startup.settings()
    with startup.database(settings) as db:
        list_output.show(listings.callbacks(db, verdict, limit), output, settings.firm_zone)


@callbacks.command()
@click.argument("identity", metavar="ID", type=ID)
def show(identity: int) -> None:
    """Show one callback with its raw form."""
    from bridge.commands import list_output, listings

    settings = startup.settings()
    with startup.database(settings) as db:
        shown = listings.callback(db, identity)
    if shown is None:
        raise click.ClickException(_no_callback(identity))
    click.echo(list_output.as_lines(shown, settings.firm_zone), nl=False)


@callbacks.command()
@click.argument("ids", metavar="ID...", type=ID, nargs=-1, required=True)
def replay(ids: tuple[int, ...]) -> None:
    """Process callbacks again; harmless when they were processed already."""
    from bridge.callbacks import intake

    with startup.runtime() as runtime:
        verdicts = dict(intake.replay(runtime, list(ids)))
    for identity in ids:
        if identity not in verdicts:
            raise click.ClickException(_no_callback(identity))
        verdict = verdicts[identity]
        click.echo(f"{identity}: {verdict or 'its raw form was erased; nothing was done'}")


def _no_callback(identity: int) -> str:
    return f"there is no callback {identity}: `bridge callbacks list` shows those there are"
