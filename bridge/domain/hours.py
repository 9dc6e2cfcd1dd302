"""When people may be reached."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A daily stretch of time, in minutes after midnight; the end is outside of it."""

    opens: int
    closes: int
