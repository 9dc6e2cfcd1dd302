"""Requests that wait at the same moment are processed together; so are threads' transactions.

One thread of a process works at a time; whoever comes meanwhile is taken along by the next. So a
burst costs few transactions, SQLite's writers don't stand in each other's way, and a request alone
is processed at once. Nobody gets a result before the commit that holds it. Each thread waits for
itself: were all to wait for one lock, those that are done would stand ahead of who works next.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from bridge.store.db import UNREACHABLE, Connection, Database, is_conflict

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[list[Item]], Sequence[Result]]
Elsewhere = Callable[[Callable[[], None]], object]
"""Has something done in another thread; returns at once."""

_LARGEST_SHARED = 8
"""Transactions that share one: few, since SQLite's other writers wait meanwhile."""
_YIELDS = 2


@dataclass(eq=False)
class _Entry(Generic[Item, Result]):
    item: Item
    results: list[Result] = field(default_factory=list)
    error: Exception | None = None
    call: Callable[[], object] = lambda: None
    """Called when it is settled, or when it is the next to work."""

    @property
    def settled(self) -> bool:
        return bool(self.results) or self.error is not None

    def result(self) -> Result:
        """What its work came to, or raised."""
        if self.error is not None:
            raise self.error
        return self.results[0]


class Batcher(Generic[Item, Result]):
    """The threads of a process, of which one does the work of all that wait."""

    def __init__(self, *, largest: int) -> None:
        """`largest` so many are processed in one go."""
        self._largest = largest
        self._queueing = threading.Lock()
        self._is_at_work = False
        self._waiting: list[_Entry[Item, Result]] = []

    def settle(self, item: Item, work: Work[Item, Result]) -> Result:
        """Have an item processed, alone or with others.

        `work` is the same for all who wait: it gives one result for each item, in their order.

        Raises:
            Exception: what the work raised; where a batch failed, what it raised for this item.
        """
        mine, called = _Entry[Item, Result](item), threading.Event()
        mine.call = called.set
        if self._must_wait(mine):
            called.wait()
        if not mine.settled:
            self._work(work)
        return mine.result()

    def settle_soon(
        self, item: Item, work: Work[Item, Result], elsewhere: Elsewhere
    ) -> Future[Result]:
        """Have an item processed, alone or with others, while this thread goes on.

        `work` is as in `settle`, for the same others; where it is this one's turn to work for all,
        that is done `elsewhere`. The future has what the work came to, or raised.
        """
        future = Future[Result]()
        # From here on nobody cancels it: its work isn't undone.
        future.set_running_or_notify_cancel()
        mine = _Entry[Item, Result](item)
        mine.call = partial(self._go_on, mine, work, elsewhere, future)
        if not self._must_wait(mine):
            mine.call()
        return future

    def _must_wait(self, mine: _Entry[Item, Result]) -> bool:
        """Whether somebody is at work who will call; otherwise it is this one's turn."""
        with self._queueing:
            self._waiting.append(mine)
            must_wait, self._is_at_work = self._is_at_work, True
        return must_wait

    def _go_on(
        self,
        mine: _Entry[Item, Result],
        work: Work[Item, Result],
        elsewhere: Elsewhere,
        future: Future[Result],
    ) -> None:
        if not mine.settled:
            elsewhere(partial(self._work, work))
        elif mine.error is not None:
            future.set_exception(mine.error)
        else:
            future.set_result(mine.result())

    def _work(self, work: Work[Item, Result]) -> None:
        """Work for all that wait, and call who works next."""
        batch = self._take()
        try:
            self._settle(batch, work)
        finally:
            _fail([entry for entry in batch if not entry.settled], RuntimeError("interrupted"))
            with self._queueing:
                following = self._waiting[:1]
                self._is_at_work = bool(following)
            for entry in (*following, *batch):
                entry.call()

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


class Transactions:
    """Transactions of a process's threads: short ones, which may be run again."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._batcher = Batcher[Callable[[Connection], Any], Any](largest=_LARGEST_SHARED)

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do this in a transaction, and return after the commit.

        On SQLite, which commits one at a time, threads that come at the same moment share one. On
        PostgreSQL each has its own; where two were in each other's way, the one that had to yield
        begins anew.

        Raises:
            Exception: what the work raised; nothing of it is stored then.
            OperationalError, TimeoutError: the database can't be reached.
        """
        if self._db.is_sqlite:
            result: Result = self._batcher.settle(work, self._together)
            return result
        for _ in range(_YIELDS):
            try:
                return self._alone(work)
            except UNREACHABLE as error:
                if not is_conflict(error):
                    raise
        return self._alone(work)

    def _alone(self, work: Callable[[Connection], Result]) -> Result:
        with self._db.begin() as connection:
            return work(connection)

    def _together(self, batch: list[Callable[[Connection], Any]]) -> list[Any]:
        with self._db.begin() as connection:
            return [work(connection) for work in batch]


def _fail(batch: Sequence[_Entry[Item, Result]], error: Exception) -> None:
    for entry in batch:
        entry.error = error
