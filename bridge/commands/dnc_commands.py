"""`bridge dnc`: the National Do Not Call Registry's list."""

from datetime import datetime, time
from pathlib import Path

import click

from bridge.commands import startup
from bridge.commands.options import Group, list_options


@click.group(cls=Group)
def dnc() -> None:
    """The National Do Not Call Registry: its list is imported, and its age shown."""


@dnc.command("import")
@click.argument(
    "file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the file was downloaded, such as 2026-11-02; default: now.",
)
@click.option(
    "--smaller",
    is_flag=True,
    help="Also a list that has less than half as many numbers as the area code's last one.",
)
def import_(file: Path, as_of: datetime | None, smaller: bool) -> None:
    """Import the registry's full list, as text or as a ZIP archive of one text.

    It takes the place of what its area codes had; other area codes keep theirs.
    """
    from bridge.commands import dnc

    with startup.runtime() as runtime:
        downloaded = (
            runtime.clock()
            if as_of is None
            else datetime.combine(as_of.date(), time(), runtime.settings.firm_zone)
        )
        least_part = 0.0 if smaller else dnc.LEAST_PART
        try:
            imported = dnc.import_file(runtime, file, downloaded, least_part=least_part)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
    for line in dnc.report(imported, runtime.settings.firm_zone):
        click.echo(line)


@dnc.command()
@list_options
def status(output: str | None) -> None:
    """Show each area code's list: its age, how many numbers, and from which file."""
    from bridge.commands import dnc, list_output

    with startup.runtime() as runtime:
        list_output.show(dnc.status(runtime), output, runtime.settings.firm_zone)
