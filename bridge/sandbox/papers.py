"""What the firm puts on file before the play: consents, and the do-not-call registry's list."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.sandbox.cast import Role

_COLUMNS = ("phone", "channel", "purpose", "words", "source", "evidence", "given_at")
_WORDS = {
    "voice": "Example & Partners may call me with an automated voice about my inquiry.",
    "text": "Example & Partners may text me about my inquiry.",
}
_STRANGER = "5550100"
"""In the registry's list of each area code, and nobody's in the play."""


@dataclass(frozen=True)
class Paper:
    """A file, and the command of the bridge that takes it in."""

    name: str
    text: str
    command: tuple[str, ...]


def on_file(roles: Sequence[Role]) -> list[Paper]:
    """Everything that is to be on file; nothing where there are no leads."""
    found = (
        Paper("consents.csv", _consents(roles), ("consent", "import", "consents.csv")),
        Paper("registry.txt", _registry(roles), ("dnc", "import", "registry.txt")),
    )
    return [paper for paper in found if paper.text]


def _consents(roles: Sequence[Role]) -> str:
    rows = [
        (
            role.numbers[0],
            channel,
            "lead",
            _WORDS[channel],
            "web form",
            "inquiry form",
            "2026-01-05",
        )
        for role in roles
        for channel in role.person.consents
    ]
    if not rows:
        return ""
    text = io.StringIO()
    csv.writer(text).writerows([_COLUMNS, *rows])
    return text.getvalue()


def _registry(roles: Sequence[Role]) -> str:
    """The registry's full list, as it is downloaded: a number a line, its area code apart."""
    return "".join(f"{number[:3]},{number[3:]}\n" for number in sorted(set(_listed(roles))))


def _listed(roles: Sequence[Role]) -> Iterator[str]:
    for role in roles:
        if role.person.is_lead:
            yield role.number[:3] + _STRANGER
        if role.person.is_registered:
            yield role.number
