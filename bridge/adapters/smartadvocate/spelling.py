"""How a firm spells the dialer statuses that the bridge knows.

SmartAdvocate's own pages don't agree on upper and lower case, and a firm's exact spelling must be
written back (docs/reference/smartadvocate.md#labels).
"""

import threading

from bridge.adapters.smartadvocate.api_mapping import ApiMapping
from bridge.domain.case_updates import CaseInfo, DialerStatus


class LabelSpelling:
    """The last spelling seen of each status. Safe to use from many threads."""

    def __init__(self, mapping: ApiMapping) -> None:
        self._mapping = mapping
        self._lock = threading.Lock()
        self._seen: dict[DialerStatus, str] = {}

    def remember(self, case: CaseInfo) -> None:
        """Remember how this case's status is spelled, unless a setting has the firm's label."""
        if case.status is None or not case.label or case.status in self._mapping.firm_labels:
            return
        with self._lock:
            self._seen[case.status] = case.label

    def label(self, status: DialerStatus) -> str:
        """The label to write for a status."""
        with self._lock:
            return self._seen.get(status, self._mapping.labels[status])
