"""The bridge's log during a month: nothing is printed, and errors of its own are kept."""

import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog


class Errors:
    """Errors inside the bridge that it has logged and gone on from."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def take(self) -> list[str]:
        """Those since the last time."""
        found, self._found = self._found, []
        return found

    def keep(self, _logger: Any, method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
        """Keep what was logged with an exception."""
        if line.get("exc_info"):
            error = sys.exc_info()[1]
            self._found.append(f"{line.get('event')}: {type(error).__name__}: {error}")
        raise structlog.DropEvent


@contextmanager
def quiet() -> Iterator[Errors]:
    """Print nothing, and keep the errors."""
    before, errors = structlog.get_config(), Errors()
    structlog.configure(
        processors=[errors.keep], wrapper_class=structlog.make_filtering_bound_logger(40)
    )
    try:
        yield errors
    finally:
        structlog.configure(**before)
