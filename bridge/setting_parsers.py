"""What the value of a setting may look like: a parser for each form.

Each takes the raw text and returns the value, or raises ValueError or KeyError; `environment.load`
turns that into the sentence for the operator.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from string import Formatter
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from bridge.domain.campaign_goals import Goal
from bridge.domain.caps import Caps
from bridge.domain.consents import CHANNEL_NAMES, CHANNELS, Attestation
from bridge.domain.events import Channel
from bridge.domain.folding import fold_label
from bridge.domain.hours import Window
from bridge.domain.message_wording import wording_problem
from bridge.domain.office_hours import OfficeSpan, OfficeWeek
from bridge.domain.phones import E164, parse_phone
from bridge.domain.purposes import Purpose

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MINUTES_A_DAY = 24 * 60
_LONGEST_NAME = 40
_LONGEST_ANNOUNCEMENT = 300
ANNOUNCED = frozenset({"case", "campaign", "attempt", "firm"})
"""What may be filled in where an agent hears of a call."""
_LEAST_OF_A_KEY = 32
_HASH = re.compile(
    r"(?:scrypt:(?P<cost>\d{1,7}):(?P<block>\d{1,3}):(?P<parallel>\d{1,2})"
    r"\$[^$\s]{8,64}\$[0-9a-f]{128}"
    r"|pbkdf2:sha(?:256|512):(?P<rounds>\d{4,8})\$[^$\s]{8,64}\$(?:[0-9a-f]{64}|[0-9a-f]{128}))"
)
"""Werkzeug's form: method, salt, and the hash in hexadecimal digits."""
_FOREIGN_HASH = re.compile(r"\$[a-z0-9-]{1,16}\$")
"""bcrypt, Argon2, crypt and others begin so."""
_MOST_BLOCKS = 64 * 1024 * 1024 // 128
"""Of scrypt, which takes 128 bytes for each: 64 MB."""
_MOST_ROUNDS = 3_000_000


class Complaint(ValueError):
    """Why a value can't be used, in words that say more than what it should look like."""


def said(most: int) -> Callable[[str], str]:
    """A parser of messages to people, of at most `most` characters."""

    def parse(raw: str) -> str:
        why = wording_problem(raw, most=most)
        if why is not None:
            raise Complaint(why)
        return raw

    return parse


def text(raw: str) -> str:
    """Any text."""
    return raw


def secret_key(raw: str) -> str:
    """A text that is too long to be guessed: whoever knows it could forge what we sign."""
    if len(raw) < _LEAST_OF_A_KEY:
        raise Complaint(
            f"it has {len(raw)} characters; use {_LEAST_OF_A_KEY} or more (`bridge secret` makes "
            "a value)"
        )
    return raw


def password(raw: str) -> str:
    """A password, or its hash in the form of `bridge secret`.

    A hash that was cut is refused: as a password it would let nobody in. One that asks for more
    memory or time than a small machine has is refused too.
    """
    unquoted = raw[1:-1] if raw[:1] in {"'", '"'} and raw[-1:] == raw[:1] else raw
    if not is_hash(unquoted):
        if _FOREIGN_HASH.match(unquoted):
            raise Complaint("it is a hash of another kind; `bridge secret` makes one")
        return raw
    found = _HASH.fullmatch(unquoted)
    if found is None or not _is_affordable(found):
        raise Complaint("it looks like a hash and isn't a whole one; `bridge secret` makes one")
    return unquoted


def is_hash(kept: str) -> bool:
    """Whether this is the hash of a password, and not a password."""
    return kept.startswith(("scrypt:", "pbkdf2:"))


def _is_affordable(found: re.Match[str]) -> bool:
    if found["rounds"]:
        return int(found["rounds"]) <= _MOST_ROUNDS
    cost, block, parallel = (int(found[name]) for name in ("cost", "block", "parallel"))
    is_power_of_two = cost > 1 and cost & (cost - 1) == 0
    return is_power_of_two and block > 0 and 0 < cost * block * parallel <= _MOST_BLOCKS


def words(raw: str) -> tuple[str, ...]:
    """Words with commas between them."""
    return tuple(word.strip() for word in raw.split(",") if word.strip())


def pairs(raw: str) -> tuple[tuple[str, str], ...]:
    """`name=value` pairs with semicolons between them."""
    entries = (entry.partition("=") for entry in raw.split(";") if entry.strip())
    read = tuple((name.strip(), value.strip()) for name, _, value in entries)
    if not all(name and value for name, value in read):
        raise ValueError
    return read


def goals(raw: str) -> tuple[tuple[str, Goal], ...]:
    """`campaign=goal` pairs; `*` names all other campaigns."""
    return tuple((name, Goal(goal.lower())) for name, goal in pairs(raw))


def purposes(raw: str) -> tuple[tuple[str, Purpose], ...]:
    """`campaign=purpose` pairs; `*` names all other campaigns."""
    read = tuple((name, Purpose(purpose.lower())) for name, purpose in pairs(raw))
    by_name: dict[str, Purpose] = {}
    for name, purpose in read:
        if by_name.setdefault(fold_label(name), purpose) is not purpose:
            raise Complaint(f"{name} stands in it as lead and as client: name it once")
    return read


def attestations(raw: str) -> tuple[Attestation, ...]:
    """`purpose:channel=words` pairs, such as `client:voice=retainer agreement 2026, section 7`."""
    read = tuple(_attestation(name, says) for name, says in pairs(raw))
    said: dict[tuple[Purpose, Channel], str] = {}
    for one in read:
        if said.setdefault((one.purpose, one.channel), one.words) != one.words:
            name = f"{one.purpose}:{CHANNEL_NAMES[one.channel]}"
            raise Complaint(f"{name} stands in it with two texts: name it once")
    return read


def _attestation(name: str, says: str) -> Attestation:
    purpose, _, channel = (part.strip() for part in name.lower().partition(":"))
    return Attestation(Purpose(purpose), CHANNELS[channel], says)


def waiver(raw: str) -> str:
    """`strict`, or `waived: ` and why."""
    how, _, why = (part.strip() for part in raw.partition(":"))
    if how.lower() == "strict" and not why:
        return "strict"
    if how.lower() != "waived" or not why:
        raise ValueError
    return f"waived: {why}"


def permits(raw: str) -> tuple[tuple[str, str], ...]:
    """`state=permit` pairs; states by their two letters."""
    read = tuple((state.upper(), permit) for state, permit in pairs(raw))
    if not all(re.fullmatch(r"[A-Z]{2}", state) for state, _ in read):
        raise ValueError
    return read


def flag(raw: str) -> bool:
    """true or false."""
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
        raw.lower()
    ]


def number(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers from `least` to `most`."""

    def parse(raw: str) -> int:
        value = int(raw)
        if not least <= value <= most:
            raise ValueError
        return value

    return parse


def rate(raw: str) -> float:
    """A rate per second, up to 100: no Twilio account may dial faster."""
    value = float(raw)
    if not 0 < value <= 100:
        raise ValueError
    return value


def duration(raw: str) -> timedelta:
    """A stretch of time such as `20m`, `4h` or `1d`; `0` is none."""
    if raw == "0":
        return timedelta()
    match = re.fullmatch(r"(\d{1,6})([smhd])", raw.lower())
    if match is None:
        raise ValueError
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def duration_within(least: timedelta, most: timedelta) -> Callable[[str], timedelta]:
    """A parser of stretches of time from `least` to `most`."""

    def parse(raw: str) -> timedelta:
        value = duration(raw)
        if not least <= value <= most:
            raise ValueError
        return value

    return parse


def url(raw: str) -> str:
    """An http or https address without user, query and fragment; a closing slash is dropped."""
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError
    if "?" in raw or "#" in raw or parts.port == 0:
        raise ValueError
    return raw.rstrip("/")


def is_plain_address(raw: str) -> bool:
    """Whether what was given for an address can't hold a password, and so may be shown."""
    return re.fullmatch(r"(?:[a-z]+://)?[\w.-]*(?:/[\w./-]*)?", raw, re.ASCII) is not None


def dsn(raw: str) -> str:
    """Sentry's address with its key, such as `https://key@sentry.example.com/1`."""
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.username or not parts.hostname:
        raise ValueError
    if not parts.path.rstrip("/").rpartition("/")[2].isdigit() or parts.port == 0:
        raise ValueError
    return raw


def database(raw: str) -> str:
    """A database's address: Heroku writes `postgres://`, SQLAlchemy wants the driver named too.

    An address that could be read in two ways is refused: an error about its host would show a part
    of its password.
    """
    for scheme in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        if raw.startswith(scheme):
            parts = urlsplit(raw)
            if "@" in parts.netloc.rpartition("@")[0]:
                raise Complaint("an @ in its user or password should be written %40")
            if "@" in f"{parts.path}{parts.fragment}" or parts.port == 0:
                raise Complaint("a / or # in its user or password should be written %2F or %23")
            return "postgresql+psycopg://" + raw.removeprefix(scheme)
    if raw.startswith("sqlite:///"):
        return raw
    raise ValueError


def phone(raw: str) -> E164:
    """A number in E.164 form."""
    phone = parse_phone(raw)
    if phone is None or not raw.startswith("+"):
        raise ValueError
    return phone


def zone(raw: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    if raw not in available_timezones():
        raise ValueError
    return ZoneInfo(raw)


def one_of(*words: str) -> Callable[[str], str]:
    """A parser of one of these words, in any case."""

    def parse(raw: str) -> str:
        if raw.lower() not in words:
            raise ValueError
        return raw.lower()

    return parse


def hours(raw: str) -> Window:
    """A daily window as `HH:MM-HH:MM`."""
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", raw)
    if match is None:
        raise ValueError
    hour, minute, end_hour, end_minute = map(int, match.groups())
    window = Window(hour * 60 + minute, end_hour * 60 + end_minute)
    if not window.opens < window.closes <= _MINUTES_A_DAY or max(minute, end_minute) > 59:
        raise ValueError
    return window


def days(raw: str) -> frozenset[str]:
    """Days of the week such as `mon,tue`."""
    days = frozenset(word.lower() for word in words(raw))
    if not days or not days <= set(DAYS):
        raise ValueError
    return days


def office_week(raw: str) -> OfficeWeek:
    """The firm's hours, such as `mon-fri 09:00-17:30; sat 10:00-13:00`."""
    spans = tuple(_office_span(span.strip()) for span in raw.split(";") if span.strip())
    if not spans:
        raise ValueError
    return OfficeWeek(spans)


def _office_span(raw: str) -> OfficeSpan:
    named, clock = raw.lower().split()
    spans = [_day_range(word.strip()) for word in named.split(",") if word.strip()]
    return OfficeSpan(frozenset(day for span in spans for day in span), hours(clock))


def _day_range(raw: str) -> tuple[str, ...]:
    """`mon`, or `mon-fri`, which may also go over the weekend: `sat-mon`."""
    first, _, last = raw.partition("-")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return DAYS[start : end + 1] if start <= end else (*DAYS[start:], *DAYS[: end + 1])


def agents(raw: str) -> tuple[tuple[str, E164], ...]:
    """`name=number` pairs, each name and each number once."""
    read = tuple((name, phone(number)) for name, number in pairs(raw))
    for what in ("name", "number"):
        given = [pair[what == "number"] for pair in read]
        if len(set(given)) < len(given):
            raise Complaint(f"each {what} may stand in it once")
    if any(len(name) > _LONGEST_NAME for name, _ in read):
        raise Complaint(f"a name may have {_LONGEST_NAME} characters")
    return read


def announcement(raw: str) -> str:
    """What an agent hears of a call; the call's fields alone are filled in."""
    parts = list(Formatter().parse(raw))
    has_odd_form = any(form or conversion for _, _, form, conversion in parts)
    if has_odd_form or {name for _, name, _, _ in parts if name is not None} - ANNOUNCED:
        fields = ", ".join(f"{{{name}}}" for name in sorted(ANNOUNCED))
        raise Complaint(f"only {fields} are filled in")
    if len(raw) > _LONGEST_ANNOUNCEMENT:
        raise Complaint(f"it may have {_LONGEST_ANNOUNCEMENT} characters")
    return raw


def caps(raw: str) -> Caps:
    """Four caps with commas between them."""
    values = [int(word) for word in raw.split(",")]
    if min(values) < 0:
        raise ValueError
    return Caps(*values)


def sid(prefix: str) -> Callable[[str], str]:
    """A parser of a Twilio id with this prefix."""

    def parse(raw: str) -> str:
        if not re.fullmatch(prefix + r"[0-9A-Za-z]{2,64}", raw):
            raise ValueError
        return raw

    return parse
