"""Calls by the hour of the firm's day: how they went, and when people answer.

In an hour that has few calls, chance says more than people's habits: hours are compared by what
their share of answered calls is at least, in all likelihood (Wilson's interval).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import sqrt

from bridge.domain.contact_outcomes import ANSWERED, ContactOutcome

AN_HOUR = timedelta(hours=1)
HOURS = 24
FEWEST = 10
"""An hour with fewer calls isn't named among the best."""
_Z = 1.645
"""95 of 100 times the share is no smaller than what is taken for it."""
_MINUTES = 60
_OPENS, _CLOSES = 8, 20
"""The hours of a usual day."""

RANG = (
    *ANSWERED,
    ContactOutcome.MACHINE,
    ContactOutcome.NO_ANSWER,
    ContactOutcome.BUSY,
)
"""How a call stands that somebody might have answered."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in which the firm's clock isn't changed."""

    start: datetime
    end: datetime
    offset: timedelta
    """What the firm's clock is ahead of UTC."""


@dataclass(frozen=True)
class Hour:
    """One hour of the day."""

    hour: int
    """From 0 to 23, by the firm's clock."""
    outcomes: Mapping[ContactOutcome, int]

    @property
    def calls(self) -> int:
        """How many calls began in it."""
        return sum(self.outcomes.values())

    @property
    def rang(self) -> int:
        """How many of them somebody might have answered."""
        return sum(self.outcomes.get(outcome, 0) for outcome in RANG)

    @property
    def answered(self) -> int:
        """How many of them a person has answered."""
        return sum(self.outcomes.get(outcome, 0) for outcome in ANSWERED)

    @property
    def share(self) -> float | None:
        """Which part was answered; None where nothing rang."""
        return self.answered / self.rang if self.rang else None

    @property
    def name(self) -> str:
        """As people say it: `9 AM`."""
        return name_of(self.hour)


def name_of(hour: int) -> str:
    """An hour of the day as people say it: `9 AM`."""
    there = hour % HOURS
    return f"{there % 12 or 12} {'AM' if there < 12 else 'PM'}"


def stretches(start: datetime, end: datetime, zone: tzinfo) -> Sequence[Stretch]:
    """The time from a full hour to another, cut where the firm's clock is changed."""
    found: list[Stretch] = []
    at = start
    while at < end:
        offset = at.astimezone(zone).utcoffset() or timedelta()
        if found and found[-1].offset == offset:
            found[-1] = Stretch(found[-1].start, min(at + AN_HOUR, end), offset)
        else:
            found.append(Stretch(at, min(at + AN_HOUR, end), offset))
        at += AN_HOUR
    return found


def by_hour(
    counted: Sequence[tuple[Stretch, Mapping[tuple[int, ContactOutcome], int]]],
) -> Sequence[Hour]:
    """The hours of the firm's day, from the first to the last with a call; none without calls.

    `counted` has the calls of each stretch by UTC's hour of the day and outcome.
    """
    hours: dict[int, Counter[ContactOutcome]] = {hour: Counter() for hour in range(HOURS)}
    for stretch, counts in counted:
        ahead = int(stretch.offset.total_seconds()) // _MINUTES
        for (hour, outcome), many in counts.items():
            local_hour = (hour * _MINUTES + ahead) // _MINUTES % HOURS
            hours[local_hour][outcome] += many
    busy = [hour for hour, counts in hours.items() if sum(counts.values())]
    if not busy:
        return []
    return [Hour(hour, hours[hour]) for hour in range(min(busy), max(busy) + 1)]


def usual_day(hours: Sequence[Hour]) -> Sequence[Hour]:
    """The same hours with those of a usual day around them, in which there was no call."""
    if not hours:
        return []
    by_number = {hour.hour: hour for hour in hours}
    first, last = min(_OPENS, *by_number), max(_CLOSES - 1, *by_number)
    return [by_number.get(number) or Hour(number, {}) for number in range(first, last + 1)]


def best(hours: Sequence[Hour], most: int = 2) -> Sequence[Hour]:
    """The hours in which people answer most surely, the best first."""
    enough = [hour for hour in hours if hour.rang >= FEWEST and hour.answered]
    return sorted(enough, key=_at_least, reverse=True)[:most]


def when_people_answer(hours: Sequence[Hour]) -> str:
    """The best hours in a sentence."""
    named = [
        f"between {hour.name} and {name_of(hour.hour + 1)} "
        f"({hour.answered} of {hour.rang} calls, {round((hour.share or 0) * 100)}%)"
        for hour in best(hours)
    ]
    if not named:
        return f"Too few calls to say so yet: an hour of the day needs {FEWEST} of them."
    return f"People answer most often {' and '.join(named)}."


def _at_least(hour: Hour) -> float:
    """The lower end of Wilson's interval for the share of answered calls."""
    share, of = hour.share or 0.0, hour.rang
    middle = share + _Z**2 / (2 * of)
    spread = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    return (middle - spread) / (1 + _Z**2 / of)
