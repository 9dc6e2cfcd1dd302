"""What is queued reaches SmartAdvocate: in order, once, and not for ever."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from bridge.adapters.smartadvocate.client import SmartAdvocate as Client
from bridge.callbacks import intake
from bridge.circuit_breaker import SMARTADVOCATE
from bridge.reporting import delivery
from bridge.runtime import Runtime, smartadvocate
from bridge.sandbox.casebook import Case
from bridge.sandbox.faults import Fault
from bridge.sandbox.smartadvocate import SmartAdvocate
from bridge.store import circuit_breakers
from bridge.store.reporting.lanes import LEASE, Lease
from bridge.store.tables import callbacks, deliveries, lanes
from tests.adapters.test_smartadvocate import Scripted, server  # noqa: F401
from tests.stories.workload import case
from tests.support.clock import Clock
from tests.support.posting import CALL, TEXT, Twilio
from tests.support.signing import call_fields, text_fields
from tests.support.telling import take_in, tell

PHONE = "+14025550007"
CASE = f"{CALL}?CaseID=7"


@pytest.fixture
def standin(standin: SmartAdvocate) -> SmartAdvocate:
    standin.book.add(case(7))
    return standin


@pytest.fixture
def twilio(runtime: Runtime) -> Twilio:
    return Twilio(runtime)


def _rows(runtime: Runtime) -> Sequence[Row[Any]]:
    with runtime.db.read() as connection:
        return connection.execute(select(deliveries).order_by(deliveries.c.id)).all()


def _states(runtime: Runtime) -> list[str]:
    return [row.state for row in _rows(runtime)]


def _shown(standin: SmartAdvocate, case_id: int = 7) -> Case:
    return next(one for one in standin.book.all() if one.case_id == case_id)


def _at(minute: int) -> str:
    return f"Mon, 23 Nov 2026 16:{minute:02d}:00 +0000"


def _lose_what_follows_a_look(standin: SmartAdvocate, entry: Any) -> None:
    if entry.call == "GetCaseInfo":
        standin.order(Fault(drop="after", count=1))


def test_status_then_note(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    fields = call_fields("CA001f3a", "no-answer", 2, To=PHONE, Timestamp=_at(30))
    twilio.post(CASE, call_fields("CA001f3a", "ringing", 1, To=PHONE, Timestamp=_at(29)))
    twilio.post(CASE, fields)
    tell(runtime, remote)
    calls = [(entry.call, dict(entry.sent)) for entry in standin.journal()]
    assert calls == [
        ("GetCaseInfo", {"CaseID": "7"}),
        (
            "UpdateCaseStatus",
            {
                "Cases": [
                    {
                        "CaseID": 7,
                        "Status": "To Dial",
                        "NextCall": "2026-11-23T15:30:00",
                        "Attempts": 1,
                        "Disposition": "No Answer",
                    }
                ]
            },
        ),
        (
            "AddCaseNote",
            {
                "CaseID": 7,
                "Note": "Call to (402) 555-0007: no answer after 1 min. "
                "Next call Mon Nov 23, 3:30 PM ET. [CA…1f3a]",
            },
        ),
    ]
    assert _states(runtime) == ["delivered", "delivered"]
    with runtime.db.read() as connection:
        assert connection.execute(select(lanes)).all() == []


def test_a_next_call_that_came_meanwhile_is_due_and_not_in_the_past(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate, clock: Clock
) -> None:
    twilio.post(CASE, call_fields("CA1", "busy", 2, To=PHONE, Timestamp=_at(59)))
    take_in(runtime)
    # The next call should be at 12:19; SmartAdvocate was away until 15:00.
    clock.advance(hours=3)
    standin.on_request = lambda entry: _lose_what_follows_a_look(standin, entry)
    (held,) = delivery.take(runtime, 8)
    delivery.deliver_lane(runtime, remote, held, lambda: False)
    standin.on_request = lambda _entry: None
    clock.advance(minutes=8)
    tell(runtime, remote)
    # Five minutes on, as its clock may be ahead; the try whose answer was lost isn't repeated.
    assert _shown(standin).dial_at == "2026-11-23T15:05:00"
    assert (_shown(standin).attempts, _shown(standin).updates) == ("1", 1)
    assert _states(runtime) == ["delivered", "delivered"]


def test_attempts_count_on_until_they_are_used_up(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    for number in range(9):
        twilio.post(CASE, call_fields(f"CA{number}", "busy", 2, Timestamp=_at(number)))
        tell(runtime, remote)
    shown = _shown(standin)
    assert (shown.status, shown.attempts, shown.disposition) == ("Do not Dial", "8", "Busy")
    assert "Attempt 8 was the last: no further calls." in shown.notes[7]
    assert "The case remains Do not Dial." in shown.notes[8]


def test_do_not_dial_is_left_alone(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    standin.book.add(replace(case(7), status="Do not Dial", attempts="2"))
    twilio.post(CASE, call_fields("CA1", "busy", 2))
    tell(runtime, remote)
    shown = _shown(standin)
    assert (shown.status, shown.attempts, shown.disposition) == ("Do not Dial", "2", "Busy")
    assert standin.journal()[1].sent == {"Cases": [{"CaseID": 7, "Disposition": "Busy"}]}


def test_a_status_that_a_later_one_overtakes_is_not_sent(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    for number, status in enumerate(("busy", "no-answer", "failed")):
        twilio.post(CASE, call_fields(f"CA{number}", status, 2, Timestamp=_at(number)))
    tell(runtime, remote)
    updates = [entry for entry in standin.journal() if entry.call == "UpdateCaseStatus"]
    assert len(updates) == 1
    assert _shown(standin).attempts == "3"
    assert _shown(standin).disposition == "No Answer"
    assert _states(runtime) == [
        "superseded",
        "delivered",
        "superseded",
        "delivered",
        "delivered",
        "delivered",
    ]
    assert ["Next call" in note for note in _shown(standin).notes] == [False, False, True]


def test_a_person_who_was_reached_stays_reached_though_overtaken(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    twilio.post(CASE, call_fields("CA1", "completed", 3, CallDuration="60", Timestamp=_at(1)))
    twilio.post(CASE, call_fields("CA2", "busy", 2, Timestamp=_at(2)))
    tell(runtime, remote)
    shown = _shown(standin)
    assert (shown.status, shown.disposition, shown.attempts) == ("Do not Dial", "Busy", "1")


def test_an_update_whose_answer_is_lost_counts_once(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate, clock: Clock
) -> None:
    twilio.post(CASE, call_fields("CA1", "busy", 2))
    take_in(runtime)
    (held,) = delivery.take(runtime, 8)

    # The first request reads the case; the answer to the second, the update, is lost.
    standin.on_request = lambda entry: _lose_what_follows_a_look(standin, entry)
    delivery.deliver_lane(runtime, remote, held, lambda: False)
    standin.on_request = lambda _entry: None
    assert _shown(standin).attempts == "1"
    assert _states(runtime) == ["pending", "pending"]
    clock.advance(seconds=5)
    tell(runtime, remote)
    assert (_shown(standin).attempts, _shown(standin).updates) == ("1", 1)
    assert _states(runtime) == ["delivered", "delivered"]
    assert "Next call" in _shown(standin).notes[0]


def test_a_note_that_is_written_twice_says_the_same(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate, clock: Clock
) -> None:
    """SmartAdvocate has no key to tell a double by: whoever reads both must see that it is one."""
    others: list[Lease] = []

    def take_over(entry: Any) -> None:
        if entry.call == "AddCaseNote" and not others:
            clock.now += LEASE + timedelta(seconds=1)
            others.extend(delivery.take(runtime, 8))

    standin.book.add(replace(case(7), status="Do not Dial", attempts="2"))
    twilio.post(f"{CASE}&Attempt=a1", call_fields("CA1", "completed", 3, CallDuration="60"))
    take_in(runtime)
    (slow,) = delivery.take(runtime, 8)
    standin.on_request = take_over
    delivery.deliver_lane(runtime, remote, slow, lambda: False)
    for held in others:
        delivery.deliver_lane(runtime, remote, held, lambda: False)
    first, second = _shown(standin).notes
    assert first == second
    assert "The case remains Do not Dial." in first
    assert _shown(standin).attempts == "3"


def test_pauses_grow_and_then_it_is_given_up(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate, clock: Clock
) -> None:
    twilio.post(f"{TEXT}?CaseID=7", text_fields("SM1", "delivered", To=PHONE))
    standin.order(Fault(status=503))
    pauses = []
    for _ in range(400):
        tell(runtime, remote)
        (row,) = _rows(runtime)
        if row.state != "pending":
            break
        pauses.append((row.due_at - clock.now).total_seconds())
        clock.now = max(row.due_at, clock.now) + timedelta(seconds=31)  # the breaker's longest rest
    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert max(pauses) == 900
    assert _states(runtime) == ["dead"]
    assert "503" in _rows(runtime)[0].refusal
    assert clock.now - Clock().now > timedelta(hours=71)
    standin.order(None)
    clock.advance(hours=1)
    assert delivery.revive(runtime, []) == [1]
    tell(runtime, remote)
    assert (_states(runtime), len(_shown(standin).notes)) == (["delivered"], 1)


def test_a_pause_that_is_asked_for_is_kept(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate, clock: Clock
) -> None:
    twilio.post(f"{TEXT}?CaseID=7", text_fields("SM1", "delivered", To=PHONE))
    standin.order(Fault(status=429, retry_after=120, count=1))
    tell(runtime, remote)
    clock.advance(seconds=119)
    tell(runtime, remote)
    assert len(standin.journal()) == 1
    clock.advance(seconds=2)
    tell(runtime, remote)
    assert _states(runtime) == ["delivered"]


def test_when_all_of_it_is_away_one_probe_asks(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate, clock: Clock
) -> None:
    for number in range(40):
        standin.book.add(case(100 + number))
        twilio.post(f"{TEXT}?CaseID={100 + number}", text_fields(f"SM{number}", "delivered"))
    standin.order(Fault(status=503))
    tell(runtime, remote)
    first = len(standin.journal())
    assert first <= 8, "all were tried though it was down"
    clock.advance(seconds=9)
    tell(runtime, remote)
    assert len(standin.journal()) == first + 1
    standin.order(None)
    clock.advance(seconds=120)
    tell(runtime, remote)
    tell(runtime, remote)
    assert set(_states(runtime)) == {"delivered"}


def test_a_refusal_is_dead_at_once_and_holds_nobody_up(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    twilio.post(f"{CALL}?CaseID=404", call_fields("CA1", "busy", 2))
    twilio.post(CASE, call_fields("CA2", "busy", 2))
    tell(runtime, remote)
    rows = _rows(runtime)
    assert [(row.case_id, row.state) for row in rows] == [
        (404, "dead"),
        (404, "dead"),
        (7, "delivered"),
        (7, "delivered"),
    ]
    assert "there is no case 404" in rows[0].refusal


def test_a_dead_status_is_overtaken_when_it_is_revived(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate, clock: Clock
) -> None:
    standin.order(Fault(status=400, count=1))
    twilio.post(CASE, call_fields("CA1", "busy", 2, Timestamp=_at(1)))
    tell(runtime, remote)
    assert _states(runtime) == ["dead", "delivered"]
    twilio.post(CASE, call_fields("CA2", "no-answer", 2, Timestamp=_at(2)))
    tell(runtime, remote)
    delivery.revive(runtime, [1])
    clock.advance(seconds=1)
    tell(runtime, remote)
    assert _states(runtime) == ["superseded", "delivered", "delivered", "delivered"]
    assert _shown(standin).disposition == "No Answer"


def test_a_phone_that_smartadvocate_does_not_know(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    stranger = "+14025559999"
    twilio.post(CALL, call_fields("CA1", "busy", 2, To=stranger))
    tell(runtime, remote)
    # What comes late of the same call asks nobody again.
    twilio.post(CALL, call_fields("CA1", "ringing", 1, To=stranger))
    tell(runtime, remote)
    assert (_states(runtime), len(standin.journal())) == (["unmatched"], 1)
    with runtime.db.read() as connection:
        assert connection.scalar(select(callbacks.c.verdict)) == "unmatched"
    # A person does, once the number may be known; each of its callbacks, but one note.
    standin.book.add(replace(case(9), phones=[{"Phone": stranger[2:]}]))
    intake.replay(runtime, [1, 2])
    tell(runtime, remote)
    assert _states(runtime) == ["unmatched", "delivered"]
    assert len(_shown(standin, 9).notes) == 1


def test_a_login_page_is_no_success(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate, clock: Clock
) -> None:
    twilio.post(f"{TEXT}?CaseID=7", text_fields("SM1", "delivered", To=PHONE))
    standin.order(Fault(html=True, count=1))
    tell(runtime, remote)
    assert _states(runtime) == ["pending"]
    clock.advance(seconds=2)
    tell(runtime, remote)
    assert (_states(runtime), len(_shown(standin).notes)) == (["delivered"], 1)


def test_whoever_lost_the_lease_settles_nothing(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate, clock: Clock
) -> None:
    twilio.post(f"{TEXT}?CaseID=7", text_fields("SM1", "delivered", To=PHONE))
    take_in(runtime)
    (slow,) = delivery.take(runtime, 1)
    clock.now += LEASE + timedelta(seconds=1)
    (quick,) = delivery.take(runtime, 1)
    delivery.deliver_lane(runtime, remote, slow, lambda: False)
    assert (standin.journal(), _states(runtime)) == ([], ["pending"])
    delivery.deliver_lane(runtime, remote, quick, lambda: False)
    assert (len(standin.journal()), _states(runtime)) == (1, ["delivered"])


def test_a_broken_message_waits_and_holds_no_other_case(
    twilio: Twilio, runtime: Runtime, remote: Client, standin: SmartAdvocate
) -> None:
    standin.book.add(case(8))
    for case_id in (7, 8):
        twilio.post(f"{TEXT}?CaseID={case_id}", text_fields(f"SM{case_id}", "delivered"))
    take_in(runtime)
    with runtime.db.begin() as connection:
        broken = update(deliveries).where(deliveries.c.id == 1).values(payload={"kind": "odd"})
        connection.execute(broken)
    tell(runtime, remote)
    assert _states(runtime) == ["pending", "delivered"]
    assert _rows(runtime)[0].refusal == "ValueError inside the bridge"


def test_an_answer_that_is_no_case_is_asked_for_again_until_it_is_given_up(
    twilio: Twilio,
    runtime: Runtime,
    remote: Client,
    clock: Clock,
    server: Scripted,  # noqa: F811
) -> None:
    """And it is no outage: other cases aren't held up by it."""
    odd = smartadvocate(replace(runtime.settings, smartadvocate_url=server.url))
    twilio.post(CASE, call_fields("CA1", "busy", 2, To=PHONE))
    for body in ("null", "[]", '"OK"', '{"Success":false,"Message":"Locked by Amy"}') * 5:
        server.body = body
        tell(runtime, odd)
        clock.advance(hours=1)
        assert _states(runtime)[0] == "pending"
    assert _rows(runtime)[0].refusal == "GetCaseInfo: 200 Locked by Amy"
    with runtime.db.read() as connection:
        assert circuit_breakers.allowance(connection, SMARTADVOCATE, clock()) is None
    tell(runtime, remote)
    assert _states(runtime) == ["delivered", "delivered"]
    twilio.post(CASE, call_fields("CA2", "busy", 2, To=PHONE))
    tell(runtime, odd)
    clock.advance(hours=73)
    tell(runtime, odd)
    odd.close()
    assert _states(runtime)[2] == "dead"
