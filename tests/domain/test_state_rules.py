"""The states' rules as data: every row is loaded, cited and dated, and the docs say the same."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from bridge.domain.state_calendars import calendar, easter
from bridge.domain.state_provenance import Mark, Provenance
from bridge.domain.state_rules import (
    AppliesTo,
    Demand,
    Week,
    Window,
    overdue_reviews,
    recorded_voice_rules,
    rule_pack,
)

PACK = rule_pack()
_DATA = files("bridge.domain")
_CONTENTS = [
    _DATA.joinpath(name).read_bytes() for name in ("state_rules.json", "state_holidays.json")
]
RULES, HOLIDAYS = (json.loads(content) for content in _CONTENTS)
LAW = (Path(__file__).parents[2] / "docs/reference/law.md").read_text()
WHOLE = Window(8 * 60, 21 * 60)


def _rows() -> Iterator[tuple[str, Provenance]]:
    for state, rule in PACK.states.items():
        yield f"window {state}", rule.provenance
    for state, voice in PACK.recorded_voice.items():
        yield f"recorded voice {state}", voice.provenance
    for state, days in PACK.calendars.items():
        for day in days.days:
            yield f"{state} {day.name}", day.provenance


@pytest.mark.parametrize(("name", "row"), list(_rows()), ids=[name for name, _ in _rows()])
def test_every_row_is_cited_and_dated(name: str, row: Provenance) -> None:
    assert row.sources
    assert set(row.sources) <= set(PACK.sources), name
    assert re.fullmatch(r"20\d\d-\d\d", row.read)
    assert date.fromisoformat(f"{row.read}-01") < row.review
    # What no source says is not marked as read.
    assert row.mark is not Mark.SOURCE or set(row.sources) - {"E"}


def test_every_row_is_loaded() -> None:
    assert set(PACK.states) == set(RULES["states"])
    assert set(PACK.recorded_voice) == set(RULES["recorded_voice"])
    assert PACK.sources == RULES["sources"]
    for state, row in HOLIDAYS["calendars"].items():
        assert [day.name for day in PACK.calendars[state].days] == [
            day["name"] for day in row["days"]
        ]


def test_the_version_is_a_hash_of_the_files() -> None:
    assert PACK.version == sha256(b"".join(_CONTENTS)).hexdigest()[:12]


def test_windows_lie_within_the_federal_one() -> None:
    assert PACK.federal == WHOLE
    weeks = [rule.week for rule in PACK.states.values()]
    weeks += [rule.week for rule in PACK.recorded_voice.values() if rule.week]
    for week in weeks:
        for window in (week.weekday, week.saturday, week.sunday):
            if window is not None:
                assert PACK.federal.opens <= window.opens < window.closes <= PACK.federal.closes
    capped = {state for state, rule in PACK.states.items() if rule.contacts_a_day == 3}
    assert capped == {"FL", "MD", "OK", "OR"}


def test_states_that_ban_holidays_have_a_calendar_and_no_others_do() -> None:
    assert {state for state, rule in PACK.states.items() if rule.closed_on_holidays} == set(
        PACK.calendars
    )


@pytest.mark.parametrize(
    ("state", "day", "name"),
    [
        ("RI", date(2027, 5, 4), "Rhode Island Independence Day"),
        ("AL", date(2026, 12, 1), "Rosa Parks Day"),
        ("AL", date(2027, 2, 9), "Mardi Gras"),
        ("LA", date(2026, 11, 27), "Day after Thanksgiving"),
        ("LA", date(2029, 11, 23), "Day after Thanksgiving"),
        ("LA", date(2026, 11, 3), "Election Day"),
        ("LA", date(2027, 11, 2), None),
        ("LA", date(2028, 1, 10), "Inauguration Day"),
        ("LA", date(2027, 1, 11), None),
        ("PA", date(2027, 3, 26), "Good Friday"),
        ("PA", date(2026, 6, 14), "Flag Day"),
        ("PA", date(2026, 6, 15), "Flag Day (observed)"),
        ("PA", date(2026, 11, 3), "Election Day"),
        ("PA", date(2027, 11, 2), "Election Day"),
        ("PA", date(2028, 11, 7), "Election Day"),
        ("UT", date(2026, 7, 24), "Pioneer Day"),
        ("UT", date(2027, 7, 23), "Pioneer Day (observed)"),
        # Juneteenth is observed in Utah on the Monday of its week.
        ("UT", date(2026, 6, 15), "Juneteenth (observed)"),
        ("UT", date(2027, 6, 21), "Juneteenth (observed)"),
        ("UT", date(2028, 6, 19), "Juneteenth"),
        # New Year's Day 2028 is a Saturday.
        ("UT", date(2027, 12, 31), "New Year's Day (observed)"),
        ("PA", date(2027, 12, 31), None),
        ("AL", date(2027, 5, 31), "Memorial Day"),
        ("AL", date(2026, 7, 24), None),
    ],
)
def test_days_of_calendars(state: str, day: date, name: str | None) -> None:
    assert PACK.calendars[state].holiday(day) == name


@pytest.mark.parametrize(
    "sunday",
    [
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2035-03-25",
        "2038-04-25",
    ],
)
def test_easter(sunday: str) -> None:
    day = date.fromisoformat(sunday)
    assert easter(day.year) == day


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"on": "5th mon may"}, ValueError),
        ({"on": "whenever"}, ValueError),
        ({"observed": "never"}, KeyError),
        ({"sources": None}, KeyError),
        ({"mark": "?"}, ValueError),
    ],
)
def test_a_row_that_says_nothing_certain_is_not_loaded(
    change: Mapping[str, str | None], error: type[Exception]
) -> None:
    whole: dict[str, Any] = {"name": "A day", "on": "05-04", "sources": "E", "mark": "K"}
    row = {key: value for key, value in {**whole, **change}.items() if value is not None}
    with pytest.raises(error):
        calendar("NE", {"read": "2026-11", "review": "2027-11-01", "days": [row]})


@pytest.mark.parametrize(
    ("state", "demand", "applies_to", "week"),
    [
        ("CA", Demand.HOURS, AppliesTo.EVERY_CALL, Week(*[Window(540, 1260)] * 3)),
        ("IN", Demand.CONSENT, AppliesTo.EVERY_CALL, None),
        ("ME", Demand.HOURS, AppliesTo.EVERY_CALL, Week(Window(540, 1020), None, None)),
        ("MS", Demand.CONSENT, AppliesTo.EVERY_CALL, None),
        ("ND", Demand.CONSENT, AppliesTo.EVERY_CALL, None),
        ("NE", Demand.PERMIT, AppliesTo.EVERY_CALL, None),
        ("NV", Demand.HOURS, AppliesTo.EVERY_CALL, Week(*[Window(540, 1200)] * 3)),
        ("SC", Demand.HOURS, AppliesTo.EVERY_CALL, Week(*[Window(480, 1140)] * 3)),
        ("SD", Demand.HOURS, AppliesTo.SOLICITATION, Week(Window(540, 1260), None, None)),
        ("TX", Demand.PERMIT, AppliesTo.EVERY_CALL, None),
        ("WA", Demand.BAN, AppliesTo.SOLICITATION, None),
    ],
)
def test_what_a_state_demands_of_a_recorded_voice(
    state: str, demand: Demand, applies_to: AppliesTo, week: Week | None
) -> None:
    (rule,) = recorded_voice_rules(PACK, {state})
    assert (rule.state, rule.demand, rule.applies_to, rule.week) == (
        state,
        demand,
        applies_to,
        week,
    )
    # None of them was read in the statute itself.
    assert rule.provenance.mark is Mark.VERIFY


def test_every_possible_state_has_its_say_about_a_recorded_voice() -> None:
    of_two = recorded_voice_rules(PACK, frozenset({"ME", "IN", "GA"}))
    assert [rule.state for rule in of_two] == ["IN", "ME"]
    assert recorded_voice_rules(PACK, {"GA"}) == ()
    assert {rule.state for rule in recorded_voice_rules(PACK, ())} == set(PACK.recorded_voice)


def test_reviews_that_are_overdue() -> None:
    first = min(row.review for _, row in _rows())
    last = max(row.review for _, row in _rows())
    assert overdue_reviews(PACK, first) == {}
    assert set(overdue_reviews(PACK, last)) < {row.review for _, row in _rows()}
    everything = overdue_reviews(PACK, last.replace(year=last.year + 1))
    assert list(everything) == sorted({row.review for _, row in _rows()})
    assert everything[last] == tuple(sorted(everything[last]))
    ohio = replace(PACK.states["AL"].provenance, review=date(2026, 1, 31))
    pack = replace(PACK, states={"OH": replace(PACK.states["AL"], provenance=ohio)})
    assert overdue_reviews(pack, date(2026, 2, 1)) == {date(2026, 1, 31): ("OH",)}


def _hour(minutes: int) -> str:
    hour = minutes // 60
    return f"{hour % 12 or 12} {'AM' if hour < 12 else 'PM'}"


def _printed(window: Window | None) -> str:
    return f"{_hour(window.opens)} to {_hour(window.closes)}" if window else "none"


def _table(heading: str) -> dict[str, list[str]]:
    """The table of states under a heading, by state."""
    section = LAW.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    table = section[section.index("| state |") :].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    return {row[0]: row[1:] for row in rows[2:]}


def test_the_docs_have_the_windows() -> None:
    table = _table("## State windows and caps")
    assert set(table) == set(PACK.states)
    for state, rule in PACK.states.items():
        weekday, saturday, sunday, holidays, besides, sources, mark, review = table[state]
        week = rule.week
        assert [weekday, saturday, sunday] == [
            _printed(window) for window in (week.weekday, week.saturday, week.sunday)
        ], state
        assert (holidays == "none") is rule.closed_on_holidays, state
        assert ("3 contacts in 24 hours" in besides) is (rule.contacts_a_day == 3), state
        assert ("Central time" in besides) is (rule.zone == "America/Chicago"), state
        assert ("disputed" in besides) is rule.disputed, state
        assert sources == ", ".join(rule.provenance.sources), state
        assert mark == rule.provenance.mark, state
        assert review == rule.provenance.review.isoformat(), state


def test_the_docs_have_the_calendars() -> None:
    table = _table("### Days on which states ban solicitation")
    assert set(table) == set(PACK.calendars)
    for state, days in PACK.calendars.items():
        for mark, column in zip(Mark, table[state], strict=True):
            named = [day.name for day in days.days if day.provenance.mark is mark]
            assert column == ", ".join(named), (state, mark)


def test_the_docs_have_the_rules_for_recorded_voice() -> None:
    table = _table("### Recorded or artificial voice, by state")
    assert set(table) == set(PACK.recorded_voice)
    for state, rule in PACK.recorded_voice.items():
        demand, calls, weekday, saturday, sunday, mark, review = table[state]
        week = rule.week
        assert demand == rule.demand
        assert calls == rule.applies_to
        assert [weekday, saturday, sunday] == [
            _printed(window) if week else ""
            for window in ((week.weekday, week.saturday, week.sunday) if week else [None] * 3)
        ], state
        assert mark == rule.provenance.mark
        assert review == rule.provenance.review.isoformat()


def test_the_docs_have_the_sources() -> None:
    for letter, source in PACK.sources.items():
        assert f"| {letter} |" in LAW
        address = re.match(r"https://\S+", source)
        assert address is None or address[0] in LAW
