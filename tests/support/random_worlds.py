"""Worlds made up at random, for what must come out alike however it is computed.

A world has settings, a database with people of every kind (who share phones, have refused, agreed,
called, talked …), and the lists that SmartAdvocate shows at a few polls, with what happens between
them. The same seed makes the same world.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Table

from bridge.adapters.smartadvocate.client import DueCases, UnreadableCase
from bridge.domain.call_screening import TURNED_AWAY_MARKS
from bridge.domain.case_updates import CaseInfo, CasePhone, CaseUpdate, DialerStatus
from bridge.domain.consents import WITHDRAWN
from bridge.domain.contact_facts import OptOutScope, PauseScope
from bridge.domain.events import Channel, Direction, Status
from bridge.domain.opt_out_language.classifier import Intent
from bridge.domain.preferences import PreferenceKind
from bridge.domain.purposes import Purpose
from bridge.domain.registry_list import EXCHANGE_BYTES
from bridge.domain.shared_phones import whose
from bridge.domain.text_flood import marked_as
from bridge.errors import Permanent, Transient, Unclear, Unconfirmed
from bridge.store import tables
from bridge.store.db import Connection, insert_into
from bridge.store.dialing import pauses
from bridge.store.dialing.attempts import AttemptState

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
_AREAS = ("402", "212", "303", "213", "305", "504", "615", "812", "605", "850", "907", "787")
_ZIPS = ("68046", "10001", "80202", "90012", "33101", "70112", "37201", "47401", "57501", "32301")
_ODD_ZIPS = ("", "none", "96204", "99999", "68046-1234 and more than sixteen")
_NEVER_DIALED = ("+18005550123", "+15555550123", "+447700900123", "+19005550123")
_SAID_ODDLY = ("not a number", "", "123", "anonymous")
_CAMPAIGNS = ("Intake", "intake ", "Follow_up", "Reports", "")
_TEXTS = [marked_as(intent, held=False) for intent in (Intent.WORDS, Intent.STOP)]
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


class RandomWorld:
    """One of them; `fill` first, then `happen` between the polls."""

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
        self._areas = _AREAS[:1] if len(self._zips) == 1 else _AREAS
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
            campaign=self._one(_CAMPAIGNS),
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

    # What is stored before, and what happens between the polls.

    def fill(self, connection: Connection) -> None:
        """Store what has been before."""
        chance = self._chance
        for table, rows in self._before():
            most = chance.choice((0, 0, 1, 3, 8))
            for _ in range(most):
                self._insert(connection, table, rows())
        for case in self.cases:
            if chance.random() < 0.6:
                self._insert(connection, tables.cases, self._known_case(case))
        for phone, case_id in [
            (phone, case.case_id)
            for case in self.cases
            for phone in self._some(self._phones, 2)
            if chance.random() < 0.3
        ]:
            row = {"phone": phone, "case_id": case_id, "seen_at": self._ago(90)}
            self._insert(connection, tables.case_phones, row)
        if chance.random() < 0.6:
            self._import_lists(connection)

    def happen(self, connection: Connection) -> None:
        """A few things more, some of them newer than the last poll."""
        for table, rows in self._before():
            if self._chance.random() < 0.2:
                self._insert(connection, table, rows())
        for table in (tables.pauses, tables.opt_outs, tables.preferences, tables.wrong_numbers):
            if self._chance.random() < 0.15:
                connection.execute(
                    table.update()
                    .where(table.c.id == self._chance.randint(1, 6), table.c.lifted_at.is_(None))
                    .values(lifted_at=self.now, lifted_by="somebody", lift_reason="an error")
                )

    def _before(self) -> Sequence[tuple[Table, Any]]:
        return (
            (tables.opt_outs, self._opt_out),
            (tables.consents, self._consent),
            (tables.preferences, self._preference),
            (tables.pauses, self._pause),
            (tables.attempts, self._attempt),
            (tables.attempts, self._attempt),
            (tables.communications, self._communication),
            (tables.communications, self._communication),
            (tables.number_health, self._health),
            (tables.wrong_numbers, self._wrong_number),
            (tables.abandonment, self._abandonment),
            (tables.turns, self._turn),
            (tables.decisions, self._decision),
        )

    def _insert(self, connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
        connection.execute(insert_into(connection, table).values(**row).on_conflict_do_nothing())

    def _known_case(self, case: CaseInfo) -> Mapping[str, Any]:
        own = self._one((None, None, self.now - timedelta(hours=2), self.now + timedelta(hours=3)))
        return {
            "case_id": case.case_id,
            "status": self._one((case.status, DialerStatus.TO_DIAL, DialerStatus.DO_NOT_DIAL)),
            "attempts": case.attempts,
            "campaign": case.campaign,
            "zip_code": case.zip_code[:16],
            "read_at": self._one((None, self._ago(9))),
            "next_call": self._one((case.next_call, None, self._ago(9))),
            "phones": self._one((None, [])),
            "label": case.label,
            "not_before": own,
            "closed_at": self._seldom(0.1, self._ago(3), None),
            "wished_call": self._one((None, case.next_call, self._ago(9))),
            "listed_call": self._one((None, case.next_call, self._ago(9))),
            "stopped_at": self._one((None, None, self._ago(9))),
        }

    def _opt_out(self) -> Mapping[str, Any]:
        lifted = self._one((None, None, self._ago(2)))
        return {
            "phone": self._one(self._phones),
            "case_id": self._one((None, self._case_id(), self._case_id())),
            "channel": self._one(list(Channel)),
            "source": self._one(("STOP", "key 9", "words", "staff")),
            "sid": self._sid("SM"),
            "created_at": self._ago(30),
            "scope": self._one(list(OptOutScope)),
            "lifted_at": lifted,
        }

    def _consent(self) -> Mapping[str, Any]:
        given = self._ago(60)
        phone = self._one(self._phones)
        source = self._one(("web form", "signed", WITHDRAWN))
        return {
            "phone": phone,
            "phone_end": phone[-4:],
            "channel": self._one(list(Channel)),
            "purpose": self._one(list(Purpose)),
            "words": "I agree",
            "source": source,
            "evidence": "a document",
            "given_at": given,
            "recorded_at": given,
            "recorded_by": "somebody",
            "revoked_at": given if source == WITHDRAWN else self._one((None, None, self._ago(20))),
            "fingerprint": self._sid("FP"),
        }

    def _preference(self) -> Mapping[str, Any]:
        kind = self._one(list(PreferenceKind))
        value = {
            PreferenceKind.NOT_BEFORE: self._one(("10:00", "17:30")),
            PreferenceKind.NOT_AFTER: self._one(("12:00", "18:00")),
            PreferenceKind.NOT_UNTIL: self._one(("2026-11-24", "2026-12-02")),
        }.get(kind, "")
        return {
            "phone": self._one(self._phones),
            "case_id": self._one((None, self._case_id(), self._case_id())),
            "kind": kind,
            "value": value,
            "recorded_at": self._ago(30),
            "recorded_by": "somebody",
            "lifted_at": self._one((None, None, None, self._ago(2))),
        }

    def _pause(self) -> Mapping[str, Any]:
        chance = self._chance
        phone, case_id = self._one(self._phones), self._case_id()
        wide = (
            (PauseScope.EVERYTHING, ""),
            (PauseScope.TEXTS, ""),
            (PauseScope.CAMPAIGN, "Reports"),
        )
        narrow = (
            (PauseScope.STATE, self._one(("NE", "FL"))),
            (PauseScope.NUMBER, phone),
            (PauseScope.CASE, str(case_id)),
            (PauseScope.CASE, str(case_id)),
        )
        scope, what = self._one(wide if chance.random() < 0.1 else narrow)
        is_question = scope is PauseScope.CASE and chance.random() < 0.6
        return {
            "scope": scope,
            "what": what,
            "until": self._one((None, self.now + timedelta(hours=5), self._ago(1))),
            "reason": whose(phone) if is_question else "a storm",
            "source": pauses.BY_SHARED_NUMBER if is_question else pauses.BY_OPERATOR,
            "created_at": self._ago(9),
            "lifted_at": self._one((None, self._ago(20), self._ago(1))),
        }

    def _attempt(self) -> Mapping[str, Any]:
        state = self._seldom(0.6, AttemptState.ENDED, self._one(list(AttemptState)))
        placed = None if state is AttemptState.PLANNED else self._ago(10)
        return {
            "id": self._sid("at")[:32],
            "turn_id": self._chance.randint(1, 9),
            "case_id": self._case_id(),
            "channel": self._one(list(Channel)),
            "phone": self._one(self._phones),
            "via_firm": self._chance.random() < 0.3,
            "state": state,
            "due_at": self._ago(10),
            "not_after": self.now + timedelta(days=1),
            "placed_at": placed,
            "created_at": self._ago(10),
        }

    def _communication(self) -> Mapping[str, Any]:
        just_now = self.now - timedelta(minutes=self._chance.randint(1, 200))
        created = self._seldom(0.3, just_now, self._ago(20))
        talked = self._seldom(0.15, created + timedelta(minutes=3), None)
        return {
            "channel": self._one(list(Channel)),
            "sid": self._sid("CA"),
            "direction": self._one(list(Direction)),
            "case_id": self._one((None, self._case_id())),
            "evidence": "case",
            "phone": self._one((None, *self._phones)),
            "status": self._one(list(Status)),
            "answer": "unsaid",
            "created_at": created,
            "updated_at": created,
            "talked_at": talked,
            "attempt_id": self._one((None, None, "at1")),
            "reported_note": self._one((None, None, *TURNED_AWAY_MARKS, *_TEXTS)),
        }

    def _health(self) -> Mapping[str, Any]:
        return {
            "phone": self._one(self._phones),
            "channel": self._one(list(Channel)),
            "failures": 2,
            "out_of_use": self._chance.random() < 0.7,
            "reason": "it is not in service",
            "changed_at": self._ago(9),
        }

    def _wrong_number(self) -> Mapping[str, Any]:
        return {
            "case_id": self._case_id(),
            "phone": self._one(self._phones),
            "source": "staff",
            "recorded_at": self._ago(9),
            "recorded_by": "somebody",
            "lifted_at": self._one((None, None, self._ago(1))),
        }

    def _abandonment(self) -> Mapping[str, Any]:
        return {
            "campaign": self._one(_CAMPAIGNS),
            "answered": 100,
            "abandoned": 9,
            "counted_at": self._ago(1),
            "held_at": self._one((None, self._ago(1))),
        }

    def _turn(self) -> Mapping[str, Any]:
        state = self._one(("due", "claimed", "ended", "ended"))
        return {
            "case_id": self._case_id(),
            "campaign": "Intake",
            "attempts": 1,
            "state": state,
            "found_at": self._ago(1),
            "claim_mark": self._ago(1),
        }

    def _decision(self) -> Mapping[str, Any]:
        return {
            "decided_at": self._ago(1),
            "stage": "poll",
            "case_id": self._case_id(),
            "channel": Channel.CALL,
            "answer": "defer",
            "until": None,
            "why": "a storm",
            "inputs": {},
        }

    def _import_lists(self, connection: Connection) -> None:
        for area in self._some(_AREAS, 9):
            as_of = self._one((self._ago(5), self.now - timedelta(days=40)))
            row = {
                "area_code": int(area),
                "as_of": as_of,
                "imported_at": as_of,
                "numbers": 9,
                "file": "made up",
            }
            self._insert(connection, tables.registry_areas, row)
            for exchange in self._some((234, 345, 555), 2):
                lines = bytes(self._chance.choice((0, 255)) for _ in range(20))
                row = {
                    "area_code": int(area),
                    "exchange": exchange,
                    "lines": lines + bytes(EXCHANGE_BYTES - len(lines)),
                }
                self._insert(connection, tables.registry_exchanges, row)

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


def rows(connection: Connection) -> Mapping[str, list[dict[str, Any]]]:
    """Every row of every table, as plain values, by its key."""
    found = {}
    for table in tables.metadata.sorted_tables:
        key = [column.name for column in table.primary_key]
        read = [dict(row._mapping) for row in connection.execute(table.select())]
        found[table.name] = sorted(read, key=lambda row: [str(row[name]).zfill(20) for name in key])
    return found
