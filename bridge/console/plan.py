"""Plan: the next 24 hours in order of time, and who is held back, grouped by reason.

Stored facts alone. Each call and text is decided on once more before it goes out; nothing is
decided here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Response, abort, request

from bridge.console import plan_rows
from bridge.console.csv_files import csv_file, one_at_a_time
from bridge.console.pages import page
from bridge.console.people import person
from bridge.console.plan_rows import Held, group_id
from bridge.domain.contact_facts import PauseScope
from bridge.domain.plan_sentences import summary
from bridge.domain.redaction import without_numbers
from bridge.store import heartbeats
from bridge.store.console import audit
from bridge.store.console import plan as store
from bridge.store.console.audit import Action
from bridge.store.console.plan import HeldGroup, PlanEntry, PlanKind, PlanMark
from bridge.store.db import Connection
from bridge.store.dialing import pauses
from bridge.web.current import runtime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(hours=24)
_ON_A_PAGE = 50
_MOST_IN_A_FILE = 2000
_MOST_REASONS = 40
"""More are only counted, and stand in the file."""
_PAGES_OF_A_FILE = 500


@dataclass(frozen=True)
class _Read:
    entries: Sequence[PlanEntry]
    counts: store.PlanCounts
    held: Sequence[Held]
    more_reasons: int
    count_held: int
    places: Mapping[int, tuple[str, str]]
    texts_paused: bool
    has_dialer: bool


def plan() -> Response:
    """The page."""
    now, after = runtime().clock(), _mark()
    with runtime().db.read() as connection:
        read = _read(connection, now, after)
    shown = read.entries[:_ON_A_PAGE]
    counts = read.counts
    is_more = len(read.entries) > _ON_A_PAGE
    return page(
        "plan.html",
        "Plan",
        sentence=summary(
            counts.calls, counts.texts, counts.due, read.count_held, store.MOST_COUNTED
        ),
        rows=plan_rows.together([plan_rows.row(entry, read.places, now) for entry in shown]),
        after=written(shown[-1].mark) if is_more else None,
        is_first=after is None,
        held=read.held,
        more_reasons=read.more_reasons,
        dials=runtime().settings.dial_enabled,
        has_dialer=read.has_dialer,
        texts_paused=read.texts_paused,
    )


def held_group(group: str) -> Response:
    """All cases that are held back for one reason, a page at a time."""
    after = request.args.get("after", "")
    with runtime().db.read() as connection:
        found = next((one for one in store.held(connection) if group_id(one) == group), None)
        rows = (
            store.held_cases(connection, found.campaign, _ON_A_PAGE + 1, group=found, after=after)
            if found is not None
            else []
        )
    return page(
        "plan_held.html",
        "Held back",
        group=found,
        id=group,
        reason=without_numbers(found.reason) if found else "",
        rows=rows[:_ON_A_PAGE],
        after=rows[_ON_A_PAGE - 1].key if len(rows) > _ON_A_PAGE else None,
    )


@one_at_a_time
def plan_csv() -> Response:
    """The plan as a file: first what is to happen, then who is held back."""
    now = runtime().clock()
    with runtime().db.read() as connection:
        entries = list(_all_entries(connection, now))
        places = _places(connection, entries)
        held = [
            (group.campaign, case)
            for group in _by_campaign(store.held(connection))
            for case in store.held_cases(connection, group.campaign, _MOST_IN_A_FILE)
        ]
    with runtime().db.begin() as connection:
        audit.record(
            connection, actor=person().name, action=Action.EXPORTED, subject="plan", now=now
        )
    rows = [plan_rows.row(entry, places, now) for entry in entries]
    return csv_file(
        "plan",
        plan_rows.COLUMNS,
        [
            *map(plan_rows.line, rows),
            *(plan_rows.held_line(campaign, case) for campaign, case in held),
        ],
    )


def written(mark: PlanMark) -> str:
    """A mark as it stands in the address."""
    return "~".join((str(_microseconds(mark.at)), mark.kind, mark.key, mark.campaign))


def _read(connection: Connection, now: datetime, after: PlanMark | None) -> _Read:
    end = now + _AHEAD
    entries = store.entries(connection, now, end, after, _ON_A_PAGE + 1)
    groups = store.held(connection)
    most_frequent = sorted(groups, key=lambda group: -group.cases)
    return _Read(
        entries=entries,
        counts=store.counts(connection, now, end),
        held=plan_rows.held(connection, most_frequent[:_MOST_REASONS]),
        more_reasons=max(len(groups) - _MOST_REASONS, 0),
        count_held=sum(group.cases for group in groups),
        places=_places(connection, entries),
        texts_paused=bool(pauses.active(connection, now, PauseScope.TEXTS)),
        has_dialer=any(
            process.dials and process.is_alive(now) for process in heartbeats.newest(connection, 20)
        ),
    )


def _all_entries(connection: Connection, now: datetime) -> Iterator[PlanEntry]:
    after: PlanMark | None = None
    for _ in range(_MOST_IN_A_FILE // _PAGES_OF_A_FILE):
        found = store.entries(connection, now, now + _AHEAD, after, _PAGES_OF_A_FILE)
        yield from found
        if len(found) < _PAGES_OF_A_FILE:
            return
        after = found[-1].mark


def _by_campaign(groups: Sequence[HeldGroup]) -> Sequence[HeldGroup]:
    """One group of each campaign."""
    return list({group.campaign: group for group in groups}.values())


def _places(connection: Connection, entries: Sequence[PlanEntry]) -> Mapping[int, tuple[str, str]]:
    case_ids = sorted({entry.case_id for entry in entries if entry.case_id is not None})
    found: dict[int, tuple[str, str]] = {}
    for begin in range(0, len(case_ids), _PAGES_OF_A_FILE):
        found |= store.places(connection, case_ids[begin : begin + _PAGES_OF_A_FILE])
    return found


def _mark() -> PlanMark | None:
    """Where the page begins, if its address says so."""
    text = request.args.get("after", "")
    if not text:
        return None
    try:
        at, kind, key, campaign = text.split("~", 3)
        moment = _EPOCH + timedelta(microseconds=int(at))
        mark = PlanMark(moment, PlanKind(kind), key, campaign)
        if mark.kind is PlanKind.DUE and not 0 <= int(key) < 2**63:
            abort(404)
    except (ValueError, OverflowError):
        abort(404)
    return mark


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
