"""Calls at the pretend Twilio: how they go and what is told of them, checked by Twilio's SDK."""

import pytest

from bridge.sandbox.manner import Manner
from bridge.sandbox.switchboard import Webhooks
from tests.sandbox.stage import FIRM, FROM, PERSON, SAY, SID, Stage, statuses, values_of


@pytest.mark.parametrize(
    ("manner", "end", "sip", "lasted"),
    [
        (Manner(talks_for=61), "completed", "200", ("61", "2")),
        (Manner("machine", talks_for=9), "completed", "200", ("9", "1")),
        (Manner("busy"), "busy", "486", ("0", "0")),
        (Manner("no-answer"), "no-answer", "487", ("0", "0")),
        (Manner("failed", sip_code=603), "failed", "603", ("0", "0")),
    ],
)
def test_every_fate(
    stage: Stage, manner: Manner, end: str, sip: str, lasted: tuple[str, str]
) -> None:
    stage.manners[PERSON] = manner
    call = stage.call()
    stage.settle()
    answered = end == "completed"
    words = ["initiated", "ringing", *(["in-progress"] if answered else []), end]
    assert statuses(stage) == [(str(number), word) for number, word in enumerate(words)]
    last = next(one for one in stage.app.at("/status") if one["CallStatus"] == end)
    assert values_of(last, "SipResponseCode", "CallDuration", "Duration") == (sip, *lasted)
    assert values_of(last, "To", "CallbackSource") == (PERSON, "call-progress-events")
    assert stage.by_sid(call.sid).heard == (["Hello"] if answered else [])
    assert len(stage.app.at("/answer")) == answered
    assert stage.client.calls(call.sid).fetch().status == end


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (None, [("0", "completed")]),
        (["answered", "completed"], [("0", "in-progress"), ("1", "completed")]),
    ],
)
def test_sequence_numbers_count_what_is_subscribed(
    stage: Stage, events: list[str] | None, told: list[tuple[str, str]]
) -> None:
    stage.call(status_callback_event=events)
    stage.settle()
    assert statuses(stage) == told


def test_a_key_leads_to_the_firm(stage: Stage) -> None:
    stage.manners |= {PERSON: Manner(key="1"), FIRM: Manner(talks_for=33)}
    url = stage.app.url
    stage.app.pages |= {
        "/answer": f'<Response><Gather numDigits="1" action="{url}/key"><Say>Press 1</Say></Gather>'
        "<Say>Nothing was pressed</Say></Response>",
        "/key": f'<Response><Dial action="{url}/dialed" callerId="{FROM}"><Number '
        f'statusCallback="{url}/leg" statusCallbackEvent="initiated ringing answered completed">'
        f"{FIRM}</Number></Dial></Response>",
        "/dialed": "<Response><Hangup/></Response>",
    }
    made = stage.call()
    stage.settle()
    (key,), (dialed,) = stage.app.at("/key"), stage.app.at("/dialed")
    assert values_of(key, "Digits", "CallStatus", "CallSid") == ("1", "in-progress", made.sid)
    parent, leg = stage.board.calls()
    assert (parent.heard, parent.bridged) == (["Press 1"], True)
    assert (leg.to, leg.parent_sid, leg.status) == (FIRM, made.sid, "completed")
    told = values_of(dialed, "DialBridged", "DialCallStatus", "DialCallSid", "DialCallDuration")
    assert told == ("true", "completed", leg.sid, "33")
    legs = sorted(stage.app.at("/leg"), key=lambda one: int(one["SequenceNumber"]))
    words = ["initiated", "ringing", "in-progress", "completed"]
    assert [one["CallStatus"] for one in legs] == words
    own = {values_of(one, "CallSid", "ParentCallSid", "Direction") for one in legs}
    assert own == {(leg.sid, made.sid, "outbound-dial")}
    (listed,) = stage.client.calls.list(parent_call_sid=made.sid)
    assert (listed.sid, listed.direction) == (leg.sid, "outbound-dial")


@pytest.mark.parametrize("posts", [False, True])
def test_silence_goes_on_or_is_told(stage: Stage, posts: bool) -> None:
    more = 'actionOnEmptyResult="true"' if posts else ""
    stage.app.pages |= {
        "/answer": f'<Response><Gather action="{stage.app.url}/key" {more}><Say>Press</Say>'
        "</Gather><Say>Goodbye</Say></Response>",
        "/key": SAY,
    }
    made = stage.call()
    stage.settle()
    assert [one["Digits"] for one in stage.app.at("/key")] == [""] * posts
    assert stage.by_sid(made.sid).heard == ["Press", "Hello" if posts else "Goodbye"]


@pytest.mark.parametrize(
    ("answers", "mode", "verdict"),
    [
        ("human", "Enable", "human"),
        ("machine", "Enable", "machine_start"),
        ("machine", "DetectMessageEnd", "machine_end_beep"),
    ],
)
def test_detection_tells_four_fields(stage: Stage, answers: str, mode: str, verdict: str) -> None:
    stage.manners[PERSON] = Manner(answers)
    url = f"{stage.app.url}/amd"
    made = stage.call(machine_detection=mode, async_amd="true", async_amd_status_callback=url)
    stage.settle()
    (told,) = stage.app.at("/amd")
    assert set(told) == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}
    assert values_of(told, "CallSid", "AccountSid", "AnsweredBy") == (made.sid, SID, verdict)
    assert stage.client.calls(made.sid).fetch().answered_by == verdict


def test_inline_twiml_is_heard(stage: Stage) -> None:
    made = stage.call(url=None, twiml=SAY)
    stage.settle()
    assert stage.by_sid(made.sid).heard == ["Hello"]


def test_people_call(stage: Stage) -> None:
    url = stage.app.url
    dial = f'<Dial action="{url}/dialed"><Number>{FIRM}</Number></Dial>'
    stage.app.pages |= {"/ring": f"<Response>{dial}</Response>", "/dialed": SAY}
    stage.board.webhooks = Webhooks("", f"{url}/ring", f"{url}/status")
    stage.manners[FIRM] = Manner(picks_up_for_firm=False)
    call = stage.board.call_in(PERSON)
    stage.settle()
    (asked,), (dialed,) = stage.app.at("/ring"), stage.app.at("/dialed")
    assert values_of(asked, "From", "To", "CallStatus") == (PERSON, FROM, "ringing")
    assert values_of(dialed, "DialBridged", "DialCallStatus") == ("false", "no-answer")
    assert (call.bridged, call.heard, call.status) == (False, ["Hello"], "completed")
    assert [one["Direction"] for one in stage.app.at("/status")] == ["inbound"]
