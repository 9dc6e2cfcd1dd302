"""Unwraps cases from whatever object a server puts around them.

The published responses are a bare list and a bare case
(docs/reference/smartadvocate.md#getcasestodial and #getcaseinfo). Servers of this family wrap them
in `d`, `Data`, `Result` and the like, sometimes in several.
"""

from collections.abc import Iterator
from typing import Any

from bridge.adapters.smartadvocate.api_mapping import ApiMapping
from bridge.adapters.smartadvocate.responses import decoded, means_success
from bridge.domain.folding import fold_name

_WRAPPERS = ("d", "data", "cases", "case", "result", "results", "value", "items")
_MAX_DEPTH = 3


def unwrap_list(value: Any) -> list[Any] | None:
    """The list that was requested; None if there is none."""
    layers = _layers(value, _MAX_DEPTH)
    found = next((layer for layer in layers if isinstance(layer, list)), None)
    return [] if found is None and _says_empty(value) else found


def unwrap_case(value: Any, mapping: ApiMapping, depth: int = _MAX_DEPTH) -> Any:
    """The case that was requested, alone or the first of a list; else the value itself."""
    for layer in _layers(value, depth):
        first = decoded(layer[0]) if isinstance(layer, list) and layer else layer
        if isinstance(first, dict) and "CaseID" in mapping.from_theirs(first):
            return first
        if first is not layer and isinstance(first, dict) and depth:
            return unwrap_case(first, mapping, depth - 1)
    return value


def _says_empty(value: Any) -> bool:
    """Whether it is a success without data, such as `{"Success": true, "Data": null}`."""
    if not isinstance(value, dict) or not any(value.values()):
        return False
    return means_success(value) and any(fold_name(str(name)) in _WRAPPERS for name in value)


def _layers(value: Any, depth: int) -> Iterator[Any]:
    """The value and the values that it wraps, from the outside in."""
    value = decoded(value)
    yield value
    if not isinstance(value, dict) or not depth:
        return
    fields = {fold_name(str(name)): inner for name, inner in value.items()}
    for name in _WRAPPERS:
        if isinstance(decoded(fields.get(name)), dict | list):
            yield from _layers(fields[name], depth - 1)
