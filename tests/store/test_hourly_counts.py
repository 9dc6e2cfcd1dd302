"""Hours are counted once, again where something changed, and the same whoever counts when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from bridge import sweep
from bridge.callbacks import intake
from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import Channel, Direction
from bridge.runtime import Runtime
from bridge.store.callbacks import hourly_counts
from bridge.store.tables import communications, metadata
from bridge.store.tables import hourly_counts as table
from tests.support.clock import Clock
from tests.support.posting import CALL, Twilio
from tests.support.signing import call_fields

OUTCOMES = (ContactOutcome.TALKED, ContactOutcome.BUSY, ContactOutcome.FIRMS_SIDE)


def _add(runtime: Runtime, at: datetime, outcome: ContactOutcome = ContactOutcome.BUSY) -> None:
    with runtime.db.begin() as connection:
        number = connection.scalar(select(func.count()).select_from(communications))
        connection.execute(
            communications.insert().values(
                sid=f"CA{number}",
                channel=Channel.CALL,
                direction=Direction.OUTBOUND,
                evidence="url",
                status="busy",
                answer="unsaid",
                outcome=outcome,
                created_at=at,
                updated_at=at,
            )
        )


def _counted(runtime: Runtime) -> dict[tuple[datetime, str], int]:
    with runtime.db.read() as connection:
        rows = connection.execute(select(table.c.hour, table.c.outcome, table.c.counted))
        return {(row.hour, row.outcome): row.counted for row in rows}


def _since(runtime: Runtime, start: datetime) -> Mapping[Any, int]:
    with runtime.db.read() as connection:
        return hourly_counts.since(connection, start, runtime.clock())


def _sweep(runtime: Runtime, clock: Clock, **later: float) -> None:
    clock.advance(**later or {"minutes": 1})
    sweep.run_due(runtime)


def test_history_is_counted_in_batches_and_then_kept_up(runtime: Runtime, clock: Clock) -> None:
    oldest = clock() - timedelta(days=130)
    for days in (0, 1, 70, 130):
        _add(runtime, clock() - timedelta(days=days))
    _add(runtime, clock() - timedelta(days=401))
    sweep.run_due(runtime)
    assert _counted(runtime) == {
        (hourly_counts.hour_of(oldest + timedelta(days=days)), "busy"): 1 for days in (0,)
    }
    for _ in range(2):
        _sweep(runtime, clock)
    assert sum(_counted(runtime).values()) == 4
    _add(runtime, clock())
    _sweep(runtime, clock)
    assert sum(_counted(runtime).values()) == 5
    again = _counted(runtime)
    _sweep(runtime, clock)
    assert _counted(runtime) == again


def test_what_changes_after_hours_is_counted_again(runtime: Runtime, clock: Clock) -> None:
    twilio = Twilio(runtime)
    began = hourly_counts.hour_of(clock())
    at = {"Timestamp": "Mon, 23 Nov 2026 17:00:00 +0000"}
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "ringing", 1, **at))
    intake.process_pending(runtime)
    sweep.run_due(runtime)
    assert _counted(runtime) == {(began, "under-way"): 1}
    _sweep(runtime, clock, hours=9)
    twilio.post(f"{CALL}?CaseID=7", call_fields("CA1", "busy", 2, **at))
    intake.process_pending(runtime)
    _sweep(runtime, clock)
    assert _counted(runtime) == {(began, "busy"): 1}


def test_hours_while_no_worker_ran_are_counted_later(runtime: Runtime, clock: Clock) -> None:
    sweep.run_due(runtime)
    clock.advance(hours=5)
    _add(runtime, clock())
    clock.advance(days=3)
    _sweep(runtime, clock)
    assert sum(_counted(runtime).values()) == 1


def test_counts_are_kept_for_400_days(runtime: Runtime, clock: Clock) -> None:
    _add(runtime, clock())
    sweep.run_due(runtime)
    _sweep(runtime, clock, days=399)
    assert sum(_counted(runtime).values()) == 1
    _sweep(runtime, clock, days=2)
    assert _counted(runtime) == {}


@given(
    begun=st.lists(
        st.tuples(st.integers(0, 60 * 60), st.sampled_from(OUTCOMES)), min_size=1, max_size=12
    ),
    back=st.integers(0, 60 * 60),
    counted=st.booleans(),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_sum_is_what_there_was_whatever_is_counted_by_then(
    runtime: Runtime,
    clock: Clock,
    begun: list[tuple[int, ContactOutcome]],
    back: int,
    counted: bool,
) -> None:
    """The last 26 hours are right even if nobody ever counted; older ones once they were."""
    with runtime.db.begin() as connection:
        for one in metadata.sorted_tables:
            connection.execute(delete(one))
    clock.now = Clock().now + timedelta(minutes=17)
    for minutes, outcome in begun:
        _add(runtime, clock() - timedelta(minutes=minutes), outcome)
    if counted:
        sweep.run_due(runtime)
    else:
        back %= 25 * 60
    found = _since(runtime, clock() - timedelta(minutes=back))
    expected = [outcome for minutes, outcome in begun if minutes <= back]
    assert {kind[2]: many for kind, many in found.items()} == {
        outcome: expected.count(outcome) for outcome in set(expected)
    }


def test_the_firms_calls_by_the_hour_of_the_day(runtime: Runtime, clock: Clock) -> None:
    for hours in (0, 1, 24, 25, 48):
        _add(runtime, clock() - timedelta(hours=hours))
    sweep.run_due(runtime)
    with runtime.db.begin() as connection:
        connection.execute(
            update(communications)
            .where(communications.c.id == 1)
            .values(direction=Direction.INBOUND)
        )
    now = clock()
    with runtime.db.read() as connection:
        found = hourly_counts.by_hour(connection, now - timedelta(days=7), now, now)
        later = hourly_counts.by_hour(connection, now - timedelta(hours=24), now, now)
    assert found == {(17, ContactOutcome.BUSY): 2, (16, ContactOutcome.BUSY): 2}
    assert later == {(17, ContactOutcome.BUSY): 1, (16, ContactOutcome.BUSY): 1}


@pytest.mark.parametrize("hours", [0, 2])
def test_a_fresh_change_needs_no_mark(runtime: Runtime, clock: Clock, hours: int) -> None:
    with runtime.db.begin() as connection:
        hourly_counts.mark_changed(connection, clock() - timedelta(hours=hours), clock())
        assert hourly_counts.changed(connection, clock(), 10) == []
