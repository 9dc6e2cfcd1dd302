"""Answers that wait for a commit and for nothing else: held back by the event loop, by no thread.

The app's view names the commit (`hold_until`) and makes its answer; `threads.py` sends it once the
commit is done. A commit that fails is brought back to the app (`why_in_vain`), whose error pages
answer the request then.
"""

from concurrent.futures import Future
from typing import Any
from wsgiref.types import WSGIEnvironment

HELD = "bridge.held"
"""Where a request that may be held back has what its answer waits for."""

IN_VAIN = "bridge.in_vain"
"""Where it has, when it comes back, the error that ended the wait."""


def may_hold(environ: WSGIEnvironment) -> bool:
    """Whether this request's answer can be held back; otherwise it has a thread that may wait."""
    return HELD in environ


def hold_until(environ: WSGIEnvironment, committed: Future[Any]) -> None:
    """Hold this request's answer back until this is done."""
    environ[HELD].append(committed)


def why_in_vain(environ: WSGIEnvironment) -> Exception | None:
    """The error by which this request is to be answered, since what it waited for has failed."""
    error: Exception | None = environ.get(IN_VAIN)
    return error
