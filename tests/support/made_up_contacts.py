"""Made-up calls and texts of fictional people, spread over a firm's business hours."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bridge.domain.contact_outcomes import ContactOutcome

TYPICAL_CASE = 7
"""A case with as many calls and texts as most."""
BUSIEST_CASE = 8
"""The one with the most."""
CAMPAIGNS = ("Auto Accident", "Slip and Fall", "Notification", "Medical Records")

_CASES_SHARE = 10
_MOST_OF_A_CASE = 400
_PHONES_OF_AN_AREA = 10_000
_AREAS = ("402", "212", "303", "213", "305", "504", "615", "812", "605", "850", "701", "907")
_ZIP_CODES = (
    *("68102", "10001", "80202", "90012", "33101", "70112", "37201", "47401", "57501", "32301"),
    *("58102", "99501"),
)
_SHARES_A_PHONE = 33
"""Each such case has the phone of the one before it."""
_A_DAY = timedelta(days=1)
_SUNDAY = 6
_FIRST_HOUR, _HOURS = 14, 11
"""From 9 AM to 8 PM in New York, in UTC in winter."""
_JUST_ENDED = timedelta(minutes=10)

# What Twilio said last, what the case was told, how it stands; how often; whether it lasted.
_CALLS_OUT: Sequence[tuple[str, str | None, ContactOutcome, int, bool]] = (
    ("completed", "reached", ContactOutcome.TALKED, 18, True),
    ("completed", "hung-up", ContactOutcome.PICKED_UP, 14, True),
    ("completed", "machine", ContactOutcome.MACHINE, 22, True),
    ("no-answer", "no-answer", ContactOutcome.NO_ANSWER, 32, False),
    ("busy", "busy", ContactOutcome.BUSY, 6, False),
    ("failed", "failed|bad", ContactOutcome.FAILED, 2, False),
    ("completed", "hung-up", ContactOutcome.OPTED_OUT, 1, True),
)
_TEXTS_OUT: Sequence[tuple[str, str | None, ContactOutcome, int, bool]] = (
    ("delivered", "text-delivered", ContactOutcome.DELIVERED, 30, False),
    ("undelivered", "text-failed", ContactOutcome.NOT_DELIVERED, 2, False),
)
_CALLS_IN: Sequence[tuple[str, str | None, ContactOutcome, int, bool]] = (
    ("completed", "called-in", ContactOutcome.TALKED, 3, True),
    ("no-answer", "missed", ContactOutcome.MISSED, 1, False),
)
_TEXTS_IN: Sequence[tuple[str, str | None, ContactOutcome, int, bool]] = (
    ("received", "heard-words", ContactOutcome.WROTE, 5, False),
    ("received", "heard-stop", ContactOutcome.OPTED_OUT, 1, False),
)
_KINDS = [
    (channel, direction, *row)
    for channel, direction, rows in (
        ("call", "outbound", _CALLS_OUT),
        ("text", "outbound", _TEXTS_OUT),
        ("call", "inbound", _CALLS_IN),
        ("text", "inbound", _TEXTS_IN),
    )
    for row in rows
]
_WEIGHTS = [kind[5] for kind in _KINDS]


@dataclass(frozen=True)
class Contact:
    """One call or text that is made up."""

    number: int
    sid: str
    at: datetime
    channel: str
    direction: str
    status: str
    told: str | None
    outcome: ContactOutcome
    duration: int | None
    case_id: int

    @property
    def attempt_id(self) -> str | None:
        """The attempt behind it, if it is ours."""
        return f"at{self.number:030d}" if self.direction == "outbound" else None

    @property
    def phone(self) -> str:
        """That of its case."""
        return phone_of(self.case_id)

    @property
    def campaign(self) -> str:
        """That of its case."""
        return campaign_of(self.case_id)


def made_up(now: datetime, count: int, days: int) -> list[Contact]:
    """So many that ended by now, in order of time; always the same ones."""
    chance = random.Random(count)
    return sorted(_contacts(chance, now, count, days), key=lambda contact: contact.at)


def phone_of(case_id: int) -> str:
    """The phone of a case; a few cases share theirs."""
    owner = case_id - 1 if case_id % _SHARES_A_PHONE == 0 else case_id
    area = _AREAS[owner // _PHONES_OF_AN_AREA % len(_AREAS)]
    return f"+1{area}555{owner % _PHONES_OF_AN_AREA:04d}"


def zip_code_of(case_id: int) -> str:
    """The ZIP code of a case: mostly where its phone is from."""
    return _ZIP_CODES[(case_id // _PHONES_OF_AN_AREA + (case_id % 9 == 0)) % len(_ZIP_CODES)]


def campaign_of(case_id: int) -> str:
    """The campaign of a case."""
    return CAMPAIGNS[case_id % len(CAMPAIGNS)]


def _contacts(chance: random.Random, now: datetime, count: int, days: int) -> Iterator[Contact]:
    open_days = [
        day for back in range(days) if (day := (now - back * _A_DAY).date()).weekday() != _SUNDAY
    ]
    busy = min(count // 100, _MOST_OF_A_CASE)
    for number in range(count):
        channel, direction, status, told, outcome, _, lasts = chance.choices(_KINDS, _WEIGHTS)[0]
        day = chance.choice(open_days)
        at = datetime(day.year, day.month, day.day, _FIRST_HOUR, tzinfo=UTC) + timedelta(
            hours=chance.triangular(0, _HOURS, 4)
        )
        case_id = TYPICAL_CASE + chance.randrange(max(count // _CASES_SHARE, 2))
        yield Contact(
            number=number,
            sid=f"{'CA' if channel == 'call' else 'SM'}{chance.getrandbits(128):032x}",
            # What would begin later today began on the day before.
            at=at if at < now - _JUST_ENDED else at - _A_DAY,
            channel=channel,
            direction=direction,
            status=status,
            told=told,
            outcome=outcome,
            duration=chance.randrange(4, 240) if lasts else None,
            case_id=BUSIEST_CASE if number < busy else case_id,
        )
