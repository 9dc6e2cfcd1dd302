"""Contacts: calls and texts, filtered by the address, a page at a time, and as a file."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from bridge.console import contacts
from bridge.runtime import Runtime
from bridge.store import tables
from bridge.store.console import audit
from tests.support.console import SignedIn, words

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
LIST = "/console/contacts"


def add(runtime: Runtime, *rows: dict[str, Any]) -> None:
    """Store calls and texts as they stand after their callbacks."""
    with runtime.db.begin() as connection:
        known = connection.execute(tables.communications.select()).all()
        for number, row in enumerate(rows, len(known) + 1):
            phone = row.get("phone", "+14025550114")
            connection.execute(
                tables.communications.insert().values(
                    **{
                        "channel": "call",
                        "sid": f"CA{number:032d}",
                        "direction": "outbound",
                        "case_id": 7,
                        "evidence": "url",
                        "phone": phone,
                        "phone_end": phone[-4:] if phone else None,
                        "status": "completed",
                        "answer": "human",
                        "campaign": "Intake follow-up",
                        "outcome": "talked",
                        "created_at": NOON,
                        "updated_at": NOON,
                    }
                    | row
                )
            )


def listed(answer: Any) -> list[str]:
    """The rows of the table, as they are read."""
    body = re.search(r"<tbody>(.*?)</tbody>", answer.text, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in rows]


def cases_on(answer: Any) -> list[int]:
    """The cases of the rows."""
    return [int(number) for number in re.findall(r'href="/console/cases/(\d+)"', answer.text)]


def link(answer: Any, label: str) -> str | None:
    """Where a link leads."""
    found = re.search(rf'href="([^"]+)">{label}</a>', answer.text)
    return unescape(found[1]) if found else None


def follow(viewer: SignedIn, target: str | None) -> Any:
    """The page behind a link."""
    assert target is not None
    return viewer.client.get(target)


def test_without_any_it_says_what_to_do(viewer: SignedIn) -> None:
    said = words(viewer.get(LIST))
    assert "No calls or texts yet." in said
    assert "Setup" in said


def test_a_row_says_what_happened_and_shows_no_whole_number(
    viewer: SignedIn, runtime: Runtime
) -> None:
    add(runtime, {"duration": 94})
    add(runtime, {"channel": "text", "direction": "inbound", "outcome": "wrote", "case_id": None})
    add(runtime, {"outcome": "busy", "phone": None})
    answer = viewer.get(LIST)
    busy, text, talked = listed(answer)
    assert talked.startswith("Mon Nov 23, 12:00 PM ET Case 7 …0114 Call")
    assert talked.endswith("Talked with us Intake follow-up 1 min 34 s")
    assert "none …0114 Text in" in text
    assert "Wrote to us" in text
    assert "no number" in busy
    assert "5550114" not in answer.text


FILTERS = [
    ({"case": "3"}, {"case_id": 3}),
    ({"digits": "0199"}, {"phone": "+14025550199"}),
    ({"digits": "(402) 555-0199"}, {"phone": "+14025550199"}),
    ({"outcome": "not-connected"}, {"outcome": "not-connected"}),
    ({"channel": "text"}, {"channel": "text"}),
    ({"direction": "inbound"}, {"direction": "inbound"}),
    ({"campaign": "A & B"}, {"campaign": "A & B"}),
    ({"day": "2026-11-24"}, {"created_at": datetime(2026, 11, 24, 5, 0, tzinfo=UTC)}),
    ({"day": "2026-11-24"}, {"created_at": datetime(2026, 11, 25, 4, 59, tzinfo=UTC)}),
    (
        {"outcome": "busy", "channel": "call", "campaign": "A & B"},
        {"outcome": "busy", "campaign": "A & B"},
    ),
]


@pytest.mark.parametrize(("asked", "row"), FILTERS)
def test_each_filter_finds_what_it_names_and_can_be_cleared(
    viewer: SignedIn, runtime: Runtime, asked: dict[str, str], row: dict[str, Any]
) -> None:
    add(runtime, {"case_id": 1}, {"case_id": 2, "outcome": "busy"}, {"case_id": 3} | row)
    answer = viewer.get(LIST, **asked)
    assert cases_on(answer) == [3]
    assert "Clear this filter" in answer.text
    assert len(cases_on(viewer.get(LIST))) == 3
    for name in asked:
        assert f'name="{name}"' in answer.text


@pytest.mark.parametrize(
    "asked",
    [
        {"case": "seven"},
        {"case": "9" * 40},
        {"case": "٣"},
        {"digits": "14"},
        {"outcome": "<script>"},
        {"channel": "fax"},
        {"direction": "sideways"},
        {"day": "tomorrow"},
        {"day": "9999-12-31"},
    ],
)
def test_a_value_without_a_meaning_is_left_out_and_said(
    viewer: SignedIn, runtime: Runtime, asked: dict[str, str]
) -> None:
    add(runtime, {})
    answer = viewer.get(LIST, **asked)
    assert answer.status_code == 200
    assert "This filter was left out." in answer.text
    assert len(listed(answer)) == 1


@pytest.mark.parametrize(
    "place", ["x", "1.2", "1.2-x", "-1.0-1", "9" * 30 + ".0-1", "1.0-" + "9" * 30]
)
def test_a_place_without_a_meaning_is_the_newest_page(
    viewer: SignedIn, runtime: Runtime, place: str
) -> None:
    add(runtime, {})
    for which in ("before", "after"):
        assert len(listed(viewer.get(LIST, **{which: place}))) == 1


def test_a_day_of_long_ago_is_a_day(viewer: SignedIn, runtime: Runtime) -> None:
    add(runtime, {})
    assert listed(viewer.get(LIST, day="0001-01-01")) == []


def test_nothing_that_fits_says_what_to_do(viewer: SignedIn, runtime: Runtime) -> None:
    add(runtime, {})
    said = words(viewer.get(LIST, outcome="busy"))
    assert "No call or text fits these filters." in said
    assert "Clear a filter" in said


def test_pages_stay_as_they_are_while_new_ones_come(viewer: SignedIn, runtime: Runtime) -> None:
    # Several at one moment: no row may be lost between two pages, nor come twice.
    add(
        runtime,
        *({"case_id": n, "created_at": NOON + timedelta(seconds=n // 7)} for n in range(120)),
    )
    first = viewer.get(LIST)
    assert cases_on(first) == list(range(119, 69, -1))
    assert link(first, "Newer") is None
    add(
        runtime, *({"case_id": n, "created_at": NOON + timedelta(hours=1)} for n in range(120, 130))
    )
    second = follow(viewer, link(first, "Older"))
    assert cases_on(second) == list(range(69, 19, -1))
    third = follow(viewer, link(second, "Older"))
    assert cases_on(third) == list(range(19, -1, -1))
    assert link(third, "Older") is None
    assert cases_on(follow(viewer, link(third, "Newer"))) == list(range(69, 19, -1))
    # Less than a page is newer than the second: the newest page.
    assert cases_on(follow(viewer, link(second, "Newer"))) == list(range(119, 69, -1))
    assert cases_on(follow(viewer, link(second, "Newest")))[0] == 129


def test_filters_stay_from_page_to_page(viewer: SignedIn, runtime: Runtime) -> None:
    add(runtime, *({"case_id": n, "outcome": ("busy", "talked")[n % 2]} for n in range(120)))
    first = viewer.get(LIST, outcome="busy")
    second = follow(viewer, link(first, "Older"))
    assert [*cases_on(first), *cases_on(second)] == list(range(118, -1, -2))


def test_a_page_looks_only_so_far_back_and_says_so(
    viewer: SignedIn, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.store.callbacks.contact_list.MOST_EXAMINED", 10)
    add(runtime, {"channel": "text", "case_id": 5})
    add(runtime, *({"created_at": NOON + timedelta(minutes=n)} for n in range(1, 25)))
    answer = viewer.get(LIST, channel="text")
    assert "Clear a filter above, or go on with Older." in words(answer)
    found: list[int] = []
    for _ in range(3):
        answer = follow(viewer, link(answer, "Older"))
        found += cases_on(answer)
        if link(answer, "Older") is None:
            break
    assert found == [5]


def test_script_in_a_campaign_is_shown_as_text(viewer: SignedIn, runtime: Runtime) -> None:
    add(runtime, {"campaign": "<script>alert(1)</script>"})
    for answer in (viewer.get(LIST), viewer.get(LIST, campaign="<script>alert(1)</script>")):
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert" in answer.text


def test_the_firms_side_of_a_call_is_no_contact(viewer: SignedIn, runtime: Runtime) -> None:
    object.__setattr__(runtime.settings, "firm_phone", "+14025550199")
    add(runtime, {"phone": "+14025550199"}, {"case_id": 3})
    assert cases_on(viewer.get(LIST)) == [3]


def rows_of(answer: Any) -> list[list[str]]:
    """The lines of a CSV file."""
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_the_file_has_what_is_filtered_and_is_kept_in_the_audit(
    viewer: SignedIn, runtime: Runtime
) -> None:
    add(runtime, {"campaign": "=1+1", "duration": 94}, {"outcome": "busy"})
    head, line = rows_of(viewer.get(f"{LIST}.csv", outcome="talked"))
    assert head[:3] == ["time", "case", "phone"]
    assert line == [
        "2026-11-23T12:00:00-05:00",
        "7",
        "…0114",
        "call",
        "outbound",
        "'=1+1",
        "Talked with us",
        "94",
    ]
    with runtime.db.read() as connection:
        entry = audit.newest(connection, 1)[0]
    assert (entry.actor, entry.action) == ("Vic Viewer", "exported")
    assert entry.subject == "contacts: What happened: Talked with us"


def test_a_long_file_says_that_it_ends_early(
    viewer: SignedIn, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "MOST_IN_FILE", 5)
    monkeypatch.setattr(contacts, "_AT_ONCE", 2)
    add(runtime, *({"case_id": n} for n in range(5)))
    assert [row[1] for row in rows_of(viewer.get(f"{LIST}.csv"))[1:]] == ["4", "3", "2", "1", "0"]
    add(runtime, {"case_id": 5})
    *lines, last = rows_of(viewer.get(f"{LIST}.csv"))
    assert len(lines) == 6
    assert last == ["Only the newest 5 are listed. Filter by day to get the others."]


@pytest.mark.parametrize("path", [LIST, f"{LIST}.csv"])
def test_nobody_sees_them_without_signing_in(stranger: Any, path: str) -> None:
    answer = stranger.get(path)
    assert (answer.status_code, "/console/sign-in" in answer.headers["Location"]) == (302, True)
