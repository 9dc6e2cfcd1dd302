"""Plan."""

from flask import Response

from bridge.console.pages import page


def plan() -> Response:
    """The page."""
    return page("plan.html", "Plan")
