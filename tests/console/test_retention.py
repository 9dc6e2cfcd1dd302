"""What the console keeps, and for how long."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from bridge import sweep
from bridge.runtime import Runtime
from bridge.store.tables import audit, sessions, sign_ins
from tests.support.clock import Clock

# the table, a row that is dated at a time, for how long it is kept at least, and at most
TABLE: list[tuple[Table, Mapping[str, Any], str, timedelta, timedelta]] = [
    (
        sessions,
        {"id": "x", "name": "Ann", "role": "viewer", "address": "8.8.8.8"},
        "created_at seen_at",
        timedelta(days=89),
        timedelta(days=91),
    ),
    (
        sign_ins,
        {"address": "8.8.8.8"},
        "tried_at",
        timedelta(hours=12),
        timedelta(hours=24),
    ),
    (
        audit,
        {"actor": "Ann", "action": "paused", "subject": "x", "reason": ""},
        "at",
        timedelta(days=5 * 365),
        timedelta(days=5 * 365 + 3),
    ),
]


def _add(runtime: Runtime, table: Table, row: Mapping[str, Any], dated: str, at: datetime) -> None:
    times = dict.fromkeys(dated.split(), at)
    with runtime.db.begin() as connection:
        connection.execute(table.insert().values(**row, **times))


def _left(runtime: Runtime, table: Table) -> int:
    with runtime.db.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    ("table", "row", "dated", "least", "most"), TABLE, ids=[row[0].name for row in TABLE]
)
def test_rows_are_kept_for_so_long(
    runtime: Runtime,
    clock: Clock,
    table: Table,
    row: Mapping[str, Any],
    dated: str,
    least: timedelta,
    most: timedelta,
) -> None:
    _add(runtime, table, row, dated, clock.now)
    clock.now += least
    sweep.run_due(runtime)
    assert _left(runtime, table) == 1
    # An hour later the next sweep is due.
    clock.now += most - least - timedelta(minutes=30)
    sweep.run_due(runtime)
    assert _left(runtime, table) == 0


def test_very_many_are_deleted_in_batches(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 3)
    for _ in range(8):
        _add(runtime, sign_ins, {"address": "8.8.8.8"}, "tried_at", clock.now - timedelta(days=2))
    sweep.run_due(runtime)
    assert _left(runtime, sign_ins) == 0
