"""One case: how it stands, why, and all that has happened with it; on paper and as a file too."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, request

from bridge.console import case_facts, timeline
from bridge.console.case_facts import CaseFacts
from bridge.console.csv_files import csv_file, one_at_a_time
from bridge.console.formats import iso, outcome_label
from bridge.console.pages import page
from bridge.console.people import person
from bridge.console.timeline import Timeline
from bridge.domain.notes import length
from bridge.domain.phones import E164
from bridge.domain.timeline import Line
from bridge.store.cases import cases
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection
from bridge.web.current import runtime

MOST_IN_FILE = 50_000
_CENTURY = 100
_COLUMNS = ("time", "what", "details")


@dataclass(frozen=True)
class _Shown:
    """What the page is made of."""

    facts: CaseFacts
    timeline: Timeline


def case(case_id: int) -> Response:
    """The page."""
    on_paper = request.args.get("print") == "1"
    before = _moment(request.args.get("before", ""))
    with runtime().db.read() as connection:
        shown = _read(connection, case_id, before, on_paper=on_paper)
    return unknown(case_id) if shown is None else _page(shown, before, on_paper=on_paper)


def case_number(case_id: int) -> Response:
    """The page with the whole number of one phone, which the audit keeps."""
    position = request.form.get("phone", type=int, default=-1)
    with runtime().db.begin() as connection:
        is_known = case_facts.is_known(connection, case_id)
        known = cases.get(connection, case_id) if is_known else None
        number = case_facts.number_at(known, position)
        if number is not None:
            audit.record(
                connection,
                actor=person().name,
                action=Action.NUMBER_SHOWN,
                subject=f"…{number[-4:]}",
                now=runtime().clock(),
                case_id=case_id,
            )
    with runtime().db.read() as connection:
        shown = _read(connection, case_id, None, on_paper=False)
    if shown is None or number is None:
        return unknown(case_id)
    facts = shown.facts.with_whole(position, number)
    return _page(_Shown(facts, shown.timeline), None, on_paper=False)


@one_at_a_time
def case_csv(case_id: int) -> Response:
    """The history as a file."""
    with runtime().db.read() as connection:
        known = case_facts.numbers_of(connection, case_id)
    if known is None:
        return unknown(case_id)
    rows = [_row(line) for line in _whole_history(case_id, known)]
    with runtime().db.begin() as connection:
        audit.record(
            connection,
            actor=person().name,
            action=Action.EXPORTED,
            subject=f"case {case_id}",
            now=runtime().clock(),
            case_id=case_id,
        )
    return csv_file(f"case-{case_id}", _COLUMNS, rows)


def unknown(case_id: int) -> Response:
    """The page for a case of which nothing is known."""
    return page(
        "error.html",
        f"Case {case_id} is not known",
        404,
        says="The bridge has seen no call, no text and no list with this case. Check the number.",
    )


def _read(
    connection: Connection, case_id: int, before: datetime | None, *, on_paper: bool
) -> _Shown | None:
    facts = case_facts.read(runtime(), connection, case_id)
    if facts is None:
        return None
    history = timeline.read(
        runtime(),
        connection,
        case_id,
        facts.numbers,
        before=before or timeline.END,
        most=timeline.ON_PAPER if on_paper else timeline.A_PAGE,
    )
    return _Shown(facts, history)


def _page(shown: _Shown, before: datetime | None, *, on_paper: bool) -> Response:
    return page(
        "case.html",
        f"Case {shown.facts.case_id}",
        facts=shown.facts,
        timeline=shown.timeline,
        is_newest=before is None,
        on_paper=on_paper,
        may_act=person().may_act and not on_paper,
    )


def _moment(text: str) -> datetime | None:
    """The moment that an address names; None where it names none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_near = abs(at.year - runtime().clock().year) <= _CENTURY
    return at.astimezone(UTC) if at.tzinfo is not None and is_near else None


def _whole_history(case_id: int, numbers: frozenset[E164]) -> list[Line]:
    """All lines, the oldest first; read window by window, so that no connection is held long."""
    windows: list[list[Line]] = []
    before, left = timeline.END, MOST_IN_FILE
    while left > 0:
        with runtime().db.read() as connection:
            found = timeline.read(
                runtime(), connection, case_id, numbers, before=before, most=timeline.ON_PAPER
            )
        windows.append(list(found.lines))
        left -= len(found.lines)
        if found.earlier is None:
            break
        before = found.earlier
    return [line for window in reversed(windows) for line in window]


def _row(line: Line) -> tuple[object, ...]:
    return iso(line.at), line.says, " ".join(_details(line))


def _details(line: Line) -> Iterator[str]:
    if line.outcome is not None:
        yield f"{outcome_label(line.outcome)}."
    if line.length is not None:
        yield f"{length(line.length)}."
    if line.words:
        yield f"“{line.words}”"
    if line.detail:
        yield line.detail
    if line.times > 1:
        yield f"{line.times} times, the last {iso(line.until)}."
