"""Errors as pages in the same dress as all others."""

from flask import Response, g, request

from bridge.console.pages import is_console, page

_TITLES = {
    400: "That did not work",
    401: "Please sign in",
    403: "You may not do that",
    404: "There is no such page",
    429: "Too many tries",
    503: "Please try again in a moment",
}
_WHAT_HAPPENED = {
    404: "Check the address, or search for the case or phone number.",
}


def in_dress(line: str, status: int) -> Response | None:
    """An error on a page of the console; None elsewhere, and for what isn't shown to people."""
    if not is_console(request.path) or request.path.startswith("/console/assets/"):
        return None
    # Without somebody who is signed in, not even the firm's name is said.
    if g.get("person") is None and status == 404:
        return None
    title = _TITLES.get(status, "Something went wrong")
    return page("error.html", title, status, says=_WHAT_HAPPENED.get(status, line))
