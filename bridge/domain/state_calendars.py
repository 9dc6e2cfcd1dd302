"""The days on which a state bans solicitation, reckoned from the rules in `state_holidays.json`.

A state's statute or its attorney general's notice decides, not a general list of holidays. What a
governor declares can't be reckoned: the state is paused for it (docs/how-to/state-emergency.md).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bridge.domain.state_provenance import Provenance, provenance

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEK = 7
_FRIDAY, _SATURDAY = 4, 5

_FIXED = re.compile(r"(\d\d)-(\d\d)")
_WEEKDAY = re.compile(r"(1st|2nd|3rd|4th|last) ([a-z]{3}) ([a-z]{3})(?: ([+-]\d+))?")
_EASTER = re.compile(r"easter([+-]\d+)")
_DayOfYear = Callable[[int], date]


@dataclass(frozen=True)
class CalendarDay:
    """One day of a state's calendar."""

    name: str
    provenance: Provenance
    on: _DayOfYear = field(repr=False)
    """The day itself, in a year."""
    observed: Callable[[date], date] = field(repr=False)
    """The weekday on which the day is observed as well; the day itself if there is none."""
    every_years: int = 1
    from_year: int = 0
    """A year in which there is such a day, if it isn't every year."""

    def days(self, year: int) -> Mapping[date, str]:
        """The day of a year, with its name, and the day on which it is observed."""
        if (year - self.from_year) % self.every_years:
            return {}
        day = self.on(year)
        return {self.observed(day): f"{self.name} (observed)", day: self.name}


@dataclass(frozen=True)
class Calendar:
    """All days on which one state bans solicitation."""

    state: str
    days: tuple[CalendarDay, ...]

    def holiday(self, day: date) -> str | None:
        """The name of the state's holiday on this day, observed ones included."""
        # New Year's Day on a Saturday is observed in the old year.
        for year in (day.year - 1, day.year, day.year + 1):
            for one in self.days:
                name = one.days(year).get(day)
                if name:
                    return name
        return None


def calendar(state: str, row: Mapping[str, Any]) -> Calendar:
    """The calendar of one state.

    Raises:
        KeyError: a row lacks its citation, its date, or names an unknown way to observe a day.
        ValueError: a row's day isn't understood.
    """
    shared = {"read": row["read"], "review": row["review"]}
    return Calendar(state, tuple(_day(shared | day) for day in row["days"]))


def easter(year: int) -> date:
    """Easter Sunday of the western churches (the anonymous Gregorian computus)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    quarter, odd = divmod(of_century, 4)
    to_sunday = (32 + 2 * rest + 2 * quarter - epact - odd) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _day(row: Mapping[str, Any]) -> CalendarDay:
    return CalendarDay(
        name=row["name"],
        provenance=provenance(row),
        on=_rule(row["on"]),
        observed=_OBSERVED[row.get("observed", "")],
        every_years=row.get("every_years", 1),
        from_year=row.get("from_year", 0),
    )


def _rule(on: str) -> _DayOfYear:
    """How a day is found in a year: `07-24`, `4th thu nov +1`, `easter-2`.

    Raises:
        ValueError: it isn't spelled in one of these ways.
    """
    if fixed := _FIXED.fullmatch(on):
        month, day = int(fixed[1]), int(fixed[2])
        return lambda year: date(year, month, day)
    if moved := _EASTER.fullmatch(on):
        days = timedelta(days=int(moved[1]))
        return lambda year: easter(year) + days
    if named := _WEEKDAY.fullmatch(on):
        nth, weekday, month = named[1], _WEEKDAYS.index(named[2]), _MONTHS.index(named[3]) + 1
        later = timedelta(days=int(named[4] or 0))
        return lambda year: _nth(nth, weekday, year, month) + later
    raise ValueError(f"{on!r} is no rule for a day")


def _nth(nth: str, weekday: int, year: int, month: int) -> date:
    if nth == "last":
        following = date(year + month // 12, month % 12 + 1, 1)
        return following - timedelta(days=(following.weekday() - weekday - 1) % _WEEK + 1)
    first = date(year, month, 1)
    weeks = timedelta(weeks=int(nth[0]) - 1)
    return first + timedelta(days=(weekday - first.weekday()) % _WEEK) + weeks


def _monday_after_sunday(day: date) -> date:
    return day + timedelta(days=1) if day.weekday() > _SATURDAY else day


def _nearest_weekday(day: date) -> date:
    return day - timedelta(days=1) if day.weekday() == _SATURDAY else _monday_after_sunday(day)


def _monday_of_its_week(day: date) -> date:
    """The Monday before a day from Tuesday to Friday, and after a Saturday or Sunday."""
    monday = day - timedelta(days=day.weekday())
    return monday if day.weekday() <= _FRIDAY else monday + timedelta(weeks=1)


_OBSERVED: Mapping[str, Callable[[date], date]] = {
    "": lambda day: day,
    "monday after sunday": _monday_after_sunday,
    "nearest weekday": _nearest_weekday,
    "monday of its week": _monday_of_its_week,
}
