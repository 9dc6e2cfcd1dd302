"""What `bridge check` prints, and what it writes into `.env`."""

import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from bridge.checking.examination import examine
from bridge.checking.findings import FAILURE, OK, WARNING, Finding
from bridge.commands import env_file
from bridge.commands.probe import lines, seen_case
from bridge.commands.probe import probe as find_out
from bridge.environment import load

_STYLES = {OK: "green", WARNING: "yellow", FAILURE: "bold red"}


def check() -> bool:
    """Print what `examination.examine` finds; return whether none of it is a failure."""
    return _print(examine(os.environ))


def probe(path: Path | None) -> bool:
    """Print what was found out of SmartAdvocate, and the lines to set; return whether all was.

    With a path the lines are written into that `.env` file, but never a part of them.

    Raises:
        SettingError: a setting is missing or malformed, or a value fits into no such file.
        OSError: the file can't be written.
    """
    settings = load()
    found = find_out(settings, seen_case(settings), datetime.now(UTC))
    is_well = _print(found.findings)
    values = lines(settings, found.settings)
    for name, value in values.items():
        click.echo(env_file.line(name, value))
    if not values and is_well:
        click.echo("nothing needs to be set")
    elif values and path is not None and is_well:
        elsewhere = env_file.set_elsewhere(path, os.environ, values)
        env_file.write(path, values)
        click.echo(f"written into {path}")
        for name in elsewhere:
            click.echo(f"{name} is set in the environment too, which overrides it: set it there")
    elif values and path is not None:
        click.echo("nothing was written, because not everything could be found out")
    return is_well


def _print(findings: Iterable[Finding]) -> bool:
    """Print each finding as it is made; return whether none is a failure."""
    if sys.stdout.isatty():
        return _print_on_terminal(findings)
    failed = False
    for finding in findings:
        failed = failed or finding.level == FAILURE
        click.echo(f"{finding.level:<8}{finding.subject}: {finding.sentence}")
    return not failed


def _print_on_terminal(findings: Iterable[Finding]) -> bool:
    # Only here, since it takes a while to load.
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    failed, console = False, Console(soft_wrap=True)
    with console.status("Checking…"):
        for finding in findings:
            failed = failed or finding.level == FAILURE
            level = (f"{finding.level:<8}", _STYLES[finding.level])
            console.print(Text.assemble(level, f"{finding.subject}: {finding.sentence}"))
    return not failed
