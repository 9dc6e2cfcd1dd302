"""How often people may be reached."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caps:
    """The most contacts with one person in a rolling stretch of time."""

    calls_a_day: int
    texts_a_day: int
    contacts_a_day: int
    contacts_a_week: int
