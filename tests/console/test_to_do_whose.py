"""To do: whose call or text was this? And what Twilio sent that could not be used."""

import pytest
from sqlalchemy import select

from bridge.callbacks.intake import replay
from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.decisions import Rule
from bridge.domain.matching import Evidence
from bridge.store.callbacks import communications
from bridge.store.reporting.deliveries import DeliveryState
from bridge.store.tables import callbacks, deliveries
from tests.support.console import SignedIn, words
from tests.support.desk import Desk
from tests.support.posting import CALL
from tests.support.signing import FIRM, call_fields

HERS, OTHER, THIRD = "+14025550114", "+14025550115", "+14025550116"
ABROAD = "+442079460114"
SID = "CA" + "1" * 32
CALL_IN = {"Direction": "inbound", "From": HERS, "To": FIRM}


def _called_in(desk: Desk, sid: str = SID, **more: str) -> None:
    """A call that comes in and is over; SmartAdvocate knows no case with its number."""
    desk.call(sid, "ringing", 0, **CALL_IN | more)
    desk.call(sid, "no-answer", 1, **CALL_IN | more)
    desk.deliver()


def test_an_unmatched_call_is_assigned_and_its_case_is_told(desk: Desk) -> None:
    _called_in(desk)
    assert desk.asked() == ["Whose call was this?"]
    desk.case(7, OTHER)
    assert "Assigned to case 7." in desk.answer("Assign", case="7")
    assert desk.asked() == []
    assert desk.notes(7) == ["Call from (402) 555-0114: missed. [CA…1111]"]
    with desk.runtime.db.read() as connection:
        found = communications.find(connection, SID)
        states = connection.scalars(select(deliveries.c.state).order_by(deliveries.c.id)).all()
    assert found is not None
    assert (found.case_id, found.evidence) == (7, Evidence.ASSIGNED)
    assert (found.campaign, found.outcome) == ("Spring", ContactOutcome.MISSED)
    assert states == [DeliveryState.GIVEN_UP, DeliveryState.DELIVERED]
    assert desk.audited() == [
        ("Ann Operator", "case-assigned", "call with …0114", "case 7", 7),
    ]
    # Later callbacks of the call follow it, and a replay changes nothing.
    desk.call(SID, "completed", 2, CallDuration="40", **CALL_IN)
    replay(desk.runtime, [1, 2])
    desk.deliver()
    assert desk.asked() == []
    with desk.runtime.db.read() as connection:
        assert communications.case_of(connection, SID) == 7
        assert set(connection.scalars(select(callbacks.c.case_id))) == {7}


def test_several_callbacks_of_one_call_are_one_question(desk: Desk) -> None:
    withheld = {"From": "", "Direction": "inbound", "To": FIRM}
    for sequence, status in enumerate(("no-answer", "completed", "busy")):
        desk.call(SID, status, sequence, **withheld)
    assert desk.asked() == ["Whose call was this?"]
    assert "no number" in desk.page()
    assert "nobody is told" in desk.answer("Nobody’s")
    assert desk.asked() == []
    # Nor is it asked again when more of it comes.
    desk.call(SID, "failed", 7, **withheld)
    assert desk.asked() == []
    with desk.runtime.db.read() as connection:
        assert connection.execute(select(deliveries)).all() == []
    assert desk.audited()[-1][1:4] == ("callback-settled", "call with no number", "Nobody's")


def test_who_assigns_second_learns_who_was_first(desk: Desk) -> None:
    _called_in(desk)
    desk.case(7, OTHER)
    desk.case(8)
    desk.answer("Assign", case="7")
    for path, fields in (("assign", {"case": "8"}), ("nobody", {})):
        late = desk.operator.post(f"/console/todo/{path}", sid=SID, **fields)
        assert "Ann Operator has answered this already" in words(desk.operator.get(late.location))
    assert desk.notes(8) == []
    with desk.runtime.db.read() as connection:
        assert communications.case_of(connection, SID) == 7


def test_a_case_that_was_never_seen_is_warned_of(desk: Desk) -> None:
    _called_in(desk)
    for typed in ("", "seven", "-7", "0", "9" * 19, "٧"):
        assert desk.press("Assign", case=typed).status_code == 400
    warned = desk.press("Assign", case="99")
    assert warned.status_code == 400
    assert "never seen a case 99" in words(warned)
    assert desk.asked() != []
    done = desk.operator.post("/console/todo/assign", sid=SID, case="99", confirmed="yes")
    assert done.status_code == 303
    assert desk.asked() == []
    gone = desk.operator.post("/console/todo/assign", sid="CA" + "9" * 32, case="7")
    assert gone.status_code == 404


def test_an_ambiguous_call_offers_the_cases_that_have_its_number(desk: Desk) -> None:
    desk.case(7, HERS)
    desk.case(8, HERS)
    # Another app's call, to a phone of two cases.
    desk.call(SID, "busy", 0, To=HERS, From=FIRM)
    desk.deliver()
    assert desk.asked() == ["Whose call was this?"]
    before = len(desk.notes(7)) + len(desk.notes(8))
    desk.answer("Case 8’s")
    assert desk.asked() == []
    # Its note went to the number's cases before; now the case's status follows.
    assert len(desk.notes(7)) + len(desk.notes(8)) == before
    with desk.runtime.db.read() as connection:
        [status] = connection.execute(select(deliveries).where(deliveries.c.kind == "status")).all()
    assert (status.case_id, status.payload["disposition"]) == (8, "Busy")


def test_words_of_nobody_known_are_told_to_the_case_they_are_assigned_to(desk: Desk) -> None:
    desk.text_in(HERS, "Can you call me back? <b>Thanks</b>")
    desk.deliver()
    assert desk.asked() == ["Whose text was this?"]
    assert "&lt;b&gt;" in desk.operator.get("/console/todo").text
    desk.case(7, OTHER)
    desk.answer("Assign", case="7")
    [note] = desk.notes(7)
    assert "Can you call me back?" in note


def test_a_stop_of_nobody_known_ends_the_case_it_is_assigned_to(desk: Desk) -> None:
    desk.text_in(HERS, "STOP")
    desk.deliver()
    assert desk.asked() == ["Whose text was this?"]
    desk.case(7, OTHER)
    assert not desk.decision(7, OTHER).is_restricted_by(Rule.OPTED_OUT)
    desk.answer("Assign", case="7")
    assert desk.decision(7, OTHER).is_restricted_by(Rule.OPTED_OUT)
    assert desk.status(7) == "Do not Dial"
    assert any("opted out" in note for note in desk.notes(7))


def test_a_start_from_monday_does_not_lift_the_stop_of_tuesday(desk: Desk) -> None:
    started = desk.text_in(HERS, "START")
    desk.deliver()
    desk.text_in(HERS, "STOP")
    desk.deliver()
    desk.case(7, OTHER)
    done = desk.operator.post("/console/todo/assign", sid=started, case="7")
    assert done.status_code == 303
    desk.answer("Assign", case="7")
    assert desk.decision(7, OTHER).is_restricted_by(Rule.OPTED_OUT)


def test_what_a_replay_matches_leaves(desk: Desk) -> None:
    _called_in(desk)
    assert len(desk.asked()) == 1
    desk.case(7, HERS)
    replay(desk.runtime, [2])
    assert desk.asked() == []


def test_what_could_not_be_used_is_shown_and_settled(desk: Desk, viewer: SignedIn) -> None:
    fields = call_fields(SID, "ringing", 0, To=HERS) | {"CallSid": "<script>x</script>"}
    assert desk.twilio.post(CALL, fields).status_code == 400
    assert desk.asked() == ["Twilio sent something that could not be used"]
    shown = viewer.get("/console/todo/callbacks/1")
    assert "<script>x" not in shown.text
    assert "&lt;script&gt;x" in shown.text
    assert HERS not in shown.text
    assert "…0114" in shown.text
    assert "Seen" not in words(shown)
    assert "Settled." in desk.answer("Seen")
    assert desk.asked() == []
    again = desk.operator.post("/console/todo/callbacks/1/seen")
    assert "Ann Operator has answered" in words(desk.operator.get(again.location))
    assert desk.operator.get("/console/todo/callbacks/99").status_code == 404


def test_a_status_without_a_word_is_shown_and_settled(desk: Desk) -> None:
    desk.call(SID, "levitating", 0, To=HERS)
    assert desk.asked() == ["Please look at this"]
    assert "levitating" in desk.page()
    desk.answer("Seen")
    assert desk.asked() == []


def test_a_stop_in_free_words_ends_the_case_it_is_assigned_to(desk: Desk) -> None:
    desk.text_in(HERS, "take me off your list")
    desk.deliver()
    desk.answer("Yes, stop")
    # Whose opt-out it is, is still to be said.
    desk.deliver()
    assert desk.asked() == ["Whose text was this?"]
    desk.case(7, OTHER)
    desk.answer("Assign", case="7")
    assert desk.decision(7, OTHER).is_restricted_by(Rule.OPTED_OUT)
    assert desk.status(7) == "Do not Dial"
    assert any("opted out" in note for note in desk.notes(7))


@pytest.mark.parametrize("answer", ["Yes, stop", "No, go on"])
def test_whose_a_text_was_is_asked_after_an_outage_of_smartadvocate(
    desk: Desk, answer: str
) -> None:
    desk.text_in(HERS, "take me off your list")
    desk.answer(answer)
    assert desk.asked() == []
    desk.deliver()
    assert desk.asked() == ["Whose text was this?"]


def test_a_repeated_stop_ends_the_case_it_is_assigned_to(desk: Desk) -> None:
    # SmartAdvocate finds no cases by numbers from abroad, so each text is asked about.
    desk.text_in(ABROAD, "STOP")
    desk.text_in(ABROAD, "stop")
    assert desk.asked() == ["Whose text was this?"] * 2
    desk.case(7, OTHER)
    desk.answer("Assign", number=1, case="7")
    assert desk.decision(7, OTHER).is_restricted_by(Rule.OPTED_OUT)
    assert desk.status(7) == "Do not Dial"
    assert any("“stop”" in note for note in desk.notes(7))


def test_each_stop_ends_the_case_it_is_assigned_to(desk: Desk) -> None:
    """Two people wrote from there: the second STOP is the other one's."""
    first, second = desk.text_in(ABROAD, "STOP"), desk.text_in(ABROAD, "stop")
    desk.case(7, OTHER)
    desk.case(8, THIRD)
    for sid, case in ((first, "7"), (second, "8")):
        done = desk.operator.post("/console/todo/assign", sid=sid, case=case)
        assert done.status_code == 303
    for case_id, phone in ((7, OTHER), (8, THIRD)):
        assert desk.decision(case_id, phone).is_restricted_by(Rule.OPTED_OUT)
        assert desk.status(case_id) == "Do not Dial"
        assert sum("opted out" in note for note in desk.notes(case_id)) == 1


def test_a_stop_that_start_has_lifted_since_is_only_told(desk: Desk) -> None:
    desk.text_in(ABROAD, "STOP")
    desk.text_in(ABROAD, "START")
    desk.case(7, OTHER)
    desk.answer("Assign", case="7")
    assert not desk.decision(7, OTHER).is_restricted_by(Rule.OPTED_OUT)
    [note] = desk.notes(7)
    assert "“STOP”" in note
    assert "opted out" not in note
