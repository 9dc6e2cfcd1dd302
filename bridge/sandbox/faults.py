"""Faults that a test orders from a stand-in: errors, delays, dropped connections."""

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next requests."""

    only: str | None = None
    """The kind of request that it happens to: Twilio's are `calls` and `texts` that
    are new, `changes` of a call under way, and `reads`."""
    status: int | None = None
    """Answer this status instead of doing what was requested."""
    code: int | None = None
    """Twilio's error code with that status."""
    retry_after: int | None = None
    html: bool = False
    """Answer 200 with a sign-in page."""
    drop: str | None = None
    """Close the connection without an answer, `before` or `after` the request was carried out."""
    delay: float = 0.0
    """Seconds before anything is done."""
    hang: float = 0.0
    """Seconds between carrying the request out and answering it."""
    count: int | None = None
    """The number of requests it happens to; None: all, until another order."""

    @property
    def replaces_work(self) -> bool:
        """Whether nothing of what is requested is carried out."""
        return bool(self.status or self.html or self.drop == "before")


class FaultOrder:
    """The fault that is in force, if any. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._left: int | None = None

    @property
    def left(self) -> int | None:
        """To how many more requests it happens; None: to all, or there is none."""
        with self._lock:
            return self._left

    def place(self, fault: Fault | None) -> None:
        """Replace the fault in force; None ends it."""
        with self._lock:
            self._fault, self._left = fault, fault.count if fault else None

    def take(self, kind: str | None = None) -> Fault | None:
        """The fault of a request of this kind that has just arrived, if it is to have one."""
        with self._lock:
            if self._fault is None or self._fault.only not in {None, kind}:
                return None
            if self._left is not None:
                self._left -= 1
                if self._left < 0:
                    self._fault, self._left = None, None
            return self._fault
