"""A stand-in for SmartAdvocate without sockets, and what the firm's staff do in it by hand."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from bridge.sandbox.casebook import Case, Casebook, Refused, phone
from bridge.sandbox.dialects import DATE_FORM, PLAIN
from tests.simulation.agenda import Agenda
from tests.simulation.network import Answer, Asked
from tests.simulation.story import Story

_REFERENCE = re.compile(r"\[(\S+)\]\s*$")
_ABOUT_CASES = "UpdateCaseStatus"
_NOTES = frozenset({"AddCaseNote", "AddCaseNoteByPhone"})


class Firm:
    """The firm's case system, by its own clock and in its own zone."""

    def __init__(
        self, agenda: Agenda, story: Story, *, zone: ZoneInfo | None, ahead: timedelta
    ) -> None:
        dialect = replace(PLAIN, ahead=ahead)
        if zone is not None:
            dialect = replace(dialect, zone=zone, takes_any_moment=True)
        self.book = Casebook(lambda: agenda.now, dialect)
        self.changed_by_staff: dict[int, datetime] = {}
        """When somebody has changed a case last."""
        self.stopped_by_staff: dict[int, datetime] = {}
        """When somebody has set a status with which nobody is dialed, as long as it stands."""
        self.put_off_by_staff: dict[int, tuple[datetime, datetime]] = {}
        """When somebody has set another date, and which."""
        self.relabeled: set[int] = set()
        """Cases whose status staff has ever set: what they show is staff's word."""
        self.unanswered: Counter[str] = Counter()
        """Notes whose answer was lost to whoever wrote them, by their reference."""
        self.written: Callable[[str], None] = lambda _reference: None
        self._agenda, self._story = agenda, story

    @property
    def _cases(self) -> Mapping[int, Case]:
        return self.book._cases

    def answer(self, asked: Asked) -> Answer:
        """Answer a request of the bridge."""
        call = asked.path.rpartition("/")[2]
        sent: Mapping[str, Any] = (
            json.loads(asked.body)
            if asked.changes
            else {name: values[0] for name, values in asked.params.items()}
        )
        headers = {"Date": format_datetime(self.book.now().astimezone(UTC), usegmt=True)}
        try:
            answer = self.book.answer(call, sent)
        except Refused as refusal:
            self._story.tell("SmartAdvocate", f"refuses {call}: {refusal}")
            return Answer(refusal.status, json.dumps({"Message": str(refusal)}), headers)
        self._tell(call, sent)
        return Answer(200, json.dumps(answer), headers)

    def _tell(self, call: str, sent: Mapping[str, Any]) -> None:
        if call == _ABOUT_CASES:
            for entry in sent["Cases"]:
                words = ", ".join(f"{name} {value}" for name, value in entry.items())
                self._story.tell("SmartAdvocate", f"takes {words}")
        elif call in _NOTES:
            whose = sent.get("CaseID", sent.get("Phone"))
            self._story.tell("SmartAdvocate", f"takes a note on case {whose}: {sent['Note']}")
            self.written(reference(sent["Note"]))

    # What staff do.

    def open_case(self, case: Case) -> None:
        """Somebody opens a case."""
        self.book.add(case)
        numbers = ", ".join(listed["Phone"] for listed in case.phones)
        self._story.tell("staff", f"case {case.case_id} is due {case.dial_at}: {numbers}")

    def relabel(self, case_id: int, label: str) -> None:
        """Somebody sets a dialer status by hand, with the present moment."""
        self.book.relabel(case_id, label)
        self.stopped_by_staff.pop(case_id, None)
        self.put_off_by_staff.pop(case_id, None)
        if label != "To Dial":
            self.stopped_by_staff[case_id] = self._agenda.now
        self._by_hand(case_id)
        self.relabeled.add(case_id)
        self._story.tell("staff", f"case {case_id} is set to {label}")

    def redate(self, case_id: int, moment: datetime) -> None:
        """Somebody sets another date, and To Dial."""
        case = self._cases[case_id]
        case.status = "To Dial"
        self.stopped_by_staff.pop(case_id, None)
        self.put_off_by_staff[case_id] = self._agenda.now, moment
        case.dial_at = f"{moment.astimezone(self.book.dialect.zone):{DATE_FORM}}"
        self._by_hand(case_id)
        self.relabeled.add(case_id)
        self._story.tell("staff", f"case {case_id} is set To Dial at {case.dial_at}")

    def renumber(self, case_id: int, digits: str) -> None:
        """Somebody enters another number."""
        self._cases[case_id].phones[:] = [phone(digits)]
        self._story.tell("staff", f"case {case_id} has the number {digits} now")

    def _by_hand(self, case_id: int) -> None:
        self.changed_by_staff[case_id] = self._agenda.now

    def numbers_of(self, case_id: int) -> list[str]:
        """The numbers of a case as they are now."""
        return [f"+1{listed['Phone']}" for listed in self._cases[case_id].phones]

    def due(self, now: datetime) -> list[int]:
        """The cases that are due."""
        local = f"{now.astimezone(self.book.dialect.zone):{DATE_FORM}}"
        return [
            case.case_id
            for case in self._cases.values()
            if case.status == "To Dial" and case.dial_at <= local
        ]

    def next_due_after(self, now: datetime) -> datetime | None:
        """When a case is due next."""
        local = f"{now.astimezone(self.book.dialect.zone):{DATE_FORM}}"
        due = [
            case.dial_at
            for case in self._cases.values()
            if case.status == "To Dial" and case.dial_at > local
        ]
        if not due:
            return None
        naive = datetime.strptime(min(due), DATE_FORM)  # noqa: DTZ007 - its zone follows
        return naive.replace(tzinfo=self.book.dialect.zone).astimezone(UTC)

    def shown(self, case_id: int) -> Case:
        """A case as it stands."""
        return self._cases[case_id]


def reference(note: str) -> str:
    """What a note names at its end: its call or text."""
    found = _REFERENCE.search(note)
    return found[1] if found else ""


def pick(chance: random.Random, weighted: Mapping[str, float]) -> str:
    """One of these by its weight."""
    return chance.choices(list(weighted), list(weighted.values()))[0]
