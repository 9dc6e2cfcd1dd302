"""Counts kept in memory and added to the database's periodically, outside of any request."""

import threading
from collections.abc import Mapping

from bridge.domain.backoff import LONGEST_DELAY

Key = tuple[str, str]

CALLBACKS = "callbacks"
REJECTED = "rejected"
DELIVERIES = "deliveries"
ATTEMPTS = "attempts"
CANARY = "canary"
LATENCY = "delivery_seconds"
LATENCY_BOUNDS = (
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    LONGEST_DELAY.total_seconds(),
    3600.0,
    float("inf"),
)


class Counts:
    """The counts of one process since they were last taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Key, float] = {}

    def add(self, name: str, *labels: str, value: float = 1) -> None:
        """Add to a count."""
        with self._lock:
            self._add((name, "|".join(labels)), value)

    def add_latency(self, seconds: float) -> None:
        """Count a delivery in the bucket of its latency."""
        bound = next(bound for bound in LATENCY_BOUNDS if seconds <= bound)
        self.add(LATENCY, str(bound))
        self.add(LATENCY, "sum", value=seconds)

    def take(self) -> dict[Key, float]:
        """All counts; they start again at zero."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken

    def restore(self, counts: Mapping[Key, float]) -> None:
        """Add back counts that could not be stored."""
        with self._lock:
            for key, value in counts.items():
                self._add(key, value)

    def _add(self, key: Key, value: float) -> None:
        self._counts[key] = self._counts.get(key, 0) + value
