"""Whether the do-not-call registry's lists are new enough for leads to be called."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bridge.checking.findings import OK, WARNING, Finding
from bridge.domain.registry import HELD_FROM, WARNED_FROM, age
from bridge.store.consent.registry import ImportedArea

_MOST_NAMED = 8
_SUBJECT = "do-not-call registry"


def of_lists(areas: Sequence[ImportedArea], now: datetime) -> Iterator[Finding]:
    """A warning for lists that hold leads, and for those about to; one line if all is well.

    Nothing where none was ever imported: a firm that only informs clients needs none.
    """
    old = [area for area in areas if age(area.as_of, now) >= HELD_FROM]
    due = [area for area in areas if WARNED_FROM <= age(area.as_of, now) < HELD_FROM]
    if old:
        says = (
            f"{_named(old)} older than {HELD_FROM.days - 1} days: leads there without consent are "
            "held. Download the lists, and import them (`bridge dnc import`)"
        )
        yield Finding(WARNING, _SUBJECT, says)
    if due:
        left = min(HELD_FROM - age(area.as_of, now) for area in due)
        says = (
            f"{_named(due)} older than {WARNED_FROM.days} days: from {HELD_FROM.days} days on "
            f"leads there without consent are held, the first {_within(left)}. Download the "
            "lists, and import them (`bridge dnc import`)"
        )
        yield Finding(WARNING, _SUBJECT, says)
    if areas and not old and not due:
        days = max(age(area.as_of, now) for area in areas).days
        says = f"lists of {len(areas)} area codes, the oldest {days} days old"
        yield Finding(OK, _SUBJECT, says)


def _named(areas: Sequence[ImportedArea]) -> str:
    codes = [str(area.area_code) for area in areas]
    more = len(codes) - _MOST_NAMED
    named = ", ".join(codes[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return (
        f"the list of area code {named} is"
        if len(codes) == 1
        else f"the lists of area codes {named} are"
    )


def _within(left: timedelta) -> str:
    return f"in {left.days} days" if left.days > 1 else "within two days"
