"""`bridge dial`: who is called and texted, when, and why not."""

from datetime import UTC, datetime, tzinfo

import click

from bridge.commands import startup
from bridge.commands.moments import end_in_words, parse_end
from bridge.commands.options import (
    ID,
    Group,
    filled,
    limit_option,
    list_options,
    named_scope,
    scope_options,
)


@click.group(cls=Group)
def dial() -> None:
    """Who is called and texted, when, and why not."""


@dial.command()
@click.argument("case_id", metavar="CASEID", type=ID)
def explain(case_id: int) -> None:
    """Say what would happen with a case now, and why. Dials nobody."""
    from bridge.commands import explain as explaining
    from bridge.runtime import smartadvocate

    with startup.runtime() as runtime:
        remote = smartadvocate(runtime.settings) if runtime.settings.smartadvocate_url else None
        said = explaining.explain(runtime, remote, case_id)
    if said is None:
        raise click.ClickException(
            f"case {case_id} is unknown, to SmartAdvocate and to the bridge: check the CaseID"
        )
    click.echo(said, nl=False)


@dial.command()
@click.option(
    "--hours",
    default=24,
    show_default=True,
    type=click.IntRange(1, 24 * 14),
    help="How many hours ahead.",
)
@list_options
def plan(hours: int, output: str | None) -> None:
    """List what is due to happen. Dials nobody."""
    from bridge.commands import list_output
    from bridge.commands import plan as planning

    with startup.runtime() as runtime:
        listing = planning.plan(runtime, hours)
    list_output.show(listing, output, runtime.settings.firm_zone)


@dial.command()
@list_options
def skipped(output: str | None) -> None:
    """List the due cases that the last poll skipped, with the reason."""
    from bridge.commands import list_output, listings

    settings = startup.settings()
    with startup.database(settings) as db:
        list_output.show(listings.skipped(db), output, settings.firm_zone)


@dial.command()
@click.argument("case_id", metavar="[CASEID]", type=ID, required=False)
@click.option("--deferred", "answer", flag_value="defer", help="Deferred.")
@click.option("--refused", "answer", flag_value="refuse", help="Refused.")
@limit_option
@list_options
def verdicts(case_id: int | None, answer: str | None, limit: int, output: str | None) -> None:
    """List the decisions on who may be called or texted, with their reasons."""
    from bridge.commands import list_output, listings

    settings = startup.settings()
    with startup.database(settings) as db:
        listing = listings.decisions(db, case_id, answer, limit)
    list_output.show(listing, output, settings.firm_zone)


@dial.command()
@list_options
def pauses(output: str | None) -> None:
    """List what is paused, by whom and why."""
    from bridge.commands import list_output, listings

    settings = startup.settings()
    with startup.database(settings) as db:
        list_output.show(listings.pauses(db), output, settings.firm_zone)


@dial.command()
@scope_options
@click.option(
    "--until",
    metavar="DAY[THH:MM]",
    help="The last day, such as 2026-11-30, or a day and time, such as 2026-11-30T14:00; "
    "in FIRM_TIMEZONE. Without it: until `bridge dial resume`.",
)
@click.option("--reason", required=True, help="Why: it is shown wherever somebody asks.")
def pause(reason: str, until: str | None, **named: str | bool | None) -> None:
    """Hold back everything, all texts, a campaign, a state, a number or a case."""
    from bridge.commands import pause as pausing

    settings = startup.settings()
    scope, what = named_scope(named)
    reason = filled("reason", reason)
    with startup.database(settings):
        pass
    end = _end(until, settings.firm_zone) if until is not None else None
    click.echo(pausing.pause(settings, scope, what, end, reason))


@dial.command()
@scope_options
def resume(**named: str | bool | None) -> None:
    """Lift the pauses of everything, of texts, a campaign, a state, a number or a case.

    A case that is held for several opt-outs is resumed once for each, the oldest first.
    """
    from bridge.commands import pause as pausing

    settings = startup.settings()
    scope, what = named_scope(named)
    with startup.database(settings):
        pass
    lifted = pausing.resume(settings, scope, what)
    still = pausing.still_held(settings, scope, what) + pausing.still_asked(settings, scope, what)
    if not lifted:
        nothing = f"nothing is paused: {scope} {what}".rstrip()
        raise click.ClickException(f"{nothing}; see `bridge dial pauses`\n{still}".rstrip())
    click.echo(f"{scope} {what}".rstrip() + f": resumed\n{still}", nl=False)


def _end(until: str, zone: tzinfo) -> datetime:
    """When a pause ends.

    Raises:
        click.UsageError: it is written otherwise, or has passed.
    """
    try:
        end = parse_end(until, zone)
    except ValueError:
        raise click.UsageError(
            f"--until {until} is not a date: write 2026-11-30, or 2026-11-30T14:00"
        ) from None
    if end <= datetime.now(UTC):
        raise click.UsageError(
            f"--until {until} is in the past (it means {end_in_words(end, zone)}): name a later day"
        )
    return end
