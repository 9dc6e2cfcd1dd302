"""Setup."""

from flask import Response

from bridge.console.pages import page


def setup() -> Response:
    """The page."""
    return page("setup.html", "Setup")
