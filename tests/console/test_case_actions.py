"""What can be done with a case at its page: call at a time, pause, resume, do not contact."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from bridge.domain.contact_facts import Pause, PauseScope
from bridge.runtime import Runtime
from bridge.sandbox.manner import Manner
from bridge.store import tables
from bridge.store.console import audit
from bridge.store.dialing import pauses
from tests.console.conftest import with_console
from tests.support.console import SignedIn, words
from tests.support.world import World, Worldwide

CASE = "/console/cases/7"
PHONE = "4025550114"


@pytest.fixture
def world(worldwide: Worldwide) -> World:
    return worldwide()


@pytest.fixture
def runtime(world: World) -> Runtime:
    """The world's own, with a console."""
    return with_console(world.runtime, world.url)


def not_answered(world: World) -> None:
    """Case 7 was called, and nobody answered."""
    world.case(7, PHONE, Manner("no-answer"))
    world.round()


def field(answer: Any, name: str) -> str:
    """What a field of a form holds."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', answer.text)
    assert found is not None
    return unescape(found[1])


def audited(world: World) -> list[tuple[str, str, str, str, int | None]]:
    with world.runtime.db.read() as connection:
        newest = audit.newest(connection, 20)
    return [
        (one.actor, one.action, one.subject, one.reason, one.case_id)
        for one in newest
        if one.action != audit.Action.SIGNED_IN
    ]


def test_a_call_at_a_time_is_told_smartadvocate_and_made_then(
    world: World, operator: SignedIn
) -> None:
    not_answered(world)
    form = operator.get(f"{CASE}/call")
    assert field(form, "at") == "2026-11-23T12:20"
    assert "Date and time (ET)" in words(form)
    answer = operator.post(f"{CASE}/call", at="2026-11-23T12:45", reason="She asked for it")
    assert (answer.status_code, answer.headers["Location"]) == (303, CASE)
    page = words(operator.get(CASE))
    assert "Next call Mon Nov 23, 12:45 PM ET. SmartAdvocate is told." in page
    assert "Ann Operator set the next call (Mon Nov 23, 12:45 PM ET). She asked for it" in page
    assert "SmartAdvocate is to be told: To Dial, next call Mon Nov 23, 12:45 PM ET." in page
    world.deliver()
    assert (world.shown(7).status, world.shown(7).dial_at) == ("To Dial", "2026-11-23T12:45:00")
    assert "1 call so far: no answer. Next call Mon Nov 23, 12:45 PM ET" in words(
        operator.get(CASE)
    )
    world.clock.now = datetime(2026, 11, 23, 17, 45, tzinfo=UTC)
    assert world.poll() == 1
    assert audited(world) == [
        ("Ann Operator", "next-call-set", "Mon Nov 23, 12:45 PM ET", "She asked for it", 7)
    ]


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("", "Please give a date and a time of day."),
        ("soon", "Please give a date and a time of day."),
        ("2026-11-23", "Please give a date and a time of day."),
        ("0001-01-01T00:00", "Please give a date and a time of day."),
        ("9999-12-31T23:59", "Please give a date and a time of day."),
        ("2026-11-23T11:59", "Mon Nov 23, 11:59 AM ET is past."),
        ("2027-12-01T12:00", "That is more than a year ahead."),
        ("2027-03-14T02:30", "There is no 2:30 AM on Mar 14: the clocks go forward that night."),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(
    world: World, operator: SignedIn, at: str, says: str
) -> None:
    not_answered(world)
    answer = operator.post(f"{CASE}/call", at=at, reason="<b>why</b>")
    assert answer.status_code == 400
    assert says in words(answer)
    assert "&lt;b&gt;why" in answer.text
    assert audited(world) == []


def test_a_time_outside_of_hours_is_set_once_that_is_confirmed(
    world: World, operator: SignedIn
) -> None:
    not_answered(world)
    night = "2026-11-23T23:30"
    asked = operator.post(f"{CASE}/call", at=night)
    assert asked.status_code == 200
    assert "the call goes out Tue Nov 24, 10:05 AM ET, 9:05 AM for the person." in words(asked)
    assert "Set it all the same" in words(asked)
    assert audited(world) == []
    # Another time than the one that was warned of is looked at anew.
    again = operator.post(f"{CASE}/call", at="2026-11-23T23:45", confirmed=night)
    assert "The person may not be called then" in words(again)
    assert operator.post(f"{CASE}/call", at=night, confirmed=night).status_code == 303
    world.deliver()
    assert world.shown(7).dial_at == "2026-11-23T23:30:00"
    assert "Next call Tue Nov 24, 10:05 AM ET" in words(operator.get(CASE))


def test_a_case_in_the_dialer_is_left_alone(world: World, operator: SignedIn) -> None:
    world.case(7, PHONE)
    world.poll()
    answer = operator.post(f"{CASE}/call", at="2026-11-23T14:00")
    assert answer.status_code == 400
    assert "Case 7 is in the dialer right now." in words(answer)


def test_a_person_who_opted_out_is_not_called_at_any_time(world: World, operator: SignedIn) -> None:
    world.case(7, PHONE, Manner(key="9"))
    world.round()
    answer = operator.post(f"{CASE}/call", at="2026-11-24T12:00")
    assert answer.status_code == 400
    assert "This person is not called. The person opted out (key)." in words(answer)


def test_a_case_without_a_phone_says_so(world: World, operator: SignedIn) -> None:
    world.case(7, phones=[{"PhoneName": "Cell", "Phone": "none", "Primary": True, "Text": True}])
    world.poll()
    assert "No call is planned because" in words(operator.get(CASE))
    answer = operator.post(f"{CASE}/call", at="2026-11-24T12:00")
    assert answer.status_code == 400
    assert "No phone of this case may be called." in words(answer)


def test_a_case_is_paused_with_a_reason_and_resumed(world: World, operator: SignedIn) -> None:
    not_answered(world)
    assert operator.get(f"{CASE}/pause").status_code == 200
    answer = operator.post(f"{CASE}/pause", reason="In mediation")
    assert answer.status_code == 303
    page = operator.get(CASE)
    said = words(page)
    assert "Paused since Mon Nov 23" in said
    assert "by Ann Operator: In mediation" in said
    assert "No call is planned because the case is paused by Ann Operator: In mediation." in said
    assert "Resume on this page lifts it." in said
    assert f'action="{CASE}/pause"' not in page.text
    world.clock.advance(hours=1)
    assert operator.get(CASE).status_code == 200
    assert world.poll() == 0
    assert operator.post(f"{CASE}/resume", reason="It failed").status_code == 303
    said = words(operator.get(CASE))
    assert "Resumed: case 7." in said
    assert "Resumed by Ann Operator. It failed" in said
    with world.runtime.db.read() as connection:
        kept = connection.execute(select(tables.pauses)).one()
    assert (kept.lifted_by, kept.lift_reason) == ("console: Ann Operator", "It failed")
    assert [line[1:4] for line in audited(world)] == [
        ("resumed", "case 7", "It failed"),
        ("paused", "case 7", "In mediation"),
    ]
    assert "Nothing was paused." in words(
        operator.client.get(operator.post(f"{CASE}/resume").headers["Location"])
    )


def test_a_pause_may_end_by_itself(world: World, operator: SignedIn) -> None:
    not_answered(world)
    assert operator.post(f"{CASE}/pause", reason="x", until="2026-11-23T18:00").status_code == 303
    said = words(operator.get(CASE))
    assert "(until Mon Nov 23, 6:00 PM ET )" in said
    assert "Next call Mon Nov 23, 6:00 PM ET" in said


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"reason": " "}, "Please give a reason"),
        ({"reason": "x", "until": "2026-11-23T10:00"}, "is past"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused(
    world: World, operator: SignedIn, fields: dict[str, str], says: str
) -> None:
    not_answered(world)
    answer = operator.post(f"{CASE}/pause", **fields)
    assert (answer.status_code, says in words(answer)) == (400, True)
    with world.runtime.db.read() as connection:
        assert pauses.active(connection, world.clock()) == []


def test_what_holds_a_case_is_answered_question_by_question(
    world: World, operator: SignedIn
) -> None:
    not_answered(world)
    with world.runtime.db.begin() as connection:
        for end in ("0101", "0102"):
            question = Pause(PauseScope.CASE, "7", None, f"somebody opted out at …{end}")
            pauses.add(connection, question, pauses.BY_SHARED_NUMBER, world.clock())
    operator.post(f"{CASE}/resume", reason="It was her son")
    said = words(operator.get(CASE))
    assert "One question is answered. Still on hold: somebody opted out at …0102." in said
    operator.post(f"{CASE}/resume", reason="It was her son")
    assert "Paused since" not in words(operator.get(CASE))


def test_a_paused_number_is_resumed_here_too(world: World, operator: SignedIn) -> None:
    not_answered(world)
    with world.runtime.db.begin() as connection:
        held = Pause(PauseScope.NUMBER, f"+1{PHONE}", None, "a text sounded like a wrong number")
        pauses.add(connection, held, pauses.BY_TEXT, world.clock())
    page = operator.get(CASE)
    assert "Phone …0114 is paused since" in words(page)
    assert "by the bridge (a text): a text sounded like a wrong number" in words(page)
    operator.post(f"{CASE}/resume", phone="0", reason="It is right")
    said = words(operator.get(CASE))
    assert "Resumed: …0114." in said
    assert "Resumed …0114 by Ann Operator. It is right" in said


def test_do_not_contact_opts_the_person_out_with_a_reason(world: World, operator: SignedIn) -> None:
    not_answered(world)
    form = operator.get(f"{CASE}/stop")
    assert "SmartAdvocate is told Do not Dial" in words(form)
    assert operator.post(f"{CASE}/stop", reason="").status_code == 400
    assert operator.post(f"{CASE}/stop", reason="Said so on the phone").status_code == 303
    page = operator.get(CASE)
    assert "The person is opted out and will not be called or texted." in words(page)
    assert "No call is planned because the person opted out" in words(page)
    world.deliver()
    assert world.shown(7).status == "Do not Dial"
    said = words(operator.get(CASE))
    assert "Opted out as Ann Operator recorded: no calls or texts to this person." in said
    assert (
        "Noted in SmartAdvocate: Opt-out recorded by Ann Operator: “Said so on the phone”" in said
    )
    operator.post(f"{CASE}/stop", reason="Again")
    assert "had recorded this opt-out before" in words(operator.get(CASE))
    assert [line[1:4] for line in audited(world)] == [
        ("opted-out", "case 7", "Said so on the phone")
    ]


ACTIONS = ("call", "pause", "resume", "stop", "number")
FORMS = ("call", "pause", "stop")


def test_a_viewer_may_do_none_of_it(world: World, viewer: SignedIn) -> None:
    not_answered(world)
    page = viewer.get(CASE).text
    for action in ACTIONS:
        assert f"{CASE}/{action}" not in page
        assert viewer.post(f"{CASE}/{action}", reason="x").status_code == 403
    for form in FORMS:
        assert viewer.get(f"{CASE}/{form}").status_code == 403


def test_a_forged_form_does_nothing(world: World, operator: SignedIn) -> None:
    not_answered(world)
    for action in ACTIONS:
        assert operator.post_forged(f"{CASE}/{action}", reason="x").status_code == 400
    assert audited(world) == []


def test_a_stranger_is_sent_to_sign_in(world: World, stranger: Any) -> None:
    not_answered(world)
    for path in (CASE, f"{CASE}.csv", *(f"{CASE}/{form}" for form in FORMS)):
        assert "/console/sign-in" in stranger.get(path).headers["Location"]
    for action in ACTIONS:
        assert stranger.post(f"{CASE}/{action}", data={"reason": "x"}).status_code in {400, 401}


@pytest.mark.parametrize("form", FORMS)
def test_a_case_that_nobody_knows_has_no_forms(world: World, operator: SignedIn, form: str) -> None:
    path = f"/console/cases/8/{form}"
    assert operator.get(path).status_code == 404
    later = (world.clock() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert operator.post(path, reason="x", at=later).status_code in {400, 404}
    assert audited(world) == []


def test_script_in_a_reason_is_shown_as_text(world: World, operator: SignedIn) -> None:
    not_answered(world)
    operator.post(f"{CASE}/pause", reason="<script>alert(1)</script>")
    page = operator.get(CASE).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
