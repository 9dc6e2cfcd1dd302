"""`bridge wrong-numbers`: numbers at which the person of a case is not to be found."""

import click

from bridge.commands import startup
from bridge.commands.options import ID, Group, filled, limit_option, list_options, named
from bridge.domain.phones import parse_phone

_by_option = click.option(
    "--by", required=True, help="Your name: it is kept, and noted on the case."
)
_reason_option = click.option(
    "--reason", required=True, help="Why: it is kept, and noted on the case."
)


@click.group(cls=Group, name="wrong-numbers")
def wrong_numbers() -> None:
    """Numbers at which the person of a case is not to be found: listed, recorded, lifted."""


@wrong_numbers.command("list")
@click.option("--case", "case_id", type=ID, help="A case.")
@limit_option
@list_options
def list_(case_id: int | None, limit: int, output: str | None) -> None:
    """List wrong numbers: for which case, who said so, and who lifted it and why."""
    from bridge.commands import list_output, wrong_numbers

    with startup.runtime() as runtime:
        listing = wrong_numbers.listing(runtime, case_id, limit)
        list_output.show(listing, output, runtime.settings.firm_zone)


@wrong_numbers.command()
@click.option("--case", "case_id", type=ID, required=True, help="The case.")
@click.option("--phone", required=True, help="Its wrong number, such as +14025555759.")
@_by_option
@_reason_option
def add(case_id: int, phone: str, by: str, reason: str) -> None:
    """Record that a number is wrong for a case. It counts at once; other cases keep the number."""
    from bridge.commands import wrong_numbers

    number = parse_phone(phone)
    if number is None:
        raise click.UsageError("--phone should be a number, such as +14025555759")
    with startup.runtime() as runtime:
        try:
            said = wrong_numbers.add(runtime, case_id, number, named(by), filled("reason", reason))
        except LookupError as error:
            raise click.ClickException(str(error)) from None
    click.echo(said)


@wrong_numbers.command()
@click.argument("identity", metavar="ID", type=ID)
@_by_option
@_reason_option
def lift(identity: int, by: str, reason: str) -> None:
    """The number is right after all: it may be called and texted again."""
    from bridge.commands import wrong_numbers

    with startup.runtime() as runtime:
        said = wrong_numbers.lift(runtime, identity, named(by), filled("reason", reason))
    if said is None:
        raise click.ClickException(
            f"there is no wrong number {identity} in effect: `bridge wrong-numbers list` shows "
            "those there are"
        )
    click.echo(said)
