"""SmartAdvocate's words on the wire: paths, verbs, names and labels, in one table each.

Not all of them are public (smartadvocate.md, section 6), and the labels are the firm's own; so
SMARTADVOCATE_CALLS, SMARTADVOCATE_NAMES and SMARTADVOCATE_LABELS override each of them. Labels
and names are compared without regard to case and spacing, and written as the firm spells them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bridge.domain.outcomes import Disposition
from bridge.domain.updates import DialerStatus
from bridge.errors import SettingError

Pairs = Iterable[tuple[str, str]]

_CALLS = {
    "GetCasesToDial": ("GET", "GetCasesToDial"),
    "GetCaseInfo": ("GET", "GetCaseInfo"),
    "UpdateCaseStatus": ("POST", "UpdateCaseStatus"),
    "AddCaseNote": ("POST", "AddCaseNote"),
    "AddCaseNoteByPhone": ("POST", "AddCaseNoteByPhone"),
}
_NAMES = (
    "Campaign", "CaseGroup", "Records", "Auto-change", "CaseID", "Cases", "Status", "NextCall",
    "Attempts", "Disposition", "Note", "Phone", "Phones", "PhoneName", "Primary", "Text",
    "CaseStatus", "DialerStatus", "DialDateTime", "ZipCode",
)  # fmt: skip
_LABELS = (*(label.value for label in DialerStatus), *(label.value for label in Disposition))


def fold(word: str) -> str:
    """A label or name without case, spacing and underscores."""
    return "".join(word.split()).replace("_", "").casefold()


def fold_name(name: str) -> str:
    """A name without case, spacing, underscores and hyphens."""
    return fold(name).replace("-", "")


@dataclass(frozen=True)
class Wire:
    """How this firm's SmartAdvocate wants to be spoken to."""

    calls: dict[str, tuple[str, str]]
    """Verb and path of each call."""
    names: dict[str, str]
    """Our name of a parameter or field → theirs."""
    labels: dict[str, str]
    """Our label → the firm's spelling."""

    def theirs(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Fields under the names that SmartAdvocate uses."""
        return {self.names[name]: value for name, value in fields.items()}

    def ours(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Fields that SmartAdvocate sent, under our names; others are left out."""
        known = {fold(theirs): ours for ours, theirs in self.names.items()}
        return {known[fold(name)]: value for name, value in fields.items() if fold(name) in known}

    def status(self, label: object) -> DialerStatus | None:
        """The dialer status that a label of the firm's means; None for any other."""
        folded = fold(str(label))
        return next((one for one in DialerStatus if fold(self.labels[one]) == folded), None)


def wire(calls: Pairs = (), names: Pairs = (), labels: Pairs = ()) -> Wire:
    """The defaults of interface.md with the firm's overrides.

    Raises:
        SettingError: an override names nothing that exists, or a call has no verb.
    """
    return Wire(
        calls=_CALLS | {name: _verb_and_path(name, how) for name, how in calls if _known(
            "SMARTADVOCATE_CALLS", name, _CALLS)},
        names={name: name for name in _NAMES}
        | {ours: theirs for ours, theirs in names if _known("SMARTADVOCATE_NAMES", ours, _NAMES)},
        labels={label: label for label in _LABELS}
        | {ours: firm for ours, firm in labels if _known("SMARTADVOCATE_LABELS", ours, _LABELS)},
    )  # fmt: skip


def _known(setting: str, name: str, allowed: Iterable[str]) -> bool:
    if name not in allowed:
        raise SettingError(f"{setting} names {name!r}: it should be one of {', '.join(allowed)}")
    return True


def _verb_and_path(name: str, how: str) -> tuple[str, str]:
    verb, _, path = how.partition(" ")
    if verb.upper() not in {"GET", "POST", "PUT"} or not path.strip():
        raise SettingError(
            f"SMARTADVOCATE_CALLS should say how to call {name}, such as {name}=POST {name}"
        )
    return verb.upper(), path.strip().strip("/")
