"""How a person wants to be reached: the limits that somebody at the firm has kept for them.

KINDS          each kind of preference: the channels it excludes, and what it is said with
excluding      the preference that excludes a channel at a number altogether
holding_back   the hours or the day that exclude a moment, and when they end
ends           when the hours that a person wants end today

They stand until somebody at the firm lifts them, or keeps a newer one of the same kind. Opt-outs
and START leave them as they are: whoever opts in again still works nights.

Hours are the person's own. Where they may be in several time zones, all must be inside at once, as
for all other hours (`hours.py`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bridge.domain.events import Channel
from bridge.domain.hours import BEFORE_CLOSING, LOWER_48, clock_time
from bridge.domain.phones import E164

_A_DAY = 24 * 60
_BEFORE_CLOSING = round(BEFORE_CLOSING.total_seconds()) // 60
_WESTERNMOST = ("Pacific/Honolulu",)
_DAYS_AHEAD = 3
"""Hours that are open in all zones at once are so every day."""


class PreferenceKind(StrEnum):
    """What is wanted. The same words stand in table, forms and decisions."""

    NO_CALLS = "no-calls"
    """Texts are welcome."""
    NO_TEXTS = "no-texts"
    E_MAIL_ONLY = "e-mail-only"
    """Neither calls nor texts: the bridge writes no e-mail."""
    NO_VOICEMAILS = "no-voicemails"
    NOT_THIS_NUMBER = "not-this-number"
    """At work, say. The person's other numbers may be used."""
    NOT_BEFORE = "not-before"
    """A time of day. With `not-after`: only between the two."""
    NOT_AFTER = "not-after"
    NOT_UNTIL = "not-until"
    """Not before a day."""


class Takes(StrEnum):
    """What a preference is said with."""

    NOTHING = "nothing"
    TIME = "time"
    DAY = "day"
    NUMBER = "number"
    """The preference's phone is the number that it is about."""


@dataclass(frozen=True)
class KindOfPreference:
    """What a kind of preference means."""

    label: str
    """On forms."""
    says: str
    """After "the person wants"; `{value}` and `{phone}` are filled in."""
    takes: Takes = Takes.NOTHING
    excludes: frozenset[Channel] = frozenset()
    """The channels that it excludes altogether."""


_BOTH = frozenset(Channel)
KINDS: Mapping[PreferenceKind, KindOfPreference] = {
    PreferenceKind.NO_CALLS: KindOfPreference(
        "No calls: texts only", "no calls", excludes=frozenset({Channel.CALL})
    ),
    PreferenceKind.NO_TEXTS: KindOfPreference(
        "No texts: calls only", "no texts", excludes=frozenset({Channel.TEXT})
    ),
    PreferenceKind.E_MAIL_ONLY: KindOfPreference(
        "E-mail only: no calls and no texts", "e-mail only: no calls and no texts", excludes=_BOTH
    ),
    PreferenceKind.NO_VOICEMAILS: KindOfPreference("No voicemails", "no voicemails"),
    PreferenceKind.NOT_THIS_NUMBER: KindOfPreference(
        "Not at this number", "no calls or texts at {phone}", Takes.NUMBER, _BOTH
    ),
    PreferenceKind.NOT_BEFORE: KindOfPreference(
        "Not before", "no calls or texts before {value} in their own time", Takes.TIME
    ),
    PreferenceKind.NOT_AFTER: KindOfPreference(
        "Not after", "no calls or texts after {value} in their own time", Takes.TIME
    ),
    PreferenceKind.NOT_UNTIL: KindOfPreference(
        "Not before this day", "no calls or texts before {value}", Takes.DAY
    ),
}


@dataclass(frozen=True)
class Preference:
    """One preference of a person."""

    kind: PreferenceKind
    phone: E164
    """The number that it came from; of `not-this-number` the one that it is about."""
    value: str = ""
    """A time of day (`17:00`) or a day (`2026-12-01`), where the kind takes one."""

    @property
    def time(self) -> time:
        """The time of day.

        Raises:
            ValueError: its kind takes none.
        """
        return time.fromisoformat(self.value)

    @property
    def day(self) -> date:
        """The day from which on contact is welcome.

        Raises:
            ValueError: its kind takes none.
        """
        return date.fromisoformat(self.value)

    @property
    def name(self) -> str:
        """As decisions keep it: `no-calls`, `not-before 12:00`."""
        return f"{self.kind} {self.value}".strip()

    @property
    def says(self) -> str:
        """What the person wants, in words: `no calls`."""
        return KINDS[self.kind].says.format(value=self._spoken(), phone=f"…{self.phone[-4:]}")

    def excludes(self, channel: Channel, phone: E164) -> bool:
        """Whether it excludes the channel at this number altogether."""
        is_here = self.kind is not PreferenceKind.NOT_THIS_NUMBER or self.phone == phone
        return is_here and channel in KINDS[self.kind].excludes

    def is_over(self, now: datetime) -> bool:
        """Whether the day that it waited for has come everywhere in the country."""
        return self.kind is PreferenceKind.NOT_UNTIL and now >= _midnight(self.day, _WESTERNMOST)

    def _spoken(self) -> str:
        match KINDS[self.kind].takes:
            case Takes.TIME:
                return clock_time(self.time.hour * 60 + self.time.minute)
            case Takes.DAY:
                return f"{self.day:%a %b} {self.day.day}"
            case _:
                return self.value


@dataclass(frozen=True)
class HeldBack:
    """Why a moment isn't wanted."""

    reason: str
    until: datetime | None
    """The first moment that is; None: no time of day is left."""


def checked(kind: PreferenceKind, value: str) -> str:
    """The value as it is kept.

    Raises:
        ValueError: the kind doesn't take it.
    """
    given = value.strip()
    match KINDS[kind].takes:
        case Takes.TIME:
            return time.fromisoformat(given).strftime("%H:%M")
        case Takes.DAY:
            return date.fromisoformat(given).isoformat()
        case _ if given:
            raise ValueError(f"{kind} takes no value")
    return ""


def leave_no_time(preferences: Iterable[Preference]) -> bool:
    """Whether the hours that they exclude are all of the day."""
    opens, closes = _hours(preferences)
    return opens + _BEFORE_CLOSING >= closes


def excluding(
    preferences: Iterable[Preference], channel: Channel, phone: E164
) -> Preference | None:
    """The first of them that excludes this channel at this number; None if none does."""
    return next((wanted for wanted in preferences if wanted.excludes(channel, phone)), None)


def holding_back(
    preferences: Collection[Preference], moment: datetime, zones: Iterable[str]
) -> HeldBack | None:
    """Why nobody wants to be reached at this moment, by their hours and days; None if they do."""
    limits = [
        wanted for wanted in preferences if KINDS[wanted.kind].takes in {Takes.TIME, Takes.DAY}
    ]
    if not limits:
        return None
    there = sorted(zones) or sorted(LOWER_48)
    until = _first_wanted(limits, moment, there)
    if until == moment:
        return None
    says = [wanted.says for wanted in limits if _first_wanted([wanted], moment, there) != moment]
    return HeldBack(f"the person wants {' and '.join(dict.fromkeys(says))}", until)


def ends(
    preferences: Iterable[Preference], moment: datetime, zones: Iterable[str]
) -> datetime | None:
    """When the hours that are wanted end on the moment's day; None: they don't."""
    _, closes = _hours(preferences)
    if closes >= _A_DAY:
        return None
    return min(
        _at(moment.astimezone(zone).date(), closes, zone, fold=0)
        for zone in map(ZoneInfo, sorted(zones) or sorted(LOWER_48))
    )


def _hours(preferences: Iterable[Preference]) -> tuple[int, int]:
    """From when until when contact is wanted, in minutes of the day: the strictest of them."""
    opens, closes = 0, _A_DAY
    for wanted in preferences:
        if wanted.kind is PreferenceKind.NOT_BEFORE:
            opens = max(opens, wanted.time.hour * 60 + wanted.time.minute)
        elif wanted.kind is PreferenceKind.NOT_AFTER:
            closes = min(closes, wanted.time.hour * 60 + wanted.time.minute)
    return opens, closes


def _first_wanted(
    limits: Collection[Preference], moment: datetime, zone_names: Collection[str]
) -> datetime | None:
    """The first moment from this one on that all of them allow in every zone."""
    days = [wanted.day for wanted in limits if wanted.kind is PreferenceKind.NOT_UNTIL]
    start = max([moment, *(_midnight(day, zone_names) for day in days)])
    opens, closes = _hours(limits)
    # No contact begins this close to the end: carriers deliver late.
    last = closes if closes >= _A_DAY else closes - _BEFORE_CLOSING
    zones = [ZoneInfo(name) for name in zone_names]
    openings = {
        _at(start.astimezone(zone).date() + timedelta(days=ahead), opens, zone, fold)
        for zone in zones
        for ahead in range(_DAYS_AHEAD)
        for fold in (0, 1)
    }
    for at in sorted({start, *(opening for opening in openings if opening > start)}):
        if all(opens <= _minute(at, zone) < last for zone in zones):
            return at
    return None


def _minute(at: datetime, zone: ZoneInfo) -> int:
    there = at.astimezone(zone)
    return there.hour * 60 + there.minute


def _midnight(day: date, zone_names: Iterable[str]) -> datetime:
    """The moment from which on it is this day in all of these zones."""
    return max(_at(day, 0, ZoneInfo(name), fold=0) for name in zone_names)


def _at(day: date, minutes: int, zone: ZoneInfo, fold: int) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
