"""What breaks for one case or one request breaks for no other, and nobody is forgotten over it."""

from dataclasses import replace
from typing import Any

import pytest

from bridge import background
from bridge.adapters import geography
from bridge.callbacks.intake import apply_fetched
from bridge.dialing import claiming, polling, reconciliation
from bridge.dialing.dialer import Dialer
from bridge.domain.events import Event
from bridge.domain.hours import Location
from bridge.domain.phones import E164
from bridge.domain.shared_phones import MOST_CASES
from bridge.runtime import Runtime
from bridge.sandbox.casebook import Case, Refused, phone
from bridge.sandbox.faults import Fault
from bridge.sandbox.manner import Manner
from bridge.store.dialing import number_health, turns
from tests.support import tables
from tests.support.processes import wait_until
from tests.support.signing import ACCOUNT_SID, call_fields
from tests.support.world import World, Worldwide


def _stumble(world: World, monkeypatch: pytest.MonkeyPatch, call: str, status: int) -> None:
    """SmartAdvocate stumbles over case 2 whenever this is asked of it."""
    real = world.sa.book.answer

    def answer(asked: str, sent: Any) -> Any:
        entries = sent.get("Cases", [sent])
        if asked == call and any(str(one.get("CaseID")) == "2" for one in entries):
            raise Refused(status, "a trigger failed")
        return real(asked, sent)

    monkeypatch.setattr(world.sa.book, "answer", answer)


def test_a_case_that_no_claim_gets_past_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for case_id in (1, 2, 3):
        world.case(case_id, manner=Manner("busy"))
    _stumble(world, monkeypatch, "UpdateCaseStatus", 500)
    for _ in range(3):
        world.poll()
        world.place()
    world.settle()
    assert [world.shown(n).disposition for n in (1, 2, 3)] == ["Busy", "Never Dialed", "Busy"]
    # It is let go in the end, and still stands where it stood.
    world.clock.advance(hours=2)
    world.sweep()
    with world.runtime.db.read() as connection:
        assert turns.of_case(connection, 2) is None


def test_who_opts_out_before_claims_are_made_one_by_one_is_not_claimed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for case_id in (1, 2, 3):
        world.case(case_id)
    real = world.sa.book.answer

    def answer(asked: str, sent: Any) -> Any:
        if asked == "UpdateCaseStatus" and len(sent["Cases"]) > 1:
            world.exchange.text_in("+14025550102", "STOP")
            world.take_in()
            raise Refused(400, "not so many at once")
        return real(asked, sent)

    monkeypatch.setattr(world.sa.book, "answer", answer)
    world.poll()
    assert [world.shown(n).status for n in (1, 2, 3)] == [
        "In the Dialer",
        "To Dial",
        "In the Dialer",
    ]
    assert world.shown(2).updates == 0


@pytest.mark.parametrize("status", [500, 400])
def test_a_case_that_cannot_be_shown_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    world.case(2)
    world.sa.order(None)
    monkeypatch.setattr(claiming, "claim", lambda *_: {})
    monkeypatch.setattr(polling, "claim", lambda *_: {})
    world.poll()  # found, and its worker died before the claim
    monkeypatch.undo()
    _stumble(world, monkeypatch, "GetCaseInfo", status)
    world.case(1, manner=Manner("busy"))
    world.poll()
    assert world.place() >= 1
    world.settle()
    assert world.shown(1).disposition == "Busy"


def test_a_campaign_that_is_refused_stops_no_other(
    worldwide: Worldwide, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = worldwide(DIAL_CAMPAIGNS="Gone, Intake follow-up")
    world.case(1)
    real = world.sa.book.answer

    def answer(asked: str, sent: Any) -> Any:
        if sent.get("Campaign") == "Gone":
            raise Refused(400, "no such campaign")
        return real(asked, sent)

    monkeypatch.setattr(world.sa.book, "answer", answer)
    assert world.poll() == 1


def test_a_refused_claim_waits_and_says_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for case_id in (1, 2):
        world.case(case_id)
    _stumble(world, monkeypatch, "UpdateCaseStatus", 400)
    world.poll()
    asked = len([one for one in world.sa.journal() if one.call == "UpdateCaseStatus"])
    assert "refused the claim" in tables.skipped(world.runtime.db)
    for _ in range(5):
        world.poll()
    assert len([one for one in world.sa.journal() if one.call == "UpdateCaseStatus"]) == asked
    world.clock.advance(hours=2)
    world.poll()
    assert len([one for one in world.sa.journal() if one.call == "UpdateCaseStatus"]) > asked


@pytest.mark.parametrize("status", ["Do not Dial", "In the Dialer"])
def test_what_is_listed_as_due_and_shown_as_something_else_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    world.case(1)
    real = world.sa.book.answer

    def answer(asked: str, sent: Any) -> Any:
        said = real(asked, sent)
        return (
            [one | {"DialerStatus": status} for one in said] if asked == "GetCasesToDial" else said
        )

    monkeypatch.setattr(world.sa.book, "answer", answer)
    assert world.poll() == 0
    assert f"shows it as {status}" in tables.skipped(world.runtime.db)
    assert world.shown(1).updates == 0


ODD: list[dict[str, Any]] = [
    {"CaseID": 10**20},
    {"CaseID": 31.7},
    {"CaseID": 0},
    {"CaseID": -5},
    {"CaseID": True},
    {"CaseID": None},
    {"CaseID": "\ud800"},
    {"Campaign": "x\ud800\x00y"},
    {"ZipCode": "\x00"},
    {"Phones": [{"Phone": "\x004025550107"}]},
    {"Attempts": {}},
    {"Attempts": "1" * 500},
    {"DialDateTime": "9999-99-99"},
    {"DialerStatus": 7},
    {"Phones": {"Phone": "4025550107"}},
    {"ZipCode": "99634"},
    {"ZipCode": "６８０４６"},
    {"ZipCode": "K1A 0B1"},
    {"ZipCode": "9" * 200},
]


def test_whatever_smartadvocate_may_send_the_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.case(1)
    real = world.sa.book.answer

    def answer(asked: str, sent: Any) -> Any:
        said = real(asked, sent)
        if asked != "GetCasesToDial":
            return said
        return [*(said[0] | {"CaseID": 100 + n} | odd for n, odd in enumerate(ODD)), *said]

    monkeypatch.setattr(world.sa.book, "answer", answer)
    world.poll()
    assert world.shown(1).status == "In the Dialer"
    assert tables.skipped(world.runtime.db).count("unusable") >= 8


def test_a_refusal_between_the_look_and_the_claim_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.case(7)

    real = world.sa.book.answer

    def late(asked: str, sent: Any) -> Any:
        # The claim is on its way when the person refuses.
        if asked == "UpdateCaseStatus":
            monkeypatch.undo()
            world.exchange.text_in("+14025550107", "STOP")
            world.deliver()
        return real(asked, sent)

    monkeypatch.setattr(world.sa.book, "answer", late)
    world.poll()
    world.deliver()
    assert world.shown(7).status == "Do not Dial"
    assert world.place() == 0


def test_a_case_that_is_never_to_be_dialed_is_told_so_once(world: World) -> None:
    world.case(1, attempts="8")
    world.sa.on_request = lambda entry: None
    for _ in range(4):
        world.poll()
    assert tables.deliveries(world.runtime.db, None, 50).count("case-1") == 1
    assert "8 of 8 attempts" in tables.skipped(world.runtime.db)


def _told(world: World) -> tuple[str, str, str]:
    case = world.shown(7)
    return case.status, case.disposition, case.attempts


def _late(world: World, route: str, **fields: str) -> None:
    (call,) = [one for one in world.exchange.calls() if one.parent_sid is None]
    base = call_fields(call.sid, "in-progress", 9, To=call.to)
    query = call.params["StatusCallback"][0].partition("?")[2].partition("#")[0]
    world.exchange._courier.post(f"{world.url}{route}?{query}", base | fields)
    world.settle()


def test_a_machine_that_is_recognised_late_undoes_what_the_call_had_set(
    worldwide: Worldwide,
) -> None:
    world = worldwide(CAMPAIGN_GOALS="*=heard")
    world.case(7, manner=Manner(talks_for=25))
    world.round()
    assert _told(world) == ("Do not Dial", "Successful", "1")
    _late(world, "/twilio/voice/amd", AnsweredBy="machine_start")
    assert _told(world) == ("To Dial", "Answering Machine", "1")
    assert "Correction" in world.shown(7).notes[-1]


def test_a_connection_that_was_none_undoes_it_too(worldwide: Worldwide) -> None:
    world = worldwide(CAMPAIGN_GOALS="*=heard")
    world.case(7, manner=Manner(talks_for=25))
    world.round()
    _late(world, "/twilio/voice/dialed", DialCallStatus="no-answer", DialBridged="false")
    assert _told(world) == ("To Dial", "No Answer", "1")


@pytest.mark.parametrize("by", ["a person at the firm", "the client"])
def test_nobody_elses_do_not_dial_is_ever_undone(worldwide: Worldwide, by: str) -> None:
    world = worldwide(CAMPAIGN_GOALS="*=heard")
    world.case(7, manner=Manner(talks_for=25))
    world.round()
    if by == "the client":
        world.exchange.text_in("+14025550107", "STOP")
    else:
        world.clock.advance(minutes=5)
        noon = "2026-11-24T12:30:00"
        world.sa.book.add(Case(**vars(world.shown(7)) | {"dial_at": noon}))
    _late(world, "/twilio/voice/amd", AnsweredBy="machine_start")
    assert _told(world)[0] == "Do not Dial"


def test_an_answer_without_a_sid_is_a_lost_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.case(7, manner=Manner("busy", mute=True))
    world.poll()
    with monkeypatch.context() as patch:
        patch.setattr("bridge.sandbox.rest.call_resource", lambda *_: {})
        assert world.place() == 1
    world.settle()
    for _ in range(3):
        world.clock.advance(seconds=61)
        world.ask()
        assert world.place() == 0
    assert len(world.exchange.calls()) == 1
    assert _told(world) == ("To Dial", "Busy", "1")


def test_another_apps_call_is_not_taken_for_ours(world: World) -> None:
    number = world.case(7, manner=Manner("busy"))
    world.poll()
    world.exchange.order(Fault(only="calls", drop="before", count=1))
    assert world.place() == 1
    params = {"To": [number], "From": ["+14025550123"], "Url": ["http://127.0.0.1:9/"]}
    world.exchange.place(params)
    for _ in range(2):
        world.clock.advance(seconds=61)
        world.ask()
    assert world.place() == 1


def test_texts_that_the_account_may_not_send_stop_no_calls(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0")
    for case_id in (1, 2):
        world.case(case_id, manner=Manner("busy"))
    world.exchange.order(Fault(only="texts", status=400, code=30034))
    world.poll()
    world.place()
    world.clock.advance(seconds=2)
    world.place()
    world.settle()
    assert [world.shown(n).disposition for n in (1, 2)] == ["Busy", "Busy"]
    assert sum("not delivered" in note for n in (1, 2) for note in world.shown(n).notes) == 1
    assert "texts" in tables.pauses(world.runtime.db)


def test_a_text_that_never_arrived_goes_out_ahead_of_its_call(worldwide: Worldwide) -> None:
    """Its answer was lost: Twilio is asked first, and the text placed again."""
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0")
    world.case(1, manner=Manner("busy"))
    world.exchange.order(Fault(only="texts", drop="before", count=1))
    world.poll()
    world.place()
    world.clock.advance(seconds=2)
    world.place()
    assert (world.exchange.texts(), world.exchange.calls()) == ([], [])
    for _ in range(10):
        world.clock.advance(minutes=3)
        world.ask()
        world.settle()
        world.place()
    assert len(world.exchange.texts()) == len(world.exchange.calls()) == 1
    assert world.exchange.texts()[0].created_at < world.exchange.calls()[0].created_at


def test_a_twilio_that_fails_is_not_hammered(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true")
    for case_id in range(1, 41):
        world.case(case_id)
    world.poll()
    world.exchange.order(Fault(only="texts", status=503))
    assert world.place() < 10
    world.exchange.order(None)


def test_one_bad_call_is_one_strike(world: World) -> None:
    number = world.case(7)
    world.round()
    sid = "CA" + "7" * 32
    told = [("failed", 3, "404"), ("ringing", 1, ""), ("initiated", 0, ""), ("failed", 3, "404")]
    for status, sequence, sip in told:
        fields = call_fields(sid, status, sequence, To=number) | (
            {"SipResponseCode": sip} if sip else {}
        )
        world.exchange._courier.post(f"{world.url}/twilio/voice/status", fields)
        world.take_in()
    with world.runtime.db.read() as connection:
        assert number_health.out_of_use(connection, {E164(number)}) == {}


def test_what_is_under_way_is_followed_when_dialing_is_turned_off(world: World) -> None:
    world.case(1, manner=Manner("busy", mute=True))
    world.case(2)
    world.poll()
    assert world.place(1) == 1
    world.settle_calls()
    world.clock.advance(minutes=1)
    off = replace(world.runtime.settings, dial_enabled=False)
    dialer = Dialer(replace(world.runtime, settings=off), world.remote, world.twilio)
    dialer.start()
    try:
        wait_until(
            lambda: bool(tables.deliveries(world.runtime.db, "pending", 9).strip().count("status")),
            "nobody asks Twilio",
        )
    finally:
        dialer.stop()
        assert dialer.finish(5)
    world.deliver()
    assert world.shown(1).disposition == "Busy"
    assert len(world.exchange.calls()) == 1


def test_a_machine_is_hung_up_on_though_the_first_try_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.case(7)
    world.exchange.queueing = True
    world.poll()
    world.place()
    (call,) = world.exchange.calls()
    query = call.params["AsyncAmdStatusCallback"][0]
    fields = {"CallSid": call.sid, "AccountSid": ACCOUNT_SID, "AnsweredBy": "machine_start"}
    world.exchange._courier.post(query, fields)
    world.take_in()
    world.exchange.order(Fault(only="changes", status=500, count=1))
    assert reconciliation.handle_machines(world.runtime, world.twilio) == 1
    assert reconciliation.handle_machines(world.runtime, world.twilio) == 0
    world.clock.advance(seconds=11)
    assert reconciliation.handle_machines(world.runtime, world.twilio) == 1
    world.clock.advance(seconds=11)
    assert reconciliation.handle_machines(world.runtime, world.twilio) == 0
    world.exchange.queueing = False


def test_a_number_of_many_cases_is_nobodys_own(world: World) -> None:
    clinic = phone("4025550190", primary=False, text=False)
    for case_id in range(1, MOST_CASES + 2):
        world.case(case_id, phones=[phone(f"40255501{case_id:02d}"), clinic])
    world.poll()
    world.exchange.text_in("+14025550101", "STOP")
    world.settle()
    assert sum(case.status == "Do not Dial" for case in world.sa.book.all()) == 1


def test_what_breaks_at_one_contact_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for case_id in (1, 2, 3):
        world.case(case_id)
    world.poll()

    def broken(phone: E164, zip_code: str) -> Location:
        if phone == "+14025550101":
            raise LookupError(zip_code)
        return geography.locate(phone, zip_code)

    monkeypatch.setattr(background, "locate", broken)
    assert world.place() == 2
    monkeypatch.undo()
    world.clock.advance(minutes=6)
    assert world.place() == 1


def test_an_answer_that_breaks_the_bridge_holds_up_no_other_question(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for case_id in (1, 2):
        world.case(case_id, manner=Manner("busy", mute=True))
    world.poll()
    assert world.place() == 2
    world.settle()

    def broken(runtime: Runtime, event: Event) -> None:
        if event.case_id == 1:
            raise LookupError("odd")
        apply_fetched(runtime, event)

    monkeypatch.setattr("bridge.dialing.reconciliation.apply_fetched", broken)
    world.clock.advance(minutes=1)
    world.ask()
    assert [world.shown(n).disposition for n in (1, 2)] == ["Never Dialed", "Busy"]
    monkeypatch.undo()
    world.clock.advance(minutes=2)
    world.ask()
    assert world.shown(1).disposition == "Busy"
