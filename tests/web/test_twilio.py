"""HTTP in, rows out: Twilio's status routes."""

import base64
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import Row, select

from bridge.adapters.twilio.signature import SignatureCheck
from bridge.runtime import Runtime, write_counts
from bridge.store import overview
from bridge.store.db import Database
from bridge.store.tables import callbacks
from tests.support.clock import Clock
from tests.support.posting import CALL, TEXT, Twilio
from tests.support.signing import call_fields, signature, text_fields

SID = "CA" + "0" * 28 + "1f3a"
PAYLOADS = Path(__file__).parents[1] / "payloads"


@pytest.fixture
def twilio(runtime: Runtime) -> Twilio:
    return Twilio(runtime)


def _rows(runtime: Runtime) -> Sequence[Row[Any]]:
    with runtime.db.read() as connection:
        return connection.execute(select(callbacks).order_by(callbacks.c.id)).all()


def _rejected(runtime: Runtime) -> dict[str, float]:
    write_counts(runtime)
    with runtime.db.read() as connection:
        return {
            one.labels: one.value for one in overview.tallies(connection) if one.name == "rejected"
        }


def test_a_callback_is_kept_as_it_came(twilio: Twilio, runtime: Runtime) -> None:
    fields = call_fields(SID, "busy", 2, FromCity="São Paulo", Tomorrow="new")
    answer = twilio.post(f"{CALL}?CaseID=7", fields)
    assert (answer.status_code, answer.data, "Content-Type" in answer.headers) == (204, b"", False)
    (row,) = _rows(runtime)
    assert (row.sid, row.status, row.verdict, row.channel) == (SID, "busy", "new", "call")
    assert row.target == f"{CALL}?CaseID=7"
    assert dict(parse_qsl(row.body.decode(), keep_blank_values=True)) == fields


def test_seen_already(twilio: Twilio, runtime: Runtime) -> None:
    for _ in range(3):
        assert twilio.post(CALL, call_fields(SID, "busy", 2)).status_code == 204
    assert twilio.post(CALL, call_fields(SID, "ringing", 1)).status_code == 204
    assert [row.status for row in _rows(runtime)] == ["busy", "ringing"]


def test_texts(twilio: Twilio, runtime: Runtime) -> None:
    assert twilio.post(TEXT, text_fields("SM1", "delivered")).status_code == 204
    assert twilio.post(TEXT, text_fields("SM1", "failed", ErrorCode="30005")).status_code == 204
    assert [(row.channel, row.status) for row in _rows(runtime)] == [
        ("text", "delivered"),
        ("text", "failed"),
    ]


@pytest.mark.parametrize("signed", [None, "", "wrong", "ü"])
def test_unsigned_leaves_nothing_but_a_count(
    twilio: Twilio, runtime: Runtime, signed: str | None
) -> None:
    answer = twilio.raw(CALL, b"CallSid=CA1&CallStatus=busy", signed)
    assert answer.status_code == 403
    assert _rows(runtime) == []
    reason = "wrong" if signed else "missing"
    assert _rejected(runtime) == {f"{reason}|{CALL}": 1}


def test_a_signature_for_another_target_or_body_is_refused(
    twilio: Twilio, runtime: Runtime
) -> None:
    fields = {"CallSid": "CA1", "CallStatus": "busy"}
    signed = signature("token-of-the-tests", f"https://firm.example.com{CALL}?CaseID=7", fields)
    body = b"CallSid=CA1&CallStatus=busy"
    assert twilio.raw(f"{CALL}?CaseID=7", body, signed).status_code == 204
    for target, changed in (
        (f"{CALL}?CaseID=8", body),
        (CALL, body),
        (f"{TEXT}?CaseID=7", body),
        (f"{CALL}?CaseID=7", body + b"&x="),
    ):
        assert twilio.raw(target, changed, signed).status_code == 403
    assert len(_rows(runtime)) == 1


@pytest.mark.parametrize(
    ("target", "fields", "complaint"),
    [
        (CALL, {"CallStatus": "busy"}, "CallSid"),
        (CALL, {"CallSid": "CA1"}, "CallStatus"),
        (f"{CALL}?CaseID=abc", {"CallSid": "CA1", "CallStatus": "busy"}, "CaseID"),
        (TEXT, {"MessageStatus": "sent"}, "MessageSid"),
        (CALL, {}, "CallSid"),
    ],
)
def test_signed_but_unusable_is_kept_and_refused(
    twilio: Twilio, runtime: Runtime, target: str, fields: dict[str, str], complaint: str
) -> None:
    for _ in range(2):
        answer = twilio.post(target, fields)
        assert answer.status_code == 400
        assert complaint in answer.text
        assert answer.text.count("\n") == 1
    (row,) = _rows(runtime)
    assert (row.verdict, complaint in row.complaint) == ("malformed", True)


def test_wrong_method_and_too_much(twilio: Twilio) -> None:
    answer = twilio.client.get(CALL)
    assert (answer.status_code, "POST" in answer.headers["Allow"]) == (405, True)
    assert twilio.raw(CALL, b"a=" + b"x" * 65536, "x").status_code == 413
    assert twilio.raw(CALL, b"a=" + b"x" * 60000, "x").status_code == 403
    assert twilio.client.post("/twilio/unknown").status_code == 404


def test_either_token(runtime: Runtime) -> None:
    twilio = Twilio(replace(runtime, gate=SignatureCheck(("new", "old"))))
    assert twilio.post(CALL, call_fields("CA1", "busy", 2), token="new").status_code == 204
    assert twilio.post(CALL, call_fields("CA2", "busy", 2), token="old").status_code == 204
    assert twilio.post(CALL, call_fields("CA3", "busy", 2), token="older").status_code == 403


def test_the_database_is_away(runtime: Runtime) -> None:
    from bridge.store.callbacks.writer import CallbackWriter  # noqa: PLC0415

    away = Database("postgresql+psycopg://bridge@127.0.0.1:9/none", connections=1)
    twilio = Twilio(replace(runtime, db=away, callback_writer=CallbackWriter(away)))
    answer = twilio.post(CALL, call_fields(SID, "busy", 2))
    assert (answer.status_code, answer.headers["Retry-After"].isdigit()) == (503, True)
    assert twilio.client.get("/readyz").status_code == 503
    assert twilio.client.get("/healthz").status_code == 200
    away.close()


@pytest.mark.parametrize(
    "target",
    [
        f"{CALL}?CaseID=7&who=J%C3%A9%27s%2Fa+b%7E",
        f"{CALL}?CaseID=7&x[]=1&empty=",
        f"{CALL}?",
        f"http://internal:8000{CALL}?CaseID=7",
    ],
)
def test_the_raw_target_is_what_is_checked(twilio: Twilio, target: str) -> None:
    fields = call_fields(SID, "busy", 2)
    bare = target.removeprefix("http://internal:8000")
    signed = signature("token-of-the-tests", f"https://firm.example.com{bare}", fields)
    answer = twilio.client.post(
        CALL,
        data=fields,
        headers={"X-Twilio-Signature": signed, "Host": "anything.example.org"},
        environ_overrides={"RAW_URI": target},
    )
    assert answer.status_code == 204


def test_repeated_fields_and_shared_keys(runtime: Runtime) -> None:
    twilio = Twilio(replace(runtime, gate=SignatureCheck(("t",), "shared")))
    body = b"CallSid=CA1&CallStatus=busy&Digits=2&Digits=1"
    text = f"https://firm.example.com{CALL}CallSidCA1CallStatusbusyDigits1Digits2"
    by_token = base64.b64encode(hmac.digest(b"t", text.encode(), "sha1")).decode()
    assert twilio.raw(CALL, body, by_token).status_code == 204
    by_key = base64.b64encode(hmac.digest(b"shared", text.encode(), "sha256")).decode()
    answer = twilio.client.post(
        CALL,
        data=body.replace(b"CA1", b"CA1"),
        content_type="application/x-www-form-urlencoded",
        headers={
            "X-Twilio-Signature": by_key,
            "X-Twilio-Webhooks-Signature-Settings": "key=k1,algorithm=HMAC_SHA256",
        },
        environ_overrides={"RAW_URI": CALL},
    )
    assert answer.status_code == 204


def _recorded() -> list[tuple[str, str, str]]:
    routes = {"voice_status": CALL, "sms_status": TEXT}
    found = []
    for name in ("voice_status_recorded.json", "sms_misc.json"):
        for case in json.loads((PAYLOADS / name).read_text())["cases"]:
            if case["kind"] in routes:
                found.append((case["id"], routes[case["kind"]], case["body"]))  # noqa: PERF401
    return found


def test_recorded_payloads(twilio: Twilio, runtime: Runtime, clock: Clock) -> None:
    for _, route, body in _recorded():
        fields = dict(parse_qsl(body, keep_blank_values=True))
        if "Timestamp" in fields:
            clock.now = parsedate_to_datetime(fields["Timestamp"])
        url = f"https://firm.example.com{route}"
        answer = twilio.raw(route, body.encode(), signature("token-of-the-tests", url, fields))
        assert answer.status_code == 204, body
    kept = _rows(runtime)
    bodies = [row.body.decode() for row in kept]
    assert bodies == [body for _, _, body in _recorded()]
