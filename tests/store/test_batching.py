"""Whoever waits is worked off with others, and gets an answer of its own."""

import threading
from collections.abc import Callable

import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bridge.store.batching import Batcher
from tests.support.processes import wait_until


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
