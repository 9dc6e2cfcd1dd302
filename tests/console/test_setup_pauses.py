"""Pauses by campaign, state, number and case: set with a reason, listed, lifted with a reason."""

from datetime import timedelta

import pytest

from bridge.domain.contact_facts import Pause, PauseScope
from bridge.runtime import Runtime
from bridge.store.console import audit
from bridge.store.dialing import pauses
from tests.support.clock import Clock
from tests.support.console import SignedIn, words

NEW = "/console/setup/pauses/new"


@pytest.mark.parametrize(
    ("scope", "typed", "stored", "shown"),
    [
        ("campaign", "Camp Lejeune", "Camp Lejeune", "campaign Camp Lejeune"),
        ("state", "la", "LA", "state LA"),
        ("number", "402-555-0177", "+14025550177", "number …0177"),
        ("case", "0007", "7", "case 7"),
        ("texts", "", "", "all texts"),
        ("everything", "ignored", "", "all calls and texts"),
    ],
)
def test_something_is_paused_and_lifted(
    operator: SignedIn,
    viewer: SignedIn,
    runtime: Runtime,
    scope: str,
    typed: str,
    stored: str,
    shown: str,
) -> None:
    assert operator.post(NEW, scope=scope, what=typed, reason="A snow day").status_code == 303
    with runtime.db.read() as connection:
        [kept] = pauses.active(connection, runtime.clock())
        line = audit.newest(connection, 1)[0]
    assert (kept.pause.scope, kept.pause.what, kept.pause.until) == (scope, stored, None)
    assert (line.action, line.subject, line.reason) == ("paused", shown, "A snow day")
    page = viewer.get("/console/setup/pauses")
    for part in (shown, "Ann Operator", "A snow day", "somebody lifts it"):
        assert part in words(page)
    assert "5550177" not in page.text
    assert ">Lift<" not in page.text
    lift = f"/console/setup/pauses/{kept.id}/lift"
    assert f'action="{lift}"' in operator.get("/console/setup/pauses").text
    assert operator.post(lift, reason="  ").status_code == 400
    assert operator.post(lift, reason="The snow is gone").status_code == 303
    assert operator.post(lift, reason="Twice").status_code == 303
    with runtime.db.read() as connection:
        assert pauses.active(connection, runtime.clock()) == []
        lines = audit.newest(connection, 2)
    assert [(one.action, one.reason) for one in lines] == [
        ("resumed", "The snow is gone"),
        ("paused", "A snow day"),
    ]
    assert "Nothing is paused." in words(viewer.get("/console/setup/pauses"))


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"scope": "", "reason": "x"}, "choose what to pause"),
        ({"scope": "campaign", "what": " ", "reason": "x"}, "which campaign to pause"),
        ({"scope": "state", "what": "Louisiana", "reason": "x"}, "two letters, such as LA"),
        ({"scope": "number", "what": "12", "reason": "x"}, "write it as"),
        ({"scope": "case", "what": "x7", "reason": "x"}, "CaseID"),
        ({"scope": "case", "what": "9" * 30, "reason": "x"}, "give its CaseID, a number"),
        ({"scope": "case", "what": "7", "reason": ""}, "give a reason"),
        ({"scope": "case", "what": "7", "reason": "x", "until": "soon"}, "a date and a time"),
        (
            {"scope": "case", "what": "7", "reason": "x", "until": "2020-01-01T10:00"},
            "in the past",
        ),
    ],
)
def test_what_cannot_be_paused_is_said(
    operator: SignedIn, runtime: Runtime, sent: dict[str, str], says: str
) -> None:
    answer = operator.post(NEW, **sent)
    assert (answer.status_code, says in words(answer)) == (400, True)
    with runtime.db.read() as connection:
        assert pauses.active(connection, runtime.clock()) == []


def test_an_end_is_in_the_firms_zone(operator: SignedIn, runtime: Runtime, clock: Clock) -> None:
    until = (clock() + timedelta(days=1)).astimezone(runtime.settings.firm_zone)
    written = f"{until:%Y-%m-%dT%H:%M}"
    operator.post(NEW, scope="case", what="7", reason="Vacation", until=written)
    with runtime.db.read() as connection:
        [kept] = pauses.active(connection, runtime.clock())
    assert kept.pause.until == until.replace(second=0, microsecond=0)
    shown = words(operator.get("/console/setup/pauses"))
    assert f"{until:%a %b} {until.day}" in shown


def test_one_is_lifted_and_no_other(operator: SignedIn, runtime: Runtime) -> None:
    with runtime.db.begin() as connection:
        for source in ("operator", pauses.BY_TEXT, "twilio"):
            held = Pause(PauseScope.CASE, "7", None, f"<script>{source}</script> +14025550177")
            pauses.add(connection, held, source, runtime.clock())
        asked = next(
            kept.id
            for kept in pauses.active(connection, runtime.clock())
            if kept.source == pauses.BY_TEXT
        )
    page = operator.get("/console/setup/pauses")
    assert "<script>twilio" not in page.text
    assert "4025550177" not in page.text
    assert "Decide under To do" in words(page)
    operator.post(f"/console/setup/pauses/{asked}/lift", reason="It meant something else")
    with runtime.db.read() as connection:
        left = [kept.source for kept in pauses.active(connection, runtime.clock())]
    assert left == ["operator", "twilio"]


def test_many_pauses_come_a_page_at_a_time(operator: SignedIn, runtime: Runtime) -> None:
    with runtime.db.begin() as connection:
        for case_id in range(1, 121):
            held = Pause(PauseScope.CASE, str(case_id), None, "x")
            pauses.add(connection, held, "operator", runtime.clock())
    page, seen = operator.get("/console/setup/pauses").text, 0
    while True:
        seen += page.count("<tr>") - 1
        begin = page.find('href="/console/setup/pauses?after=')
        if begin < 0:
            break
        page = operator.client.get(page[begin + 6 :].partition('"')[0]).text
    assert seen == 120
