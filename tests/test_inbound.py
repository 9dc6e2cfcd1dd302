"""Callbacks taken in: whose they are, what is queued, and that their order doesn't matter."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, delete, select, update

from bridge.callbacks import intake
from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.reporting import case_reports
from bridge.runtime import Runtime
from bridge.store.cases import cases as store_cases
from bridge.store.tables import (
    callbacks,
    case_phones,
    cases,
    communications,
    deliveries,
    lanes,
    opt_outs,
)
from tests.support.posting import CALL, TEXT, Twilio
from tests.support.signing import call_fields, text_fields

PHONE = "+14025555759"


@pytest.fixture
def twilio(runtime: Runtime) -> Twilio:
    return Twilio(runtime)


def _take_in(runtime: Runtime) -> None:
    while intake.process_pending(runtime):
        pass


def _queued(runtime: Runtime) -> list[tuple[str, str, int | None]]:
    rows = _all(runtime, deliveries)
    return [(row.lane, row.kind, row.case_id) for row in rows]


def _all(runtime: Runtime, table: Any) -> Sequence[Row[Any]]:
    with runtime.db.read() as connection:
        return connection.execute(select(table).order_by(*table.primary_key.columns)).all()


def _verdicts(runtime: Runtime) -> list[str]:
    return [row.verdict for row in _all(runtime, callbacks)]


def _see(runtime: Runtime, case_id: int, *numbers: str) -> None:
    phones = tuple(CasePhone(number) for number in numbers)
    with runtime.db.begin() as connection:
        info = CaseInfo(case_id, DialerStatus.TO_DIAL, 0, None, phones)
        store_cases.save_case(connection, info, runtime.clock())


def test_by_the_case_in_the_url(twilio: Twilio, runtime: Runtime) -> None:
    _see(runtime, 8, PHONE)
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "busy", 2, To=PHONE))
    _take_in(runtime)
    assert _queued(runtime) == [("case:7", "status", 7), ("case:7", "note", 7)]
    assert _verdicts(runtime) == ["matched"]


def test_by_the_sid_that_is_known(twilio: Twilio, runtime: Runtime) -> None:
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "ringing", 1))
    twilio.post(CALL, call_fields("CA1", "busy", 2))
    _take_in(runtime)
    assert _queued(runtime) == [("case:7", "status", 7), ("case:7", "note", 7)]


def test_by_the_parent_call(twilio: Twilio, runtime: Runtime) -> None:
    softphone = call_fields("CA1", "in-progress", 2, Direction="inbound", From="client:agent")
    twilio.post(f"{CALL}?CaseID=7", softphone)
    leg = call_fields("CA2", "busy", 2, Direction="outbound-dial", ParentCallSid="CA1")
    twilio.post(CALL, leg)
    _take_in(runtime)
    assert _queued(runtime) == [("case:7", "status", 7), ("case:7", "note", 7)]


@pytest.mark.parametrize("direction", ["outbound-api", "inbound"])
def test_a_leg_to_the_firm_is_no_attempt(twilio: Twilio, runtime: Runtime, direction: str) -> None:
    numbers = {"From": PHONE} if direction == "inbound" else {"To": PHONE}
    parent = call_fields("CA1", "in-progress", 2, Direction=direction, **numbers)
    twilio.post(f"{CALL}?CaseID=7", parent)
    leg = {"Direction": "outbound-dial", "ParentCallSid": "CA1", "To": "+14025550199"}
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA2", "busy", 2, **leg))
    _take_in(runtime)
    assert _queued(runtime) == []
    assert _verdicts(runtime) == ["matched", "matched"]


@pytest.mark.parametrize("direction", ["outbound-api", "inbound"])
def test_by_the_phone_of_a_case_that_was_seen(
    twilio: Twilio, runtime: Runtime, direction: str
) -> None:
    _see(runtime, 7, "(402) 555-5759")
    sides = ("To", "From") if direction == "outbound-api" else ("From", "To")
    numbers = dict(zip(sides, (PHONE, "+14025550100"), strict=True))
    twilio.post(CALL, call_fields("CA1", "no-answer", 2, Direction=direction, **numbers))
    _take_in(runtime)
    kinds = [kind for _, kind, case_id in _queued(runtime) if case_id == 7]
    assert kinds == (["status", "note"] if direction == "outbound-api" else ["note"])


def test_by_the_phone_of_an_earlier_callback(twilio: Twilio, runtime: Runtime) -> None:
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "ringing", 1, To=PHONE))
    twilio.post(CALL, call_fields("CA2", "busy", 2, To=PHONE))
    _take_in(runtime)
    assert _queued(runtime) == [("case:7", "status", 7), ("case:7", "note", 7)]


def test_a_number_of_several_cases_gets_no_status(twilio: Twilio, runtime: Runtime) -> None:
    _see(runtime, 7, PHONE)
    _see(runtime, 8, PHONE)
    twilio.post(CALL, call_fields("CA1", "busy", 2, To=PHONE))
    _take_in(runtime)
    assert _queued(runtime) == [(f"phone:{PHONE}", "phone-note", None)]
    assert _verdicts(runtime) == ["ambiguous"]


def test_a_number_that_nobody_has_seen_goes_by_phone(twilio: Twilio, runtime: Runtime) -> None:
    twilio.post(CALL, call_fields("CA1", "ringing", 1, To=PHONE))
    twilio.post(CALL, call_fields("CA1", "busy", 2, To=PHONE))
    _take_in(runtime)
    assert _queued(runtime) == [(f"phone:{PHONE}", "phone-note", None)]
    assert _verdicts(runtime) == ["recorded", "by-phone"]


@pytest.mark.parametrize(
    "person", ["anonymous", "+266696687", "sip:bob@example.com", "client:888", "", "+442079460000"]
)
def test_unusable_numbers_are_listed(twilio: Twilio, runtime: Runtime, person: str) -> None:
    twilio.post(CALL, call_fields("CA1", "busy", 2, To=person))
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA2", "busy", 2, To=person))
    _take_in(runtime)
    assert _verdicts(runtime) == ["unmatched", "matched"]
    assert {case_id for _, _, case_id in _queued(runtime)} == {7}


def test_the_firms_own_number_is_nobodys_phone(twilio: Twilio, runtime: Runtime) -> None:
    leg = call_fields("CA2", "busy", 2, To=PHONE, Direction="outbound-dial", ParentCallSid="CA1")
    twilio.post(f"{CALL}?CaseID=7", leg)
    _take_in(runtime)
    assert _all(runtime, case_phones) == []


def test_what_tells_nothing_queues_nothing(twilio: Twilio, runtime: Runtime) -> None:
    for sequence, status in enumerate(("initiated", "ringing", "in-progress", "canceled")):
        twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", status, sequence))
    for status in ("queued", "sending", "sent", "canceled"):
        twilio.post(f"{TEXT}?CaseID=7", text_fields("SM1", status))
    _take_in(runtime)
    assert _queued(runtime) == []
    assert set(_verdicts(runtime)) == {"matched"}


@pytest.mark.parametrize("code", ["21610", "30004"])
def test_opted_out(twilio: Twilio, runtime: Runtime, code: str) -> None:
    for _ in range(2):
        twilio.post(f"{TEXT}?CaseID=7", text_fields("SM1", "failed", ErrorCode=code, To=PHONE))
        _take_in(runtime)
        with runtime.db.begin() as connection:
            connection.execute(update(callbacks).values(verdict="new"))
    (row,) = _all(runtime, opt_outs)
    assert (row.phone, row.case_id, row.source) == (PHONE, 7, f"twilio-{code}")


def test_a_verdict_on_who_answered_that_comes_late_is_corrected(
    twilio: Twilio, runtime: Runtime
) -> None:
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "completed", 3, CallDuration="30"))
    _take_in(runtime)
    late = call_fields("CA1", "in-progress", 2, AnsweredBy="machine_start")
    twilio.post(f"{CALL}?CaseID=7", late)
    _take_in(runtime)
    told = [(row.kind, row.payload.get("disposition")) for row in _all(runtime, deliveries)]
    assert told == [
        ("status", "Successful"),
        ("note", None),
        ("status", "Answering Machine"),
        ("note", None),
    ]
    rows = _all(runtime, deliveries)
    assert [rows[0].payload["attempts_made"], rows[2].payload["attempts_made"]] == [1, 0]
    assert rows[3].payload["correction"] is True


def test_an_older_call_does_not_override_a_newer_one(twilio: Twilio, runtime: Runtime) -> None:
    newer = call_fields("CA2", "busy", 2, Timestamp="Mon, 23 Nov 2026 16:30:00 +0000")
    older = call_fields("CA1", "no-answer", 2, Timestamp="Mon, 23 Nov 2026 16:00:00 +0000")
    for fields in (newer, older):
        twilio.post(f"{CALL}?CaseID=7", fields)
    _take_in(runtime)
    statuses = [row for row in _all(runtime, deliveries) if "status" in row.kind]
    assert [
        (row.kind, row.payload["disposition"], row.payload["may_reopen"]) for row in statuses
    ] == [("status", "Busy", True), ("late-status", None, False)]


def test_replay_changes_nothing_twice(twilio: Twilio, runtime: Runtime) -> None:
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "busy", 2))
    _take_in(runtime)
    before = [_all(runtime, deliveries), _all(runtime, communications)]
    assert intake.replay(runtime, [1, 1, 99]) == [(1, "matched")]
    assert [_all(runtime, deliveries), _all(runtime, communications)] == before


def test_what_was_erased_is_not_replayed(twilio: Twilio, runtime: Runtime) -> None:
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "busy", 2))
    with runtime.db.begin() as connection:
        connection.execute(update(callbacks).values(body=None, target=None, verdict="matched"))
    assert intake.replay(runtime, [1]) == [(1, None)]


def test_a_poison_callback_holds_nobody_up(
    twilio: Twilio, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        twilio.post(f"{CALL}?CaseID={number + 1}", call_fields(f"CA{number}", "busy", 2))

    def poisoned(*arguments: Any) -> Any:
        if arguments[2].sid == "CA2":
            raise ZeroDivisionError
        return case_reports.report(*arguments)

    monkeypatch.setattr("bridge.callbacks.processing.report", poisoned)
    _take_in(runtime)
    assert _verdicts(runtime) == ["matched", "matched", "new", "matched", "matched"]
    monkeypatch.undo()
    runtime.clock.advance(minutes=1)  # type: ignore[attr-defined]
    _take_in(runtime)
    assert _verdicts(runtime) == ["matched"] * 5
    assert len(_queued(runtime)) == 10


_ENDS = ("completed", "busy", "no-answer", "failed", "canceled")


@st.composite
def _contacts(draw: st.DrawFn) -> list[tuple[str, dict[str, str]]]:
    """The callbacks of up to five calls and texts of a case each, as Twilio sends them."""
    heap = []
    for number in range(draw(st.integers(1, 5))):
        case_id = number + 1
        if draw(st.booleans()):
            heard = {"AnsweredBy": draw(st.sampled_from(["human", "machine_start"]))}
            more = heard if draw(st.booleans()) else {}
            steps = [
                ("initiated", {}),
                ("ringing", {}),
                ("in-progress", more),
                (draw(st.sampled_from(_ENDS)), more | {"CallDuration": "20"}),
            ]
            heap += [
                (f"{CALL}?CaseID={case_id}", call_fields(f"CA{number}", status, index, **facts))
                for index, (status, facts) in enumerate(steps)
            ]
        else:
            end = draw(st.sampled_from(["delivered", "undelivered", "failed"]))
            heap += [
                (f"{TEXT}?CaseID={case_id}", text_fields(f"SM{number}", status))
                for status in ("queued", "sent", end)
            ]
    return heap


@given(st.data(), _contacts())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_and_repetition_ends_the_same(
    runtime: Runtime, data: st.DataObject, heap: list[tuple[str, dict[str, str]]]
) -> None:
    in_order = _end_after(runtime, heap, [len(heap)])
    repeated = heap + data.draw(st.lists(st.sampled_from(heap), max_size=8))
    shuffled = data.draw(st.permutations(repeated))
    cuts = data.draw(st.lists(st.integers(0, len(shuffled)), max_size=4))
    assert _end_after(runtime, shuffled, [*sorted(cuts), len(shuffled)]) == in_order


def _end_after(
    runtime: Runtime, heap: list[tuple[str, dict[str, str]]], cuts: list[int]
) -> tuple[Any, ...]:
    """Post and take in, in pieces; return what the calls and texts, and the queue, are then."""
    with runtime.db.begin() as connection:
        for table in (callbacks, communications, deliveries, lanes, cases, case_phones, opt_outs):
            connection.execute(delete(table))
    twilio, begun = Twilio(runtime), 0
    for cut in cuts:
        for target, fields in heap[begun:cut]:
            assert twilio.post(target, fields).status_code == 204
        _take_in(runtime)
        begun = cut
    known = {
        (
            row.sid,
            row.status,
            row.answer,
            row.duration,
            row.case_id,
            row.reported_status,
            row.reported_note,
        )
        for row in _all(runtime, communications)
    }
    queued = sorted(
        (row.lane, row.kind, row.sid, str(row.payload.get("disposition")))
        for row in _all(runtime, deliveries)
    )
    return known, queued
