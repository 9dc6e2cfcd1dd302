"""Dates and times as people in the United States write them, with the zone's name."""

from datetime import datetime, tzinfo

_NAMES = {
    ("EST", "EDT"): "ET",
    ("CST", "CDT"): "CT",
    ("MST", "MDT"): "MT",
    ("PST", "PDT"): "PT",
    ("AKST", "AKDT"): "AKT",
    ("HST", "HST"): "HT",
    ("HST", "HDT"): "HT",
}
"""By a zone's abbreviations in winter and in summer. Arizona, without summer time, is MST."""


def local(moment: datetime, zone: tzinfo) -> str:
    """A date and time: `Tue Nov 24, 1:10 PM ET`."""
    there = moment.astimezone(zone)
    name = zone_name(moment, zone)
    return f"{there:%a %b} {there.day}, {there.hour % 12 or 12}:{there:%M %p} {name}"


def zone_name(moment: datetime, zone: tzinfo) -> str:
    """A zone as people name it: `ET`; else its abbreviation or offset: `CET`, `UTC+03`."""
    year = moment.astimezone(zone).year
    winter, summer = (datetime(year, month, 1, tzinfo=zone).tzname() or "" for month in (1, 7))
    now = moment.astimezone(zone).tzname() or ""
    return _NAMES.get((winter, summer), f"UTC{now}" if now[:1] in {"+", "-"} else now)
