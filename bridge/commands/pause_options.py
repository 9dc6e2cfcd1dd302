"""The options that say what a pause is about, and what they mean."""

from collections.abc import Mapping
from typing import Any

import click


def scope_options(command: Any) -> Any:
    """What a pause is about; with none of them, everything."""
    for option, help_text in (
        ("--case", "A case."),
        ("--number", "A number, such as +14025555759."),
        ("--state", "A state, such as LA."),
        ("--campaign", "A campaign."),
    ):
        command = click.option(option, help=help_text)(command)
    return click.option("--texts", is_flag=True, help="All texts, and no calls.")(command)


def named_scope(named: Mapping[str, str | bool | None]) -> tuple[str, str]:
    """The scope of a pause and what it names; with no option, everything.

    Raises:
        click.UsageError: several were named, or one is empty.
    """
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
