"""What stands in the JSON columns of `deliveries`: reports, decisions and notes, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bridge.domain.case_updates import CaseReport, DialerStatus, UpdatePlan, Wish
from bridge.domain.notes import EventNote, NoteKind, OutcomeNote
from bridge.domain.outcomes import Disposition, OutcomeKind


def status_payload(report: CaseReport) -> dict[str, Any]:
    """The payload of a status message."""
    return {
        "disposition": report.disposition,
        "next_call": _text(report.next_call),
        "attempts_made": report.attempts_made,
        "may_reopen": report.may_reopen,
        "overtook": report.overtook,
        "attempts_ours": report.attempts_ours,
        "claim": _text(report.claim),
        "as_listed": report.as_listed,
        "wish": report.wish,
    }


def plan(report: CaseReport) -> dict[str, Any] | None:
    """What is stored before a status is tried."""
    if report.counted_from is None:
        return None
    return {"counted_from": report.counted_from, "was_left_alone": report.was_left_alone}


def report(payload: Mapping[str, Any], planned: Mapping[str, Any] | None) -> CaseReport:
    """The report in a status message and its plan."""
    disposition = payload["disposition"]
    return CaseReport(
        disposition=Disposition(disposition) if disposition else None,
        next_call=_instant(payload["next_call"]),
        attempts_made=payload["attempts_made"],
        counted_from=planned["counted_from"] if planned else None,
        was_left_alone=planned.get("was_left_alone", False) if planned else False,
        may_reopen=payload["may_reopen"],
        overtook=payload["overtook"],
        # Rows that an earlier version queued don't say.
        attempts_ours=payload.get("attempts_ours", 0),
        claim=_instant(payload.get("claim")),
        as_listed=payload.get("as_listed", False),
        wish=Wish(wish) if (wish := payload.get("wish")) else None,
    )


def result(decided: UpdatePlan) -> dict[str, Any]:
    """What is kept of a status that was written, for the note that follows it."""
    return {
        "status": decided.status,
        "next_call": _text(decided.next_call),
        "attempts": decided.attempts,
        "gave_up": decided.gave_up,
        "left_alone": decided.left_alone,
        "label": decided.label,
    }


def decision(kept: Mapping[str, Any] | None) -> UpdatePlan | None:
    """The decision behind a status that was written."""
    if kept is None:
        return None
    status = kept["status"]
    return UpdatePlan(
        update=None,
        status=DialerStatus(status) if status else None,
        next_call=_instant(kept["next_call"]),
        attempts=kept["attempts"],
        gave_up=kept["gave_up"],
        left_alone=kept["left_alone"],
        label=kept.get("label", ""),
    )


def note_payload(what: OutcomeNote) -> dict[str, Any]:
    """The payload of a note.

    It gets a number in `after` when it is queued behind the status whose result it reports.
    """
    return asdict(what) | {"after": None}


def remark_payload(what: EventNote) -> dict[str, Any]:
    """The payload of a note that is not about how a call or text ended."""
    return {"phone": what.phone, "remark": asdict(what)}


def remark(payload: Mapping[str, Any]) -> EventNote | None:
    """The remark in a note, if it is one."""
    if "remark" not in payload:
        return None
    facts = payload["remark"]
    return EventNote(**facts | {"say": NoteKind(facts["say"])})


def words(payload: Mapping[str, Any]) -> str:
    """The person's own words in a message."""
    said: str = payload.get("remark", {}).get("words", "")
    return said


def without_words(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A message with all of its facts, and without the person's words."""
    if not words(payload):
        return dict(payload)
    return {**payload, "remark": {**payload["remark"], "words": "", "erased": True}}


def has_lost_words(payload: Mapping[str, Any]) -> bool:
    """Whether a message had words that are no longer kept."""
    return bool(payload.get("remark", {}).get("erased"))


def ended(payload: Mapping[str, Any]) -> OutcomeNote:
    """What a note is about."""
    facts = {name: value for name, value in payload.items() if name != "after"}
    return OutcomeNote(**facts | {"kind": OutcomeKind(facts["kind"])})


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
