"""Style and script: Bootstrap from its package, ours from `static/`; compressed once, at start.

An asset's address has its content's hash, so browsers keep it for as long as they like.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from flask import Response, abort, request, url_for

_FILES: Mapping[str, tuple[str, str]] = {
    "bootstrap.css": ("flask_bootstrap", "static/bootstrap5/css/bootstrap.min.css"),
    "console.css": ("bridge.console", "static/console.css"),
    "charts.css": ("bridge.console", "static/charts.css"),
    "theme.js": ("bridge.console", "static/theme.js"),
    "live.js": ("bridge.console", "static/live.js"),
    "favicon.svg": ("bridge.console", "static/favicon.svg"),
}
"""By what they are called here: the package that has each, and where."""
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file, ready to be sent."""

    content_type: str
    plain: bytes
    packed: bytes
    version: str


@cache
def all_assets() -> Mapping[str, Asset]:
    """All assets, by name."""
    return {name: _load(name, *place) for name, place in _FILES.items()}


def asset_url(name: str) -> str:
    """The address of an asset."""
    return url_for("console.asset", name=name, version=all_assets()[name].version)


def asset(version: str, name: str) -> Response:
    """The view that serves them."""
    found = all_assets().get(name)
    if found is None or found.version != version:
        abort(404)
    takes_gzip = request.accept_encodings["gzip"] > 0
    answer = Response(found.packed if takes_gzip else found.plain, content_type=found.content_type)
    if takes_gzip:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = _FOREVER
    return answer


def _load(name: str, package: str, path: str) -> Asset:
    body = files(package).joinpath(path).read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(
        content_type=f"{kind}; charset=utf-8",
        plain=body,
        packed=gzip.compress(body, mtime=0),
        version=hashlib.sha256(body).hexdigest()[:12],
    )
