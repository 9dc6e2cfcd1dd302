"""What commands share on their command lines: groups that show their help, lists, scopes, names."""

import getpass
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

_LONGEST_NAME = 64
_Command = TypeVar("_Command", bound=Callable[..., Any])

_NO_TEXT = re.compile("[\ud800-\udfff]")
"""How bytes that are no text in the terminal's encoding come in."""
ID = click.IntRange(1, 2**63 - 1)
"""What a case or a row is named by; more than the database can hold names none."""


class Group(click.Group):
    """A group of commands that shows its help when none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)


def list_options(command: _Command) -> _Command:
    """How a list is printed."""
    for output, what in (("csv", "CSV"), ("json", "JSON")):
        command = click.option(
            f"--{output}", "output", flag_value=output, help=f"As {what}, for a program."
        )(command)
    return command


limit_option = click.option(
    "--limit",
    default=50,
    show_default=True,
    type=ID,
    help="How many rows, the newest first.",
)


def scope_options(command: _Command) -> _Command:
    """What a pause is about; with none of them, everything."""
    for option, help_text in (
        ("--case", "One case."),
        ("--number", "One phone number, such as +14025555759."),
        ("--state", "One state, such as LA."),
        ("--campaign", "One campaign."),
    ):
        command = click.option(option, help=help_text)(command)
    return click.option("--texts", is_flag=True, help="All texts, but no calls.")(command)


def named_scope(named: Mapping[str, str | bool | None]) -> tuple[str, str]:
    """The scope of a pause and what it names; with no option, everything.

    Raises:
        click.UsageError: several were named, or one is empty.
    """
    given = {scope: what for scope, what in named.items() if what is not None and what is not False}
    if len(given) > 1:
        raise click.UsageError(
            "several scopes are named: name one of --campaign, --state, --number, --case, --texts"
        )
    for scope, what in given.items():
        if not isinstance(what, str):
            return scope, ""
        if not what.strip():
            # An empty shell variable must not mean everything.
            raise click.UsageError(f"--{scope} is empty: name one, or leave the option out")
        return scope, filled(scope, what)
    return "everything", ""


def digits(phone: str | None) -> str:
    """The digits by which --phone looks for a number; empty where it isn't given.

    Raises:
        click.UsageError: they are fewer than four.
    """
    if phone is None:
        return ""
    found = "".join(filter(str.isdecimal, phone))
    if len(found) < 4 or not found.isascii():
        raise click.UsageError("--phone should be a number, or its last four digits or more")
    return found


def filled(option: str, value: str) -> str:
    """What was given, without blanks around it.

    Raises:
        click.UsageError: it is empty, or no text.
    """
    if not value.strip():
        raise click.UsageError(f"--{option} is empty: it is kept with what you do")
    if _NO_TEXT.search(value):
        raise click.UsageError(f"--{option} has characters that can't be stored")
    return value.strip()


def named(by: str) -> str:
    """The name of whoever does it.

    Raises:
        click.UsageError: it is empty, too long, or no text.
    """
    if len(by) > _LONGEST_NAME:
        raise click.UsageError(f"--by is longer than {_LONGEST_NAME} characters: shorten it")
    return filled("by", by)


by_option = click.option(
    "--by", help="Your name, which is kept; by default, that with which you are logged in."
)


def actor(by: str | None) -> str:
    """The name of whoever does it: as given, or that with which somebody is logged in.

    Raises:
        click.UsageError: it is empty, too long, or no text; or nobody is logged in.
    """
    if by is not None:
        return named(by)
    try:
        return named(getpass.getuser())
    except (KeyError, OSError):
        raise click.UsageError("nobody is logged in: give --by") from None
