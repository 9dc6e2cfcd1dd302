"""Which of many lines alike are written: whoever floods the door doesn't flood the log."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

EVERY = timedelta(minutes=1)


@dataclass
class _Seen:
    written_at: datetime
    since: int = 0


class Sampled:
    """Counts what is alike: the first is written, then one a minute with the number since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[Hashable, _Seen] = {}

    def count(self, alike: Hashable, now: datetime) -> int:
        """How many a line about this one stands for, itself included; 0: write none."""
        with self._lock:
            seen = self._seen.get(alike)
            if seen is not None and now - seen.written_at < EVERY:
                seen.since += 1
                return 0
            self._seen[alike] = _Seen(now)
            return 1 + (seen.since if seen else 0)
