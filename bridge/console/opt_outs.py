"""Opt-outs."""

from flask import Response

from bridge.console.pages import page


def opt_outs() -> Response:
    """The page."""
    return page("opt_outs.html", "Opt-outs")
