"""The proof, from the stand-ins' side: everybody reached as allowed, every case as it must be."""

from collections.abc import Iterable, Mapping, Sequence

from bridge.sandbox.casebook import Case
from bridge.sandbox.cast import Role
from bridge.sandbox.line import Call
from bridge.sandbox.smartadvocate import Entry
from bridge.sandbox.switchboard import Text


def discrepancies(
    role: Role, cases: Mapping[int, Case], calls: Iterable[Call], texts: Iterable[Text]
) -> list[str]:
    """What is missing, wrong or twice for one person; nothing if all is as it must be."""
    mine = [cases[case_id] for case_id in role.case_ids]
    wrong = [one for case in mine for one in _of_case(role, case)]
    wrong += _of_notes(role, mine)
    called = [one for one in calls if one.to in role.numbers and one.parent_sid is None]
    texted = [one for one in texts if one.to in role.numbers]
    expected = role.person.expected
    if len(called) != expected.calls:
        wrong.append(f"called {len(called)} times, not {expected.calls}")
    if len(texted) != expected.texts:
        wrong.append(f"texted {len(texted)} times, not {expected.texts}")
    return [f"case {role.case_id} ({role.person.label}): {one}" for one in wrong]


def refusals(journal: Sequence[Entry]) -> list[str]:
    """Requests that the strict stand-in for SmartAdvocate refused."""
    return [
        f"{entry.call} was refused with {entry.status}: {dict(entry.sent)}"
        for entry in journal
        if entry.status >= 400 and (entry.call, entry.status) != ("AddCaseNoteByPhone", 404)
    ]


def _of_case(role: Role, case: Case) -> list[str]:
    expected = role.person.expected
    shown = (case.status, case.disposition, case.attempts)
    wanted = (expected.status, expected.disposition, expected.attempts)
    wrong = [] if shown == wanted else [f"stands as {shown}, should be {wanted}"]
    if expected.untouched and (case.updates or case.notes):
        wrong.append("was touched")
    return wrong


def _of_notes(role: Role, cases: Sequence[Case]) -> list[str]:
    left = [note for case in cases for note in case.notes]
    wrong = []
    for words in role.person.expected.notes:
        found = next((note for note in left if words in note), None)
        if found is None:
            wrong.append(f"no note says {words!r}")
        else:
            left.remove(found)
    return wrong + [f"one note too many: {note!r}" for note in left]
