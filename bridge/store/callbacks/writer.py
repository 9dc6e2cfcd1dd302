"""Keeps callbacks, once each; those that arrive at the same moment by one INSERT."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from bridge.store.batching import Batcher
from bridge.store.callbacks.callbacks import NewCallback, insert
from bridge.store.db import Database

_LARGEST = 500
"""Callbacks of one INSERT: more than a process has threads for."""


class CallbackWriter:
    """The way of a process's callbacks into the database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._batcher = Batcher[NewCallback, bool](largest=_LARGEST)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")

    def keep(self, arrival: NewCallback) -> bool:
        """Keep a callback; False when it is kept already. Returns after the commit.

        Raises:
            OperationalError, TimeoutError: the database can't take it now.
        """
        return self._batcher.settle(arrival, self._insert)

    def keep_soon(self, arrival: NewCallback) -> Future[bool]:
        """Keep a callback without waiting for the commit: the future has, or raises, the rest."""
        return self._batcher.settle_soon(arrival, self._insert, self._thread.submit)

    def _insert(self, batch: Sequence[NewCallback]) -> list[bool]:
        new = insert(self._db, batch)
        kept = []
        for arrival in batch:
            # Of two alike in one batch, the first is the new one.
            kept.append(arrival.key in new)
            new.discard(arrival.key)
        return kept
