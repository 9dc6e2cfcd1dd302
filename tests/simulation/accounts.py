"""What must hold when the month is over and everything that was begun has come to its end."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bridge.sandbox.line import Call
from bridge.sandbox.manner import BUSY, FAILED, MACHINE, NO_ANSWER
from bridge.store.db import Database
from bridge.store.evidence.verification import verify
from tests.simulation.callback_addresses import case_of
from tests.simulation.firm import reference
from tests.simulation.processes import Process
from tests.simulation.town import FIRM_PHONES

if TYPE_CHECKING:
    from tests.simulation.month import World

_OPEN = {
    "attempts that are neither planned nor over": (
        "SELECT id || ' ' || state FROM attempts"
        " WHERE state IN ('reserved', 'unknown', 'placed', 'unresolved')"
    ),
    "turns that nothing works on": (
        "SELECT 'case ' || case_id FROM turns WHERE state = 'claimed' AND NOT EXISTS"
        " (SELECT 1 FROM attempts WHERE turn_id = turns.id AND attempts.state = 'planned')"
    ),
    "deliveries that were never made": (
        "SELECT kind || ' of case ' || coalesce(case_id, '-') || ' ' || state || ' '"
        " || coalesce(refusal, '') FROM deliveries WHERE state IN ('pending', 'dead')"
    ),
    "lanes that nobody emptied": "SELECT lane FROM lanes",
    "callbacks that were never processed": "SELECT sid FROM callbacks WHERE verdict = 'new'",
}
_LAST_OUTCOMES = {BUSY: "Busy", NO_ANSWER: "No Answer", FAILED: "No Answer"}
_DELIVERED = frozenset({"delivered", "undelivered"})
_STATUSES = frozenset({"To Dial", "Do not Dial", "Attorney Hold"})


def close(world: "World") -> None:
    """Complain about whatever isn't in order."""
    for what, query in _OPEN.items():
        found = [str(row[0]) for row in world.database.execute(query)]
        if found:
            world.oracle.complain(f"{what}: {', '.join(found[:5])}")
    for complaint in (*_callbacks(world), *_notes(world), *_cases(world)):
        world.oracle.complain(complaint)
    _verify(world)


def _verify(world: "World") -> None:
    db = Database(world.database_url, connections=1)
    with db.snapshot() as connection:
        found = verify(connection, None)
    db.close()
    if found.first is not None or found.newest is None:
        world.oracle.complain(f"the evidence doesn't verify: {found.first}")


def _callbacks(world: "World") -> Iterator[str]:
    """However often a callback came, it is kept once."""
    kept = world.database.execute("SELECT sid, count(*) FROM callbacks GROUP BY sid")
    for sid, times in kept:
        most = len(world.mail.posted[sid])
        if times > most:
            yield f"of {sid[:2]}…{sid[-4:]} {times} callbacks are kept, and {most} have come"


# Notes.


def _notes(world: "World") -> Iterator[str]:
    """Every event has its note once, and once more at most for each answer that was lost."""
    for case in world.firm.book.all():
        counted = Counter(
            (reference(note), note.partition(":")[0])
            for note in case.notes
            if reference(note) and not note.startswith("Correction")
        )
        for (event, about), times in counted.items():
            most = 1 + world.firm.unanswered[event]
            if times > most:
                yield f"case {case.case_id} has {times} notes {about!r} [{event}], not {most}"
    for call in world.exchange.calls.values():
        if call.params and call.to not in FIRM_PHONES and call.status != "canceled":
            yield from _noted(world, case_of(call.params), "Call to", call.sid)
    for text in world.exchange.texts.values():
        if text.status in _DELIVERED:
            yield from _noted(world, case_of(text.params), "Text to", text.sid)
    yield from _texts_in(world)


def _texts_in(world: "World") -> Iterator[str]:
    """A text is noted on a case of its number."""
    for sid, number in world.oracle.texts_in.items():
        persons = world.town.by_number[number]
        # A note goes by phone where no case is known, and the number may be nobody's by then.
        if any(person.moved_to for person in persons):
            continue
        missing = [list(_noted(world, str(one.case_id), "Text from", sid)) for one in persons]
        if all(missing):
            yield missing[0][0]


def _noted(world: "World", case: str, begins: str, sid: str) -> Iterator[str]:
    notes = world.firm.shown(int(case)).notes
    event = f"{sid[:2]}…{sid[-4:]}"
    if not any(note.startswith(begins) and reference(note) == event for note in notes):
        yield f"case {case} has no note {begins!r} of {event}"


# What cases show.


def _cases(world: "World") -> Iterator[str]:
    last: dict[int, Call] = {}
    for call in world.exchange.calls.values():
        if call.params and call.status != "canceled":
            last[int(case_of(call.params))] = call
    for case in world.firm.book.all():
        if case.status not in _STATUSES:
            yield f"case {case.case_id} is left {case.status}"
        newest = last.get(case.case_id)
        if newest is None or newest.to in FIRM_PHONES or case.case_id in world.firm.relabeled:
            continue
        allowed = _outcomes(newest)
        if _has_called_in(world, newest.to):
            allowed.add("Successful")
        if case.disposition not in allowed:
            yield f"case {case.case_id} shows {case.disposition}, not {' or '.join(allowed)}"


def _outcomes(call: Call) -> set[str]:
    """The disposition of a call that rang the person first."""
    if call.status in _LAST_OUTCOMES:
        return {_LAST_OUTCOMES[call.status]}
    if call.answered_by and call.answered_by.startswith(MACHINE):
        return {"Answering Machine"}
    return {"Successful"} if call.bridged else {"No Answer"}


def _has_called_in(world: "World", number: str) -> bool:
    return any(call.inbound and call.sender == number for call in world.exchange.calls.values())


def watch_notes(world: "World") -> None:
    """Count the notes whose answer was lost, by whatever has struck their writer."""
    written: dict[str, str] = {}
    fate, firm = world.fate, world.firm

    def note(event: str) -> None:
        if fate.running is not None:
            written[fate.running.name] = event

    def strike(process: Process) -> None:
        event = written.pop(process.name, None)
        if event is not None:
            firm.unanswered[event] += 1

    def settle(process: Process) -> None:
        written.pop(process.name, None)

    firm.written, fate.on_strike, fate.on_commit = note, strike, settle
