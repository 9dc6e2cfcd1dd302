"""The progress of a run in the terminal: a line that moves, or a plain one every few seconds."""

import os
import shutil
import sys
import threading
import time
from typing import Protocol

import click

_PLAIN_SECONDS = 5.0
_CLEAR_LINE = "\r\x1b[2K"


class ProgressDisplay(Protocol):
    """Where events and progress are written. Safe to use from many threads."""

    def event(self, lines: str) -> None:
        """Write lines that stay."""

    def update(self, line: str) -> None:
        """Show the progress."""

    def close(self) -> None:
        """Clear the way for what is written next."""


def progress() -> ProgressDisplay:
    """The kind of progress that the standard output can show."""
    if sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        return MovingLine()
    return PlainLines()


class MovingLine:
    """The last line of a terminal, rewritten whenever something changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line = ""

    def event(self, lines: str) -> None:
        """Write lines above the moving one."""
        with self._lock:
            click.echo(f"{_CLEAR_LINE}{lines}" if self._line else lines, color=True)
            self._draw()

    def update(self, line: str) -> None:
        """Replace the moving line."""
        with self._lock:
            if line != self._line:
                self._line = line
                self._draw()

    def close(self) -> None:
        """Remove the moving line."""
        with self._lock:
            if self._line:
                click.echo(_CLEAR_LINE, nl=False, color=True)
            self._line = ""

    def _draw(self) -> None:
        # A line that wraps could not be cleared.
        if self._line:
            width = shutil.get_terminal_size().columns - 1
            click.echo(f"{_CLEAR_LINE}{self._line[:width]}", nl=False, color=True)


class PlainLines:
    """Lines for a file or a CI log: one every few seconds, and only when something has changed."""

    def __init__(self) -> None:
        self._last = ""
        self._next_at = 0.0

    def event(self, lines: str) -> None:
        """Write lines."""
        click.echo(lines)

    def update(self, line: str) -> None:
        """Write the line if it is new and the last one isn't fresh."""
        now = time.monotonic()
        if line != self._last and now >= self._next_at:
            click.echo(line)
            self._last, self._next_at = line, now + _PLAIN_SECONDS

    def close(self) -> None:
        """Nothing has to be cleared."""
