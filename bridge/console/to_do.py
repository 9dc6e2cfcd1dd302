"""To do."""

from flask import Response

from bridge.console.pages import page


def to_do() -> Response:
    """The page."""
    return page("to_do.html", "To do")
