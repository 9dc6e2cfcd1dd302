"""The proof, from the stand-in's side: every case shows what its person did, exactly once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.sandbox.casebook import Case
from bridge.sandbox.cast import Role
from bridge.sandbox.people import Temper
from bridge.sandbox.smartadvocate import Entry

MOST_ATTEMPTS = 8


@dataclass(frozen=True)
class End:
    """How a case must stand at the end."""

    status: str
    disposition: str
    attempts: int
    updates: int


def end_of(role: Role, case_id: int) -> End:
    """Work out by hand, step after step, what the person's calls must have done to a case."""
    status = "Do not Dial" if role.person.do_not_dial else "In the Dialer"
    disposition, updates = "Never Dialed", 0
    attempts = int(role.person.attempts) if role.person.attempts.isdigit() else 0
    for temper in role.person.tempers:
        expected = temper.expected
        if expected.disposition is None or not _concerns(role, temper, case_id):
            continue
        disposition, updates = expected.disposition, updates + 1
        if status != "Do not Dial":
            attempts += 1
            over = expected.final or attempts >= MOST_ATTEMPTS
            status = "Do not Dial" if over else "To Dial"
    return End(status, disposition, attempts, updates)


def _concerns(role: Role, temper: Temper, case_id: int) -> bool:
    """Whether a call or text is this case's: by name, or by a phone that it has."""
    return role.named_by(temper) in {case_id, None}


def reference(sid: str) -> str:
    """How a note names its call or text."""
    return f"[{sid[:2]}…{sid[-4:]}]"


def discrepancies(role: Role, cases: Mapping[int, Case], journal: Sequence[Entry]) -> list[str]:
    """What is missing, wrong or twice for one person; nothing if all is as it must be."""
    if role.person.unknown:
        return _of_stranger(role, journal)
    wrong = []
    for case_id in role.case_ids:
        wrong += _of_notes(role, cases[case_id])
        wrong += _of_status(role, cases[case_id])
    return [f"case {role.case_id} ({role.person.label}): {one}" for one in wrong]


def refusals(journal: Sequence[Entry]) -> list[str]:
    """Requests that the strict stand-in refused, strangers' numbers aside."""
    return [
        f"{entry.call} was refused with {entry.status}: {dict(entry.sent)}"
        for entry in journal
        if entry.status >= 400 and (entry.call, entry.status) != ("AddCaseNoteByPhone", 404)
    ]


def _of_notes(role: Role, case: Case) -> list[str]:
    wrong, expected = [], 0
    for temper, sid in zip(role.person.tempers, role.sids, strict=True):
        found = [note for note in case.notes if reference(sid) in note]
        is_told = temper.expected.note is not None and _concerns(role, temper, case.case_id)
        expected += is_told
        if len(found) != int(is_told):
            wrong.append(f"{len(found)} notes of {reference(sid)} ({temper.name}), not {is_told:d}")
        elif found and (temper.expected.note or "") not in found[0]:
            wrong.append(f"the note of {reference(sid)} doesn't say {temper.expected.note!r}")
    if len(case.notes) != expected:
        wrong.append(f"{len(case.notes)} notes in all, not {expected}")
    return wrong


def _of_status(role: Role, case: Case) -> list[str]:
    end = end_of(role, case.case_id)
    shown = End(
        case.status,
        case.disposition,
        int(case.attempts) if case.attempts.isdigit() else 0,
        case.updates,
    )
    return [] if shown == end else [f"stands as {shown}, should be {end}"]


def _of_stranger(role: Role, journal: Sequence[Entry]) -> list[str]:
    asked = [entry for entry in journal if entry.sent.get("Phone") == role.number]
    if [entry.status for entry in asked] == [404]:
        return []
    return [f"stranger {role.number}: asked {len(asked)} times about the number, not once"]
