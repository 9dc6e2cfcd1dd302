"""`bridge deliveries`: what SmartAdvocate is to be told."""

import sys

import click

from bridge.commands import startup
from bridge.commands.options import ID, Group, limit_option, list_options


@click.group(cls=Group)
def deliveries() -> None:
    """What SmartAdvocate is to be told."""


@deliveries.command("list")
@click.option("--dead", "state", flag_value="dead", help="Refused, or given up.")
@click.option("--pending", "state", flag_value="pending", help="Not delivered yet.")
@limit_option
@list_options
def list_(state: str | None, limit: int, output: str | None) -> None:
    """List the messages: case, state, tries and the last refusal in SmartAdvocate's own words."""
    from bridge.commands import list_output, listings

    settings = startup.settings()
    with startup.database(settings) as db:
        list_output.show(listings.deliveries(db, state, limit), output, settings.firm_zone)


@deliveries.command()
@click.argument("ids", metavar="[ID...]", type=ID, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All dead messages.")
def retry(ids: tuple[int, ...], everything: bool) -> None:
    """Send dead messages again: those named, or all of them."""
    from bridge.reporting.delivery import revive
    from bridge.store import overview
    from bridge.store.reporting.deliveries import without_words

    if ids and everything:
        raise click.UsageError("messages are named, and --all is given: choose one of the two")
    with startup.runtime() as runtime:
        if not ids and not everything:
            with runtime.db.read() as connection:
                dead = overview.health(connection).dead
            _confirm_all(dead)
        revived = revive(runtime, list(ids))
        with runtime.db.read() as connection:
            wordless = without_words(connection, revived)
    click.echo(f"{len(revived)} to be sent again")
    if wordless:
        shown = ", ".join(map(str, wordless))
        click.echo(f"without the person's words, which are no longer kept: {shown}")
    missing = [str(identity) for identity in ids if identity not in revived]
    if missing:
        raise click.ClickException(
            f"neither dead nor unmatched: {', '.join(missing)}; see `bridge deliveries list --dead`"
        )


def _confirm_all(dead: int) -> None:
    """Ask whether all of them are meant; without a person to ask, that must be said.

    Raises:
        click.UsageError: nobody can be asked.
        click.Abort: the answer is no.
    """
    if not sys.stdin.isatty():
        raise click.UsageError("no message is named: give its ID, or --all for all dead ones")
    if dead:
        click.confirm(f"Send all dead messages again ({dead})?", abort=True)
