"""`bridge consent`: what people have agreed to."""

from pathlib import Path

import click

from bridge.commands import startup
from bridge.commands.options import (
    Group,
    actor,
    by_option,
    digits,
    filled,
    limit_option,
    list_options,
)
from bridge.domain.phones import E164, parse_phone

_CHANNELS = ("voice", "text")
_PURPOSES = ("lead", "client")
_MOST_BAD_ROWS = 20
_LONGEST_ID = 9


@click.group(cls=Group)
def consent() -> None:
    """What people have agreed to: listed, recorded, revoked, imported."""


@consent.command("list")
@click.option("--phone", help="A phone number, or its last four digits or more.")
@click.option("--in-effect", "state", flag_value="in-effect", help="Not revoked.")
@click.option("--revoked", "state", flag_value="revoked", help="Revoked.")
@limit_option
@list_options
def list_(phone: str | None, state: str | None, limit: int, output: str | None) -> None:
    """List consents: the exact words, when and how they were given, and how they ended."""
    from bridge.commands import list_output, listings
    from bridge.store.consent.consents import ConsentFilter, ConsentState

    settings = startup.settings()
    wanted = ConsentFilter(digits(phone), ConsentState(state or ""))
    with startup.database(settings) as db:
        list_output.show(listings.consents(db, wanted, limit), output, settings.firm_zone)


@consent.command()
@click.argument("phone", metavar="PHONE")
@click.option(
    "--channel",
    type=click.Choice(_CHANNELS),
    required=True,
    help="To what: a machine's voice, or texts.",
)
@click.option(
    "--purpose",
    type=click.Choice(_PURPOSES),
    required=True,
    help="For what: to be solicited (which covers both), or to be informed as a client.",
)
@click.option("--words", required=True, help="Exactly what the person has agreed to.")
@click.option("--source", required=True, help="How: web form, signed agreement, by phone …")
@click.option("--evidence", required=True, help="Where the proof is: a link, a document's name.")
@click.option(
    "--given-at",
    help="When: 2026-11-24, or 2026-11-24T14:30 in the firm's time zone; by default, now.",
)
@by_option
def add(phone: str, by: str | None, **entered: str | None) -> None:
    """Record what a person has agreed to, for one number."""
    from bridge.commands import consents
    from bridge.domain.consent_entries import BadEntry, read_entry

    with startup.runtime() as runtime:
        now = runtime.clock()
        given_at = entered["given_at"]
        fields = {
            **entered,
            "phone": phone,
            "given_at": now.isoformat() if given_at is None else given_at,
        }
        settings = runtime.settings
        try:
            new = read_entry(
                fields, own_numbers=settings.own_numbers, zone=settings.firm_zone, now=now
            )
        except BadEntry as error:
            raise click.UsageError(str(error)) from None
        said = consents.add(runtime, new, actor(by))
    click.echo(said)


@consent.command()
@click.argument("which", metavar="ID|PHONE")
@click.option("--channel", type=click.Choice(_CHANNELS), help="At a PHONE: only this one.")
@click.option("--reason", required=True, help="What the person said, and how; or why else.")
@by_option
def revoke(which: str, channel: str | None, reason: str, by: str | None) -> None:
    """Revoke one consent by its ID, or all in effect at a number: the person took it back.

    With one, all others at its number for its channel end. From then on CONSENT_BASIS doesn't cover
    it either, and nothing given before counts. Where none is on file at a number, the withdrawal
    itself is kept.
    """
    from bridge.commands import consents
    from bridge.domain.consents import CHANNELS

    meant = _which(which)
    if channel is not None and isinstance(meant, int):
        raise click.UsageError("--channel goes with a PHONE: an ID is of one channel alone")
    channels = list(CHANNELS.values()) if channel is None else [CHANNELS[channel]]
    with startup.runtime() as runtime:
        said = consents.revoke(runtime, meant, channels, actor(by), filled("reason", reason))
    if said is None:
        raise click.ClickException(
            "no such consent is in effect: `bridge consent list` shows those there are"
        )
    click.echo(said)


@consent.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@by_option
def import_(file: Path, by: str | None) -> None:
    """Import a CSV file of consents: all of it, or nothing if a row is bad.

    The first line names the columns, in any order: phone, channel (voice or text), purpose (lead or
    client), words, source, evidence, given_at. Other columns are ignored. What is on file already
    is not added again.
    """
    from bridge.commands import consent_import
    from bridge.domain.consent_entries import BadEntry

    who = actor(by)
    with startup.runtime() as runtime, file.open(encoding="utf-8-sig", newline="") as rows:
        now = runtime.clock()
        count = 0
        for bad in consent_import.bad_rows(runtime, rows, now):
            count += 1
            if count <= _MOST_BAD_ROWS:
                click.echo(str(bad), err=True)
        if count:
            more = f", {count - _MOST_BAD_ROWS} of them not shown" if count > _MOST_BAD_ROWS else ""
            raise click.ClickException(
                f"nothing was imported: {count} bad row{'s' * (count != 1)} in {file.name}{more}"
            )
        try:
            done = consent_import.import_rows(runtime, rows, file.name, who, now)
        except BadEntry as error:
            raise click.ClickException(str(error)) from None
    click.echo(
        f"{file.name}: {done.added} of {done.rows} rows added, {done.rows - done.added} were on "
        "file already."
    )
    if done.ended:
        click.echo(f"{done.ended} of those added allow nothing: refused since they were given.")


def _which(text: str) -> int | E164:
    """An ID has nine digits at most, a phone number ten or more."""
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID:
        return int(text)
    phone = parse_phone(text)
    if phone is None:
        raise click.UsageError("ID|PHONE should be a number from the list, or +14025550107")
    return phone
