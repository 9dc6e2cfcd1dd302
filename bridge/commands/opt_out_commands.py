"""`bridge optouts`: who is no longer contacted."""

import click

from bridge.commands import startup
from bridge.commands.options import ID, Group, digits, filled, limit_option, list_options, named
from bridge.domain.phones import E164, parse_phone

_SCOPES = ("person", "number")
_WAYS = ("voice", "mail", "e-mail", "staff")
_case_option = click.option("--case", "case_id", type=ID, help="A case.")
_by_option = click.option(
    "--by", required=True, help="Your name: it is kept, and noted on the case."
)
_reason_option = click.option(
    "--reason", required=True, help="Why: it is kept, and noted on the case."
)


@click.group(cls=Group)
def optouts() -> None:
    """Who is no longer contacted: listed, recorded, lifted."""


@optouts.command("list")
@_case_option
@click.option("--phone", help="A phone number, or its last four digits or more.")
@click.option("--in-effect", "state", flag_value="in-effect", help="Not lifted.")
@click.option("--lifted", "state", flag_value="lifted", help="Lifted.")
@limit_option
@list_options
def list_(
    case_id: int | None, phone: str | None, state: str | None, limit: int, output: str | None
) -> None:
    """List opt-outs, whatever way they came: since when, what each ends, who lifted it and why."""
    from bridge.commands import list_output, listings
    from bridge.store.consent.opt_outs import OptOutFilter, OptOutState

    settings = startup.settings()
    wanted = OptOutFilter(case_id, digits(phone), OptOutState(state or ""))
    with startup.database(settings) as db:
        list_output.show(listings.opt_outs(db, wanted, limit), output, settings.firm_zone)


@optouts.command()
@_case_option
@click.option("--phone", help="A phone number, such as +14025555759.")
@click.option(
    "--scope",
    type=click.Choice(_SCOPES),
    default="person",
    show_default=True,
    help="What it ends: all contact with the person, or this number alone.",
)
@click.option(
    "--way",
    type=click.Choice(_WAYS),
    required=True,
    help="How the person said so; staff: nobody did, the firm wants it.",
)
@_by_option
@_reason_option
@click.option("--unseen", is_flag=True, help="Also for a case that the bridge has never seen.")
def add(
    case_id: int | None, phone: str | None, scope: str, way: str, unseen: bool, **words: str
) -> None:
    """Record that a person, or a number, must not be contacted any more. It counts at once."""
    from bridge.commands import opt_outs
    from bridge.consent.by_hand import HandOptOut
    from bridge.domain.contact_facts import OptOutScope
    from bridge.store.consent.opt_outs import OptOutWay

    if case_id is None and phone is None:
        raise click.UsageError("nobody is named: give --case, --phone, or both")
    if case_id is not None and scope != "person":
        raise click.UsageError("a case stands for its person: leave out --case, or --scope")
    number = _number(phone) if phone is not None else None
    by, reason = named(words["by"]), filled("reason", words["reason"])
    wanted = HandOptOut(case_id, number, by, reason, OptOutWay(way), OptOutScope(scope))
    with startup.runtime() as runtime:
        try:
            said = opt_outs.add(runtime, wanted, is_unseen=unseen)
        except LookupError as error:
            raise click.ClickException(str(error)) from None
    click.echo(said)


@optouts.command()
@click.argument("identity", metavar="ID", type=ID)
@_by_option
@_reason_option
def lift(identity: int, by: str, reason: str) -> None:
    """Lift an opt-out, whatever way it came. SmartAdvocate's dialer status stays as it is."""
    from bridge.commands import opt_outs

    with startup.runtime() as runtime:
        said = opt_outs.lift(runtime, identity, named(by), filled("reason", reason))
    if said is None:
        raise click.ClickException(
            f"there is no opt-out {identity} in effect: `bridge optouts list` shows those there are"
        )
    click.echo(said)


def _number(phone: str) -> E164:
    found = parse_phone(phone)
    if found is None:
        raise click.UsageError("--phone should be a number, such as +14025555759")
    return found
