"""Cases taken out of whatever they are wrapped in.

The published answers are a bare list and a bare case (smartadvocate.md, 1.3 and 1.4); servers of
this family wrap them in `d`, `Data`, `Result` and the like, some in several.
"""

from collections.abc import Iterator
from typing import Any

from bridge.adapters.smartadvocate.answers import means_success, opened
from bridge.adapters.smartadvocate.api_mapping import ApiMapping, fold_name

_WRAPPERS = ("d", "data", "cases", "case", "result", "results", "value", "items")
_DEEPEST = 3


def the_list(value: Any) -> list[Any] | None:
    """The list that was asked for; None if there is none."""
    found = next((one for one in _layers(value, _DEEPEST) if isinstance(one, list)), None)
    return [] if found is None and _says_empty(value) else found


def the_case(value: Any, wire: ApiMapping, deepest: int = _DEEPEST) -> Any:
    """The case that was asked for, alone or the first of a list; else the value as it is."""
    for one in _layers(value, deepest):
        first = opened(one[0]) if isinstance(one, list) and one else one
        if isinstance(first, dict) and "CaseID" in wire.ours(first):
            return first
        if first is not one and isinstance(first, dict) and deepest:
            return the_case(first, wire, deepest - 1)
    return value


def _says_empty(value: Any) -> bool:
    """Whether it has succeeded and holds nothing, as in `{"Success": true, "Data": null}`."""
    if not isinstance(value, dict) or not any(value.values()):
        return False
    return means_success(value) and any(fold_name(str(name)) in _WRAPPERS for name in value)


def _layers(value: Any, depth: int) -> Iterator[Any]:
    """The value and what it wraps, from the outside in."""
    value = opened(value)
    yield value
    if not isinstance(value, dict) or not depth:
        return
    fields = {fold_name(str(name)): one for name, one in value.items()}
    for name in _WRAPPERS:
        if isinstance(opened(fields.get(name)), dict | list):
            yield from _layers(fields[name], depth - 1)
