"""The checklist of Setup: what the last check has found, grouped, the worst first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.checking.findings import FAILURE, OK, WARNING

_WORST_FIRST = (FAILURE, WARNING, OK)
_WORDS = {OK: "OK", WARNING: "Check this", FAILURE: "Needs you"}
_GROUPS: Mapping[str, str] = {
    "settings": "Settings",
    "agents": "Settings",
    "database": "Database",
    "connections": "Database",
    "Twilio account": "Twilio",
    "Twilio number": "Twilio",
    "signatures": "Twilio",
    "public address": "This app's address",
    "SmartAdvocate": "SmartAdvocate",
    "deliveries": "SmartAdvocate",
    "do-not-call registry": "Do-not-call registry",
    "DIAL_CAMPAIGNS": "SmartAdvocate",
}
"""Which group a finding is shown in, by its subject."""
_NOTICED = "Noticed"


@dataclass(frozen=True)
class Item:
    """One thing that was looked at."""

    level: str
    subject: str
    says: str

    @property
    def word(self) -> str:
        """How it stands, in a word."""
        return _WORDS[self.level]


@dataclass(frozen=True)
class Group:
    """Things that belong together."""

    name: str
    items: Sequence[Item]

    @property
    def level(self) -> str:
        """That of its worst item."""
        return worst(item.level for item in self.items)


def groups(findings: Iterable[Mapping[str, Any]]) -> list[Group]:
    """The findings of a check, by group, the worst of each first."""
    found: dict[str, list[Item]] = {}
    for finding in findings:
        item = Item(str(finding["level"]), str(finding["subject"]), str(finding["sentence"]))
        found.setdefault(_GROUPS.get(item.subject, _NOTICED), []).append(item)
    return [
        Group(name, sorted(found[name], key=lambda item: _WORST_FIRST.index(item.level)))
        for name in (*dict.fromkeys(_GROUPS.values()), _NOTICED)
        if name in found
    ]


def worst(levels: Iterable[str]) -> str:
    """The worst of these levels; that all is well where there are none."""
    there = set(levels)
    return next((level for level in _WORST_FIRST if level in there), OK)


def has_failures(result: Mapping[str, Any]) -> bool:
    """Whether a check found something that doesn't work."""
    rows = (*result.get("findings", ()), *result.get("webhooks", {}).get("rows", ()))
    return any(row["level"] == FAILURE for row in rows)


def summary(levels: Sequence[str]) -> str:
    """How all of it stands, in a sentence."""
    failures, warnings = levels.count(FAILURE), levels.count(WARNING)
    if failures:
        need = "thing needs" if failures == 1 else "things need"
        return f"{failures} {need} you before all works."
    if warnings:
        them = "1 thing" if warnings == 1 else f"{warnings} things"
        return f"Everything works. {them} should be checked."
    return "Everything is in order."
