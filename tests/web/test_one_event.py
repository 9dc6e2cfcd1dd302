"""A signature means one event, at the door: neither a new cut nor a late copy changes anything."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from bridge.adapters.twilio.callback_kinds import ROUTES
from bridge.adapters.twilio.callbacks import form_fields
from bridge.callbacks import intake
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.events import Topic
from bridge.runtime import Runtime
from bridge.store import tables
from bridge.store.cases import cases as store_cases
from tests.support.clock import Clock
from tests.support.posting import Twilio
from tests.support.recutting import Posted, recorded, recut
from tests.support.signing import call_fields, signature, text_fields

SID = "CA" + "0" * 28 + "1f3a"
TOKEN = "token-of-the-tests"
CALL = ROUTES[Topic.CALL]
_FACTS = (tables.communications, tables.cases, tables.deliveries, tables.opt_outs, tables.pauses)
_SOME = [
    one
    for one in recorded("?CaseID=7")
    if one.name
    in {
        "voice-completed-amd-human",
        "voice-busy-sip486",
        "voice-async-amd-min",
        "sms-status-delivered-2023",
        "sms-inbound-2016",
        "sms-inbound-optout",
    }
]


@pytest.fixture
def twilio(runtime: Runtime) -> Twilio:
    return Twilio(runtime)


def _post(twilio: Twilio, one: Posted) -> int:
    signed = signature(TOKEN, f"https://firm.example.com{one.target}", one.form)
    return twilio.raw(one.target, one.body, signed).status_code


def _facts(runtime: Runtime) -> list[Any]:
    """All that is known of cases, people, calls and texts, and told of them."""
    while intake.process_pending(runtime):
        pass
    with runtime.db.read() as connection:
        return [connection.execute(select(table)).all() for table in _FACTS]


def _see(runtime: Runtime, case_id: int, number: str) -> None:
    case = CaseInfo(case_id, DialerStatus.TO_DIAL, 0, None, (CasePhone(number),))
    with runtime.db.begin() as connection:
        store_cases.save_case(connection, case, runtime.clock())


@pytest.mark.parametrize("one", _SOME, ids=lambda one: one.name)
def test_neither_new_cuts_nor_copies_nor_other_routes_change_a_case(
    twilio: Twilio, runtime: Runtime, clock: Clock, one: Posted
) -> None:
    said = one.form.get("Timestamp")
    clock.now = parsedate_to_datetime(said) if said else clock.now
    _see(runtime, 7, "4025555759")
    assert _post(twilio, one) in {200, 204}
    before = _facts(runtime)
    chance = Random(one.name)
    for _ in range(40):
        other = recut(one, chance)
        assert _post(twilio, other) in {200, 204, 400, 404}
    clock.advance(hours=24, seconds=1)
    assert _post(twilio, one) == (400 if said else 204 if one.topic is not Topic.TEXT_IN else 200)
    for topic, route in ROUTES.items():
        if topic is not one.topic:
            signed = signature(TOKEN, f"https://firm.example.com{one.target}", one.form)
            moved = one.target.replace(ROUTES[one.topic], route)
            assert twilio.raw(moved, one.body, signed).status_code == 403
    assert _facts(runtime) == before


def test_a_machine_stays_a_machine(twilio: Twilio, runtime: Runtime) -> None:
    """AnsweredBy glued onto AccountSid: the signature holds, and a machine was Successful."""
    fields = call_fields(SID, "completed", 3, CallDuration="42", AnsweredBy="machine_start")
    signed = signature(TOKEN, f"https://firm.example.com{CALL}?CaseID=7", fields)
    glued = {name: value for name, value in fields.items() if name != "AnsweredBy"}
    glued["AccountSid"] += "AnsweredBymachine_start"
    assert signature(TOKEN, f"https://firm.example.com{CALL}?CaseID=7", glued) == signed
    answer = twilio.post(f"{CALL}?CaseID=7", glued)
    assert (answer.status_code, "AnsweredBy" in answer.text) == (400, True)
    assert twilio.post(f"{CALL}?CaseID=7", fields).status_code == 204
    (told,) = [row for row in _facts(runtime)[2] if row.kind == "status"]
    assert told.payload["disposition"] == "Answering Machine"


def test_digits_of_the_case_cannot_move_into_the_first_field(
    twilio: Twilio, runtime: Runtime
) -> None:
    fields = call_fields(SID, "busy", 2)
    moved = {f"5512{name}" if name == "AccountSid" else name: fields[name] for name in fields}
    target = f"{CALL}?CaseID=51"
    url = "https://firm.example.com" + target
    assert signature(TOKEN, url + "5512", fields) == signature(TOKEN, url, moved)
    assert twilio.post(target, moved).status_code == 400
    assert _facts(runtime) == [[], [], [], [], []]


@pytest.mark.parametrize(
    ("hours", "status"), [(23.9, 204), (24.1, 400), (-23.9, 204), (-24.1, 400)]
)
def test_what_is_not_of_now_is_kept_and_does_nothing(
    twilio: Twilio, runtime: Runtime, clock: Clock, hours: float, status: int
) -> None:
    clock.advance(hours=hours)
    answer = twilio.post(f"{CALL}?CaseID=7", call_fields(SID, "busy", 2))
    assert answer.status_code == status
    with runtime.db.read() as connection:
        (row,) = connection.execute(select(tables.callbacks)).all()
    assert (row.verdict == "malformed", bool(row.complaint)) == (status == 400, status == 400)
    if status == 400:
        assert "CALLBACK_MAX_AGE" in row.complaint or "clock" in row.complaint
        # Nor does it when somebody has it processed again, whenever that is.
        assert intake.replay(runtime, [row.id]) == [(row.id, "malformed")]
        assert _facts(runtime) == [[], [], [], [], []]
    else:
        clock.advance(days=30)
        assert [one.case_id for one in _facts(runtime)[0]] == [7], "its age is that of its arrival"


def test_the_age_is_a_setting(twilio: Twilio, clock: Clock) -> None:
    short = replace(twilio.runtime.settings, callback_max_age=timedelta(minutes=5))
    eager = Twilio(replace(twilio.runtime, settings=short))
    clock.advance(minutes=6)
    assert eager.post(CALL, call_fields(SID, "busy", 2)).status_code == 400
    assert twilio.post(CALL, call_fields(SID, "busy", 2)).status_code == 204


_ROUTES = {
    Topic.CALL: call_fields(SID, "busy", 2),
    Topic.TEXT: text_fields("SM" + "1" * 32, "delivered"),
    Topic.ANSWERED: call_fields(SID, "in-progress", 2),
    Topic.KEY: call_fields(SID, "in-progress", 2, Digits="1"),
    Topic.AGENT: call_fields(SID, "in-progress", 2, Digits="2"),
    Topic.DIALED: call_fields(SID, "in-progress", 2, DialCallStatus="busy", DialBridged="false"),
    Topic.MACHINE: {"CallSid": SID, "AnsweredBy": "fax"},
    Topic.TEXT_IN: {"MessageSid": "SM" + "1" * 32, "From": "+14025555759", "Body": "hello"},
    Topic.CALL_IN: call_fields(SID, "ringing", 0, Direction="inbound", From="+14025555759"),
}


_BAD = ("\0", "a\0b", "\ud800", "A" * 400, "\U0001f600")


def test_nothing_that_a_database_cannot_hold_is_stored_or_tried_for_ever(
    twilio: Twilio, runtime: Runtime
) -> None:
    for topic, fields in _ROUTES.items():
        names = sorted({*fields, "ParentCallSid", "OptOutType", "Other", "Oth\0er"})
        for bad in _BAD:
            escaped = quote(bad.encode("utf-8", "surrogatepass"))
            tried = [(ROUTES[topic], fields | {name: bad}) for name in names if name not in _GIVEN]
            tried += [(f"{ROUTES[topic]}?{name}={escaped}", fields) for name in _NAMED]
            for target, said in tried:
                assert _post_raw(twilio, target, said) in {200, 204, 400}, (target, said)
    while intake.process_pending(runtime):
        pass
    with runtime.db.read() as connection:
        rows = connection.execute(select(tables.callbacks)).all()
    assert [row.complaint for row in rows if row.verdict == "new" or row.tries] == []


_GIVEN = {
    f"{side}{what}" for side in ("Caller", "Called", "To") for what in ("City", "State", "Zip")
}
_NAMED = ("Attempt", "CaseID", "Other", "Attempt=ok&Attempt", "Attempt=&Attempt")


def _post_raw(twilio: Twilio, target: str, said: Mapping[str, str]) -> int:
    body = "&".join(
        f"{quote(name, safe='')}={quote(value.encode('utf-8', 'surrogatepass'), safe='')}"
        for name, value in said.items()
    ).encode()
    signed = signature(TOKEN, f"https://firm.example.com{target}", form_fields(body))
    answer = twilio.client.post(
        target,
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signed, "I-Twilio-Idempotency-Token": "to\0ken"},
        environ_overrides={"RAW_URI": target},
    )
    return answer.status_code
