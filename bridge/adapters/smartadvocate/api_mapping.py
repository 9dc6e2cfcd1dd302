"""SmartAdvocate's API in tables: the paths, verbs, names and labels that it uses.

Not all of them are published (docs/reference/smartadvocate.md#what-is-not-published), and the
labels are the firm's own; so SMARTADVOCATE_CALLS, SMARTADVOCATE_NAMES and SMARTADVOCATE_LABELS
override each of them. Labels and names are compared without regard to case and spacing, and written
as the firm spells them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from bridge.domain.case_updates import DialerStatus
from bridge.domain.folding import fold_label, fold_name
from bridge.domain.outcomes import Disposition
from bridge.errors import SettingError

Pairs = Iterable[tuple[str, str]]


class Encoding(StrEnum):
    """How a call's parameters are sent."""

    QUERY = "query"
    JSON = "json"
    FORM = "form"


_VERBS = ("GET", "POST", "PUT", "PATCH")
_CALLS = {
    "GetCasesToDial": ("GET", "GetCasesToDial"),
    "GetCaseInfo": ("GET", "GetCaseInfo"),
    "UpdateCaseStatus": ("POST", "UpdateCaseStatus"),
    "AddCaseNote": ("POST", "AddCaseNote"),
    "AddCaseNoteByPhone": ("POST", "AddCaseNoteByPhone"),
}
_PARAMETERS = {
    "GetCasesToDial": ("Campaign", "CaseGroup", "Records", "Auto-change"),
    "GetCaseInfo": ("CaseID",),
    "UpdateCaseStatus": ("Cases", "CaseID", "Status", "NextCall", "Attempts", "Disposition"),
    "AddCaseNote": ("CaseID", "Note"),
    "AddCaseNoteByPhone": ("Phone", "Note"),
}
_FIELDS = (
    "CaseID",
    "Phones",
    "Phone",
    "PhoneName",
    "Primary",
    "Text",
    "CaseStatus",
    "DialerStatus",
    "Campaign",
    "Attempts",
    "DialDateTime",
    "ZipCode",
)
_NAMES = tuple(dict.fromkeys((*(name for own in _PARAMETERS.values() for name in own), *_FIELDS)))
_LABELS = (*(label.value for label in DialerStatus), *(label.value for label in Disposition))
_ATTEMPTS: dict[str, Callable[[int], int | str]] = {"number": int, "text": str}
_PATH = re.compile(r"/*(?!\w+://)[^\s/]\S*")


@dataclass(frozen=True)
class ApiMapping:
    """How to call this firm's SmartAdvocate."""

    calls: dict[str, tuple[str, str]]
    """Verb and path of each call."""
    names: dict[str, str]
    """Our name of a parameter or field → theirs."""
    labels: dict[str, str]
    """Our label → the firm's spelling."""
    encodings: dict[str, Encoding] = field(default_factory=dict)
    """How the parameters of a call are sent, if not as usual for its verb."""
    parameters: dict[tuple[str, str], str] = field(default_factory=dict)
    """A call and our name of a parameter → theirs, for this call only."""
    firm_labels: frozenset[str] = frozenset()
    """Our labels for which a setting has the firm's own."""
    attempts: Callable[[int], int | str] = int
    """Converts Attempts to the type that is sent."""

    def encoding(self, call: str) -> Encoding:
        """How the parameters of a call are sent."""
        usual = Encoding.QUERY if self.calls[call][0] == "GET" else Encoding.JSON
        return self.encodings.get(call, usual)

    def to_theirs(self, call: str, fields: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a call under SmartAdvocate's names."""
        return {
            self.parameters.get((call, name), self.names[name]): value
            for name, value in fields.items()
        }

    def from_theirs(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields that SmartAdvocate sent, under our names; others are left out.

        Default names are accepted as well as the firm's own, which come first.
        """
        sent = {fold_name(str(name)): value for name, value in fields.items()}
        read: dict[str, Any] = {}
        for theirs, ours in self._readable:
            if theirs in sent:
                read.setdefault(ours, sent[theirs])
        return read

    @cached_property
    def _readable(self) -> tuple[tuple[str, str], ...]:
        """Folded names that are accepted, the firm's own first, with ours for each."""
        own = {fold_name(self.names[name]): name for name in _FIELDS if self.names[name] != name}
        default = {fold_name(name): name for name in _FIELDS}
        return (*own.items(), *(default | own).items())

    def status(self, label: object) -> DialerStatus | None:
        """The dialer status of a label; None for an unknown label."""
        return self._statuses.get(fold_label(str(label)))

    @cached_property
    def _statuses(self) -> dict[str, DialerStatus]:
        """Statuses by their folded labels; of two that are labeled alike, the first counts."""
        return {fold_label(self.labels[status]): status for status in reversed(DialerStatus)}


def api_mapping(
    calls: Pairs = (), names: Pairs = (), labels: Pairs = (), attempts: str = "number"
) -> ApiMapping:
    """The defaults of docs/reference/smartadvocate.md#the-calls with the firm's overrides.

    Raises:
        SettingError: an override is malformed, or for something unknown.
    """
    overrides = {
        name: _verb_and_path(name, how)
        for name, how in _checked_names("SMARTADVOCATE_CALLS", calls, _CALLS)
    }
    named = tuple(names)
    of_all_calls = [(name, theirs) for name, theirs in named if "." not in name]
    own_names = dict(_checked_names("SMARTADVOCATE_NAMES", of_all_calls, _NAMES))
    firm_labels = dict(_checked_names("SMARTADVOCATE_LABELS", labels, _LABELS))
    made = ApiMapping(
        calls=_CALLS | {name: (verb, path) for name, (verb, path, _) in overrides.items()},
        names={name: name for name in _NAMES} | own_names,
        labels={label: label for label in _LABELS} | firm_labels,
        encodings={name: encoding for name, (_, _, encoding) in overrides.items() if encoding},
        parameters=dict(_names_of_one_call(named)),
        firm_labels=frozenset(firm_labels),
        attempts=_ATTEMPTS[attempts],
    )
    _check_distinct(made)
    return made


def flattened(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The parameters as flat pairs, nested ones as ASP.NET binds them: `Cases[0].CaseID`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flattened(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from flattened(inner, f"{name}[{index}]")
    else:
        yield name, str(value)


def _checked_names(setting: str, pairs: Pairs, allowed: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name, theirs in pairs:
        if name not in allowed:
            raise SettingError(
                f"{setting} names {name!r}: it should be one of {', '.join(allowed)}"
            )
        yield name, theirs


def _names_of_one_call(names: Pairs) -> Iterator[tuple[tuple[str, str], str]]:
    """`Call.name=name`: a parameter's name for one call only."""
    for named, theirs in names:
        call, dot, name = named.partition(".")
        if not dot:
            continue
        for part, allowed in ((call, _CALLS), (name, _PARAMETERS.get(call, ()))):
            if part not in allowed:
                raise SettingError(
                    f"SMARTADVOCATE_NAMES names {named!r}: {part!r} should be one of "
                    f"{', '.join(allowed)}"
                )
        yield (call, name), theirs


def _verb_and_path(name: str, how: str) -> tuple[str, str, Encoding | None]:
    """The verb, the path and, if given, the encoding."""
    verb, *words = how.split() or [""]
    encoding = None
    if len(words) == 2 and words[0].lower() in {Encoding.JSON, Encoding.FORM}:
        encoding = Encoding(words.pop(0).lower())
    malformed = verb.upper() not in _VERBS or len(words) != 1 or not _PATH.fullmatch(words[0])
    if malformed or (encoding and verb.upper() == "GET"):
        raise SettingError(
            f"SMARTADVOCATE_CALLS should say how to call {name}, such as {name}=POST {name} or "
            f"{name}=POST form {name}, with one of {', '.join(_VERBS)}; not {how!r}"
        )
    return verb.upper(), words[0].lstrip("/"), encoding


def _check_distinct(made: ApiMapping) -> None:
    """Refuse one name for two parameters of a call: one of them would be lost."""
    for call, parameters in _PARAMETERS.items():
        theirs = [made.parameters.get((call, name), made.names[name]) for name in parameters]
        twice = next((name for name in theirs if theirs.count(name) > 1), None)
        if twice is not None:
            raise SettingError(f"SMARTADVOCATE_NAMES gives {call} two parameters named {twice!r}")
