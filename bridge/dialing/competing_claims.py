"""What is said when somebody else claims the same cases: a staging copy, an old deployment.

Claims can't be made conditional (SmartAdvocate's last writer wins), so whoever finds another's
claim lets the case go without touching it.
"""

from datetime import datetime

import structlog

from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.claims import is_ours
from bridge.runtime import Runtime
from bridge.store import notices
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing.turns import Turn

RELEASED = "somebody else has claimed it"

log = structlog.get_logger(__name__)


def has_claimed(runtime: Runtime, connection: Connection, turn: Turn, case: CaseInfo) -> bool:
    """Whether the claim that the case shows is another's than this turn's; said loudly if so.

    A SmartAdvocate that leaves a claim's date as it was, or shows none, tells nothing.
    """
    if case.status is not DialerStatus.IN_THE_DIALER or case.next_call is None:
        return False
    if turn.claim_mark is None or case.next_call == cases.listed_call(connection, case.case_id):
        return False
    if is_ours(case.next_call, turn.claim_mark, runtime.settings.deployment):
        return False
    notice(runtime, connection, case.case_id, turn.claim_mark, case.next_call)
    return True


def notice(
    runtime: Runtime, connection: Connection, case_id: int, ours: datetime, theirs: datetime
) -> None:
    """Tell the operator what was seen."""
    says = (
        f"somebody else claims the same cases: case {case_id} was claimed by this bridge with "
        f"{ours:%H:%M:%S}Z and shows {theirs:%H:%M:%S}Z. Find the other bridge or dialer that uses "
        f"this SmartAdvocate (a staging copy, an old deployment) and stop it"
    )
    notices.add(connection, notices.NoticeName.OTHER_BRIDGE, "", says, runtime.clock())
    log.error("Another bridge or dialer claims the same cases", case=case_id)
