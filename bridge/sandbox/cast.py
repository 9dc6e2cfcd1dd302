"""The people of a run, each with a case and a phone in a time zone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.dialects import DATE_FORM, IN_THE_DIALER, PLAIN, Dialect
from bridge.sandbox.manner import Manner
from bridge.sandbox.people import CROWD, HELD, NEVER_DIALED, PEOPLE, TO_DIAL, Expected, Persona

_FIRST_CASE = 101
_SECOND_CASES = 10_000
_A_DAY = 24 * 60
_EVERY = 3
_LINES = 89
"""555-0110 to 555-0198; the numbers around them are the firm's."""

_BEFORE, _AFTER = 30, 75
"""Minutes around the present that the calling hours include at least."""


@dataclass(frozen=True)
class Zone:
    """A time zone, with area codes whose 555-01… numbers belong to nobody."""

    name: str
    areas: tuple[str, ...]
    zip_code: str


_ZONES = (
    Zone("America/Chicago", ("402", "531", "515", "563", "319"), "68046"),
    Zone("America/New_York", ("212", "315", "516", "518", "585"), "10001"),
    Zone("America/Denver", ("303", "719", "720", "970"), "80202"),
    Zone("America/Los_Angeles", ("213", "310", "415", "510"), "90012"),
)
_FAR_AWAY = Zone("Pacific/Guam", ("671",), "96910")


@dataclass(frozen=True)
class Setting:
    """The zones in which people may be reached, and the calling hours for that."""

    zones: tuple[Zone, ...]
    hours: str
    """DIAL_HOURS."""


@dataclass(frozen=True)
class Role:
    """One person with case and phones."""

    person: Persona
    case_id: int
    number: str
    """Ten digits, of those that are reserved for fiction."""
    second: str
    zip_code: str

    @property
    def case_ids(self) -> tuple[int, ...]:
        """The person's cases in SmartAdvocate: one, or two that share the phone."""
        second = (self.case_id + _SECOND_CASES,) if self.person.shares_phone else ()
        return (self.case_id, *second)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The person's numbers in E.164."""
        return tuple(f"+1{number}" for number in (self.number, self.second) if number)


def setting(now: datetime) -> Setting:
    """Calling hours that are open now in as many zones as possible, and closed far away.

    The sandbox must work at any hour of the day, so its calling hours move with the clock.
    """
    local = {zone: _minutes(now, zone) for zone in _ZONES}
    usable = [zone for zone in _ZONES if _BEFORE <= local[zone] < _A_DAY - _AFTER]
    late = [zone for zone in usable if local[zone] >= _A_DAY // 2]
    # Around midnight the zones lie at both ends of the day: only those of one end take part.
    spread = max(local[zone] for zone in usable) - min(local[zone] for zone in usable)
    chosen = late if spread > 6 * 60 else usable
    opens = min(local[zone] for zone in chosen) - _BEFORE
    closes = max(local[zone] for zone in chosen) + _AFTER
    hours = f"{opens // 60:02d}:{opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}"
    return Setting(tuple(chosen), hours)


def cast(count: int, stage: Setting, dialect: Dialect = PLAIN) -> list[Role]:
    """Assign people their cases and numbers."""
    roles, used = [], dict.fromkeys([*stage.zones, _FAR_AWAY], 0)

    def number(zone: Zone) -> str:
        index, used[zone] = used[zone], used[zone] + 1
        area, line = divmod(index, _LINES)
        return f"{zone.areas[area]}55501{10 + line}"

    for index, person in enumerate(_people(count, dialect)):
        zone = _FAR_AWAY if person.far_away else stage.zones[person.zone % len(stage.zones)]
        first = number(zone)
        second = number(zone) if person.second else ""
        roles.append(Role(person, _FIRST_CASE + index, first, second, zone.zip_code))
    return roles


def _people(count: int, dialect: Dialect) -> list[Persona]:
    """This many people: first those whom the dialect makes difficult, then all others in turn."""
    first = (CROWD if dialect.most else ()) + (HELD if dialect.hold else ())
    others = (PEOPLE[index % len(PEOPLE)] for index in range(count))
    return [_expected_in(dialect, person) for person in (*first, *others)][:count]


def _expected_in(dialect: Dialect, person: Persona) -> Persona:
    """The person, with the ends that are right in this dialect."""
    return replace(
        person,
        expected=_end_in(dialect, person, person.expected),
        or_else=person.or_else and _end_in(dialect, person, person.or_else),
    )


def _end_in(dialect: Dialect, person: Persona, expected: Expected) -> Expected:
    if dialect.most and expected.untouched and person.status == TO_DIAL:
        expected = replace(expected, untouched=False, may_wait=True)
    if dialect.refuses_outcomes and expected.disposition != NEVER_DIALED:
        expected = replace(
            expected,
            disposition=NEVER_DIALED,
            attempts=person.attempts,
            refused=True,
            or_status=(IN_THE_DIALER, dialect.to_dial),
        )
    if expected.status == TO_DIAL:
        expected = replace(expected, status=dialect.to_dial)
    return expected


def cases(role: Role, now: datetime, dialect: Dialect = PLAIN) -> list[Case]:
    """The person's cases before anything happens: due since a minute ago.

    `now` is SmartAdvocate's; where its clock is ahead, some are due only by that clock.
    """
    person = role.person
    second = [phone(role.second, name="Home", primary=False)] if role.second else []
    status = dialect.to_dial if person.status == TO_DIAL else person.status
    # The person who loses every callback takes longest, and must not wait for the clock too.
    waits = dialect.ahead and role.case_id % _EVERY == 0 and not person.manner.mute
    since = now if waits else (now - timedelta(minutes=1)).replace(second=0)
    due = f"{since:{DATE_FORM}}"
    return [
        Case(
            case_id,
            [phone(role.number), *second],
            status=status,
            attempts=person.attempts,
            dial_at=due,
            zip_code=role.zip_code,
            campaign=person.campaign,
        )
        for case_id in role.case_ids
    ]


def manners(roles: Sequence[Role]) -> dict[str, Manner]:
    """How the person at each number behaves."""
    return {
        number: manner
        for role in roles
        for number, manner in zip(
            role.numbers, (role.person.manner, role.person.second), strict=False
        )
        if manner is not None
    }


def _minutes(now: datetime, zone: Zone) -> int:
    there = now.astimezone(ZoneInfo(zone.name))
    return there.hour * 60 + there.minute
