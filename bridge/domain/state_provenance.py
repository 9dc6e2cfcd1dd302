"""Where a row of the states' rules comes from, and until when it may be relied on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Mark(StrEnum):
    """How well a row is known; the weakest of its parts counts."""

    SOURCE = "S"
    """The named source was read."""
    KNOWLEDGE = "K"
    """General knowledge: it shapes a default and is not printed as law."""
    VERIFY = "V"
    """To be verified against the statute; until then the stricter value stands."""


@dataclass(frozen=True)
class Provenance:
    """Where one row comes from."""

    sources: str
    """Letters of the list of sources in `state_rules.json`."""
    mark: Mark
    read: str
    """The month in which it was last compared with its sources, as YYYY-MM."""
    review: date
    """By when it is to be compared again."""
    statute: str = ""
    """The statute that a source names."""
    note: str = ""


def provenance(row: Mapping[str, Any]) -> Provenance:
    """What a row says of itself.

    Raises:
        KeyError: it lacks sources, mark or a date.
    """
    return Provenance(
        sources=row["sources"],
        mark=Mark(row["mark"]),
        read=row["read"],
        review=date.fromisoformat(row["review"]),
        statute=row.get("statute", ""),
        note=row.get("note", ""),
    )
