"""What a deferral rests on beside the clock, in short: as long as it is the same, it holds.

At night thousands of cases are deferred until the morning, and each poll lists them all again.
"""

from hashlib import blake2b

from bridge import eligibility
from bridge.domain.case_updates import CaseInfo
from bridge.runtime import Runtime
from bridge.store.consent import registry
from bridge.store.db import Connection

_BYTES = 16


class Fingerprints:
    """Those of cases, under the rules and pauses that are in effect now."""

    def __init__(self, runtime: Runtime, connection: Connection) -> None:
        rules = eligibility.policy(runtime.settings)
        shared = (
            rules.hours.window,
            sorted(rules.hours.days),
            rules.hours.skip_holidays,
            rules.version,
            rules.caps,
            rules.max_attempts,
            rules.person_gap,
            rules.zone,
            runtime.settings.campaign_purposes,
            rules.client_waiver,
            sorted(runtime.settings.own_numbers),
            eligibility.active_pauses(runtime, connection),
            registry.newest_import(connection),
        )
        self._shared = blake2b(repr(shared).encode(), digest_size=_BYTES)

    def of(self, case: CaseInfo) -> str:
        """The same for a case that is as it was, under the same rules and pauses."""
        named = self._shared.copy()
        named.update(repr(case).encode())
        return named.hexdigest()
