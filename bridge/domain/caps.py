"""How often people may be reached: all numbers, channels and campaigns of a person together.

full        the caps that leave no room now
apart       when the gap between two contacts begun with a person is over
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.domain.events import Channel

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Caps:
    """The most contacts with one person in a rolling stretch of time."""

    calls_a_day: int
    texts_a_day: int
    contacts_a_day: int
    contacts_a_week: int


@dataclass(frozen=True)
class Past:
    """One contact that counts: an attempt of ours, or one by whoever else uses the account."""

    channel: Channel
    at: datetime
    turn_id: int | None = None
    """The turn of a case that it was made in; None for one that is none of ours."""


@dataclass(frozen=True)
class Full:
    """A cap that is reached."""

    says: str
    until: datetime | None
    """When there is room again; None: never, the cap is 0."""


def full(now: datetime, channel: Channel, past: Iterable[Past], caps: Caps) -> list[Full]:
    """The caps that leave no room for one more contact on this channel now."""
    known = list(past)
    own = [one.at for one in known if one.channel is channel]
    every = [one.at for one in known]
    a_day = {
        Channel.CALL: ("call", caps.calls_a_day),
        Channel.TEXT: ("text", caps.texts_a_day),
    }
    word, most = a_day[channel]
    checked = (
        (own, most, DAY, f"{word}s of at most {most} in 24 hours"),
        (every, caps.contacts_a_day, DAY, f"contacts of at most {caps.contacts_a_day} in a day"),
        (
            every,
            caps.contacts_a_week,
            WEEK,
            f"contacts of at most {caps.contacts_a_week} in a week",
        ),
    )
    found = []
    for moments, most_of_it, stretch, says in checked:
        recent = sorted((at for at in moments if at > now - stretch), reverse=True)
        if len(recent) >= most_of_it:
            until = recent[most_of_it - 1] + stretch if most_of_it else None
            found.append(Full(f"{len(recent)} {says}", until))
    return found


@dataclass(frozen=True)
class Apart:
    """The person has been contacted, and is left alone for a time."""

    last: datetime
    until: datetime


def apart(past: Iterable[Past], turn_id: int | None, gap: timedelta) -> Apart | None:
    """The newest contact begun with the person and when its gap ends; None when there was none.

    What belongs to the same turn counts as one: a text and the call that it announces, the call to
    the case's next number after a bad one. `turn_id` is None when no turn has begun yet.
    """
    others = [one.at for one in past if turn_id is None or one.turn_id != turn_id]
    return Apart(max(others), max(others) + gap) if others else None
