"""What is kept, and for how long."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bridge import sweep
from bridge.callbacks import intake
from bridge.runtime import Runtime
from bridge.store.tables import callbacks, deliveries
from tests.support.clock import Clock
from tests.support.posting import CALL, Twilio
from tests.support.signing import call_fields


def _rows(runtime: Runtime, table: Any) -> list[Any]:
    with runtime.db.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def test_raw_forms_are_erased_and_the_facts_stay(runtime: Runtime, clock: Clock) -> None:
    twilio = Twilio(runtime)
    for number in range(3):
        twilio.post(f"{CALL}?CaseID=7", call_fields(f"CA{number}", "busy", 2))
        clock.advance(days=40)
    intake.process_pending(runtime)
    sweep.run_due(runtime)
    rows = _rows(runtime, callbacks)
    assert [row.body is None for row in rows] == [True, False, False]
    assert [row.target is None for row in rows] == [True, False, False]
    assert (rows[0].sid, rows[0].status, rows[0].case_id) == ("CA0", "busy", 7)
    clock.advance(days=30)
    sweep.run_due(runtime)
    assert [row.body is None for row in _rows(runtime, callbacks)] == [True, True, False]


def test_finished_messages_go_dead_and_pending_ones_stay(runtime: Runtime, clock: Clock) -> None:
    twilio = Twilio(runtime)
    for number in range(2):
        twilio.post(f"{CALL}?CaseID=7", call_fields(f"CA{number}", "busy", 2))
    intake.process_pending(runtime)
    for identity, state in enumerate(("delivered", "dead", "superseded", "pending"), start=1):
        with runtime.db.begin() as connection:
            row = update(deliveries).where(deliveries.c.id == identity)
            connection.execute(row.values(state=state))
    clock.advance(days=89)
    sweep.run_due(runtime)
    assert len(_rows(runtime, deliveries)) == 4
    clock.advance(days=2)
    sweep.run_due(runtime)
    assert [row.state for row in _rows(runtime, deliveries)] == ["dead", "pending"]


def test_one_worker_does_it_for_all(runtime: Runtime, clock: Clock) -> None:
    sweep.run_due(runtime)
    twilio = Twilio(runtime)
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "busy", 2))
    clock.now += timedelta(minutes=30)
    with runtime.db.begin() as connection:
        long_ago = clock.now - timedelta(days=100)
        connection.execute(update(callbacks).values(received_at=long_ago))
    sweep.run_due(runtime)
    assert _rows(runtime, callbacks)[0].body is not None, "swept before it was due again"
    clock.now += timedelta(minutes=31)
    sweep.run_due(runtime)
    assert _rows(runtime, callbacks)[0].body is None
