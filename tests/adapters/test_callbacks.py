"""Twilio's callbacks, recorded and constructed, in the bridge's words."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callback_kinds import KINDS, ROUTES
from bridge.adapters.twilio.callbacks import form_fields, read
from bridge.adapters.twilio.codes import explain
from bridge.adapters.twilio.vocabulary import talk
from bridge.domain.events import AnsweredBy, Direction, Event, Status, Talk, Topic
from bridge.errors import Unusable

PAYLOADS = Path(__file__).parents[1] / "payloads"
STATUSES: list[dict[str, Any]] = json.loads((PAYLOADS / "statuses.json").read_text())["cases"]
CALL = "/twilio/voice/status"
TEXT = "/twilio/messages/status"


def _recorded(name: str, kind: str) -> dict[str, bytes]:
    cases = json.loads((PAYLOADS / name).read_text())["cases"]
    return {case["id"]: case["body"].encode() for case in cases if case["kind"] == kind}


RECORDED_CALLS = _recorded("voice_status_recorded.json", "voice_status")
RECORDED_TEXTS = _recorded("sms_misc.json", "sms_status")


def _event(channel: Topic, body: bytes, target: str = CALL) -> Event:
    event = read(channel, target, form_fields(body)).event
    assert event is not None
    return event


@pytest.mark.parametrize(
    ("name", "status", "person", "answer", "duration", "sip_code", "sequence"),
    [
        ("voice-completed-amd-human", "completed", "+551100000000", "human", 49, None, 3),
        ("voice-busy-sip486", "busy", "+260900000000", "unsaid", 0, 486, 2),
        ("voice-completed-sip200", "completed", "+810000000000", "unsaid", 1, 200, 0),
        ("voice-no-answer-sip487", "no-answer", "client:888", "unsaid", 0, 487, 0),
        ("voice-completed-2016", "completed", "+18030000000", "unsaid", 10, None, 0),
    ],
)
def test_recorded_calls(
    name: str,
    status: str,
    person: str,
    answer: str,
    duration: int,
    sip_code: int | None,
    sequence: int,
) -> None:
    event = _event(Topic.CALL, RECORDED_CALLS[name])
    assert (event.status, event.person, event.answer) == (status, person, answer)
    assert (event.duration, event.sip_code, event.sequence) == (duration, sip_code, sequence)
    assert event.direction is Direction.OUTBOUND


def test_every_recorded_call_is_tried() -> None:
    assert len(RECORDED_CALLS) == 5


@pytest.mark.parametrize("name", RECORDED_TEXTS)
def test_recorded_texts(name: str) -> None:
    event = _event(Topic.TEXT, RECORDED_TEXTS[name], TEXT)
    assert event.status is (Status.FAILED if "error" in name else Status.DELIVERED)
    assert event.error_code == (98989 if "error" in name else None)


@pytest.mark.parametrize("case", STATUSES, ids=lambda case: case["id"])
def test_every_status_in_both_directions(case: dict[str, Any]) -> None:
    channel = Topic(case["channel"])
    event = _event(channel, urlencode(case["fields"]).encode(), ROUTES[channel])
    expected = case["expected"]
    assert event.status == expected["status"]
    assert event.direction == expected["direction"]
    assert event.person == expected["person"]


def test_every_status_has_a_payload() -> None:
    seen = {(case["channel"], case["expected"]["status"]) for case in STATUSES}
    calls = {
        "queued",
        "initiated",
        "ringing",
        "in-progress",
        "completed",
        "busy",
        "no-answer",
        "failed",
        "canceled",
    }
    texts = {
        "accepted",
        "scheduled",
        "queued",
        "sending",
        "sent",
        "delivered",
        "undelivered",
        "failed",
        "canceled",
        "read",
        "receiving",
        "received",
        "partially_delivered",
    }
    assert {status for channel, status in seen if channel == "call"} == calls
    assert {status for channel, status in seen if channel == "text"} == texts


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("human", AnsweredBy.HUMAN),
        ("machine_start", AnsweredBy.MACHINE),
        ("machine_end_beep", AnsweredBy.MACHINE),
        ("machine_end_silence", AnsweredBy.MACHINE),
        ("machine_end_other", AnsweredBy.MACHINE),
        ("fax", AnsweredBy.MACHINE),
        ("unknown", AnsweredBy.UNSAID),
        ("robot", AnsweredBy.UNSAID),
        ("", AnsweredBy.UNSAID),
    ],
)
def test_who_answered(word: str, answer: AnsweredBy) -> None:
    fields = MultiDict({"CallSid": "CA1", "CallStatus": "completed", "AnsweredBy": word})
    event = read(Topic.CALL, CALL, fields).event
    assert event is not None
    assert event.answer is answer


@pytest.mark.parametrize(
    ("digits", "status", "heard"),
    [
        ({"Digits": "1"}, "in-progress", Talk.HEARD),
        ({"Digits": "7"}, "completed", Talk.HEARD),
        ({"Digits": ""}, "in-progress", Talk.HEARD),
        ({}, "in-progress", Talk.HEARD),
        # Whoever hung up in the middle of it hasn't heard it.
        ({"Digits": ""}, "completed", Talk.UNSAID),
    ],
)
def test_a_key_or_the_silence_behind_the_prompt_says_that_it_was_heard(
    digits: dict[str, str], status: str, heard: Talk
) -> None:
    said = MultiDict({"CallSid": "CA1", "CallStatus": status} | digits)
    reading = read(Topic.KEY, ROUTES[Topic.KEY], said)
    assert reading.event is not None
    assert reading.event.talk is heard
    assert reading.event.answer is (AnsweredBy.HUMAN if digits.get("Digits") else AnsweredBy.UNSAID)


@pytest.mark.parametrize(
    ("bridged", "leg", "spoke"),
    [
        ("true", "completed", Talk.BRIDGED),
        ("false", "completed", Talk.MISSED),
        ("False", "busy", Talk.MISSED),
        ("", "completed", Talk.BRIDGED),
        ("", "answered", Talk.BRIDGED),
        ("", "no-answer", Talk.MISSED),
        ("", "busy", Talk.MISSED),
        ("", "failed", Talk.MISSED),
        ("", "canceled", Talk.MISSED),
        ("", "", Talk.UNSAID),
        ("perhaps", "busy", Talk.UNSAID),
    ],
)
def test_who_was_put_through(bridged: str, leg: str, spoke: Talk) -> None:
    assert talk(bridged, leg) is spoke


def test_minutes_are_never_taken_for_seconds() -> None:
    fields = MultiDict({"CallSid": "CA1", "CallStatus": "completed", "Duration": "1"})
    event = read(Topic.CALL, CALL, fields).event
    assert event is not None
    assert event.duration is None


@pytest.mark.parametrize(
    ("query", "case_id"),
    [
        ("", None),
        ("?CaseID=515512", 515512),
        ("?CaseID=", None),
        ("?CaseID=%20", None),
        ("?x=1&CaseID=7&y=2", 7),
        ("?CaseID=7&CaseID=7", 7),
        ("?caseid=7", None),
    ],
)
def test_case_in_the_url(query: str, case_id: int | None) -> None:
    fields = MultiDict({"CallSid": "CA1", "CallStatus": "ringing"})
    event = read(Topic.CALL, CALL + query, fields).event
    assert event is not None
    assert event.case_id == case_id


@pytest.mark.parametrize(
    "query",
    [
        "?CaseID=abc",
        "?CaseID=-7",
        "?CaseID=0",
        "?CaseID=7.5",
        "?CaseID=7&CaseID=8",
        "?CaseID=99999999999999999999",
        "?CaseID=4294967296",
        "?CaseID=%D9%A7",
        "?CaseID=7;drop",
    ],
)
def test_a_case_that_is_no_number_is_unusable(query: str) -> None:
    with pytest.raises(Unusable, match="CaseID"):
        read(Topic.CALL, CALL + query, MultiDict({"CallSid": "CA1", "CallStatus": "ringing"}))


@pytest.mark.parametrize(
    ("channel", "fields", "names"),
    [
        (Topic.CALL, {"CallStatus": "ringing"}, "CallSid"),
        (Topic.CALL, {"CallSid": "CA1"}, "CallStatus"),
        (Topic.CALL, {"CallSid": " ", "CallStatus": "ringing"}, "CallSid"),
        (Topic.CALL, {"CallSid": "CA\0", "CallStatus": "ringing"}, "CallSid"),
        (Topic.CALL, {"CallSid": "C" * 65, "CallStatus": "ringing"}, "CallSid"),
        (Topic.CALL, {"CallSid": "CA1", "CallStatus": "<b>"}, "CallStatus"),
        (Topic.CALL, {"MessageSid": "SM1", "MessageStatus": "sent"}, "CallSid"),
        (Topic.TEXT, {"MessageStatus": "sent"}, "MessageSid"),
        (Topic.TEXT, {}, "MessageStatus"),
    ],
)
def test_what_names_no_call_or_no_status_is_unusable(
    channel: Topic, fields: dict[str, str], names: str
) -> None:
    with pytest.raises(Unusable, match=names):
        read(channel, ROUTES[channel], MultiDict(fields))


def test_a_word_that_nobody_knows_is_kept_for_a_person() -> None:
    reading = read(Topic.CALL, CALL, MultiDict({"CallSid": "CA1", "CallStatus": "teleported"}))
    assert (reading.event, reading.status) == (None, "teleported")


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "CallSid",
                "CallStatus",
                "SequenceNumber",
                "Timestamp",
                "CallDuration",
                "To",
                "SipResponseCode",
                "ErrorCode",
                "AnsweredBy",
                "Direction",
                "ParentCallSid",
                "Other",
            ]
        ),
        st.text(max_size=30) | st.sampled_from(["CA1", "completed", "3", "9" * 30, "-1", "٣"]),
    ),
    st.text(max_size=20),
)
def test_nothing_crashes(fields: dict[str, str], query: str) -> None:
    try:
        reading = read(Topic.CALL, f"{CALL}?{query}", MultiDict(fields))
    except Unusable:
        return
    assert len(reading.event_key) <= 160


def test_moments_are_utc() -> None:
    said = {
        "CallSid": "CA1",
        "CallStatus": "ringing",
        "Timestamp": "Mon, 23 Nov 2026 12:00:00 -0500",
    }
    event = read(Topic.CALL, CALL, MultiDict(said)).event
    assert event is not None
    assert event.occurred_at == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    for odd in ("yesterday", "", "Mon, 99 Nov 2026 12:00:00 +0000"):
        event = read(Topic.CALL, CALL, MultiDict(said | {"Timestamp": odd})).event
        assert event is not None
        assert event.occurred_at is None


BASE = {"CallSid": "CA1", "CallStatus": "completed", "SequenceNumber": "3"}


@pytest.mark.parametrize(
    "other",
    [{"CallStatus": "busy"}, {"SequenceNumber": "2"}, {"ErrorCode": "1"}, {"AnsweredBy": "fax"}],
)
def test_different_events_have_different_keys(other: dict[str, str]) -> None:
    first = read(Topic.CALL, CALL, MultiDict(BASE))
    assert read(Topic.CALL, CALL, MultiDict(BASE | other)).event_key != first.event_key
    assert read(Topic.CALL, CALL + "?CaseID=7", MultiDict(BASE)).event_key != first.event_key


def test_a_duplicate_has_the_same_key_whatever_else_twilio_adds() -> None:
    first = read(Topic.CALL, CALL, MultiDict(BASE))
    again = read(Topic.CALL, CALL, MultiDict(BASE | {"Tomorrow": "x", "CallerCity": ""}))
    assert again.event_key == first.event_key


def test_repeated_empty_and_utf8_fields_are_kept_for_the_signature() -> None:
    fields = form_fields(b"A=1&A=2&B=&City=S%C3%A3o%20Paulo&C=a+b")
    assert fields.getlist("A") == ["1", "2"]
    assert (fields["B"], fields["City"], fields["C"]) == ("", "São Paulo", "a b")
    with pytest.raises(Unusable):
        form_fields(b"&".join(b"a=1" for _ in range(600)))


@pytest.mark.parametrize(
    "code",
    [
        10001,
        10004,
        11200,
        11205,
        12100,
        12300,
        13223,
        13224,
        13225,
        13226,
        13227,
        20003,
        20429,
        21201,
        21202,
        21203,
        21205,
        21210,
        21211,
        21212,
        21213,
        21214,
        21215,
        21216,
        21217,
        21219,
        21220,
        21234,
        21262,
        21263,
        21265,
        21408,
        21601,
        21602,
        21603,
        21604,
        21606,
        21607,
        21608,
        21609,
        21610,
        21611,
        21612,
        21614,
        21617,
        21619,
        21620,
        21623,
        21624,
        21635,
        21701,
        21703,
        21704,
        21705,
        30001,
        30002,
        30003,
        30004,
        30005,
        30006,
        30007,
        30008,
        30009,
        30011,
        30017,
        30018,
        30022,
        30023,
        30024,
        30027,
        30032,
        30033,
        30034,
        30035,
        30036,
        30410,
        30450,
        30610,
        30640,
        32017,
        35111,
        35114,
        35115,
        35117,
    ],
)
def test_codes_have_plain_words(code: int) -> None:
    words = explain(code, None)
    assert words.endswith(f"({code})")
    assert len(words.split()) > 3


def test_codes_that_nobody_knows_are_named() -> None:
    assert explain(98989, 404) == "Twilio error 98989"
    assert explain(None, 404) == "the number does not exist (SIP 404)"
    assert explain(None, 299) == ""
    assert explain(None, None) == ""


def test_every_kind_of_callback_has_a_row_and_a_route_of_its_own() -> None:
    assert set(KINDS) == set(Topic)
    assert len(set(ROUTES.values())) == len(ROUTES)
