"""How a firm spells the dialer statuses that the bridge knows, as its cases show it.

Casing wanders in SmartAdvocate's own pages, and a firm's exact spelling is what must be written
back (smartadvocate.md, 1.2).
"""

import threading

from bridge.adapters.smartadvocate.api_mapping import ApiMapping
from bridge.domain.case_updates import CaseInfo, DialerStatus


class Spelling:
    """The spelling last seen of each status. Safe to use from many threads."""

    def __init__(self, wire: ApiMapping) -> None:
        self._wire = wire
        self._lock = threading.Lock()
        self._seen: dict[DialerStatus, str] = {}

    def saw(self, case: CaseInfo) -> None:
        """Remember how this case's status is spelled, unless the firm has set its word for it."""
        if case.status is None or not case.label or case.status in self._wire.own_labels:
            return
        with self._lock:
            self._seen[case.status] = case.label

    def of(self, status: DialerStatus) -> str:
        """The word to write for a status."""
        with self._lock:
            return self._seen.get(status, self._wire.labels[status])
