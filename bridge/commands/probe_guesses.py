"""How SmartAdvocate may want to be called: settings to try, the present ones first.

Verbs, paths and the spelling of parameters are not published
(docs/reference/smartadvocate.md#transport).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from bridge.settings import Settings

LIST, CASE = "GetCasesToDial", "GetCaseInfo"

_VERBS = ("GET", "POST", "POST form")
_AUTO_CHANGE = ("Auto-change", "AutoChange", "Autochange", "autoChange", "Auto_Change")
_CASE_IDS = ("CaseID", "caseId", "CaseId", "id")
_LIST_NAMES = ("Campaign", "CaseGroup", "Records")

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def ways(settings: Settings, call: str) -> Iterator[Settings]:
    """The settings with each verb and path for a call that may be right."""
    configured = dict(settings.smartadvocate_calls).get(call, f"GET {call}")
    path = configured.split()[-1]
    paths = dict.fromkeys([*_spelled(path), *_spelled(call)])
    usual = (f"{verb} {spelled}" for spelled, verb in product(paths, _VERBS))
    for way in dict.fromkeys([configured, *usual]):
        yield _with_way(settings, call, way)


def case_names(settings: Settings) -> Iterator[Settings]:
    """The settings with each name that GetCaseInfo's parameter may have."""
    for name in _unlike(_name(settings, CASE, "CaseID"), _CASE_IDS):
        yield _with_names(settings, CASE, {"CaseID": name})


def list_names(settings: Settings) -> Iterator[Settings]:
    """The settings with each spelling of GetCasesToDial's parameters."""
    present = {name: _name(settings, LIST, name) for name in _LIST_NAMES}
    lowered = {name: _lower_first(name) for name in _LIST_NAMES}
    for names, spelled in product((present, lowered), auto_changes(settings)):
        yield _with_names(spelled, LIST, names)


def auto_changes(settings: Settings) -> Iterator[Settings]:
    """The settings with each spelling of Auto-change."""
    for name in _unlike(_name(settings, LIST, "Auto-change"), _AUTO_CHANGE):
        yield _with_names(settings, LIST, {"Auto-change": name})


def _spelled(path: str) -> list[str]:
    """A path as it is, with a closing slash, with a small first letter, in kebab case."""
    folder, slash, last = path.rstrip("/").rpartition("/")
    lasts = (last, _lower_first(last), _WORD.sub("-", last).lower())
    bare = [f"{folder}{slash}{name}" for name in lasts]
    return [path, *bare, *(f"{spelled}/" for spelled in bare)]


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _unlike(first: str, others: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([first, *others]))


def _with_way(settings: Settings, call: str, way: str) -> Settings:
    others = [pair for pair in settings.smartadvocate_calls if pair[0] != call]
    own = [] if way == f"GET {call}" else [(call, way)]
    return replace(settings, smartadvocate_calls=(*others, *own))


def _name(settings: Settings, call: str, name: str) -> str:
    """How a parameter of a call is written now."""
    set_now = dict(settings.smartadvocate_names)
    return set_now.get(f"{call}.{name}", set_now.get(name, name))


def _with_names(settings: Settings, call: str, names: dict[str, str]) -> Settings:
    """The settings with these names of a call's parameters, as few words as it takes."""
    of_call = {f"{call}.{name}" for name in names}
    others = [pair for pair in settings.smartadvocate_names if pair[0] not in of_call]
    elsewhere = dict(others)
    own = [
        (f"{call}.{name}", theirs)
        for name, theirs in names.items()
        if theirs != elsewhere.get(name, name)
    ]
    return replace(settings, smartadvocate_names=(*others, *own))
