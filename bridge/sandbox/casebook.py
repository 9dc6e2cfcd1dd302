"""The pretend firm's cases, and strict checks of what is written to them.

The calls and their fields are those of SmartAdvocate's Predictive Dialer API:
https://smartadvocate.atlassian.net/wiki/spaces/KB/pages/664666125/Predictive+Dialer+API
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bridge.sandbox.dialects import DATE_FORM, IN_THE_DIALER, PLAIN, Dialect

DISPOSITIONS = ("Never Dialed", "Busy", "No Answer", "Answering Machine", "Successful")
_FIELDS = {"CaseID", "Status", "NextCall", "Attempts", "Disposition"}
_MOST_ATTEMPTS = 20
_LONGEST_NOTE = 4000
_ABOUT_NOW = timedelta(minutes=5)
_LIST_FIELDS = ("Campaign", "CaseGroup", "Records")
_PRINTED, _CLAIMS_BY_DEFAULT = "Auto-change", "AutoChange"
LOCKED = "The case is locked by another user."


class Refused(Exception):
    """The stand-in refuses this: an HTTP status and a sentence. 200: only the body says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass
class Case:
    """One case."""

    case_id: int
    phones: list[dict[str, Any]]
    status: str = "In the Dialer"
    disposition: str = "Never Dialed"
    attempts: str = ""
    dial_at: str = "2026-01-05T09:00:00"
    zip_code: str = "68046"
    campaign: str = "Intake follow-up"
    is_open: bool = True
    notes: list[str] = field(default_factory=list)
    updates: int = 0

    def shown(self) -> dict[str, Any]:
        """The case in the form of GetCaseInfo's answer."""
        return {
            "CaseID": self.case_id,
            "Phones": self.phones,
            "CaseStatus": "LIT 04 - Answer Received",
            "DialerStatus": self.status,
            "Campaign": self.campaign,
            "Attempts": self.attempts,
            "DialDateTime": self.dial_at,
            "ZipCode": self.zip_code,
        }


def phone(number: str, *, name: str = "Cell", primary: bool = True, text: bool = True) -> Any:
    """A phone of a case; ten bare digits."""
    return {"PhoneName": name, "Phone": number, "Primary": primary, "Text": text}


class Casebook:
    """All cases. Safe to use from many threads."""

    def __init__(self, clock: Callable[[], datetime], dialect: Dialect = PLAIN) -> None:
        self.dialect = dialect
        self.on_claim: Callable[[int], None] = lambda _case_id: None
        """What the firm's staff do right after a case has become In the Dialer."""
        self._clock = clock
        self._lapses: list[str] = []
        self._changed = threading.Condition(threading.RLock())
        self._cases: dict[int, Case] = {}

    def add(self, case: Case) -> None:
        """Add a case, or replace the one with its number."""
        with self._changed:
            self._cases[case.case_id] = case

    def all(self) -> list[Case]:
        """Copies of all cases, by number."""
        with self._changed:
            copies = [
                replace(case, phones=deepcopy(case.phones), notes=list(case.notes))
                for case in self._cases.values()
            ]
        return sorted(copies, key=lambda case: case.case_id)

    def lapses(self) -> list[str]:
        """What was accepted and should never have been sent: a firm would find it in its cases."""
        with self._changed:
            return list(self._lapses)

    def relabel(self, case_id: int, label: str) -> None:
        """Set the dialer status as the firm's staff does, by hand."""
        with self._changed:
            case = self._cases[case_id]
            case.status, case.dial_at = label, f"{self.now():{DATE_FORM}}"
            self._changed.notify_all()

    def now(self) -> datetime:
        """The time by its own clock, in the zone of its dates."""
        return (self._clock() + self.dialect.ahead).astimezone(self.dialect.zone)

    def answer(self, call: str, sent: Mapping[str, Any]) -> Any:
        """Carry out one of the five calls; return its answer.

        Raises:
            Refused: the request is wrong.
        """
        calls: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "GetCasesToDial": self._cases_to_dial,
            "GetCaseInfo": self._case_info,
            "UpdateCaseStatus": self._update,
            "AddCaseNote": self._note,
            "AddCaseNoteByPhone": self._note_by_phone,
        }
        with self._changed:
            answered = calls[call](sent)
            self._changed.notify_all()
            return answered

    def wait_for(self, case_id: int, seen: Callable[[Case], bool], seconds: float) -> bool:
        """Wait until a case has changed as expected; False if it didn't within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: seen(self._cases[case_id]), seconds)

    def _cases_to_dial(self, sent: Mapping[str, Any]) -> list[dict[str, Any]]:
        records, claims = _list_wanted(sent, self.dialect)
        now = self.now()
        due = [
            case
            for case in self._cases.values()
            if case.status == self.dialect.to_dial
            and self._moment(case.dial_at) <= now
            and sent.get("Campaign", "") in {"", case.campaign}
        ][: min(records, self.dialect.most or records)]
        shown = [case.shown() for case in due]
        if claims:
            for case in due:
                case.status = IN_THE_DIALER
        return shown

    def _case_info(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        _only(sent, {"CaseID"})
        if not str(sent.get("CaseID", "")).isdigit():
            raise Refused(400, "CaseID should be a number")
        return self._case(int(sent["CaseID"])).shown()

    def _update(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        _only(sent, {"Cases"})
        entries = sent.get("Cases")
        if not isinstance(entries, list) or not entries:
            raise Refused(400, "Cases should be a list of at least one case")
        for entry in entries:
            self._check_entry(entry)
        if self.dialect.refuses_outcomes and any("Disposition" in entry for entry in entries):
            raise Refused(200, LOCKED)
        for entry in entries:
            self._change(self._case(entry["CaseID"]), entry)
        return {}

    def _change(self, case: Case, entry: Mapping[str, Any]) -> None:
        status = entry.get("Status")
        if status and case.status.strip() and case.status not in self.dialect.statuses:
            self._lapses.append(f"case {case.case_id}: {status} overwrote {case.status!r} of staff")
        case.status = status or case.status
        if "NextCall" in entry:
            case.dial_at = self.dialect.kept(entry["NextCall"])
        case.attempts = str(entry.get("Attempts", case.attempts))
        case.disposition = entry.get("Disposition", case.disposition)
        case.updates += 1
        if status == IN_THE_DIALER:
            self.on_claim(case.case_id)

    def _check_entry(self, entry: Any) -> None:
        if not isinstance(entry, dict) or not isinstance(entry.get("CaseID"), int):
            raise Refused(400, "every case should be an object with a whole CaseID")
        _only(entry, _FIELDS)
        if len(entry) == 1:
            raise Refused(400, "the update changes nothing")
        case = self._case(entry["CaseID"])
        _check_labels(entry, self.dialect.statuses)
        _check_attempts(entry)
        self._check_next_call(entry)
        if str(entry.get("Attempts")) == case.attempts:
            raise Refused(400, "Attempts is sent although it doesn't change")
        if entry.get("Status") == case.status and entry.get("NextCall") == case.dial_at:
            raise Refused(400, "Status is sent although nothing changes")

    def _check_next_call(self, entry: Mapping[str, Any]) -> None:
        status, next_call = entry.get("Status"), entry.get("NextCall")
        if status and next_call is None:
            raise Refused(400, f"{status} should carry a NextCall")
        if next_call is None:
            return
        try:
            moment = self._moment(next_call)
        except (TypeError, ValueError):
            raise Refused(400, "NextCall should look like 2020-05-06T09:00:00") from None
        if status == self.dialect.to_dial or abs(moment - self.now()) <= _ABOUT_NOW:
            return
        complaint = f"{status or 'no status'} should carry the current time"
        if not self.dialect.takes_any_moment:
            raise Refused(400, complaint)
        self._lapses.append(f"case {entry['CaseID']}: {complaint}, not {next_call}")

    def _note(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        _only(sent, {"CaseID", "Note"})
        if not isinstance(sent.get("CaseID"), int):
            raise Refused(400, "CaseID should be a whole number")
        _check_note(sent.get("Note"))
        self._case(sent["CaseID"]).notes.append(sent["Note"])
        return {}

    def _note_by_phone(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        _only(sent, {"Phone", "Note"})
        number = sent.get("Phone")
        if not (isinstance(number, str) and number.isdigit() and len(number) == 10):
            raise Refused(400, "Phone should be ten digits")
        _check_note(sent.get("Note"))
        found = [
            case
            for case in self._cases.values()
            if any(phone["Phone"] == number for phone in case.phones)
        ]
        if not found:
            raise Refused(404, "no case has this phone")
        for case in [case for case in found if case.is_open] or found:
            case.notes.append(sent["Note"])
        return {}

    def _case(self, case_id: int) -> Case:
        if case_id not in self._cases:
            raise Refused(404, f"there is no case {case_id}")
        return self._cases[case_id]

    def _moment(self, date: str) -> datetime:
        return datetime.strptime(date, DATE_FORM).replace(tzinfo=self.dialect.zone)


def _only(sent: Mapping[str, Any], allowed: set[str]) -> None:
    unknown = set(sent) - allowed
    if unknown:
        raise Refused(400, f"unknown fields: {', '.join(sorted(unknown))}")


def _list_wanted(sent: Mapping[str, Any], dialect: Dialect) -> tuple[int, bool]:
    """How many cases are requested, and whether listing them claims them."""
    if dialect.claims_unasked:
        auto_change = str(sent.get(_CLAIMS_BY_DEFAULT, "true")).lower()
    else:
        _only(sent, {*_LIST_FIELDS, _PRINTED})
        auto_change = str(sent.get(_PRINTED)).lower()
    records = str(sent.get("Records"))
    if auto_change not in {"true", "false"} or not records.isdigit():
        raise Refused(400, "Auto-change should be true or false, Records a number")
    return int(records), auto_change == "true"


def _check_labels(entry: Mapping[str, Any], statuses: Sequence[str]) -> None:
    if entry.get("Status", statuses[0]) not in statuses:
        raise Refused(400, f"Status should be one of {', '.join(statuses)}")
    if entry.get("Disposition", "Busy") not in DISPOSITIONS:
        raise Refused(400, f"Disposition should be one of {', '.join(DISPOSITIONS)}")


def _check_attempts(entry: Mapping[str, Any]) -> None:
    attempts = entry.get("Attempts", 0)
    if type(attempts) is not int or not 0 <= attempts <= _MOST_ATTEMPTS:
        raise Refused(400, f"Attempts should be a whole number from 0 to {_MOST_ATTEMPTS}")


def _check_note(note: Any) -> None:
    if not isinstance(note, str) or not note.strip() or len(note) > _LONGEST_NOTE:
        raise Refused(400, f"Note should be text of 1 to {_LONGEST_NOTE} characters")
