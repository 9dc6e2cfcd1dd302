"""Rows that were changed, removed or slipped in are named; what the bridge does is no tampering."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, delete, func, insert, select, update

from bridge import sweep
from bridge.consent.consents import withdraw
from bridge.consent.wrong_numbers import SaidWrong, record_wrong_number
from bridge.domain.contact_facts import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.evidence_chain import COVERED
from bridge.domain.evidence_verification import Finding, Tampering
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store.consent import opt_outs as store_opt_outs
from bridge.store.consent.wrong_numbers import WrongNumberWay
from bridge.store.evidence import chain
from bridge.store.evidence.verification import Verification, verify
from bridge.store.tables import audit, checkpoints, consents, decisions, metadata, opt_outs
from tests.support.clock import Clock

PHONE = E164("+14025550123")
ROWS: dict[str, Callable[[int, datetime], dict[str, Any]]] = {
    "decisions": lambda number, at: {
        "decided_at": at,
        "stage": "place",
        "case_id": number,
        "attempt_id": f"{number:032x}",
        "channel": "call",
        "answer": "allow",
        "why": "",
        "inputs": {"zones": ["America/Chicago"], "attempts": number, "note": "ü"},
    },
    "opt_outs": lambda number, at: {
        "phone": f"+1402555{number:04d}",
        "channel": "text",
        "source": "text",
        "sid": f"SM{number}",
        "created_at": at,
        "recorded_at": at,
        "scope": "person",
        "words": "Please stop, I mean it",
    },
    "consents": lambda number, at: {
        "phone": f"+1402555{number:04d}",
        "phone_end": f"{number:04d}",
        "fingerprint": f"{number:064d}",
        "channel": "call",
        "purpose": "lead",
        "words": "I agree to be called",
        "source": "web form",
        "evidence": "form-17.pdf",
        "given_at": at,
        "recorded_at": at,
        "recorded_by": "Ann",
    },
    "audit": lambda number, at: {
        "at": at,
        "actor": "Ann",
        "action": "paused",
        "subject": f"case {number}",
        "reason": "a hearing",
    },
}
CHANGES: dict[str, list[dict[str, Any]]] = {
    "decisions": [{"answer": "defer"}, {"inputs": {"zones": []}}, {"attempt_id": None}],
    "opt_outs": [
        {"scope": "number"},
        # START does so, and leaves its mark.
        {"scope": "case"},
        {"words": None},
        {"phone": "+14025559999"},
        # Long ago, and the chain knew nothing of it then.
        {"lifted_at": datetime.fromisoformat("2026-11-23T17:01:00+00:00"), "lifted_by": "Ann"},
    ],
    "consents": [{"words": "I agree to everything"}, {"channel": "text"}],
    "audit": [{"actor": "Bob"}, {"reason": ""}],
}
SETTLED = 5
"""Minutes after which a row is in the chain."""


def _add(runtime: Runtime, table: Table, numbers: range, at: datetime) -> None:
    with runtime.db.begin() as connection:
        rows = [ROWS[table.name](number, at) for number in numbers]
        connection.execute(insert(table), rows)


def _checkpoint(runtime: Runtime, clock: Clock, minutes: float = SETTLED) -> None:
    clock.advance(minutes=minutes)
    sweep.run_due(runtime)


def _verified(runtime: Runtime) -> Verification:
    with runtime.db.snapshot() as connection:
        return verify(connection)


def _do(runtime: Runtime, statement: Any) -> None:
    with runtime.db.begin() as connection:
        assert connection.execute(statement).rowcount != 0


@pytest.fixture
def chained(runtime: Runtime, clock: Clock) -> Runtime:
    """Five rows in each table, all in the chain for an hour, and the chain for longer."""
    sweep.run_due(runtime)
    for table in COVERED:
        _add(runtime, metadata.tables[table.name], range(1, 4), clock.now)
    _checkpoint(runtime, clock)
    for table in COVERED:
        _add(runtime, metadata.tables[table.name], range(4, 6), clock.now)
    _checkpoint(runtime, clock)
    _checkpoint(runtime, clock, 61)
    verified = _verified(runtime)
    assert verified.first is None
    assert {name: found.rows for name, found in verified.tables.items() if name in ROWS} == (
        dict.fromkeys(ROWS, 5)
    )
    return runtime


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_is_changed_removed_or_slipped_in_is_named(
    chained: Runtime, clock: Clock, name: str
) -> None:
    table = metadata.tables[name]
    with chained.db.read() as connection:
        third = connection.execute(select(table).where(table.c.id == 3)).one()
    mine = update(table).where(table.c.id == 3)
    for change in CHANGES[name]:
        _do(chained, mine.values(**change))
        found = _verified(chained)
        assert found.first == Finding(name, 3, Tampering.CHANGED), change
        assert found.findings == 1
        _do(chained, mine.values(**third._mapping))
    assert _verified(chained).first is None
    _do(chained, delete(table).where(table.c.id == 3))
    assert _verified(chained).first == Finding(name, 3, Tampering.REMOVED)
    _do(chained, insert(table).values(**third._mapping))
    assert _verified(chained).first is None
    backdated = ROWS[name](9, clock.now - timedelta(hours=1))
    _do(chained, insert(table).values(**backdated, id=77))
    assert _verified(chained).first == Finding(name, 77, Tampering.SLIPPED_IN)
    # Whatever comes later: it never gets into the chain.
    _checkpoint(chained, clock)
    assert _verified(chained).first == Finding(name, 77, Tampering.SLIPPED_IN)


def test_the_last_row_is_not_replaced_unseen(chained: Runtime, clock: Clock) -> None:
    """SQLite gives the id of the last row again once it is gone."""
    _do(chained, delete(audit).where(audit.c.id == 5))
    _do(chained, insert(audit).values(**ROWS["audit"](6, clock.now), id=5))
    _checkpoint(chained, clock)
    assert _verified(chained).first == Finding("audit", 5, Tampering.CHANGED)


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (update(checkpoints).values(rows=b"").where(checkpoints.c.id == 3), Tampering.CHANGED),
        (update(checkpoints).values(until=None).where(checkpoints.c.id == 3), Tampering.CHANGED),
        (delete(checkpoints).where(checkpoints.c.id == 3), Tampering.REMOVED),
    ],
    ids=["rows", "until", "removed"],
)
def test_the_chain_itself_is_looked_at_first(
    chained: Runtime, tamper: Any, what: Tampering
) -> None:
    _do(chained, tamper)
    assert _verified(chained).first == Finding("checkpoints", 3, what)


def test_what_happens_to_opt_outs_and_consents_is_no_tampering(
    chained: Runtime, clock: Clock
) -> None:
    with chained.db.begin() as connection:
        store_opt_outs.lift_one(connection, 1, by="Ann", reason="They called", now=clock.now)
        store_opt_outs.attribute(connection, "SM2", 7)
        store_opt_outs.lift(connection, E164("+14025550002"), 8, "SM99", clock.now)
        store_opt_outs.lift(connection, E164("+14025550003"), None, "SM98", clock.now)
        connection.execute(
            update(consents)
            .where(consents.c.id == 4)
            .values(revoked_at=clock.now, revoked_by="the person", revoked_how="STOP")
        )
    with chained.db.read() as connection:
        narrowed = store_opt_outs.get(connection, 2)
    assert narrowed is not None
    assert (narrowed.scope, narrowed.case_id) == (OptOutScope.CASE, 7)
    assert _verified(chained).first is None
    _checkpoint(chained, clock)
    _checkpoint(chained, clock, 61)
    assert _verified(chained).first is None
    # What has ended is in the chain, and stays as it is.
    for table, row, change in (
        (opt_outs, 1, {"lift_reason": "They wrote"}),
        (opt_outs, 1, {"lifted_at": None}),
        (opt_outs, 3, {"lifted_at": clock.now}),
        (consents, 4, {"revoked_at": None}),
    ):
        with chained.db.read() as connection:
            was = connection.execute(select(table).where(table.c.id == row)).one()
        _do(chained, update(table).where(table.c.id == row).values(**change))
        assert _verified(chained).first == Finding(table.name, row, Tampering.CHANGED), change
        _do(chained, update(table).where(table.c.id == row).values(**was._mapping))
    assert _verified(chained).first is None


def test_withdrawals_and_wrong_numbers_are_no_tampering(chained: Runtime, clock: Clock) -> None:
    with chained.db.begin() as connection:
        for number in ("+14025550001", "+14025550099"):
            withdraw(
                chained, connection, E164(number), list(Channel), by="Ann", reason="They called"
            )
        said = SaidWrong(E164("+14025550002"), 7, WrongNumberWay.STAFF, "Ann")
        record_wrong_number(chained, connection, said)
    with chained.db.read() as connection:
        ended = connection.scalars(select(consents.c.id).where(consents.c.revoked_at.is_not(None)))
        assert set(ended) == {1, 2, 6, 7, 8}
    assert _verified(chained).first is None
    _checkpoint(chained, clock)
    _checkpoint(chained, clock, 61)
    assert _verified(chained).first is None
    _do(chained, update(consents).where(consents.c.id == 8).values(revoked_at=None))
    assert _verified(chained).first == Finding("consents", 8, Tampering.CHANGED)


def test_what_is_committed_late_is_taken_up(chained: Runtime, clock: Clock) -> None:
    """On PostgreSQL a row with an earlier id may be committed after a later one was covered."""
    began = clock.now
    clock.advance(minutes=3)
    _do(chained, insert(decisions).values(**ROWS["decisions"](8, clock.now), id=12))
    _checkpoint(chained, clock)
    _do(chained, insert(decisions).values(**ROWS["decisions"](9, began), id=11))
    waiting = _verified(chained)
    assert waiting.first is None
    assert waiting.tables["decisions"].waiting == 1
    _checkpoint(chained, clock)
    taken = _verified(chained).tables["decisions"]
    assert (taken.rows, taken.waiting, taken.findings) == (7, 0, 0)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_transaction_that_ends_after_the_checkpoint(chained: Runtime, clock: Clock) -> None:
    """It has the lower id, and none of its rows were there when later ones were covered."""
    mine = chained.db.engine.connect()
    mine.execute(insert(decisions).values(**ROWS["decisions"](8, clock.now)))
    _add(chained, decisions, range(9, 10), clock.now)
    _checkpoint(chained, clock)
    covered = _verified(chained).tables["decisions"]
    mine.commit()
    mine.close()
    assert _verified(chained).tables["decisions"].waiting == 1
    _checkpoint(chained, clock)
    taken = _verified(chained)
    assert (covered.rows, taken.tables["decisions"].rows, taken.first) == (6, 7, None)


def test_a_young_row_waits(chained: Runtime, clock: Clock) -> None:
    _add(chained, decisions, range(6, 7), clock.now)
    _checkpoint(chained, clock, 2.5)
    _add(chained, decisions, range(7, 8), clock.now)
    sweep.run_due(chained)
    found = _verified(chained).tables["decisions"]
    assert (found.rows, found.waiting) == (6, 1)


def _undated(runtime: Runtime, number: int, clock: Clock) -> None:
    """A STOP of an hour ago that a process of an older release stores."""
    row = {**ROWS["opt_outs"](number, clock.now - timedelta(hours=1)), "recorded_at": None}
    _do(runtime, insert(opt_outs).values(**row))


def test_what_an_old_process_stores_in_a_deploy_is_taken_up(chained: Runtime, clock: Clock) -> None:
    _undated(chained, 8, clock)
    stored = _verified(chained)
    assert (stored.first, stored.tables["opt_outs"].waiting) == (None, 1)
    for _ in range(9):
        _checkpoint(chained, clock)
    taken = _verified(chained)
    assert taken.first is None
    assert (taken.tables["opt_outs"].rows, taken.tables["opt_outs"].waiting) == (6, 0)


def test_words_are_erased_before_it_is_dated(chained: Runtime, clock: Clock) -> None:
    _undated(chained, 8, clock)
    with chained.db.begin() as connection:
        mine = opt_outs.c.sid == "SM8"
        erasing = update(opt_outs).where(mine).values(words=None, words_erased_at=clock.now)
        erased = connection.scalars(erasing.returning(opt_outs.c.id)).all()
        chain.erased(connection, "opt_outs", erased, clock.now)
    for _ in range(9):
        assert _verified(chained).first is None
        _checkpoint(chained, clock)
    taken = _verified(chained)
    assert (taken.first, taken.tables["opt_outs"].rows) == (None, 6)


def test_an_import_of_one_moment_is_taken_up_whole_long_after_it(
    chained: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker ran for an hour."""
    monkeypatch.setattr(sweep, "COVERED_AT_ONCE", 3)
    _add(chained, consents, range(10, 21), clock.now)
    _add(chained, decisions, range(10, 12), clock.now + timedelta(minutes=40))
    _checkpoint(chained, clock, 60)
    found = _verified(chained)
    assert found.first is None
    assert (found.tables["consents"].rows, found.tables["consents"].waiting) == (16, 0)


def test_a_backlog_is_chained_at_one_go_for_as_long_as_others_can_wait(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "COVERED_AT_ONCE", 2)
    for number in range(40):
        at = clock.now - timedelta(days=40 - number)
        _add(runtime, decisions, range(number, number + 1), at)
    monkeypatch.setattr(sweep, "CHAINED_FOR", timedelta())
    sweep.run_due(runtime)
    assert _verified(runtime).checkpoints == 0
    monkeypatch.undo()
    monkeypatch.setattr(sweep, "COVERED_AT_ONCE", 2)
    _checkpoint(runtime, clock)
    assert _verified(runtime).tables["decisions"].rows == 40


def test_what_was_there_before_is_chained_in_batches(
    runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "COVERED_AT_ONCE", 3)
    for years in (3, 2, 1):
        at = clock.now - years * timedelta(days=365)
        # As many of one moment as an import writes.
        _add(runtime, consents, range(years * 10, years * 10 + 8), at)
        _add(runtime, audit, range(5), at + timedelta(minutes=years))
    for _ in range(12):
        _checkpoint(runtime, clock)
    verified = _verified(runtime)
    assert verified.first is None
    assert verified.tables["consents"].rows == 24
    assert verified.tables["audit"].rows == 15
    assert verified.tables["audit"].waiting == verified.tables["consents"].waiting == 0


def test_retention_is_no_tampering_and_a_removal_by_hand_is(chained: Runtime, clock: Clock) -> None:
    with chained.db.begin() as connection:
        store_opt_outs.lift_one(connection, 1, by="Ann", reason="", now=clock.now)
        connection.execute(
            update(consents)
            .where(consents.c.id == 1)
            .values(revoked_at=clock.now, revoked_by="Ann", revoked_how="by hand")
        )
    _checkpoint(chained, clock)
    clock.advance(days=5 * 365 - 1)
    _do(chained, delete(decisions).where(decisions.c.id == 2))
    sweep.run_due(chained)
    assert _verified(chained).first == Finding("decisions", 2, Tampering.REMOVED)
    clock.advance(days=3)
    sweep.run_due(chained)
    left = _verified(chained)
    assert left.first == Finding("decisions", 2, Tampering.REMOVED)
    assert left.findings == 1
    assert left.tables["decisions"].expired == 4
    assert left.tables["audit"].expired == 5
    assert left.tables["opt_outs"].rows == left.tables["consents"].rows == 5
    clock.advance(days=5 * 365 + 2)
    sweep.run_due(chained)
    left = _verified(chained)
    assert left.findings == 1
    # In effect, an opt-out or a consent stays for ever.
    assert (left.tables["opt_outs"].expired, left.tables["opt_outs"].rows) == (1, 4)
    assert (left.tables["consents"].expired, left.tables["consents"].rows) == (1, 4)


def test_evidence_is_deleted_in_batches(
    chained: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "BATCH", 2)
    clock.advance(days=5 * 365 + 3)
    sweep.run_due(chained)
    with chained.db.read() as connection:
        assert connection.scalar(select(func.count()).select_from(decisions)) == 0
    assert _verified(chained).first is None


def test_only_one_follows(chained: Runtime, clock: Clock) -> None:
    """Two workers read the same; only one of them writes."""
    _add(chained, audit, range(1), clock.now)
    clock.advance(minutes=SETTLED)
    with chained.db.snapshot() as connection:
        links = chain.next_links(connection, clock.now, 10)
    for is_first in (True, False):
        with chained.db.begin() as connection:
            assert chain.append(connection, links) is is_first
    assert _verified(chained).first is None


def test_an_hour_in_which_nothing_came_is_vouched_for(chained: Runtime, clock: Clock) -> None:
    before = _verified(chained).checkpoints
    for _ in range(12):
        _checkpoint(chained, clock)
    assert _verified(chained).checkpoints == before + 1
    _add(chained, audit, range(1), clock.now - timedelta(minutes=50))
    assert _verified(chained).first is not None
