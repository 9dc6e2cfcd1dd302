"""Keeps callbacks, once each. Requests that wait at the same moment are committed together.

One thread of a process writes at a time; whoever comes meanwhile is taken along by the next. So a
burst costs few commits, SQLite's writers don't stand in each other's way, and a request alone is
written at once. Nobody is answered before the commit that holds its row.
"""

import threading
from dataclasses import dataclass, field

from bridge.store.callbacks import Arrival, insert
from bridge.store.db import UNREACHABLE, Database


@dataclass(eq=False)
class _Entry:
    arrival: Arrival
    settled: bool = False
    is_new: bool = False
    error: Exception | None = field(default=None)


class Inbox:
    """The way of a process's callbacks into the database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._writing = threading.Lock()
        self._queueing = threading.Lock()
        self._waiting: list[_Entry] = []

    def keep(self, arrival: Arrival) -> bool:
        """Keep a callback; False when it is kept already. Returns after the commit.

        Raises:
            OperationalError, TimeoutError: the database can't take it now.
        """
        mine = _Entry(arrival)
        with self._queueing:
            self._waiting.append(mine)
        with self._writing:
            if not mine.settled:
                with self._queueing:
                    batch, self._waiting = self._waiting, []
                self._write(batch)
        if mine.error is not None:
            raise mine.error
        return mine.is_new

    def _write(self, batch: list[_Entry]) -> None:
        try:
            new = insert(self._db, [one.arrival for one in batch])
        except UNREACHABLE as error:
            self._fail(batch, error)
            return
        except Exception as error:  # noqa: BLE001 - each request gets its own answer
            if len(batch) == 1:
                self._fail(batch, error)
            else:
                # One of them is what the database can't take: each for itself then.
                for one in batch:
                    self._write([one])
            return
        for one in batch:
            # Of two alike in one batch, the first is the new one.
            one.is_new = one.arrival.key in new
            new.discard(one.arrival.key)
            one.settled = True

    @staticmethod
    def _fail(batch: list[_Entry], error: Exception) -> None:
        for one in batch:
            one.error = error
            one.settled = True
