"""Whether a lead may be reached at a number that the National Do Not Call Registry may list.

Who is solicited needs a list not older than 31 days, and a number that isn't on it; exempt are
consent for the channel, and an inquiry within 90 days. A client who is informed of their own matter
is no lead: the registry says nothing of them.

Source: docs/reference/law.md#the-do-not-call-registry
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bridge.domain.consents import Basis
from bridge.domain.decisions import Restriction, Rule
from bridge.domain.purposes import Purpose

WARNED_FROM = timedelta(days=25)
HELD_FROM = timedelta(days=31)
"""From this age on a list no longer shows who may be called."""
INQUIRY_COUNTS = timedelta(days=90)
"""So long after they contacted the firm a person may be called back, registered or not."""


@dataclass(frozen=True)
class RegistryEntry:
    """What the registry's list says of a number, and what else matters then."""

    area_code: int
    as_of: datetime | None = None
    """When the area code's list was downloaded; None: it was never imported."""
    is_listed: bool = False
    inquired_at: datetime | None = None
    """When the person last called or texted the firm, asking for no end of it."""


@dataclass(frozen=True)
class RegistryCheck:
    """What the registry means for one contact."""

    holds: Restriction | None
    """What holds it back until somebody at the firm has acted."""
    refuses: Restriction | None
    found: str
    """What was found, as it is kept with the decision."""


def age(as_of: datetime, now: datetime) -> timedelta:
    """How old a list is."""
    return max(now - as_of, timedelta())


def is_current(as_of: datetime | None, now: datetime) -> bool:
    """Whether a list still shows who may be called."""
    return as_of is not None and age(as_of, now) < HELD_FROM


def standing(as_of: datetime, now: datetime) -> str:
    """How a list stands, in a word: `current`, `due` for a new one, or `too old`."""
    old = age(as_of, now)
    return "too old" if old >= HELD_FROM else "due" if old >= WARNED_FROM else "current"


def check(
    entry: RegistryEntry | None,
    purpose: Purpose,
    basis: Basis | None,
    now: datetime,
    zone: tzinfo,
) -> RegistryCheck:
    """What the registry means for a contact: nothing, a hold for want of a list, or its end.

    Days are named as the firm has them: `zone` is its own.
    """
    if purpose is not Purpose.LEAD or entry is None:
        return RegistryCheck(None, None, "not asked: only leads are solicited")
    listing = _listing(entry, now, zone)
    exemption = _exemption(entry, basis, now, zone)
    if exemption is not None:
        return RegistryCheck(None, None, f"{listing}; exempt: {exemption}")
    if entry.is_listed:
        reason = (
            f"the number is on the National Do Not Call Registry ({listing}), and there is neither "
            "consent on file nor an inquiry of the last 90 days"
        )
        return RegistryCheck(None, Restriction(Rule.REGISTRY, reason), listing)
    if not is_current(entry.as_of, now):
        return RegistryCheck(Restriction(Rule.REGISTRY, _why_held(entry, zone)), None, listing)
    return RegistryCheck(None, None, listing)


def _listing(entry: RegistryEntry, now: datetime, zone: tzinfo) -> str:
    if entry.as_of is None:
        return f"no list of area code {entry.area_code}"
    listed = "listed" if entry.is_listed else "not listed"
    days = age(entry.as_of, now).days
    return f"{listed} on {_day(entry.as_of, zone)}, {days} day{'s' * (days != 1)} ago"


def _exemption(
    entry: RegistryEntry, basis: Basis | None, now: datetime, zone: tzinfo
) -> str | None:
    if basis is not None:
        return basis.says
    if entry.inquired_at is not None and now - entry.inquired_at <= INQUIRY_COUNTS:
        return f"the person contacted the firm on {_day(entry.inquired_at, zone)}"
    return None


def _why_held(entry: RegistryEntry, zone: tzinfo) -> str:
    """A list that isn't there or is too old, and what to do; the same at any moment."""
    lack = (
        f"no list of the National Do Not Call Registry was imported for area code {entry.area_code}"
        if entry.as_of is None
        else f"the National Do Not Call Registry's list for area code {entry.area_code} is of "
        f"{_day(entry.as_of, zone)} and older than {HELD_FROM.days - 1} days"
    )
    return (
        f"{lack}: import it (`bridge dnc import`), or record the person's consent, or name the "
        "campaign in CAMPAIGN_PURPOSES if it informs clients"
    )


def _day(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d}"
