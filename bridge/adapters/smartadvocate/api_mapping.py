"""SmartAdvocate's words on the wire: paths, verbs, names and labels, in one table each.

Not all of them are public (smartadvocate.md, section 6), and the labels are the firm's own; so
SMARTADVOCATE_CALLS, SMARTADVOCATE_NAMES and SMARTADVOCATE_LABELS override each of them. Labels
and names are compared without regard to case and spacing, and written as the firm spells them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from bridge.domain.case_updates import DialerStatus
from bridge.domain.outcomes import Disposition
from bridge.errors import SettingError

Pairs = Iterable[tuple[str, str]]


class Carriage(StrEnum):
    """Where a call's parameters travel."""

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


def fold_label(word: str) -> str:
    """A label without case, spacing and underscores."""
    return "".join(word.split()).replace("_", "").casefold()


def fold_name(name: str) -> str:
    """A name without case, spacing, underscores and hyphens."""
    return fold_label(name).replace("-", "")


@dataclass(frozen=True)
class ApiMapping:
    """How this firm's SmartAdvocate wants to be spoken to."""

    calls: dict[str, tuple[str, str]]
    """Verb and path of each call."""
    names: dict[str, str]
    """Our name of a parameter or field → theirs."""
    labels: dict[str, str]
    """Our label → the firm's spelling."""
    carriages: dict[str, Carriage] = field(default_factory=dict)
    """Where the parameters of a call travel, where that isn't as its verb has it."""
    parameters: dict[tuple[str, str], str] = field(default_factory=dict)
    """A call and our name of a parameter → theirs, for this call alone."""
    own_labels: frozenset[str] = frozenset()
    """Our labels for which the firm has set its own."""
    attempts: Callable[[int], int | str] = int
    """Attempts as it is written."""

    def carriage(self, call: str) -> Carriage:
        """Where the parameters of a call travel."""
        usual = Carriage.QUERY if self.calls[call][0] == "GET" else Carriage.JSON
        return self.carriages.get(call, usual)

    def theirs(self, call: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Parameters of a call under the names that SmartAdvocate uses."""
        return {
            self.parameters.get((call, name), self.names[name]): value
            for name, value in fields.items()
        }

    def ours(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Fields that SmartAdvocate sent, under our names; others are left out.

        The default names are understood beside the firm's own, which come first.
        """
        sent = {fold_name(str(name)): value for name, value in fields.items()}
        read: dict[str, Any] = {}
        for theirs, ours in self._readable:
            if theirs in sent:
                read.setdefault(ours, sent[theirs])
        return read

    @cached_property
    def _readable(self) -> tuple[tuple[str, str], ...]:
        """Folded names that are understood, the firm's own first, and ours for each."""
        own = {fold_name(self.names[name]): name for name in _FIELDS if self.names[name] != name}
        default = {fold_name(name): name for name in _FIELDS}
        return (*own.items(), *(default | own).items())

    def status(self, label: object) -> DialerStatus | None:
        """The dialer status that a label of the firm's means; None for any other."""
        folded = fold_label(str(label))
        return next((one for one in DialerStatus if fold_label(self.labels[one]) == folded), None)


def api_mapping(
    calls: Pairs = (), names: Pairs = (), labels: Pairs = (), attempts: str = "number"
) -> ApiMapping:
    """The defaults of interface.md with the firm's overrides.

    Raises:
        SettingError: an override names nothing that exists, or is malformed.
    """
    ways = {name: _way(name, how) for name, how in _known("SMARTADVOCATE_CALLS", calls, _CALLS)}
    named = tuple(names)
    everywhere = [one for one in named if "." not in one[0]]
    own_names = dict(_known("SMARTADVOCATE_NAMES", everywhere, _NAMES))
    own_labels = dict(_known("SMARTADVOCATE_LABELS", labels, _LABELS))
    made = ApiMapping(
        calls=_CALLS | {name: (verb, path) for name, (verb, path, _) in ways.items()},
        names={name: name for name in _NAMES} | own_names,
        labels={label: label for label in _LABELS} | own_labels,
        carriages={name: carriage for name, (_, _, carriage) in ways.items() if carriage},
        parameters=dict(_of_one_call(named)),
        own_labels=frozenset(own_labels),
        attempts=_ATTEMPTS[attempts],
    )
    _check_apart(made)
    return made


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Parameters one by one, nested ones as ASP.NET binds them: `Cases[0].CaseID`."""
    if isinstance(value, dict):
        for inner, one in value.items():
            yield from flat(one, f"{name}.{inner}" if name else str(inner))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from flat(one, f"{name}[{place}]")
    else:
        yield name, str(value)


def _known(setting: str, pairs: Pairs, allowed: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name, theirs in pairs:
        if name not in allowed:
            raise SettingError(
                f"{setting} names {name!r}: it should be one of {', '.join(allowed)}"
            )
        yield name, theirs


def _of_one_call(names: Pairs) -> Iterator[tuple[tuple[str, str], str]]:
    """`Call.name=name`: a parameter's name for one call alone."""
    for named, theirs in names:
        call, dot, name = named.partition(".")
        if not dot:
            continue
        for one, allowed in ((call, _CALLS), (name, _PARAMETERS.get(call, ()))):
            if one not in allowed:
                raise SettingError(
                    f"SMARTADVOCATE_NAMES names {named!r}: {one!r} should be one of "
                    f"{', '.join(allowed)}"
                )
        yield (call, name), theirs


def _way(name: str, how: str) -> tuple[str, str, Carriage | None]:
    """Verb, path and, where it is said, the carriage."""
    verb, *words = how.split() or [""]
    carriage = None
    if len(words) == 2 and words[0].lower() in {Carriage.JSON, Carriage.FORM}:
        carriage = Carriage(words.pop(0).lower())
    malformed = verb.upper() not in _VERBS or len(words) != 1 or not _PATH.fullmatch(words[0])
    if malformed or (carriage and verb.upper() == "GET"):
        raise SettingError(
            f"SMARTADVOCATE_CALLS should say how to call {name}, such as {name}=POST {name} or "
            f"{name}=POST form {name}, with one of {', '.join(_VERBS)}; not {how!r}"
        )
    return verb.upper(), words[0].lstrip("/"), carriage


def _check_apart(made: ApiMapping) -> None:
    """Two parameters of one call under one name would lose one of them."""
    for call, parameters in _PARAMETERS.items():
        theirs = [made.parameters.get((call, name), made.names[name]) for name in parameters]
        twice = next((one for one in theirs if theirs.count(one) > 1), None)
        if twice is not None:
            raise SettingError(f"SMARTADVOCATE_NAMES gives {call} two parameters named {twice!r}")
