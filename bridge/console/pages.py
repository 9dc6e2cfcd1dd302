"""How a page is made: its template, what stands on all pages, and the headers of its answer."""

from typing import Any

from flask import Flask, Response, g, make_response, render_template, request

from bridge.console.formats import FILTERS
from bridge.web.current import runtime

_CSP = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_HSTS = "max-age=31536000"
MENU = (
    ("console.today", "Today"),
    ("console.contacts", "Contacts"),
    ("console.todo", "To do"),
    ("console.plan", "Plan"),
    ("console.opt_outs", "Opt-outs"),
    ("console.setup", "Setup"),
)
"""The menu: the views, and what their links are called."""


def page(template: str, title: str, status: int = 200, **values: Any) -> Response:
    """A page. `title` is its heading too."""
    return make_response(render_template(template, title=title, **values), status)


def is_console(path: str) -> bool:
    """Whether a path is the console's, whatever is found there."""
    # A route is found however many slashes begin the path.
    named = path.lstrip("/")
    return named == "console" or named.startswith("console/")


def register(app: Flask) -> None:
    """Filters, what every template knows, and the headers of every answer."""
    app.jinja_env.filters.update(FILTERS)
    app.context_processor(_on_every_page)
    app.after_request(_with_headers)


def _on_every_page() -> dict[str, Any]:
    return {
        "person": g.get("person"),
        "header": g.get("header"),
        "menu": MENU,
        "now": runtime().clock(),
    }


def _with_headers(answer: Response) -> Response:
    if is_console(request.path):
        answer.headers.extend(_HEADERS)
        answer.headers.setdefault("Cache-Control", "no-store")
        if (runtime().settings.public_url or "").startswith("https://"):
            answer.headers["Strict-Transport-Security"] = _HSTS
    return answer
