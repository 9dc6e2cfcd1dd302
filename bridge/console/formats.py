"""Times, phones and outcomes as people read them; registered as filters of the templates."""

from datetime import datetime, timedelta, tzinfo

from bridge.domain.contact_outcomes import LABELS, ContactOutcome
from bridge.domain.local_time import local, zone_name
from bridge.domain.notes import length
from bridge.domain.phones import E164, display
from bridge.domain.redaction import without_numbers
from bridge.web.current import runtime

_COLORS = {
    ContactOutcome.TALKED: "success",
    ContactOutcome.HEARD: "success",
    ContactOutcome.DELIVERED: "success",
    ContactOutcome.WROTE: "info",
    ContactOutcome.PICKED_UP: "info",
    ContactOutcome.UNDER_WAY: "primary",
    ContactOutcome.BUSY: "warning",
    ContactOutcome.MISSED: "warning",
    ContactOutcome.NOT_CONNECTED: "danger",
    ContactOutcome.FAILED: "danger",
    ContactOutcome.NOT_DELIVERED: "danger",
    ContactOutcome.OPTED_OUT: "danger",
}
"""Bootstrap's colors of badges; gray for the others. The word says it too."""
_MINUTE, _HOUR = 60, 3600


def firm_zone() -> tzinfo:
    """The zone of every time on a page."""
    return runtime().settings.firm_zone


def moment(at: datetime | None) -> str:
    """A date and time with its zone: `Tue Nov 24, 1:10 PM ET`."""
    return local(at, firm_zone()) if at else ""


def day(at: datetime | None) -> str:
    """A date with its year, for what may be long ago: `Nov 24, 2026`."""
    there = at.astimezone(firm_zone()) if at else None
    return f"{there:%b} {there.day}, {there.year}" if there else ""


def clock_time(at: datetime | None) -> str:
    """The time of day alone, where the date is plain: `1:10 PM`."""
    if at is None:
        return ""
    there = at.astimezone(firm_zone())
    return f"{there.hour % 12 or 12}:{there:%M %p}"


def exact_time(at: datetime | None) -> str:
    """Date and time to the second: `Nov 24, 1:10:05 PM`."""
    if at is None:
        return ""
    there = at.astimezone(firm_zone())
    return f"{there:%b} {there.day}, {there.hour % 12 or 12}:{there:%M:%S %p}"


def zone(at: datetime | None) -> str:
    """The zone's name at that time: `ET`."""
    return zone_name(at, firm_zone()) if at else ""


def iso(at: datetime | None) -> str:
    """For machines: the `datetime` attribute, and CSV."""
    return at.astimezone(firm_zone()).isoformat(timespec="seconds") if at else ""


def age(at: datetime) -> str:
    """How long ago: `4 minutes`, `3 hours`, `2 days`."""
    return duration(runtime().clock() - at)


def duration(span: timedelta) -> str:
    """A span of time in its largest unit."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds >= 2 * 24 * _HOUR:
        return f"{seconds // (24 * _HOUR)} days"
    if seconds >= 2 * _HOUR:
        return f"{seconds // _HOUR} hours"
    minutes = seconds // _MINUTE
    if not minutes:
        return "less than a minute"
    return f"{minutes} minute{'s' * (minutes != 1)}"


def phone_end(phone: str | None) -> str:
    """The last four digits: `…0114`. The whole number is shown on request, which is audited."""
    return f"…{phone[-4:]}" if phone else "no number"


def whole_phone(phone: E164) -> str:
    """The whole number, for whoever asked for it."""
    return display(phone)


def firm_moment(written: str) -> datetime:
    """A time as a form's field has it, such as `2026-11-30T14:00`, in the firm's zone.

    Raises:
        ValueError: it is written otherwise.
    """
    return datetime.strptime(written, "%Y-%m-%dT%H:%M").replace(tzinfo=firm_zone())


def outcome_label(outcome: str) -> str:
    """What people read."""
    return LABELS[ContactOutcome(outcome)]


def outcome_color(outcome: str) -> str:
    """The color of its badge."""
    return _COLORS.get(ContactOutcome(outcome), "secondary")


FILTERS = {
    "moment": moment,
    "day": day,
    "clock_time": clock_time,
    "exact_time": exact_time,
    "zone": zone,
    "iso": iso,
    "age": age,
    "duration": duration,
    "call_length": length,
    "phone_end": phone_end,
    "whole_phone": whole_phone,
    "without_numbers": without_numbers,
    "outcome_label": outcome_label,
    "outcome_color": outcome_color,
}
