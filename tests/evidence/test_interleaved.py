"""However writes, late commits, checkpoints and retention follow on each other: no false alarm, and
every change is found.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from bridge.domain.evidence_verification import Finding, Tampering
from bridge.domain.phones import E164
from bridge.store.consent import opt_outs as store_opt_outs
from bridge.store.db import Database
from bridge.store.evidence import chain, retention
from bridge.store.evidence.verification import Verification, verify
from bridge.store.tables import checkpoints, decisions, opt_outs
from tests.evidence.test_chain import ROWS
from tests.support.clock import Clock

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), st.integers(0, 14)),
        st.tuples(st.just("refuse"), st.integers(0, 14)),
        st.tuples(st.just("refuse_undated"), st.integers(0, 90)),
        st.tuples(st.just("lift"), st.integers(1, 6)),
        st.tuples(st.just("start"), st.integers(1, 6)),
        st.tuples(st.just("attribute"), st.integers(1, 6)),
        st.tuples(st.just("pass"), st.sampled_from([1, 3, 20, 90, 60 * 24 * 365 * 3])),
        st.tuples(st.just("chain"), st.sampled_from([1, 3, 100])),
        st.tuples(st.just("expire"), st.integers(1, 2)),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("interleaved") / "bridge.db"
    shutil.copy(sqlite_template, path)
    made = Database(f"sqlite:///{path}", connections=1)
    yield made
    made.close()


class _Bridge:
    """What writes, and what chains it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = Clock()
        self._refusals = 0
        with db.begin() as connection:
            for table in (decisions, opt_outs, checkpoints):
                connection.execute(delete(table))
        self.chain(100)

    def step(self, what: str, number: int) -> None:
        getattr(self, what if what != "pass" else "later")(number)

    def decide(self, minutes: int) -> None:
        """A decision of some minutes ago, whose transaction ends only now."""
        self._insert(decisions, ROWS["decisions"](minutes, self._ago(minutes)))

    def refuse(self, minutes: int) -> None:
        self._refusals += 1
        self._insert(opt_outs, ROWS["opt_outs"](self._refusals, self._ago(minutes)))

    def refuse_undated(self, minutes: int) -> None:
        """As a process of an older release stores it."""
        self._refusals += 1
        row = ROWS["opt_outs"](self._refusals, self._ago(minutes))
        self._insert(opt_outs, {**row, "recorded_at": None})

    def lift(self, number: int) -> None:
        with self.db.begin() as connection:
            store_opt_outs.lift_one(connection, number, by="Ann", reason="", now=self.clock())

    def start(self, number: int) -> None:
        with self.db.begin() as connection:
            store_opt_outs.lift(connection, E164(f"+1402555{number:04d}"), 3, "SM9", self.clock())

    def attribute(self, number: int) -> None:
        with self.db.begin() as connection:
            store_opt_outs.attribute(connection, f"SM{number}", number)

    def later(self, minutes: int) -> None:
        # A worker makes checkpoints as time goes by: before, and after.
        self.clock.advance(minutes=minutes)

    def chain(self, limit: int) -> None:
        with self.db.begin() as connection:
            chain.date(connection, chain.undated(connection, 100), self.clock())
        for _ in range(200):
            with self.db.snapshot() as connection:
                links = chain.next_links(connection, self.clock(), limit)
            with self.db.begin() as connection:
                if not chain.append(connection, links):
                    return

    def expire(self, years: int) -> None:
        with self.db.begin() as connection:
            retention.purge(connection, self.clock(), years, 100)

    def verified(self) -> Verification:
        with self.db.snapshot() as connection:
            return verify(connection)

    def _ago(self, minutes: int) -> datetime:
        return self.clock() - timedelta(minutes=minutes)

    def _insert(self, table: Any, row: dict[str, Any]) -> None:
        with self.db.begin() as connection:
            connection.execute(insert(table).values(**row))


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, place=st.integers(0, 10**6), wholly=st.booleans())
def test_no_false_alarm_and_no_change_unseen(
    database: Database, steps: list[tuple[str, int]], place: int, wholly: bool
) -> None:
    bridge = _Bridge(database)
    for step in steps:
        bridge.step(*step)
        found = bridge.verified()
        assert found.first is None, steps
    bridge.clock.advance(hours=1)
    bridge.chain(100)
    # What was undated until then came a moment ago.
    bridge.clock.advance(minutes=3)
    bridge.chain(100)
    found = bridge.verified()
    assert found.first is None
    assert all(table.waiting == 0 for table in found.tables.values())
    with database.read() as connection:
        there = connection.scalars(select(decisions.c.id)).all()
    if not there:
        return
    chosen = there[place % len(there)]
    mine = decisions.c.id == chosen
    with database.begin() as connection:
        connection.execute(
            delete(decisions).where(mine)
            if wholly
            else update(decisions).where(mine).values(why="I was never asked")
        )
    what = Tampering.REMOVED if wholly else Tampering.CHANGED
    assert bridge.verified().first == Finding("decisions", chosen, what)
