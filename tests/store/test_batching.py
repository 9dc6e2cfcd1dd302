"""Whoever waits is worked off with others, and gets an answer of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.store.batching import Batcher, Transactions
from bridge.store.db import Connection, Database
from bridge.store.reporting import lanes
from bridge.store.tables import lanes as lanes_table
from tests.support.processes import wait_until

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_TOUCH = (
    update(lanes_table).where(lanes_table.c.lane == bindparam("named")).values(due_at=_LONG_AGO)
)


class _Desk:
    """Work that goes on behind a door; at first it is closed."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.batches: list[list[int]] = []

    def work(self, batch: list[int]) -> list[int]:
        self.batches.append(batch)
        assert self.opened.wait(60)
        return [-item for item in batch]


def _at_once(*calls: Callable[[], object]) -> list[object]:
    """Call all of these in threads, the first a moment before the others; what came of each."""
    outcomes: list[object] = [None] * len(calls)

    def note(place: int) -> None:
        try:
            outcomes[place] = calls[place]()
        except Exception as error:  # noqa: BLE001
            outcomes[place] = error

    threads = [threading.Thread(target=note, args=[place]) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def test_those_who_wait_are_settled_together_in_batches_of_the_largest_size() -> None:
    desk, batcher = _Desk(), Batcher[int, int](largest=4)

    def first() -> int:
        return batcher.settle(0, desk.work)

    def other(item: int) -> int:
        wait_until(lambda: bool(desk.batches), "the first is not at work")
        return batcher.settle(item, desk.work)

    def opens() -> None:
        wait_until(lambda: len(batcher._waiting) == 9, "they don't wait")
        desk.opened.set()

    others = [lambda item=item: other(item) for item in range(1, 10)]
    assert _at_once(first, *others, opens) == [-item for item in range(10)] + [None]
    assert [len(batch) for batch in desk.batches] == [1, 4, 4, 1]


def test_one_that_fails_fails_alone() -> None:
    batcher = Batcher[int, int](largest=100)

    def work(batch: list[int]) -> list[int]:
        if 3 in batch:
            raise ValueError(batch)
        return batch

    outcomes = _at_once(*[lambda item=item: batcher.settle(item, work) for item in range(8)])
    assert isinstance(outcomes.pop(3), ValueError)
    assert outcomes == [0, 1, 2, 4, 5, 6, 7]


def test_where_the_database_is_away_all_of_them_hear_of_it() -> None:
    asked = []

    def work(batch: list[int]) -> list[int]:
        asked.append(batch)
        raise PoolTimeout

    batcher = Batcher[int, int](largest=100)
    outcomes = _at_once(*[lambda item=item: batcher.settle(item, work) for item in range(4)])
    assert all(isinstance(outcome, PoolTimeout) for outcome in outcomes)
    assert sorted(item for batch in asked for item in batch) == [0, 1, 2, 3]


def test_a_transaction_that_another_was_in_the_way_of_costs_nobody_an_answer() -> None:
    """PostgreSQL ends one of two that wait for each other; each is tried by itself then."""

    def work(batch: list[int]) -> list[int]:
        if len(batch) > 1:
            raise OperationalError("UPDATE", {}, DeadlockDetected())
        return batch

    desk, batcher = _Desk(), Batcher[int, int](largest=100)

    def other(item: int) -> int:
        wait_until(lambda: bool(desk.batches), "the first is not at work")
        return batcher.settle(item, work)

    def opens() -> None:
        wait_until(lambda: len(batcher._waiting) == 4, "they don't wait")
        desk.opened.set()

    others = [lambda item=item: other(item) for item in range(1, 5)]
    outcomes = _at_once(lambda: batcher.settle(0, desk.work), *others, opens)
    assert outcomes == [0, 1, 2, 3, 4, None]


@pytest.mark.parametrize("item", [0, ""])
def test_a_result_may_be_nothing(item: object) -> None:
    assert Batcher[object, None](largest=1).settle(item, lambda batch: [None] * len(batch)) is None


def test_of_two_transactions_that_wait_for_each_other_both_are_done(db: Database) -> None:
    """On PostgreSQL one of them begins anew; on SQLite they never are at the same moment."""
    transactions = Transactions(db)
    with db.begin() as connection:
        for lane in ("case:1", "case:2"):
            lanes.reopen(connection, lane, _LONG_AGO)
    both_have_one = threading.Barrier(2)
    tries: list[str] = []

    def touch(connection: Connection, *, first: str, then: str) -> str:
        connection.execute(_TOUCH, {"named": first})
        tries.append(first)
        if not db.is_sqlite and tries.count(first) == 1:
            both_have_one.wait(60)
        connection.execute(_TOUCH, {"named": then})
        return first

    one = partial(transactions.run, partial(touch, first="case:1", then="case:2"))
    other = partial(transactions.run, partial(touch, first="case:2", then="case:1"))
    assert _at_once(one, other) == ["case:1", "case:2"]
    assert len(tries) == 2 if db.is_sqlite else 3


def test_what_one_thread_can_not_store_costs_the_others_nothing(db: Database) -> None:
    transactions = Transactions(db)
    with db.begin() as connection:
        lanes.reopen(connection, "case:1", _LONG_AGO)

    def fail(connection: Connection) -> None:
        lanes.reopen(connection, "case:666", _LONG_AGO)
        raise ValueError("not this one")

    def succeed(connection: Connection, number: int) -> int:
        lanes.reopen(connection, f"case:{number}", _LONG_AGO)
        return number

    good = [partial(transactions.run, partial(succeed, number=number)) for number in range(2, 8)]
    outcomes = _at_once(lambda: transactions.run(fail), *good)
    assert isinstance(outcomes[0], ValueError)
    assert outcomes[1:] == list(range(2, 8))
    with db.read() as connection:
        stored = set(connection.scalars(select(lanes_table.c.lane)))
    assert stored == {f"case:{number}" for number in range(1, 8)}


def test_one_that_does_not_wait_is_settled_with_those_who_do() -> None:
    desk, batcher, pool = _Desk(), Batcher[int, int](largest=100), ThreadPoolExecutor(1)
    with pool:
        first = batcher.settle_soon(0, desk.work, pool.submit)
        wait_until(lambda: bool(desk.batches), "the first is not at work")

        def opens() -> None:
            wait_until(lambda: len(batcher._waiting) == 3, "they don't wait")
            desk.opened.set()

        def soon(item: int) -> int:
            return batcher.settle_soon(item, desk.work, pool.submit).result(60)

        outcomes = _at_once(
            lambda: soon(1), lambda: batcher.settle(2, desk.work), lambda: soon(3), opens
        )
        assert outcomes == [-1, -2, -3, None]
        assert first.result(60) == 0
    assert [sorted(batch) for batch in desk.batches] == [[0], [1, 2, 3]]


def test_one_that_does_not_wait_hears_of_its_own_failure_alone() -> None:
    desk, batcher, pool = _Desk(), Batcher[int, int](largest=100), ThreadPoolExecutor(1)

    def work(batch: list[int]) -> list[int]:
        if 3 in batch:
            raise ValueError(batch)
        return desk.work(batch)

    with pool:
        futures = [batcher.settle_soon(item, work, pool.submit) for item in (0, 2, 3, 4)]
        assert not futures[1].cancel()
        desk.opened.set()
        good, bad = [futures[0], futures[1], futures[3]], futures[2]
        assert [future.result(60) for future in good] == [0, -2, -4]
        assert isinstance(bad.exception(60), ValueError)
