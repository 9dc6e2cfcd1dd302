"""Odd and hostile requests: refused or read with patience, never a crash."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from bridge.adapters.twilio.callback_kinds import ROUTES
from bridge.adapters.twilio.callbacks import ParsedCallback, form_fields, raw_key, read
from bridge.adapters.twilio.query import MOST_FIELDS
from bridge.adapters.twilio.signature import FORM, SignatureCheck, SignatureProblem, SignedRequest
from bridge.domain.events import Direction, Event, Status, Topic
from bridge.errors import Unusable
from tests.support.signing import FIRM, call_fields, signature, text_fields

PAYLOADS = Path(__file__).parents[1] / "payloads"
VOICE, TEXTS = "/twilio/voice/status", "/twilio/messages/status"
URL = f"https://firm.example.com{VOICE}?CaseID=515512"
SID = "CA" + "1" * 32
TOKEN = "token-one"
# Everything but halves of surrogate pairs, which no UTF-8 body can hold.
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def _payload(file: str, name: str) -> MultiDict[str, str]:
    cases: list[dict[str, Any]] = json.loads((PAYLOADS / file).read_text())["cases"]
    (body,) = (case["body"] for case in cases if case["id"] == name)
    return form_fields(body.encode())


def _call(target: str = VOICE, **fields: str) -> ParsedCallback:
    return read(Topic.CALL, target, MultiDict(call_fields(SID, "completed", 3) | fields))


def _event(reading: ParsedCallback) -> Event:
    assert reading.event is not None
    return reading.event


def _form(fields: list[tuple[str, str]], url: str = URL) -> SignedRequest:
    """A form as it travels: bytes that are read again."""
    body = urlencode(fields).encode()
    return SignedRequest(url, form_fields(body), body, FORM)


def _refusal(signed: SignedRequest, header: str) -> SignatureProblem | None:
    return SignatureCheck((TOKEN,)).refusal(signed, {"X-Twilio-Signature": header})


@given(st.dictionaries(_texts.filter(bool), _texts, max_size=8))
@settings(max_examples=60)
def test_whatever_fields_twilio_adds_are_covered_by_the_signature(fields: dict[str, str]) -> None:
    header = signature(TOKEN, URL, fields)
    pairs = list(fields.items())
    assert _refusal(_form(pairs), header) is None
    assert _refusal(_form(pairs[::-1]), header) is None, "their order is free"
    assert _refusal(_form([*pairs, ("\u0001Added", "1")]), header) is SignatureProblem.WRONG
    assert _refusal(_form(pairs, URL + "0"), header) is SignatureProblem.WRONG


def test_all_values_of_a_repeated_field_are_covered() -> None:
    text = URL + "CallSidCA1" + "Digits1" + "Digits2"
    header = base64.b64encode(hmac.digest(TOKEN.encode(), text.encode(), "sha1")).decode()
    call, one, two = ("CallSid", "CA1"), ("Digits", "1"), ("Digits", "2")
    assert _refusal(_form([two, call, one]), header) is None
    assert _refusal(_form([two, call, one, one]), header) is None, "as Twilio's own SDKs do"
    assert _refusal(_form([one, call]), header) is SignatureProblem.WRONG
    assert _refusal(_form([call, ("Digits", "12")]), header) is SignatureProblem.WRONG


@pytest.mark.parametrize(
    "url",
    [
        "https://firm.example.com:99999/x",
        "https://firm.example.com:port/x",
        "https://firm.example.com:-1/x",
        "https://[firm.example.com/x",
        "https://",
        "",
    ],
)
@pytest.mark.parametrize("content_type", [FORM, "application/json", ""])
def test_an_address_that_is_none_is_refused(url: str, content_type: str) -> None:
    signed = SignedRequest(url, MultiDict({"a": "b"}), b"a=b", content_type)
    assert _refusal(signed, "RSOYDt4T1cUTdK1PDd93/VVr8B8=") is not None


@pytest.mark.parametrize("header", ["\u00e9" * 28, "\u2603", "=" * 5000, "\0", " ", "basic x"])
def test_a_header_that_is_no_signature_is_refused(header: str) -> None:
    assert (
        _refusal(_form(list(call_fields(SID, "busy", 1).items())), header) is SignatureProblem.WRONG
    )


def test_a_hash_in_the_address_covers_the_body_byte_for_byte() -> None:
    digest = hashlib.sha256(b'{"a":1}').hexdigest()
    url = f"{URL}&bodySHA256={digest}"
    header = signature(TOKEN, url, {})

    def posted(body: bytes) -> SignedRequest:
        return SignedRequest(url, MultiDict(), body, "application/json")

    assert _refusal(posted(b'{"a":1}'), header) is None
    assert _refusal(posted(b'{"a": 1}'), header) is SignatureProblem.BODY_CHANGED
    assert _refusal(posted(b"\xff\xfe"), header) is SignatureProblem.BODY_CHANGED


def test_the_recorded_call_in_is_read() -> None:
    form = _payload("voice_status_recorded.json", "voice-inbound-fieldset-2024")
    event = _event(read(Topic.CALL, VOICE, form))
    assert (event.status, event.direction) == (Status.RINGING, Direction.INBOUND)
    assert (event.sid, event.person) == ("XXXX", "XXXX")


def test_other_webhooks_are_no_status_callbacks() -> None:
    detected = _payload("voice_status_recorded.json", "voice-async-amd-min")
    with pytest.raises(Unusable, match="CallStatus"):
        read(Topic.CALL, VOICE, detected)
    with pytest.raises(Unusable, match="MessageStatus"):
        read(Topic.TEXT, TEXTS, _payload("sms_misc.json", "sms-inbound-optout"))


@pytest.mark.parametrize("name", ["sms-status-2016-with-body", "sms-inbound-2016"])
def test_the_words_of_a_text_go_no_further(name: str) -> None:
    form = _payload("sms_misc.json", name)
    assert form["Body"] not in repr(read(Topic.TEXT, TEXTS, form))


def test_a_text_s_time_is_when_it_ended_and_texts_have_none() -> None:
    form = _payload("sms_misc.json", "sms-status-delivered-2023")
    assert _event(read(Topic.TEXT, TEXTS, form)).occurred_at is None


@pytest.mark.parametrize(
    "query",
    [
        "CaseID=7e3",
        "CaseID=0x7",
        "CaseID=2147483648",
        "CaseID=7,8",
        "CaseID=%007",
        "CaseID=" + quote("\u0667"),
        "CaseID=" + "9" * 5000,
        "CaseID=<script>" * 20,
    ],
)
def test_what_is_said_of_a_case_that_is_none_is_short_and_quotes_nothing(query: str) -> None:
    with pytest.raises(Unusable, match="CaseID") as caught:
        _call(f"{VOICE}?{query}")
    assert len(str(caught.value)) < 120
    assert "<" not in str(caught.value)


@pytest.mark.parametrize("query", ["CaseID=2147483647", "CaseID=007", "CaseID=%207%20&x=%FF"])
def test_odd_spellings_of_a_case_that_is_one(query: str) -> None:
    assert _event(_call(f"{VOICE}?{query}")).case_id in {7, 2_147_483_647}


def test_very_many_fields_in_the_address_are_unusable_and_no_crash() -> None:
    with pytest.raises(Unusable):
        _call(f"{VOICE}?{'a=1&' * (MOST_FIELDS + 1)}CaseID=7")


@pytest.mark.parametrize(
    ("name", "value", "read_as"),
    [
        ("CallDuration", "0", 0),
        ("CallDuration", " 7 ", 7),
        ("CallDuration", "-1", None),
        ("CallDuration", "1.5", None),
        ("CallDuration", "", None),
        ("CallDuration", "ten", None),
        ("CallDuration", "\u0661\u0662", None),
        ("CallDuration", "9" * 5000, None),
        ("SipResponseCode", "404", 404),
        ("SipResponseCode", "4040", None),
        ("SipResponseCode", "SIP 404", None),
        ("SipResponseCode", "700", None),
        ("SequenceNumber", "03", 3),
        ("SequenceNumber", "x", None),
        ("SequenceNumber", "-1", None),
        ("ErrorCode", "21211", 21211),
        ("ErrorCode", "0x2", None),
        ("ErrorCode", "1" * 30, None),
    ],
)
def test_odd_numbers_count_as_not_said(name: str, value: str, read_as: int | None) -> None:
    event = _event(_call(**{name: value}))
    found = {
        "CallDuration": event.duration,
        "SipResponseCode": event.sip_code,
        "SequenceNumber": event.sequence,
        "ErrorCode": event.error_code,
    }
    assert found[name] == read_as


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("Sat, 03 Dec 2022 14:46:36 -0000", datetime(2022, 12, 3, 14, 46, 36, tzinfo=UTC)),
        ("Sat, 03 Dec 2022 14:46:36", datetime(2022, 12, 3, 14, 46, 36, tzinfo=UTC)),
        ("2022-12-03T14:46:36Z", None),
        ("Sat, 03 Dec 2022 14:46:36 +9999", None),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
    ],
)
def test_odd_times(said: str, moment: datetime | None) -> None:
    assert _event(_call(Timestamp=said)).occurred_at == moment


_NAMES = [
    "CallSid",
    "CallStatus",
    "Direction",
    "To",
    "From",
    "CallDuration",
    "Duration",
    "SipResponseCode",
    "ErrorCode",
    "SequenceNumber",
    "Timestamp",
    "AnsweredBy",
    "ParentCallSid",
    "MessageSid",
    "MessageStatus",
    "SmsSid",
    "Anything",
]
_VALUES = st.one_of(
    st.text(max_size=20),
    st.integers().map(str),
    st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S +0100")),
    st.sampled_from(["CA12", "busy", "completed", "inbound", "human", ""]),
)


@given(
    st.sampled_from([Topic.CALL, Topic.TEXT]),
    st.lists(st.tuples(st.sampled_from(_NAMES), _VALUES), max_size=12),
    st.text(max_size=20),
)
@settings(max_examples=200)
def test_no_fields_of_either_channel_crash(
    channel: Topic, fields: list[tuple[str, str]], query: str
) -> None:
    form = MultiDict([("CallSid", "CA12"), ("MessageSid", "SM12"), *fields])
    try:
        reading = read(channel, f"{ROUTES[channel]}?{query}", form)
    except Unusable:
        return
    assert reading.sid.isascii()
    assert 0 < len(reading.event_key) <= 160


@given(st.binary(max_size=200))
def test_no_bytes_crash(body: bytes) -> None:
    form = form_fields(body)
    assert all(isinstance(value, str) for value in form.values())


@given(_texts, _texts, _texts)
def test_a_key_fits_its_column(timestamp: str, answered_by: str, error_code: str) -> None:
    fields = call_fields(SID, "completed", 3) | {
        "SequenceNumber": "",
        "Timestamp": timestamp,
        "AnsweredBy": answered_by * 20,
        "ErrorCode": error_code,
    }
    try:
        key = read(Topic.CALL, VOICE, MultiDict(fields)).event_key
    except Unusable:
        return  # as if another field were glued onto it
    assert 0 < len(key) <= 160


@pytest.mark.parametrize("name", ["Timestamp", "AnsweredBy", "ErrorCode"])
def test_a_key_holds_no_nul(name: str) -> None:
    fields = call_fields(SID, "completed", 3) | {"SequenceNumber": "", name: "a\0b"}
    key = read(Topic.CALL, VOICE, MultiDict(fields)).event_key
    assert "\0" not in key, "PostgreSQL takes none in a text: the callback would be answered 500"


def _different_events() -> list[ParsedCallback]:
    bare = {
        name: value
        for name, value in call_fields(SID, "busy", 0).items()
        if name not in {"Timestamp", "SequenceNumber"}
    }
    moments = ("Mon, 23 Nov 2026 17:00:00 +0000", "Mon, 23 Nov 2026 17:00:01 +0000")
    return [
        _call(),
        _call(CallStatus="busy"),
        _call(SequenceNumber="4"),
        _call(AnsweredBy="human"),
        _call(AnsweredBy="machine_start"),
        _call(ErrorCode="21211"),
        _call(VOICE + "?CaseID=7"),
        _call(VOICE + "?CaseID=8"),
        read(Topic.CALL, VOICE, MultiDict(bare)),
        *(read(Topic.CALL, VOICE, MultiDict(bare | {"Timestamp": said})) for said in moments),
    ]


def test_each_different_event_has_a_key_of_its_own() -> None:
    keys = [reading.event_key for reading in _different_events()]
    assert len(set(keys)) == len(keys)
    texts = [
        read(Topic.TEXT, TEXTS, MultiDict(text_fields("SM1", status, **more))).event_key
        for status, more in (
            ("sent", {}),
            ("delivered", {}),
            ("undelivered", {"ErrorCode": "30003"}),
            ("undelivered", {"ErrorCode": "30008"}),
            ("failed", {"ErrorCode": "30008"}),
        )
    ]
    assert len(set(texts)) == len(texts)


def test_a_duplicate_has_its_key_however_it_is_spelled() -> None:
    key = _call().event_key
    assert key == _call(CallStatus=" Completed", SequenceNumber="03").event_key
    assert key == _call(FieldOfTomorrow="1", ToCity="OMAHA", From=FIRM).event_key
    shuffled = MultiDict(reversed(call_fields(SID, "completed", 3).items()))
    assert key == read(Topic.CALL, VOICE, shuffled).event_key


def test_what_cannot_be_read_is_told_apart_by_its_raw_form() -> None:
    keys = {
        raw_key(*posted) for posted in (("/a", b"x"), ("/a", b"y"), ("/b", b"x"), ("/a\nx", b""))
    }
    assert len(keys) == 4
    assert raw_key("/\u00e9", b"x") == raw_key("/\u00e9", b"x")
