"""`bridge evidence`: why each contact was made or not, and whether a row was tampered with."""

import re
import sys

import click

from bridge.commands import startup
from bridge.commands.options import ID, Group, list_options

_HASH = re.compile(r"[0-9a-f]{64}")


class _ByCase(Group):
    """A CaseID stands for the command that shows the evidence of a case."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed."""
        named = ["case", *args] if args and args[0].isdigit() else args
        return super().resolve_command(ctx, named)


@click.group(cls=_ByCase, subcommand_metavar="CASEID | verify")
def evidence() -> None:
    """Why a case's contacts were made or not: `bridge evidence CASEID`; and the proof of it."""


@evidence.command()
@click.argument("case_id", metavar="CASEID", type=ID)
@list_options
def case(case_id: int, output: str | None) -> None:
    """Show the evidence of a case, contact by contact, from the decision to the outcome."""
    from bridge.commands import evidence as writing

    with startup.runtime() as runtime:
        said = writing.of_case(runtime, case_id, output)
    if said is None:
        raise click.ClickException(f"case {case_id} is unknown to the bridge: check the CaseID")
    click.echo(said, nl=False)


@evidence.command()
@click.option(
    "--hash", "printed", metavar="HASH", help="A hash printed earlier: is it part of the chain?"
)
def verify(printed: str | None) -> None:
    """Compare decisions, opt-outs, consents and the audit trail with the chain over them.

    Names the first row that was changed, removed or slipped in; exits with 1 if there is one.
    """
    from bridge.commands import evidence as writing

    if printed is not None and _HASH.fullmatch(printed) is None:
        raise click.UsageError("--hash should be the 64 letters and digits that were printed")
    settings = startup.settings()
    with startup.database(settings) as db:
        verified = writing.verified(db, printed, settings.firm_zone)
    click.echo(verified.text, nl=False)
    sys.exit(int(not verified.is_well))
