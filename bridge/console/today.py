"""Today."""

from flask import Response

from bridge.console.pages import page


def today() -> Response:
    """The page."""
    return page("today.html", "Today")
