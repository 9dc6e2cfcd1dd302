"""Counts kept in memory and added to the database's from time to time, outside of any request."""

import threading
from collections.abc import Mapping

from bridge.domain.backoff import LONGEST_PAUSE

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
    LONGEST_PAUSE.total_seconds(),
    3600.0,
    float("inf"),
)


class Counts:
    """Counts of one process since they were last taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Key, float] = {}

    def add(self, name: str, *labels: str, value: float = 1) -> None:
        """Count something."""
        with self._lock:
            self._add((name, "|".join(labels)), value)

    def took(self, seconds: float) -> None:
        """Count a delivery under the time it took."""
        bound = next(bound for bound in LATENCY_BOUNDS if seconds <= bound)
        self.add(LATENCY, str(bound))
        self.add(LATENCY, "sum", value=seconds)

    def take(self) -> dict[Key, float]:
        """All that was counted, and begin anew."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken

    def give_back(self, counts: Mapping[Key, float]) -> None:
        """Count again what could not be written down."""
        with self._lock:
            for key, value in counts.items():
                self._add(key, value)

    def _add(self, key: Key, value: float) -> None:
        self._counts[key] = self._counts.get(key, 0) + value
