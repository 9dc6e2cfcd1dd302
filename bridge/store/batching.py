"""Requests that wait at the same moment are processed together.

One thread of a process works at a time; whoever comes meanwhile is taken along by the next. So a
burst costs few transactions, SQLite's writers don't stand in each other's way, and a request alone
is processed at once. Nobody gets a result before the commit that holds it.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bridge.store.db import UNREACHABLE, is_conflict

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[list[Item]], Sequence[Result]]


@dataclass(eq=False)
class _Entry(Generic[Item, Result]):
    item: Item
    results: list[Result] = field(default_factory=list)
    error: Exception | None = None

    @property
    def settled(self) -> bool:
        return bool(self.results) or self.error is not None


class Batcher(Generic[Item, Result]):
    """The threads of a process, of which one does the work of all that wait."""

    def __init__(self, *, largest: int) -> None:
        """`largest` so many are processed in one go."""
        self._largest = largest
        self._working = threading.Lock()
        self._queueing = threading.Lock()
        self._waiting: list[_Entry[Item, Result]] = []

    def settle(self, item: Item, work: Work[Item, Result]) -> Result:
        """Have an item processed, alone or with others.

        `work` is the same for all who wait: it gives one result for each item, in their order.

        Raises:
            Exception: what the work raised; where a batch failed, what it raised for this item.
        """
        mine = _Entry[Item, Result](item)
        with self._queueing:
            self._waiting.append(mine)
        with self._working:
            while not mine.settled:
                self._settle(self._take(), work)
        if mine.error is not None:
            raise mine.error
        return mine.results[0]

    def _take(self) -> list[_Entry[Item, Result]]:
        with self._queueing:
            batch = self._waiting[: self._largest]
            del self._waiting[: self._largest]
        return batch

    def _settle(self, batch: list[_Entry[Item, Result]], work: Work[Item, Result]) -> None:
        try:
            results = work([entry.item for entry in batch])
        except Exception as error:  # noqa: BLE001 - each request gets its own answer
            is_away = isinstance(error, UNREACHABLE) and not is_conflict(error)
            if len(batch) == 1 or is_away:
                _fail(batch, error)
            else:
                # One of them is what the database can't take, or another transaction was in the
                # way: each for itself then.
                for entry in batch:
                    self._settle([entry], work)
        else:
            for entry, result in zip(batch, results, strict=True):
                entry.results.append(result)


def _fail(batch: Sequence[_Entry[Item, Result]], error: Exception) -> None:
    for entry in batch:
        entry.error = error
