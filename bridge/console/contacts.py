"""Contacts."""

from flask import Response

from bridge.console.pages import page


def contacts() -> Response:
    """The page."""
    return page("contacts.html", "Contacts")
