"""The audit trail on its page and as a file."""

import csv
import io

from bridge.runtime import Runtime
from bridge.store.console import audit
from bridge.store.console.audit import Action
from tests.support.console import SignedIn


def _record(runtime: Runtime, count: int, reason: str = "") -> None:
    with runtime.db.begin() as connection:
        for number in range(count):
            audit.record(
                connection,
                actor="Ann Operator",
                action=Action.PAUSED,
                subject=f"case {number}",
                reason=reason,
                now=runtime.clock(),
                case_id=number or None,
            )


def test_fifty_lines_a_page_the_newest_first(viewer: SignedIn, runtime: Runtime) -> None:
    _record(runtime, 120)
    first = viewer.get("/console/audit").text
    assert first.count("<tr>") == 51
    assert "case 119" in first
    assert 'href="/console/cases/119"' in first
    assert "case 69<" not in first
    seen = 50
    older = first
    while (begin := older.find('href="/console/audit?before=')) >= 0:
        older = viewer.client.get(older[begin + 6 :].partition('"')[0]).text
        seen += older.count("<tr>") - 1
    with runtime.db.read() as connection:
        assert seen == len(audit.newest(connection, 1000)) == 121


def test_as_a_file_it_is_whole_and_harmless(viewer: SignedIn, runtime: Runtime) -> None:
    _record(runtime, 60, reason='=HYPERLINK("http://evil.example.com")')
    answer = viewer.get("/console/audit.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 61
    assert rows[0]["Why"].startswith("'=HYPERLINK")
    assert (rows[0]["What"], rows[0]["Who"], rows[0]["Case"]) == ("Paused", "Ann Operator", "59")


def test_script_is_text(viewer: SignedIn, runtime: Runtime) -> None:
    _record(runtime, 1, reason="<script>alert(1)</script>")
    page = viewer.get("/console/audit")
    assert "<script>alert" not in page.text


def test_odd_addresses_are_no_errors(viewer: SignedIn) -> None:
    for before in ("x", "-1", "9" * 40, "0"):
        assert viewer.get("/console/audit", before=before).status_code == 200
