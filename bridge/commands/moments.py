"""Times as the commands read and write them: always with their zone."""

from datetime import UTC, datetime, time, timedelta, tzinfo

from bridge.domain.local_time import local, zone_name

_DAY, _MINUTE = "%Y-%m-%d", "%Y-%m-%dT%H:%M"


def in_table(moment: datetime, zone: tzinfo) -> str:
    """A time in a table: `2026-11-24 13:10:05 EST`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def parse_end(text: str, zone: tzinfo) -> datetime:
    """The end that `2026-11-30` (that whole day) or `2026-11-30T14:00` means in this zone.

    Raises:
        ValueError: it is written in neither way.
    """
    try:
        day = datetime.strptime(text, _DAY).replace(tzinfo=UTC).date()
    except ValueError:
        return datetime.strptime(text, _MINUTE).replace(tzinfo=zone)
    return datetime.combine(day + timedelta(days=1), time(), zone)


def end_in_words(moment: datetime, zone: tzinfo) -> str:
    """The end of a pause: `the end of Mon Nov 30 (ET)`, or the time of day."""
    there = moment.astimezone(zone)
    if there.time() == time():
        last = there - timedelta(minutes=1)
        return f"the end of {last:%a %b} {last.day} ({zone_name(last, zone)})"
    return local(moment, zone)
