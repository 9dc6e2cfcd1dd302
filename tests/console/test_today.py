"""Today: the sentence, the tiles, the latest calls and texts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from bridge.callbacks import intake
from bridge.console.assets import all_assets
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.heartbeat import Pulse
from bridge.runtime import Runtime
from bridge.store import circuit_breakers, notices
from bridge.store.cases import cases
from bridge.store.dialing import pauses
from bridge.store.heartbeats import Role
from bridge.store.notices import NoticeName
from bridge.store.tables import skipped_cases
from tests.support.clock import Clock
from tests.support.console import VIEW_PASSWORD, SignedIn, words
from tests.support.posting import CALL, TEXT, Twilio
from tests.support.signing import FIRM, call_fields, text_fields

HERS = "+14025550114"
XSS = "<script>alert(1)</script>"
TEXT_IN, CALL_IN = "/twilio/messages/inbound", "/twilio/voice/inbound"
AT = {"Timestamp": "Mon, 23 Nov 2026 17:00:00 +0000"}


@pytest.fixture
def twilio(runtime: Runtime) -> Twilio:
    return Twilio(runtime)


def _process(runtime: Runtime) -> None:
    while intake.process_pending(runtime):
        pass


def _called(twilio: Twilio, sid: str, status: str, case_id: int = 7, **more: str) -> None:
    fields = call_fields(sid, status, 3, **AT | {"To": HERS} | more)
    twilio.post(f"{CALL}?CaseID={case_id}", fields)
    _process(twilio.runtime)


def _tiles(page: str) -> dict[str, str]:
    part = re.search(r'<ul[^>]*id="tiles".*?</ul>', page, re.DOTALL)
    assert part is not None
    found = re.findall(r"<strong[^>]*>([^<]*)</strong>\s*<span[^>]*>([^<]*)</span>", part[0])
    return {says: number for number, says in found}


def test_a_new_firm_reads_what_to_do(viewer: SignedIn) -> None:
    page = viewer.get("/console/")
    assert "No calls or texts yet." in words(page)
    assert 'href="/console/setup"' in page.text
    assert "no worker has been heard from yet" in words(page)
    assert set(_tiles(page.text).values()) == {"0"}
    assert '<svg class="chart"' not in page.text


def test_strangers_see_nothing(stranger: FlaskClient) -> None:
    answer = stranger.get("/console/")
    assert (answer.status_code, answer.headers["Location"][:16]) == (302, "/console/sign-in")
    assert stranger.get("/console/", headers={"X-Live": "1"}).status_code == 401


def test_calls_and_texts_are_counted_and_listed(
    viewer: SignedIn, twilio: Twilio, runtime: Runtime
) -> None:
    _called(twilio, "CA1", "completed", CallDuration="94", AnsweredBy="human")
    _called(twilio, "CA2", "busy", case_id=8, To="+14025550108")
    _called(twilio, "CA3", "canceled", case_id=8, To="+14025550108")
    _called(twilio, "CA4", "ringing", case_id=9, To="+14025550109")
    # The leg by which the first was put through is no call to a person.
    _called(twilio, "CA5", "completed", To="+14025550199", ParentCallSid="CA1")
    twilio.post(f"{TEXT}?CaseID=7", text_fields("SM1", "delivered", To=HERS))
    _process(runtime)
    into = {"From": HERS, "To": FIRM, "Body": "STOP", "NumMedia": "0"}
    twilio.post(TEXT_IN, text_fields("SM2", "received", **into))
    _process(runtime)
    page = viewer.get("/console/").text
    assert _tiles(page) == {
        "Calls today": "3",
        "Talked with us": "1",
        "Texts today": "1",
        "Under way": "1",
        "Held back": "0",
        "Need you": "0",
    }
    assert "and 1 came in" in page
    rows = re.findall(r'<tr id="contact-\d+">.*?</tr>', page, re.DOTALL)
    said = [
        " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", row, flags=re.DOTALL).split())
        for row in rows
    ]
    assert said == [
        "12:00 PM 7 …0114 Text in Asked us to stop",
        "12:00 PM 7 …0114 Text Delivered",
        "12:00 PM 9 …0109 Call Under way",
        "12:00 PM 8 …0108 Call Canceled",
        "12:00 PM 8 …0108 Call Busy",
        "12:00 PM 7 …0114 Call Talked with us 1 min 34 s",
    ]
    assert 'href="/console/cases/7"' in page
    assert HERS not in page
    assert "Time (ET)" in page


def test_a_day_is_the_firms(app: Flask, twilio: Twilio, clock: Clock) -> None:
    clock.advance(hours=11, minutes=58)
    somebody = SignedIn(app, "Vic Viewer", VIEW_PASSWORD)
    _called(twilio, "CA1", "busy")
    assert _tiles(somebody.live("/console/").text)["Calls today"] == "1"
    clock.advance(minutes=3)
    page = somebody.live("/console/")
    assert _tiles(page.text)["Calls today"] == "0"
    assert "Mon Nov 23, 11:58 PM ET" in page.text


def test_no_more_than_twelve_are_listed(viewer: SignedIn, twilio: Twilio) -> None:
    for number in range(14):
        _called(twilio, f"CA{number}", "busy")
    assert len(re.findall(r'<tr id="contact-', viewer.get("/console/").text)) == 12


def test_tiles_lead_to_what_they_count(viewer: SignedIn) -> None:
    page = viewer.get("/console/").text
    for address in (
        "/console/contacts?channel=call&amp;direction=outbound&amp;day=2026-11-23",
        "/console/contacts?outcome=talked&amp;day=2026-11-23",
        "/console/contacts?channel=text&amp;direction=outbound&amp;day=2026-11-23",
        "/console/contacts?channel=call&amp;outcome=under-way",
        'href="/console/plan"',
        'href="/console/todo"',
    ):
        assert address in page


def test_who_is_held_back_is_counted(viewer: SignedIn, runtime: Runtime, clock: Clock) -> None:
    rows: list[dict[str, Any]] = [
        {
            "campaign": "Auto",
            "key": str(case_id),
            "case_id": case_id,
            "kind": "deferred",
            "reason": "",
            "fingerprint": "",
            "first_at": clock(),
            "seen_at": clock(),
        }
        for case_id in (1, 2)
    ]
    with runtime.db.begin() as connection:
        connection.execute(insert(skipped_cases), rows)
    assert _tiles(viewer.get("/console/").text)["Held back"] == "2"


def test_it_works(viewer: SignedIn, twilio: Twilio, runtime: Runtime, clock: Clock) -> None:
    _called(twilio, "CA1", "busy")
    case = CaseInfo(7, DialerStatus.TO_DIAL, 0, None, (CasePhone(HERS),))
    with runtime.db.begin() as connection:
        cases.save_case(connection, case, clock())
    pulse = Pulse(runtime, Role.WORKER)
    pulse.beat()
    Pulse(runtime, Role.WEB).beat()
    said = words(viewer.get("/console/"))
    assert "Working. Twilio last heard 12:00 PM · SmartAdvocate answers · dialer off" in said
    assert "as of 12:00:00 PM ET" in said
    clock.advance(seconds=31)
    said = words(viewer.get("/console/"))
    assert "no worker has been heard from since 12:00 PM" in said
    assert "Start the worker" in said
    pulse.leave()
    assert "no worker has been heard from yet" in words(viewer.get("/console/"))


def test_smartadvocate_is_down(
    viewer: SignedIn, twilio: Twilio, runtime: Runtime, clock: Clock
) -> None:
    _called(twilio, "CA1", "busy")
    Pulse(runtime, Role.WORKER).beat()
    with runtime.db.begin() as connection:
        circuit_breakers.record_failure(
            connection,
            "smartadvocate",
            clock() - timedelta(minutes=5),
            reason=f"it said {XSS} about {HERS}",
            pause=timedelta(minutes=1),
            at_once=True,
        )
    page = viewer.get("/console/")
    said = words(page)
    assert (
        "SmartAdvocate has not answered since 11:55 AM. 2 messages wait; nothing is lost." in said
    )
    assert XSS not in page.text
    assert HERS not in page.text


def test_callbacks_wait(viewer: SignedIn, twilio: Twilio, clock: Clock) -> None:
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "busy", 3, **AT))
    Pulse(twilio.runtime, Role.WORKER).beat()
    clock.advance(minutes=3)
    Pulse(twilio.runtime, Role.WORKER).beat()
    assert "nobody has processed it since 12:00 PM" in words(viewer.get("/console/"))


def test_notices_are_told(viewer: SignedIn, runtime: Runtime, clock: Clock) -> None:
    with runtime.db.begin() as connection:
        notices.add(connection, NoticeName.LABEL, "x", f"Label {XSS} is unknown.", clock())
    page = viewer.get("/console/")
    assert "Label <script>alert(1)</script> is unknown." in words(page)
    assert XSS not in page.text


def test_a_pause_is_said(viewer: SignedIn, runtime: Runtime, clock: Clock) -> None:
    Pulse(runtime, Role.WORKER).beat()
    with runtime.db.begin() as connection:
        pauses.add(connection, Pause(PauseScope.EVERYTHING, "", None, "snow"), "operator", clock())
    said = words(viewer.get("/console/"))
    assert "Paused: no call or text goes out since 12:00 PM, by the command line: snow" in said


def test_what_moves_is_answered_alone(viewer: SignedIn, twilio: Twilio) -> None:
    _called(twilio, "CA1", "busy")
    page, moving = viewer.get("/console/").text, viewer.live("/console/").text
    everything = viewer.client.get("/console/", headers={"X-Live": "all"}).text
    for part in ("state", "notices", "tiles", "latest", "to-do-count", "paused"):
        assert page.count(f'id="{part}"') == moving.count(f'id="{part}"') == 1
    assert 'id="charts"' in page
    assert 'id="charts"' in everything
    assert 'id="charts"' not in moving
    assert "<html" not in moving
    assert len(moving) < len(page) / 2
    assert page.count('aria-live="polite"') == 2


def test_what_moves_it_is_a_short_script() -> None:
    script = all_assets()["live.js"].plain.decode()
    assert len(script.splitlines()) <= 60
    assert "eval" not in script
    assert "innerHTML" not in script
