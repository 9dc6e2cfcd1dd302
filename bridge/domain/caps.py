"""How often people may be reached: all numbers, channels and campaigns of a person together.

reached_caps    the caps that leave no room for another contact now
counted         how many contacts each cap counts
contact_gap     the newest contact with a person and the end of the gap after it
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.domain.events import Channel

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Caps:
    """The most contacts with one person in a rolling period."""

    calls_a_day: int
    texts_a_day: int
    contacts_a_day: int
    contacts_a_week: int


@dataclass(frozen=True)
class PastContact:
    """One contact that counts: an attempt of ours, or one by another user of the account."""

    channel: Channel
    at: datetime
    turn_id: int | None = None
    """The turn of a case that it was made in; None if another user made it."""


@dataclass(frozen=True)
class ReachedCap:
    """A cap that leaves no room."""

    reason: str
    until: datetime | None
    """When there is room again; None: never, the cap is 0."""


def reached_caps(
    now: datetime, channel: Channel, past: Iterable[PastContact], caps: Caps
) -> list[ReachedCap]:
    """The caps that leave no room for one more contact on this channel now."""
    contacts = list(past)
    every = [contact.at for contact in contacts]
    on_channel = [contact.at for contact in contacts if contact.channel is channel]
    channel_cap = caps.calls_a_day if channel is Channel.CALL else caps.texts_a_day
    checks = (
        (on_channel, channel_cap, DAY, channel, "24 hours"),
        (every, caps.contacts_a_day, DAY, "contact", "24 hours"),
        (every, caps.contacts_a_week, WEEK, "contact", "7 days"),
    )
    reached = []
    for moments, cap, period, what, time in checks:
        recent = sorted((at for at in moments if at > now - period), reverse=True)
        if len(recent) >= cap:
            until = recent[cap - 1] + period if cap else None
            had = f"{len(recent)} {what}{'s' * (len(recent) != 1)}"
            reached.append(ReachedCap(f"{had} in {time} (limit {cap})", until))
    return reached


def counted(now: datetime, past: Iterable[PastContact]) -> dict[str, int]:
    """How many contacts each cap counts now, by the names of the caps."""
    contacts = list(past)
    of_day = [contact.channel for contact in contacts if contact.at > now - DAY]
    return {
        "calls_a_day": of_day.count(Channel.CALL),
        "texts_a_day": of_day.count(Channel.TEXT),
        "contacts_a_day": len(of_day),
        "contacts_a_week": sum(contact.at > now - WEEK for contact in contacts),
    }


@dataclass(frozen=True)
class ContactGap:
    """The newest contact with a person, and until when no other one may begin."""

    last: datetime
    until: datetime


def contact_gap(
    past: Iterable[PastContact], turn_id: int | None, gap: timedelta
) -> ContactGap | None:
    """The newest contact with the person and the end of the gap after it; None without any.

    The contacts of one turn need no gap: a text and the call that it announces, or the call to the
    case's next number after a bad one. `turn_id` is None when no turn has begun yet.
    """
    others = [contact.at for contact in past if turn_id is None or contact.turn_id != turn_id]
    return ContactGap(max(others), max(others) + gap) if others else None
