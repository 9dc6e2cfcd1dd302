"""The checks of a run: everybody was reached as expected, and every case shows it."""

from collections.abc import Iterable, Mapping, Sequence

from bridge.sandbox.casebook import LOCKED, Case
from bridge.sandbox.cast import Role
from bridge.sandbox.dialects import DO_NOT_DIAL, IN_THE_DIALER
from bridge.sandbox.line import Call
from bridge.sandbox.people import NEVER_DIALED, Expected
from bridge.sandbox.smartadvocate import Entry
from bridge.sandbox.switchboard import SentText

_CASE_WORD = 5
"""Which word of `bridge deliveries list` is the case: after id, day, time, zone and kind."""


def discrepancies(
    role: Role, cases: Mapping[int, Case], calls: Sequence[Call], texts: Iterable[SentText]
) -> list[str]:
    """What is missing, wrong or duplicated for one person."""
    mine, reached = [cases[case_id] for case_id in role.case_ids], _reached(role, calls, texts)
    found = [_of_end(role, end, mine, reached) for end in role.person.ends]
    wrong = found[0] if all(found) else []
    return _named(role, wrong + _said(role, calls))


def _of_end(
    role: Role, expected: Expected, cases: Sequence[Case], reached: tuple[int, int]
) -> list[str]:
    """What differs from this end."""
    wrong = _of_cases(role, expected, cases) + _of_notes(expected, cases)
    called, texted = reached
    if called != expected.calls:
        wrong.append(f"called {called} times, not {expected.calls}")
    if texted != expected.texts:
        wrong.append(f"texted {texted} times, not {expected.texts}")
    return wrong


def refusals(journal: Sequence[Entry]) -> list[str]:
    """Requests that the strict stand-in for SmartAdvocate refused."""
    return [
        f"{entry.call} was refused with {entry.status}: {dict(entry.sent)}"
        for entry in journal
        if entry.status >= 400 and (entry.call, entry.status) != ("AddCaseNoteByPhone", 404)
    ]


def harm(
    role: Role, cases: Mapping[int, Case], calls: Sequence[Call], texts: Iterable[SentText]
) -> list[str]:
    """What must not happen to a person or a case, even when something else goes wrong."""
    called, texted = _reached(role, calls, texts)
    done = _said(role, calls)
    too_often = called - max(end.calls for end in role.person.ends)
    if too_often > 0:
        done.append(f"called {too_often} times too many")
    too_often = texted - max(end.texts for end in role.person.ends)
    if too_often > 0:
        done.append(f"texted {too_often} times too many")
    is_called = any(call.to in role.numbers and not call.is_over for call in calls)
    for case in (cases[case_id] for case_id in role.case_ids):
        if case.status == IN_THE_DIALER and not is_called and not role.person.expected.refused:
            done.append(f"{case.case_id} is In the Dialer, but no call is under way")
        done += [
            f"{case.case_id} has the same note {case.notes.count(note)} times: {note!r}"
            for note in dict.fromkeys(case.notes)
            if case.notes.count(note) > 1
        ]
    return _named(role, done)


def unlisted(roles: Iterable[Role], dead: str) -> list[str]:
    """Outcomes that SmartAdvocate refused and that the bridge doesn't list as dead."""
    listed = {line.split()[_CASE_WORD] for line in dead.splitlines() if LOCKED in line}
    wrong = []
    for role in (role for role in roles if role.person.expected.refused):
        found = sum(str(case_id) in listed for case_id in role.case_ids)
        missing = len(role.case_ids) - role.person.expected.waiting - found
        if missing > 0:
            wrong += _named(role, [f"refused outcomes not listed as dead: {missing}"])
    return wrong


def unasked(roles: Iterable[Role], pauses: str) -> list[str]:
    """Cases that should wait for a decision of the firm, and that the bridge doesn't list so.

    `pauses` is what `bridge dial pauses` prints.
    """
    listed = pauses.splitlines()
    wrong = []
    for role in (role for role in roles if role.person.expected.asked):
        expected = role.person.expected
        for place, case_id in enumerate(role.case_ids):
            is_asked = any(
                str(case_id) in line.split() and expected.asked in line for line in listed
            )
            if expected.status_of(place) != DO_NOT_DIAL and not is_asked:
                wrong += _named(role, [f"{case_id} is not on hold: nobody is asked about it"])
    return wrong


def _named(role: Role, sentences: Iterable[str]) -> list[str]:
    return [f"case {role.case_id} ({role.person.label}): {sentence}" for sentence in sentences]


def _reached(role: Role, calls: Iterable[Call], texts: Iterable[SentText]) -> tuple[int, int]:
    # Where the firm's phone rings first, the person's is a leg of that call.
    called = sum(call.to in role.numbers for call in calls)
    return called, sum(text.to in role.numbers for text in texts)


def _said(role: Role, calls: Iterable[Call]) -> list[str]:
    """What a machine said to a person to whom it may say nothing."""
    own = [call for call in calls if call.to in role.numbers]
    if role.person.may_hear_machines and not role.person.expected.unheard:
        return []
    wrong = ["a machine spoke, and should not have"] * any(call.heard for call in own)
    rung_first = any(call.parent_sid is None for call in own)
    if rung_first and not role.person.may_hear_machines:
        wrong.append("was rung before anybody at the firm was")
    return wrong


def _of_cases(role: Role, expected: Expected, cases: Sequence[Case]) -> list[str]:
    """What is wrong with the cases; any of several may be the one that waits."""
    wrong, waiting = [], expected.waiting
    for place, case in enumerate(cases):
        right = [
            (status, expected.disposition, expected.attempts)
            for status in (expected.status_of(place), *expected.or_status)
        ]
        shown = (case.status, case.disposition, case.attempts)
        if waiting and shown == (expected.status, NEVER_DIALED, role.person.attempts):
            waiting -= 1
        elif shown not in right:
            wrong.append(f"{case.case_id} shows {shown}, should show {right[0]}")
        if expected.untouched and (case.updates or case.notes):
            wrong.append(f"{case.case_id} was touched")
    return wrong + [f"{waiting} of the cases should wait"] * bool(waiting)


def _of_notes(expected: Expected, cases: Sequence[Case]) -> list[str]:
    left = [note for case in cases for note in case.notes]
    wrong = []
    for words in expected.notes:
        found = next((note for note in left if words in note), None)
        if found is None:
            wrong.append(f"no note says {words!r}")
        else:
            left.remove(found)
    return wrong + [f"one note too many: {note!r}" for note in left[expected.may_wait :]]
