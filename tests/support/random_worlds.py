"""Worlds made up at random, for what must come out alike however it is computed.

A world has settings, a database with people of every kind (who share phones, have refused, agreed,
called, talked …), and the lists that SmartAdvocate shows at a few polls, with what happens between
them. The same seed makes the same world.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Table

from bridge.domain.call_screening import TURNED_AWAY_MARKS
from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.consents import WITHDRAWN
from bridge.domain.contact_facts import OptOutScope, PauseScope
from bridge.domain.events import Channel, Direction, Status
from bridge.domain.opt_out_language.classifier import Intent
from bridge.domain.preferences import PreferenceKind
from bridge.domain.purposes import Purpose
from bridge.domain.registry_list import EXCHANGE_BYTES
from bridge.domain.shared_phones import whose
from bridge.domain.text_flood import marked_as
from bridge.store import tables
from bridge.store.db import Connection, insert_into
from bridge.store.dialing import pauses
from bridge.store.dialing.attempts import AttemptState
from tests.support.random_people import AREAS, CAMPAIGNS, RandomPeople

_TEXTS = [marked_as(intent, held=False) for intent in (Intent.WORDS, Intent.STOP)]


class RandomWorld(RandomPeople):
    """One of them; `fill` first, then `happen` between the polls."""

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
            "campaign": self._one(CAMPAIGNS),
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
        for area in self._some(AREAS, 9):
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


def rows(connection: Connection) -> Mapping[str, list[dict[str, Any]]]:
    """Every row of every table, as plain values, by its key."""
    found = {}
    for table in tables.metadata.sorted_tables:
        key = [column.name for column in table.primary_key]
        read = [dict(row._mapping) for row in connection.execute(table.select())]
        found[table.name] = sorted(read, key=lambda row: [str(row[name]).zfill(20) for name in key])
    return found
