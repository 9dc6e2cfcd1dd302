"""Who looks at the console."""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from flask import g

_LONGEST_NAME = 64


class Role(StrEnum):
    """What somebody may do."""

    OPERATOR = "operator"
    """Look and act."""
    VIEWER = "viewer"
    """Look, and change nothing (CONSOLE_VIEW_PASSWORD)."""


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    name: str
    role: Role

    @property
    def may_act(self) -> bool:
        """Whether this person may change anything."""
        return self.role is Role.OPERATOR


def written_name(typed: str) -> str:
    """A name as it is kept: on one line, without characters that can't be seen."""
    visible = "".join(one if one.isprintable() else " " for one in typed)
    return " ".join(visible.split())[:_LONGEST_NAME].strip()


def person() -> Person:
    """Who sent the current request, which has passed the guard."""
    return cast(Person, g.person)
