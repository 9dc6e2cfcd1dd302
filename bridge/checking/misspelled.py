"""Environment variables that were meant to be settings of the bridge, and are none."""

from collections.abc import Mapping
from difflib import get_close_matches

from bridge import environment

_SHARED_PREFIXES = frozenset({"CALLS", "DATABASE", "LOG", "PUBLIC", "SECRET", "SENTRY", "WEB"})
"""Other programs' variables begin so too: only what is spelled nearly as ours was meant for us."""
_RETIRED = {
    "OPT_OUT_SPANISH": "it is retired: Spanish refusals are always understood; remove it",
}
"""Settings of earlier versions: a deployment that still has one starts as before."""
_NEAR, _VERY_NEAR = 0.7, 0.85


def misspelled(environ: Mapping[str, str]) -> dict[str, str]:
    """Names that start like those of our settings and aren't any, each with what to do about it."""
    ours = environment.names()
    prefixes = {name.partition("_")[0] for name in ours if "_" in name}
    found = {}
    for name in sorted(environ.keys() - set(ours)):
        if name in _RETIRED:
            found[name] = _RETIRED[name]
            continue
        prefix, underscore, _ = name.partition("_")
        if not underscore or prefix not in prefixes:
            continue
        is_shared = prefix in _SHARED_PREFIXES
        near = get_close_matches(name, ours, 1, _VERY_NEAR if is_shared else _NEAR)
        if near:
            found[name] = f"did you mean {near[0]}?"
        elif not is_shared:
            found[name] = "it has no effect"
    return found
