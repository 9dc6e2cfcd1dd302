"""How a case stands, in a few words: the calls so far, and what comes next.

1 call so far: busy. Next call Tue Nov 24, 5:17 PM ET, 3:17 PM for the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from bridge.domain.contact_outcomes import LABELS, ContactOutcome
from bridge.domain.local_time import local


@dataclass(frozen=True)
class Standing:
    """What is known of a case's calls."""

    calls: int
    """Those of ours so far."""
    last: ContactOutcome | None = None
    """How the newest of them stands."""
    happening: str = ""
    """What is going on with it right now, as a sentence; empty where nothing is."""
    next_call: datetime | None = None
    zones: Sequence[str] = ()
    """Where the person may be."""
    why_none: str = ""
    """Why no call is planned, if none is."""


def in_words(standing: Standing, now: datetime, zone: tzinfo) -> str:
    """The sentences; times in the firm's zone, and in the person's own where that differs."""
    return f"{_so_far(standing)} {_what_next(standing, now, zone)}".strip()


def there(at: datetime, zones: Sequence[str], zone: tzinfo) -> str:
    """The time of day where the person may be: `3:17 PM`; empty where it is the firm's own."""
    # Without their zones: the same moment would count as one.
    walls = {at.astimezone(ZoneInfo(name)).replace(tzinfo=None) for name in zones}
    if walls <= {at.astimezone(zone).replace(tzinfo=None)}:
        return ""
    return " or ".join(f"{wall.hour % 12 or 12}:{wall:%M %p}" for wall in sorted(walls))


def as_sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:]}{'' if reason.endswith('.') else '.'}"


def _so_far(standing: Standing) -> str:
    if not standing.calls:
        return "No calls so far."
    label = LABELS[standing.last or ContactOutcome.UNDER_WAY]
    how = f"{label[:1].lower()}{label[1:]}"
    if standing.calls == 1:
        return f"1 call so far: {how}."
    return f"{standing.calls} calls so far, the last one: {how}."


def _what_next(standing: Standing, now: datetime, zone: tzinfo) -> str:
    if standing.happening:
        return standing.happening
    if standing.next_call is None:
        return f"No call is planned because {standing.why_none.removesuffix('.')}."
    if standing.next_call <= now:
        return "The next call is due now."
    theirs = there(standing.next_call, standing.zones, zone)
    for_them = f", {theirs} for the person" if theirs else ""
    return f"Next call {local(standing.next_call, zone)}{for_them}."
