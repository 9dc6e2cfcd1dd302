"""What `bridge check` prints, and what it writes into `.env`."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from bridge.commands import env_file
from bridge.commands.check import examine
from bridge.commands.findings import FAILURE, Finding
from bridge.commands.probe import lines, seen_case
from bridge.commands.probe import probe as find_out
from bridge.settings import load

_Echo = Callable[[str], None]


def check(echo: _Echo) -> bool:
    """Print what `check.examine` finds; return whether nothing of it is a failure."""
    return _is_well(echo, examine(os.environ))


def probe(echo: _Echo, path: Path | None) -> bool:
    """Print what was found out of SmartAdvocate, and the lines to set; return whether all was.

    With a path the lines are written into that `.env` file, but never a part of them.

    Raises:
        SettingError: a setting is missing or malformed, or a value fits into no such file.
        OSError: the file can't be written.
    """
    settings = load()
    found = find_out(settings, seen_case(settings), datetime.now(UTC))
    is_well = _is_well(echo, found.findings)
    values = lines(settings, found.settings)
    for name, value in values.items():
        echo(env_file.line(name, value))
    if not values and is_well:
        echo("nothing needs to be set")
    elif values and path is not None and is_well:
        elsewhere = env_file.set_elsewhere(path, os.environ, values)
        env_file.write(path, values)
        echo(f"written into {path}")
        for name in elsewhere:
            echo(f"{name} is set in the environment too, which counts more: set it there")
    elif values and path is not None:
        echo("nothing is written, since not all of it was found out")
    return is_well


def _is_well(echo: _Echo, findings: Iterable[Finding]) -> bool:
    failed = False
    for finding in findings:
        failed = failed or finding.level == FAILURE
        echo(f"{finding.level:<8}{finding.subject}: {finding.sentence}")
    return not failed
