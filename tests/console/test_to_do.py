"""To do: somebody answers texts that sound like an opt-out, and who opted out at a shared phone."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from bridge import sweep
from bridge.app import create_app
from bridge.callbacks.intake import replay
from bridge.domain.decisions import Rule
from bridge.domain.events import Channel
from bridge.runtime import Runtime
from bridge.store.tables import callbacks, opt_outs, pauses
from tests.support.clock import Clock
from tests.support.console import PASSWORD, SignedIn, to_do_count, words
from tests.support.desk import Desk

HERS, OTHER = "+14025550114", "+14025550115"
STOP, WRONG, SHARED = "Does this text mean stop?", "Is this number wrong?", "Who opted out?"


def _is_refused(desk: Desk, case_id: int, phone: str, channel: Channel = Channel.CALL) -> bool:
    return desk.decision(case_id, phone, channel).is_restricted_by(
        Rule.OPTED_OUT, Rule.OPTED_OUT_HERE
    )


def _is_wrong(desk: Desk, case_id: int, phone: str, channel: Channel = Channel.CALL) -> bool:
    return desk.decision(case_id, phone, channel).is_restricted_by(Rule.WRONG_NUMBER)


def _is_paused(desk: Desk, case_id: int, phone: str) -> bool:
    return desk.decision(case_id, phone).is_restricted_by(Rule.PAUSED)


def test_nothing_needs_anybody(operator: SignedIn, viewer: SignedIn) -> None:
    for somebody in (operator, viewer):
        page = somebody.get("/console/todo")
        assert "Nothing needs you." in words(page)
        assert to_do_count(page) == ""


def test_yes_stop_opts_out_as_stop_would_have(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    desk.text_in(HERS, "please take me off your list <script>alert(1)</script>")
    assert desk.asked() == [STOP]
    page = desk.operator.get("/console/todo").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "…0114" in page
    assert HERS not in page
    assert _is_paused(desk, 7, OTHER)
    said = desk.answer("Yes, stop")
    assert "Opted out." in said
    assert "Nothing needs you." in said
    assert desk.asked() == []
    for phone in (HERS, OTHER):
        assert _is_refused(desk, 7, phone)
        assert not _is_paused(desk, 7, phone)
    assert desk.status(7) == "Do not Dial"
    assert any("opted out. Do not call or text this person." in note for note in desk.notes(7))
    assert desk.audited() == [
        ("Ann Operator", "question-answered", "text from …0114", "Yes, stop", 7)
    ]


def test_no_go_on_lets_the_case_be_dialed_again(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "I am not interested")
    assert _is_paused(desk, 7, HERS)
    assert "Released" in desk.answer("No, go on")
    assert desk.asked() == []
    decision = desk.decision(7, HERS)
    assert not decision.is_restricted_by(Rule.PAUSED, Rule.OPTED_OUT, Rule.OPTED_OUT_HERE)
    assert desk.status(7) == "To Dial"
    assert desk.notes(7)[-1].startswith(
        "Ann Operator decided: the text from (402) 555-0114 does not ask to stop."
    )
    with desk.runtime.db.read() as connection:
        lifted = connection.execute(select(pauses)).all()
    assert {(row.lifted_by, row.lift_reason) for row in lifted} == {("console: Ann Operator", "No")}
    assert desk.audited() == [("Ann Operator", "question-answered", "text from …0114", "No", 7)]


@pytest.mark.parametrize("first", ["Yes, stop", "No, go on"])
def test_who_answers_second_learns_who_was_first(desk: Desk, first: str) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "I am not interested")
    page = desk.operator.get("/console/todo").text
    assert page.count("/console/todo/texts/1") == 2
    desk.answer(first)
    before = desk.decision(7, HERS)
    for answer in ("stop", "no"):
        late = desk.operator.post("/console/todo/texts/1", answer=answer)
        said = words(desk.operator.get(late.location))
        assert "Ann Operator has answered this already" in said
    assert desk.decision(7, HERS) == before
    assert len(desk.audited()) == 1


def test_one_of_two_texts_is_answered_and_the_other_still_holds(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "I am not interested")
    desk.text_in(HERS, "you have the wrong number")
    assert desk.asked() == [STOP, WRONG]
    desk.answer("No, go on")
    assert desk.asked() == [WRONG]
    assert _is_paused(desk, 7, HERS)
    desk.answer("No, it is right")
    assert not _is_paused(desk, 7, HERS)
    assert desk.notes(7)[-1].startswith("Ann Operator decided: (402) 555-0114 is the right number.")


def test_two_phones_that_end_alike_are_two_questions(desk: Desk) -> None:
    alike = "+12125550114"
    desk.case(7, HERS)
    desk.case(8, alike)
    desk.text_in(HERS, "I am not interested")
    desk.text_in(alike, "I am not interested")
    desk.answer("No, go on")
    assert not _is_paused(desk, 7, HERS)
    assert _is_paused(desk, 8, alike)


def test_a_wrong_number_is_closed_and_the_person_is_called_elsewhere(desk: Desk) -> None:
    desk.case(7, HERS, OTHER)
    desk.text_in(HERS, "you have the wrong number")
    assert desk.asked() == [WRONG]
    desk.answer("Yes, wrong number")
    assert desk.asked() == ["Case 7 needs a better phone number"]
    for channel in Channel:
        assert _is_wrong(desk, 7, HERS, channel)
        assert not _is_wrong(desk, 7, OTHER, channel)
    assert not _is_paused(desk, 7, OTHER)
    assert desk.status(7) == "To Dial"
    assert desk.notes(7)[-1].startswith(
        "Ann Operator decided: (402) 555-0114 is a wrong number for this client."
    )
    # A stranger's START doesn't open it again.
    desk.text_in(HERS, "START")
    assert _is_wrong(desk, 7, HERS)


def test_a_text_from_nobody_known_can_be_answered(desk: Desk) -> None:
    desk.text_in(HERS, "take me off your list")
    desk.deliver()
    assert "No case known" in desk.page()
    desk.answer("Yes, stop")
    assert desk.asked() == []
    desk.case(7, HERS)
    assert _is_refused(desk, 7, HERS)
    # And where it goes on, somebody says whose text it was.
    desk.text_in(OTHER, "take me off your list")
    desk.deliver()
    desk.answer("No, go on")
    assert desk.asked() == ["Whose text was this?"]
    desk.answer("Nobody’s")
    assert desk.asked() == []


def test_words_that_were_erased_leave_the_question(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "take me off your list")
    desk.clock.advance(days=desk.runtime.settings.retention_days + 1)
    sweep.run_due(desk.runtime)
    desk.operator = SignedIn(desk.twilio.client.application, "Ann Operator", PASSWORD)
    page = desk.page()
    assert "The words were erased on " in page
    assert "take me" not in page
    assert "overdue" in page
    desk.answer("Yes, stop")
    assert _is_refused(desk, 7, HERS)


def test_a_text_that_is_erased_on_request_says_so(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "take me off your list")
    with desk.runtime.db.begin() as connection:
        connection.execute(update(callbacks).values(body=None, target=None))
    assert "The words were erased on request." in desk.page()


def test_red_after_one_business_day(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "take me off your list")
    assert "overdue" not in desk.page()
    desk.clock.advance(hours=1.5)
    assert "90 minutes" in desk.page()


def test_who_opted_out_at_a_shared_phone(desk: Desk) -> None:
    desk.case(7, HERS, "+14025550107")
    desk.case(8, HERS, "+14025550108")
    desk.text_in(HERS, "STOP")
    assert desk.asked() == [SHARED]
    assert "Case 7" in desk.page()
    assert "Case 8" in desk.page()
    assert "Case 8 is released" in desk.answer("Not this person", number=1)
    assert desk.asked() == [SHARED]
    assert not _is_paused(desk, 8, "+14025550108")
    assert not _is_refused(desk, 8, "+14025550108")
    assert _is_refused(desk, 8, HERS)
    desk.answer("This person opted out")
    assert desk.asked() == []
    assert _is_refused(desk, 7, "+14025550107")
    # The other's answer stands.
    assert not _is_paused(desk, 8, "+14025550108")
    assert not desk.decision(8, "+14025550108").is_restricted_by(Rule.UNATTRIBUTED, Rule.OPTED_OUT)
    assert desk.status(7) == "Do not Dial"
    assert desk.status(8) == "To Dial"
    assert [line[1:] for line in desk.audited()] == [
        ("question-answered", "case 8", "Not this person", 8),
        ("question-answered", "case 7", "This person opted out", 7),
    ]


def test_both_cases_may_be_the_persons_who_opted_out(desk: Desk) -> None:
    desk.case(7, HERS, "+14025550107")
    desk.case(8, HERS, "+14025550108")
    desk.text_in(HERS, "STOP")
    desk.answer("This person opted out")
    assert desk.asked() == [SHARED]
    desk.answer("This person opted out")
    assert desk.asked() == []
    for case_id in (7, 8):
        assert _is_refused(desk, case_id, f"+140255501{case_id:02d}")
        assert desk.status(case_id) == "Do not Dial"
    late = desk.operator.post("/console/todo/shared/1", answer="not")
    assert "Ann Operator has answered this already" in words(desk.operator.get(late.location))
    assert _is_refused(desk, 7, "+14025550107")


def test_what_is_replayed_asks_nothing_twice(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "take me off your list")
    replay(desk.runtime, [1])
    assert desk.asked() == [STOP]
    desk.answer("No, go on")
    replay(desk.runtime, [1])
    assert desk.asked() == []
    assert not _is_paused(desk, 7, HERS)


def test_viewers_see_questions_without_buttons(
    desk: Desk, viewer: SignedIn, stranger: FlaskClient
) -> None:
    desk.case(7, HERS)
    desk.case(8, HERS)
    desk.text_in(HERS, "take me off your list")
    desk.text_in(HERS, "STOP")
    page = viewer.get("/console/todo")
    assert STOP in page.text
    assert SHARED in page.text
    main = page.text.partition("<main")[2]
    assert "<button" not in main
    assert "<form" not in main
    for path in (
        "/console/todo/texts/1",
        "/console/todo/shared/1",
        "/console/todo/assign",
        "/console/todo/nobody",
        "/console/todo/callbacks/1/seen",
        "/console/todo/retry",
        "/console/todo/give-up",
    ):
        assert viewer.post(path).status_code == 403
        assert desk.operator.post_forged(path).status_code == 400
        assert stranger.post(path).status_code == 401
    assert stranger.get("/console/todo").status_code == 302


@pytest.mark.parametrize("scope", ["person", "number", "channel"])
def test_yes_stop_ends_what_the_firm_has_set(runtime: Runtime, clock: Clock, scope: str) -> None:
    there = replace(runtime, settings=replace(runtime.settings, opt_out_scope=scope))
    desk = Desk(there, SignedIn(create_app(there), "Ann Operator", PASSWORD), clock)
    desk.case(7, HERS, OTHER)
    desk.text_in(HERS, "take me off your list")
    desk.answer("Yes, stop")
    assert _is_refused(desk, 7, HERS, Channel.TEXT)
    assert _is_refused(desk, 7, HERS, Channel.CALL) is (scope != "channel")
    assert _is_refused(desk, 7, OTHER, Channel.TEXT) is (scope == "person")
    assert not _is_paused(desk, 7, HERS)
    with runtime.db.read() as connection:
        [row] = connection.execute(select(opt_outs)).all()
    assert (row.scope, row.source, row.recorded_by) == (scope, "text", None)
    desk.close()


def test_odd_answers_change_nothing(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.text_in(HERS, "take me off your list")
    assert desk.operator.post("/console/todo/texts/1", answer="maybe").status_code == 400
    assert desk.operator.post("/console/todo/texts/99", answer="stop").status_code == 404
    assert desk.operator.post("/console/todo/shared/99", answer="this").status_code == 404
    assert desk.operator.post("/console/todo/shared/1", answer="perhaps").status_code == 400
    assert desk.operator.post("/console/todo/callbacks/1/seen").status_code == 404
    assert desk.asked() == [STOP]
    # A wrong number isn't what this text was asked about.
    desk.operator.post("/console/todo/texts/1", answer="wrong")
    assert desk.asked() == [STOP]
