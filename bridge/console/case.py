"""One case."""

from flask import Response

from bridge.console.pages import page


def case(case_id: int) -> Response:
    """The page."""
    return page("case.html", f"Case {case_id}")
