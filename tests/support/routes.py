"""Routes compiled once a run: every test has a web app of its own, all of them have the same."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_Builder = Callable[..., tuple[str, str]]


def compile_once() -> None:
    """Let all web apps share what builds their addresses: a quarter of a page's test."""
    compiled = Rule._compile_builder
    known: dict[tuple[Any, ...], _Builder] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> _Builder:
        # All that the builder depends on: it is handed the rule when it is called.
        key = (repr(rule._trace), repr(rule.defaults), append_unknown)
        if key not in known:
            known[key] = compiled(rule, append_unknown)
        return known[key]

    Rule._compile_builder = builder  # type: ignore[method-assign, assignment]
