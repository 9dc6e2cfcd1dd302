"""What the page of cases shows: dates, phones and outcomes in people's words."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bridge.sandbox.casebook import Case
from bridge.sandbox.dialects import DATE_FORM, DO_NOT_DIAL, IN_THE_DIALER, Dialect

TO_DIAL, DIALING, REACHED, OPTED_OUT, CLOSED, OTHER = (
    "to-dial",
    "dialing",
    "reached",
    "opted-out",
    "closed",
    "other",
)
_LEGEND = {
    TO_DIAL: "to dial",
    DIALING: "in the dialer",
    REACHED: "reached",
    OPTED_OUT: "opted out",
    CLOSED: "no more calls",
    OTHER: "other status",
}
_SAYS_OPT_OUT = re.compile(
    r"\bopt(?:ed|s|ing)?[ -]out\b|\bpressed 9\b|\bdo not (?:call|text)\b", re.IGNORECASE
)
_SHORT_ZONES = {
    "America/New_York": "ET",
    "America/Chicago": "CT",
    "America/Denver": "MT",
    "America/Los_Angeles": "PT",
}
_NOON = 12


@dataclass(frozen=True)
class CaseRow:
    """One case as the page shows it."""

    case_id: int
    campaign: str
    phones: tuple[str, ...]
    status: str
    standing: str
    """One of the legend's keys, which decides the color."""
    remark: str
    """What the dialer status alone doesn't say."""
    next_call: str
    attempts: str
    disposition: str
    notes: tuple[Markup, ...]
    """Notes are HTML in SmartAdvocate, so they are shown unescaped here too."""


class CasesPage:
    """All cases at one moment."""

    def __init__(self, cases: Sequence[Case], dialect: Dialect, now: datetime) -> None:
        self.rows = [_row(case, dialect, now) for case in cases]

    @property
    def legend(self) -> list[tuple[str, str, int]]:
        """Standing, label and number of cases, as far as there are any."""
        counts = Counter(row.standing for row in self.rows)
        return [(key, label, counts[key]) for key, label in _LEGEND.items() if counts[key]]


def standing(case: Case, dialect: Dialect) -> str:
    """Where a case stands; for one that is no longer dialed, why."""
    open_standings = {dialect.to_dial: TO_DIAL, IN_THE_DIALER: DIALING}
    if case.status != DO_NOT_DIAL:
        return open_standings.get(case.status, OTHER)
    if any(_SAYS_OPT_OUT.search(note) for note in case.notes):
        return OPTED_OUT
    return REACHED if case.disposition == "Successful" else CLOSED


def written_date(date: str, zone: ZoneInfo, now: datetime) -> str:
    """`2026-11-24T17:02:00` as `Tue Nov 24, 5:02 PM ET`; with the year if it isn't this one."""
    try:
        moment = datetime.strptime(date, DATE_FORM).replace(tzinfo=zone)
    except ValueError:
        return date
    year = "" if moment.year == now.astimezone(zone).year else f", {moment.year}"
    half = "AM" if moment.hour < _NOON else "PM"
    clock = f"{moment.hour % _NOON or _NOON}:{moment.minute:02d} {half}"
    name = _SHORT_ZONES.get(zone.key) or moment.tzname()
    return f"{moment:%a %b} {moment.day}{year}, {clock} {name}"


def written_phone(number: str) -> str:
    """`4025550111` as `(402) 555-0111`; what isn't ten digits stays as it is."""
    if not (number.isdigit() and len(number) == 10):
        return number
    return f"({number[:3]}) {number[3:6]}-{number[6:]}"


def _row(case: Case, dialect: Dialect, now: datetime) -> CaseRow:
    where = standing(case, dialect)
    return CaseRow(
        case_id=case.case_id,
        campaign=case.campaign,
        phones=tuple(written_phone(phone["Phone"]) for phone in case.phones),
        status=case.status,
        standing=where,
        remark=_LEGEND[where] if case.status == DO_NOT_DIAL else "",
        next_call=written_date(case.dial_at, dialect.zone, now) if where == TO_DIAL else "",
        attempts=case.attempts or "0",
        disposition=case.disposition,
        notes=tuple(Markup(note) for note in case.notes),  # noqa: S704 - see the field
    )
