"""People made up at random, their cases, and a SmartAdvocate that shows these at a few polls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bridge.adapters.smartadvocate.client import DueCases, UnreadableCase
from bridge.domain.case_updates import CaseInfo, CasePhone, CaseUpdate, DialerStatus
from bridge.errors import Permanent, Transient, Unclear, Unconfirmed

_MOMENTS = (
    datetime(2026, 11, 24, 18, 0, tzinfo=UTC),
    datetime(2026, 11, 24, 18, 30, tzinfo=UTC),
    datetime(2026, 11, 24, 19, 0, tzinfo=UTC),
    datetime(2026, 11, 24, 20, 0, tzinfo=UTC),
    datetime(2026, 11, 25, 18, 0, tzinfo=UTC),
    datetime(2026, 11, 25, 19, 30, tzinfo=UTC),
    datetime(2026, 11, 27, 18, 0, tzinfo=UTC),
    datetime(2026, 11, 24, 22, 41, tzinfo=UTC),
    datetime(2026, 11, 25, 1, 50, tzinfo=UTC),
    datetime(2026, 11, 25, 7, 0, tzinfo=UTC),
    datetime(2026, 11, 26, 18, 0, tzinfo=UTC),  # Thanksgiving
    datetime(2026, 11, 28, 19, 0, tzinfo=UTC),
    datetime(2026, 11, 29, 19, 0, tzinfo=UTC),
)
_FROM, _FIRM, _AGENT = "+14025550100", "+14025550199", "+14025550111"
AREAS = ("402", "212", "303", "213", "305", "504", "615", "812", "605", "850", "907", "787")
_ZIPS = ("68046", "10001", "80202", "90012", "33101", "70112", "37201", "47401", "57501", "32301")
_ODD_ZIPS = ("", "none", "96204", "99999", "68046-1234 and more than sixteen")
_NEVER_DIALED = ("+18005550123", "+15555550123", "+447700900123", "+19005550123")
_SAID_ODDLY = ("not a number", "", "123", "anonymous")
CAMPAIGNS = ("Intake", "intake ", "Follow_up", "Reports", "")
_CASES = 36
_SETTINGS: Mapping[str, Sequence[str]] = {
    "DIAL_MODE": ("client_first", "client_first", "client_first", "agent_first"),
    "TEXT_ENABLED": ("true", "true", "false"),
    "CAMPAIGN_PURPOSES": ("*=client", "Reports=client", "", "Intake=lead; *=client", "*=client"),
    "CONSENT_BASIS": (
        "client:voice=the retainer; client:text=the retainer; lead:voice=the form",
        "client:voice=the retainer",
        "lead:text=the form; lead:voice=the form",
        "",
    ),
    "DIAL_PERSON_GAP": ("4h", "0", "0", "30m", "30m", "9d"),
    "DIAL_CAPS": ("3,2,4,7", "1,1,1,2", "9,9,9,30", "9,9,9,30", "9,9,9,30", "0,1,1,1"),
    "DIAL_MAX_ATTEMPTS": ("8", "3", "20"),
    "DIAL_STATE_RULES": ("strict", "strict", "off"),
    "CLIENT_STATE_RULES": ("", "waived: they are clients"),
    "VOICE_PERMITS": ("", "NE=a registration; IN=a permit"),
    "DIAL_CAMPAIGNS": ("", "Intake,Reports"),
    "DIAL_BATCH": ("60", "60", "30", "7", "3"),
    "FIRM_PHONE": ("", _FIRM),
    "DIAL_AGENTS": (
        "",
        f"Front=+14025550110; Intake={_AGENT}",
        "; ".join(f"A{number}=+140255502{number:02d}" for number in range(12)),
    ),
    "TEXT_LEAD": ("10m", "0"),
    "DIAL_HOURS": ("09:00-20:00", "08:00-21:00"),
}


@dataclass(frozen=True)
class Poll:
    """What SmartAdvocate shows at one poll."""

    at: datetime
    lists: Mapping[str, DueCases]
    """By campaign."""


class RandomPeople:
    """The people of a world, their cases, and what SmartAdvocate shows of these."""

    def __init__(self, seed: int, *, keeps_cases: bool = False) -> None:
        """`keeps_cases`: SmartAdvocate shows each case as it was, and once in a list."""
        self._chance = Random(seed)
        self._keeps_cases = keeps_cases
        self.settings = {name: self._one(values) for name, values in _SETTINGS.items()} | {
            "TWILIO_FROM_NUMBER": _FROM
        }
        self.settings = {name: value for name, value in self.settings.items() if value}
        self.now: datetime = self._one(_MOMENTS)
        # Some worlds are a town, in others people live anywhere.
        self._zips = self._one((_ZIPS[:1], _ZIPS))
        self._areas = AREAS[:1] if len(self._zips) == 1 else AREAS
        self._phones = self._numbers()
        self._ids = 0
        self.cases = [self._case(case_id) for case_id in range(1, _CASES + 1)]

    # Numbers and cases.

    def _numbers(self) -> Sequence[str]:
        """Few enough that people share some; and a few that nobody is called at."""
        fine = [
            f"+1{self._one(self._areas)}{self._one(('234', '345', '555'))}01{number:02d}"
            for number in range(self._chance.choice((8, 20, 40)))
        ]
        return [*(fine * 4), *self._some((*_NEVER_DIALED, _FROM, _FIRM, _AGENT), 3)]

    def _case(self, case_id: int) -> CaseInfo:
        chance = self._chance
        phones = tuple(self._phone() for _ in range(chance.choice((1, 1, 1, 2, 2, 2, 3, 3, 0))))
        status = self._seldom(0.08, self._one((*DialerStatus, None)), DialerStatus.TO_DIAL)
        label = self._one(("", "Call by hand")) if status is None else str(status)
        next_call = self._one((None, self.now - timedelta(days=2), self.now - timedelta(hours=1)))
        return CaseInfo(
            case_id=case_id,
            status=status,
            attempts=self._seldom(0.15, chance.choice((3, 8, 20)), chance.choice((0, 1, 2))),
            next_call=self._seldom(0.07, self.now + timedelta(minutes=9), next_call),
            phones=phones,
            campaign=self._one(CAMPAIGNS),
            zip_code=self._seldom(0.1, self._one(_ODD_ZIPS), self._one(self._zips)),
            oddities=self._seldom(0.05, ("it has no phones",), ()),
            label=label,
        )

    def _phone(self) -> CasePhone:
        number = self._one(self._phones)
        shown = self._one(
            (number, number.removeprefix("+1"), f"({number[2:5]}) {number[5:8]}-{number[8:]}")
        )
        chance = self._chance
        odd = chance.random() < 0.04
        return CasePhone(
            self._one(_SAID_ODDLY) if odd else shown,
            self._one(("Cell", "Home", "")),
            primary=chance.random() < 0.5,
            text=chance.random() < 0.6,
        )

    # What SmartAdvocate shows.

    def polls(self) -> Iterator[Poll]:
        """The polls, one after the other; the time moves between them."""
        for after in (timedelta(), self._one((timedelta(minutes=3), timedelta(hours=9)))):
            self.now += after
            yield Poll(self.now, {name: self._list() for name in ("", "Intake", "Reports")})

    def _list(self) -> DueCases:
        listed = self._some(self.cases, self._chance.choice((3, 12, _CASES)))
        if self._chance.random() < 0.3 and not self._keeps_cases:
            listed += listed[:2]
        if self._chance.random() < 0.5 and not self._keeps_cases:
            listed = [self._changed(case) for case in listed]
        unreadable = self._one(([], [], [UnreadableCase("x1", "it has no CaseID")]))
        return DueCases(listed, list(unreadable))

    def _changed(self, case: CaseInfo) -> CaseInfo:
        if self._chance.random() < 0.7:
            return case
        again = self._case(case.case_id)
        dated = replace(case, next_call=again.next_call)
        return again if self._chance.random() < 0.5 else dated

    # Chance.

    def _one(self, of: Any) -> Any:
        return self._chance.choice(of)

    def _some(self, of: Sequence[Any], most: int) -> list[Any]:
        return self._chance.sample(list(of), min(most, len(of)))

    def _seldom(self, share: float, this: Any, that: Any) -> Any:
        return this if self._chance.random() < share else that

    def _case_id(self) -> int:
        return self._chance.randint(1, _CASES)

    def _ago(self, days: int) -> datetime:
        seconds = self._chance.randint(1, days * 86400)
        return self.now - timedelta(seconds=seconds)

    def _sid(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}{self._ids:030d}"


class RandomRemote:
    """A SmartAdvocate that shows a poll's lists, and takes most of what it is told."""

    clock_skew = None
    listing_is_safe = True

    def __init__(self, seed: int, *, is_sound: bool = False) -> None:
        self._chance = Random(seed)
        self._is_sound = self._chance.random() < 0.6 or is_sound
        self.shown: Poll | None = None

    def cases_to_dial(self, campaign: str, _case_group: str, records: int) -> DueCases:
        assert self.shown is not None
        due = self.shown.lists[campaign]
        return DueCases(due.cases[:records], due.unreadable)

    def case(self, case_id: int) -> CaseInfo:
        self._fail(Transient("down", "it is down"), Unclear("no-case", "no case"))
        assert self.shown is not None
        status = self._chance.choice(list(DialerStatus))
        found = (case for due in self.shown.lists.values() for case in due.cases)
        return next(
            (replace(case, status=status) for case in found if case.case_id == case_id),
            CaseInfo(case_id, status, 0, None),
        )

    def update(self, _updates: Sequence[CaseUpdate]) -> None:
        self._fail(
            Unconfirmed("unconfirmed", "who knows"),
            Permanent("http-400", "refused"),
            Transient("http-500", "it is down"),
        )

    def _fail(self, *errors: Exception) -> None:
        if not self._is_sound and self._chance.random() < 0.2:
            raise self._chance.choice(errors)
