"""The virtual clock, and what happens when."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from greenlet import getcurrent, greenlet


@dataclass(order=True)
class Entry:
    """Something that is to happen at a moment, or to go on then."""

    at: datetime
    order: int
    task: greenlet = field(compare=False)
    is_dropped: bool = field(default=False, compare=False)

    def drop(self) -> None:
        """It doesn't happen."""
        self.is_dropped = True


class Agenda:
    """One clock for everybody. It stands still until the next thing happens.

    What happens may wait in its middle: then others go on, one of whom may wait as well, and each
    goes on when its moment has come. One thread plays them all, so nothing depends on the machine.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._entries: list[Entry] = []
        self._order = itertools.count()

    def after(self, seconds: float, action: Callable[[], None]) -> Entry:
        """Have something happen in so many seconds."""
        return self.at(self.now + timedelta(seconds=seconds), action)

    def at(self, moment: datetime, action: Callable[[], None]) -> Entry:
        """Have something happen at a moment."""
        return self._add(moment, greenlet(action))

    def _add(self, moment: datetime, task: greenlet) -> Entry:
        entry = Entry(moment, next(self._order), task)
        heapq.heappush(self._entries, entry)
        return entry

    def wait(self, seconds: float) -> None:
        """Whatever happens just now goes on in so many seconds; others do meanwhile."""
        task = getcurrent()
        if task.parent is None:
            self.pass_time(seconds)
            return
        self._add(self.now + timedelta(seconds=seconds), task)
        task.parent.switch()

    def pass_time(self, seconds: float) -> None:
        """Let time go on; what was to happen meanwhile happens late."""
        self.now += timedelta(seconds=max(seconds, 0))

    def next_at(self) -> datetime | None:
        """When something happens next."""
        while self._entries and self._entries[0].is_dropped:
            heapq.heappop(self._entries)
        return self._entries[0].at if self._entries else None

    def step(self, until: datetime) -> bool:
        """Have the next thing happen, if it is due by then; False if nothing is."""
        due = self.next_at()
        if due is None or due > until:
            return False
        entry = heapq.heappop(self._entries)
        self.now = max(self.now, entry.at)
        # Begun from here, it comes back here when it is over or waits.
        entry.task.parent = getcurrent()
        entry.task.switch()
        return True

    def close(self) -> None:
        """Nothing happens any more: whatever waits in its middle ends where it stands."""
        for entry in self._entries:
            if entry.task:
                entry.task.parent = getcurrent()
                entry.task.throw()
        self._entries.clear()
