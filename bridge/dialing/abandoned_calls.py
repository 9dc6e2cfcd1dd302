"""Judges the client-first calls that nobody of the firm took, campaign by campaign.

judge_campaigns   count anew, and have a campaign dialed agent first, or client first again
warn              say once a day which campaigns are near the limit

Whoever must do something is asked in To do (`console/to_do.py`).
"""

import structlog

from bridge.domain.abandonment import COUNTED_FOR, Answered, Level, judge
from bridge.runtime import Runtime
from bridge.store.dialing import abandonment

_NOTHING = Answered(0, 0)

log = structlog.get_logger(__name__)


def judge_campaigns(runtime: Runtime) -> int:
    """Count the answered calls of every campaign anew; return how many have changed sides."""
    now, changed = runtime.clock(), 0
    with runtime.db.begin() as connection:
        counted = abandonment.count(connection, now - COUNTED_FOR)
        known = {kept.campaign: kept for kept in abandonment.listed(connection)}
        for campaign in sorted({*counted, *known}):
            calls, kept = counted.get(campaign, _NOTHING), known.get(campaign)
            was_held = kept.held_at if kept else None
            is_held = judge(calls) is Level.HELD
            if not calls.answered and (kept is None or kept.resumed_at is None):
                abandonment.forget(connection, campaign)
            else:
                held_at = (was_held or now) if is_held else None
                abandonment.keep(connection, campaign, calls, now, held_at)
            if is_held != (was_held is not None):
                changed += 1
                _log_change(campaign, calls, is_held=is_held)
    return changed


def warn(runtime: Runtime) -> int:
    """Warn of campaigns of which many answered calls were abandoned."""
    with runtime.db.read() as connection:
        known = abandonment.listed(connection)
    for kept in known:
        if judge(kept.calls) is not Level.FINE:
            log.warning(
                "Many answered calls were abandoned: see To do",
                campaign=kept.campaign,
                answered=kept.calls.answered,
                abandoned=kept.calls.abandoned,
                agent_first=kept.held_at is not None,
            )
    return 0


def _log_change(campaign: str, calls: Answered, *, is_held: bool) -> None:
    if is_held:
        log.error("Campaign goes agent first", campaign=campaign, reason=calls.says)
    else:
        log.info("Campaign may go client first again", campaign=campaign, reason=calls.says)
