"""The proof, from the stand-ins' side: everybody reached as allowed, every case as it must be."""

from collections.abc import Iterable, Mapping, Sequence

from bridge.sandbox.casebook import LOCKED, Case
from bridge.sandbox.cast import Role
from bridge.sandbox.dialects import IN_THE_DIALER
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
    expected = role.person.expected
    called, texted = _reached(role, calls, texts)
    if called != expected.calls:
        wrong.append(f"called {called} times, not {expected.calls}")
    if texted != expected.texts:
        wrong.append(f"texted {texted} times, not {expected.texts}")
    return _named(role, wrong)


def refusals(journal: Sequence[Entry]) -> list[str]:
    """Requests that the strict stand-in for SmartAdvocate refused."""
    return [
        f"{entry.call} was refused with {entry.status}: {dict(entry.sent)}"
        for entry in journal
        if entry.status >= 400 and (entry.call, entry.status) != ("AddCaseNoteByPhone", 404)
    ]


def harm(
    role: Role, cases: Mapping[int, Case], calls: Sequence[Call], texts: Iterable[Text]
) -> list[str]:
    """What must not happen to a person and her cases even where all else goes wrong."""
    expected = role.person.expected
    called, texted = _reached(role, calls, texts)
    done = []
    if called > expected.calls:
        done.append(f"called {called - expected.calls} times too often")
    if texted > expected.texts:
        done.append(f"texted {texted - expected.texts} times too often")
    is_called = any(call.to in role.numbers and not call.is_over for call in calls)
    for case in (cases[case_id] for case_id in role.case_ids):
        if case.status == IN_THE_DIALER and not is_called and not expected.refused:
            done.append(f"{case.case_id} stands In the Dialer, and no call is under way")
        done += [
            f"{case.case_id} has a note {case.notes.count(note)} times: {note!r}"
            for note in dict.fromkeys(case.notes)
            if case.notes.count(note) > 1
        ]
    return _named(role, done)


def unlisted(roles: Iterable[Role], dead: str) -> list[str]:
    """Outcomes that SmartAdvocate refused and that the bridge doesn't list as dead in its words."""
    lines = [line.split() for line in dead.splitlines() if LOCKED in line]
    return [
        one
        for role in roles
        if role.person.expected.refused
        for case_id in role.case_ids
        if not any(str(case_id) in words for words in lines)
        for one in _named(role, [f"the refused outcome of case {case_id} isn't listed as dead"])
    ]


def _named(role: Role, sentences: Iterable[str]) -> list[str]:
    return [f"case {role.case_id} ({role.person.label}): {one}" for one in sentences]


def _reached(role: Role, calls: Iterable[Call], texts: Iterable[Text]) -> tuple[int, int]:
    called = sum(one.to in role.numbers and one.parent_sid is None for one in calls)
    return called, sum(one.to in role.numbers for one in texts)


def _of_case(role: Role, case: Case) -> list[str]:
    expected = role.person.expected
    shown = (case.status, case.disposition, case.attempts)
    right = [
        (status, expected.disposition, expected.attempts)
        for status in (expected.status, *expected.or_status)
    ]
    wrong = [] if shown in right else [f"stands as {shown}, should be {right[0]}"]
    if expected.untouched and (case.updates or case.notes):
        wrong.append("was touched")
    return wrong


def _of_notes(role: Role, cases: Sequence[Case]) -> list[str]:
    expected = role.person.expected
    left = [note for case in cases for note in case.notes]
    wrong = []
    for words in expected.notes:
        found = next((note for note in left if words in note), None)
        if found is None:
            wrong.append(f"no note says {words!r}")
        else:
            left.remove(found)
    return wrong + [f"one note too many: {note!r}" for note in left[expected.may_wait :]]
