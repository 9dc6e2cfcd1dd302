"""The search box of every page: a case by its number, or a phone by its digits."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response


def search() -> Response:
    """Go to the case, or to the contacts with the phone."""
    digits = "".join(filter(str.isdigit, request.args.get("q", "")))
    return redirect(url_for("console.contacts", digits=digits))
