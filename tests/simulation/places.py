"""The places of the town: hours and days, written down by hand from docs/reference/law.md.

Nothing here is taken from the bridge's tables: what both had wrong alike would never be found. The
firm's own hours are the default, 9 AM to 8 PM from Monday to Saturday, and no federal holidays.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = 9 * 60, 20 * 60
AFTER_OPENING, BEFORE_CLOSING = timedelta(minutes=5), timedelta(minutes=10)
CLOCKS_DIFFER = timedelta(seconds=10)
"""So far apart may the clocks of two machines be that decide on the same window."""
FEDERAL = frozenset({date(2026, 2, 16), date(2026, 10, 12), date(2026, 11, 11)})
_SATURDAY, _SUNDAY = 5, 6
_ELECTION_DAY = date(2026, 11, 3)
_MARDI_GRAS = date(2026, 2, 17)


@dataclass(frozen=True)
class Place:
    """A place in which people of the town live."""

    state: str
    area_code: str
    zip_code: str
    zone: ZoneInfo
    opens: int = OPENS
    closes: int = CLOSES
    saturday: tuple[int, int] | None = None
    closed: frozenset[date] = field(default_factory=frozenset)

    def window(self, day: date) -> tuple[int, int] | None:
        """Minutes of the day within which people may be reached; None: not on this day."""
        if day.weekday() == _SUNDAY or day in FEDERAL or day in self.closed:
            return None
        opens, closes = self.opens, self.closes
        if day.weekday() == _SATURDAY and self.saturday is not None:
            opens, closes = self.saturday
        return max(opens, OPENS), min(closes, CLOSES)

    def is_open(self, moment: datetime, after: timedelta, before: timedelta) -> bool:
        """Whether a contact may begin so long after the opening and before the closing."""
        local = moment.astimezone(self.zone)
        window = self.window(local.date())
        if window is None:
            return False
        minutes = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        opens, closes = (timedelta(minutes=edge) for edge in window)
        return opens + after <= minutes < closes - before


PLACES = (
    Place("NE", "402", "68046", ZoneInfo("America/Chicago")),
    Place("NY", "212", "10001", ZoneInfo("America/New_York")),
    Place("FL", "305", "33101", ZoneInfo("America/New_York")),
    Place("KY", "502", "40202", ZoneInfo("America/Kentucky/Louisville"), opens=10 * 60),
    Place(
        "RI",
        "401",
        "02903",
        ZoneInfo("America/New_York"),
        closes=18 * 60,
        saturday=(10 * 60, 17 * 60),
        closed=frozenset({_ELECTION_DAY}),
    ),
    Place("LA", "504", "70112", ZoneInfo("America/Chicago"), closed=frozenset({_MARDI_GRAS})),
    Place("CA", "213", "90012", ZoneInfo("America/Los_Angeles")),
    Place("TX", "713", "77002", ZoneInfo("America/Chicago")),
    Place("AZ", "602", "85001", ZoneInfo("America/Phoenix")),
    Place("PA", "215", "19103", ZoneInfo("America/New_York"), closed=frozenset({_ELECTION_DAY})),
)
