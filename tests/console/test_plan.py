"""Plan: what goes out within a day, in order and a page at a time; who is held back, and why."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from bridge.app import create_app
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.runtime import Runtime
from bridge.store import heartbeats
from bridge.store.cases import cases
from bridge.store.dialing import pauses, skipped
from bridge.store.dialing.skipped import SkipKind, SkippedCase
from bridge.store.heartbeats import Heartbeat, Role
from bridge.store.tables import attempts
from tests.support.clock import Clock
from tests.support.console import PASSWORD, SignedIn, words

HOUR = timedelta(hours=1)
PHONE = "+14025550177"


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    return replace(runtime, settings=replace(runtime.settings, dial_enabled=True))


def _plan(runtime: Runtime, channel: str, number: int, at: datetime, phone: str = PHONE) -> None:
    row = {
        "id": f"{channel}-{number}",
        "turn_id": number,
        "case_id": number,
        "channel": channel,
        "phone": phone,
        "state": "planned",
        "due_at": at,
        "not_after": at + HOUR,
        "created_at": at,
    }
    with runtime.db.begin() as connection:
        connection.execute(attempts.insert().values(row))


def _case(runtime: Runtime, number: int, at: datetime, **more: Any) -> None:
    shown = CaseInfo(
        case_id=number,
        status=DialerStatus.TO_DIAL,
        attempts=0,
        next_call=at,
        phones=(CasePhone("Home", PHONE),),
        campaign=more.get("campaign", "Camp"),
        zip_code=more.get("zip_code", "68102"),
        label="To Dial",
    )
    with runtime.db.begin() as connection:
        cases.save_case(connection, shown, runtime.clock())


def _skip(runtime: Runtime, campaign: str, rows: Sequence[SkippedCase]) -> None:
    with runtime.db.begin() as connection:
        skipped.replace(connection, campaign, rows, runtime.clock())


def _all_pages(viewer: SignedIn) -> list[str]:
    """The rows of each page of the plan, from the first to the last."""
    rows, page = [], viewer.get("/console/plan").text
    while True:
        table = page.partition("<tbody>")[2].partition("</tbody>")[0]
        rows += table.split("<tr>")[1:]
        begin = page.find('href="/console/plan?after=')
        if begin < 0:
            return rows
        page = viewer.client.get(unescape(page[begin + 6 :].partition('"')[0])).text


def test_the_next_day_in_order(viewer: SignedIn, runtime: Runtime) -> None:
    now = runtime.clock()
    _plan(runtime, "call", 1, now + 3 * HOUR)
    _plan(runtime, "text", 2, now + HOUR)
    _plan(runtime, "call", 3, now - HOUR)
    _plan(runtime, "call", 4, now + 25 * HOUR)
    _case(runtime, 5, now + 2 * HOUR, campaign="Camp <script>alert(1)</script>")
    _case(runtime, 6, now - HOUR)
    _skip(
        runtime,
        "Camp",
        [SkippedCase("7", 7, SkipKind.DEFERRED, "it is night there", now + 4 * HOUR)],
    )
    answer = viewer.get("/console/plan")
    said = words(answer)
    assert (
        "2 calls and 1 text go out in the next 24 hours, and 1 case comes due; "
        "1 case is held back." in said
    )
    rows = [" ".join(row.split()) for row in _all_pages(viewer)]
    cases_shown = [row.partition("/console/cases/")[2].partition('"')[0] for row in rows]
    assert cases_shown == ["3", "2", "5", "1", "7"]
    assert ">now<" in rows[0]
    assert "…0177" in rows[0]
    assert "CT" in rows[1]
    assert "5550177" not in answer.text
    assert "<script>alert" not in answer.text
    assert "it is night there" in said


def test_each_row_stands_on_one_page(viewer: SignedIn, runtime: Runtime) -> None:
    """Also where very many happen at the same moment."""
    now = runtime.clock()
    for number in range(1, 71):
        _plan(runtime, "call", number, now + HOUR)
        _plan(runtime, "text", number, now + HOUR)
    for number in range(100, 140):
        _case(runtime, number, now + HOUR)
    late = [
        SkippedCase(str(number), number, SkipKind.DEFERRED, "hours", now + HOUR)
        for number in range(200, 260)
    ]
    _skip(runtime, "Camp A", late)
    _skip(runtime, "Camp ~ B", late)
    rows = _all_pages(viewer)
    links = [link for row in rows for link in row.split('href="/console/cases/')[1:]]
    assert len(links) == 70 + 70 + 40 + 120
    assert len(rows) < 70 + 70 + 40 + 10


@pytest.mark.parametrize("after", ["x", "1~call", "1~x~y~z", "1~due~x~", f"{'9' * 40}~call~a~"])
def test_an_odd_address_is_no_error(viewer: SignedIn, after: str) -> None:
    assert viewer.get("/console/plan", after=after).status_code == 404


def test_who_is_held_back_by_campaign_and_reason(viewer: SignedIn, runtime: Runtime) -> None:
    now = runtime.clock()
    many = [
        SkippedCase(f"{number:04}", number, SkipKind.DEFERRED, "it is too early there", now + HOUR)
        for number in range(1, 71)
    ]
    odd = [
        SkippedCase("80", 80, SkipKind.DEFERRED, f"number {PHONE} is paused: <script>x</script>"),
        SkippedCase("no id", None, SkipKind.UNUSABLE, "it has no CaseID"),
    ]
    _skip(runtime, "Camp", [*many, *odd])
    _skip(runtime, "Other", many[:1])
    answer = viewer.get("/console/plan")
    said = words(answer)
    assert "73 cases are held back" in said
    assert "70 cases : it is too early there" in said.replace("cases:", "cases :")
    assert "number …0177 is paused" in said
    assert PHONE[2:] not in answer.text
    assert "<script>x" not in answer.text
    assert said.index("Camp ") < said.index("Other ")
    begin = answer.text.index('href="/console/plan/held/')
    page = viewer.client.get(answer.text[begin + 6 :].partition('"')[0]).text
    seen = page.count("<tr>") - 1
    more = page.index("?after=")
    href = page[page.rindex('href="', 0, more) + 6 :].partition('"')[0]
    seen += viewer.client.get(unescape(href)).text.count("<tr>") - 1
    assert seen == 70
    gone = viewer.get("/console/plan/held/0000")
    assert "Nobody is held back for this reason anymore." in words(gone)


def test_it_says_when_nothing_goes_out(runtime: Runtime, clock: Clock, viewer: SignedIn) -> None:
    assert "No dialer is running." in words(viewer.get("/console/plan"))
    now = runtime.clock()
    with runtime.db.begin() as connection:
        heartbeats.beat(connection, Heartbeat("w", Role.WORKER, now, now, True, "1"))
    said = words(viewer.get("/console/plan"))
    assert "No dialer is running." not in said
    assert "No call or text goes out in the next 24 hours; no cases are held back." in said
    assert "Nothing is due." in said
    with runtime.db.begin() as connection:
        pauses.add(connection, Pause(PauseScope.TEXTS, "", None, "x"), "operator", now)
    assert "Texts are paused." in words(viewer.get("/console/plan"))
    with runtime.db.begin() as connection:
        pauses.add(connection, Pause(PauseScope.EVERYTHING, "", None, "x"), "operator", now)
    assert "Everything is paused." in words(viewer.get("/console/plan"))
    off = replace(runtime, settings=replace(runtime.settings, dial_enabled=False))
    ann = SignedIn(create_app(off), "Ann", PASSWORD)
    assert "Dialing is off." in words(ann.get("/console/plan"))


def test_as_a_file(viewer: SignedIn, runtime: Runtime) -> None:
    now = runtime.clock()
    for number in range(1, 61):
        _plan(runtime, "call", number, now + HOUR)
    _case(runtime, 1, now - HOUR, campaign="=cmd()")
    _skip(runtime, "Camp", [SkippedCase("7", 7, SkipKind.REFUSED, "-opted out")])
    answer = viewer.get("/console/plan.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 61
    assert (rows[0]["Phone"], rows[0]["What"], rows[0]["Campaign"]) == ("…0177", "Call", "'=cmd()")
    assert (rows[-1]["What"], rows[-1]["Case"], rows[-1]["Why"]) == (
        "Held back",
        "7",
        "'-opted out",
    )


@pytest.mark.parametrize("path", ["/console/plan", "/console/plan.csv", "/console/plan/held/0"])
def test_nobody_looks_without_signing_in(stranger: FlaskClient, path: str) -> None:
    assert "/console/sign-in" in stranger.get(path).location
