"""Errors as pages in the same dress as all others."""

from flask import Response, g, request

from bridge.console.pages import is_console, page

_TITLES = {
    400: "That did not work",
    401: "Please sign in",
    403: "You may not do that",
    404: "There is no such page",
    405: "That did not work",
    429: "Too many tries",
    503: "Please try again in a moment",
}
_WHAT_HAPPENED = {
    404: "Check the address, or search for the case or phone number.",
    405: "Go back, reload the page and try again.",
}


def in_dress(line: str, status: int) -> Response | None:
    """An error on a page of the console; None elsewhere, and for what isn't shown to people."""
    if not is_console(request.path) or request.path.startswith("/console/assets/"):
        return None
    # To those who aren't signed in it isn't told which pages there are.
    if g.get("person") is None and status in {404, 405}:
        return None
    title = _TITLES.get(status, "Something went wrong")
    return page("error.html", title, status, says=_WHAT_HAPPENED.get(status, line))
