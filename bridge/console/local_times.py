"""Dates and times that somebody enters, by the firm's clock."""

from datetime import UTC, datetime, timedelta, tzinfo

from bridge.domain.local_time import local, zone_name

LATEST = timedelta(days=366)
"""What lies further ahead is a slip of the hand."""

_FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
"""As a browser sends what was entered in a field for date and time."""


def entered(text: str, zone: tzinfo, now: datetime) -> datetime:
    """The moment that was entered.

    Raises:
        ValueError: it is none, or lies in the past or too far ahead; says so in a sentence.
    """
    wall = _read(text)
    if wall is None:
        raise ValueError("Please give a date and a time of day.")
    at = wall.replace(tzinfo=zone)
    # In the night when the clocks go forward, an hour is missing.
    if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        raise ValueError(
            f"There is no {wall.hour % 12 or 12}:{wall:%M %p} on {wall:%b} {wall.day}: the clocks "
            "go forward that night. Please give another time."
        )
    if at <= now:
        raise ValueError(f"{local(at, zone)} is past. It is {local(now, zone)} now.")
    if at > now + LATEST:
        raise ValueError("That is more than a year ahead. Please give an earlier date.")
    return at.astimezone(UTC)


def field(at: datetime, zone: tzinfo) -> str:
    """A moment as the value of a field for date and time."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"


def zone_of(at: datetime, zone: tzinfo) -> str:
    """The zone's name, for the field's label."""
    return zone_name(at, zone)


def _read(text: str) -> datetime | None:
    for form in _FORMS:
        try:
            wall = datetime.strptime(text.strip(), form)  # noqa: DTZ007 - its zone is the firm's
        except ValueError:
            continue
        # Years for which no zone can be told.
        return wall if 1970 <= wall.year < 9000 else None
    return None
