"""How a call or text stands, stored with it in the words in which people are shown it.

with_standing   the call or text with its outcome and campaign, as far as they are known by now

All that changes a call or text passes here ahead of `communications.save`.
"""

from dataclasses import replace

from bridge.domain import text_flood
from bridge.domain.call_screening import turned_away
from bridge.domain.contact_outcomes import Circumstances, ContactOutcome, contact_outcome
from bridge.domain.events import Channel, Direction
from bridge.reporting.case_reports import outcome_of
from bridge.runtime import Runtime
from bridge.store.callbacks import hourly_counts
from bridge.store.callbacks.at_hand import AtHand
from bridge.store.callbacks.communications import LONGEST_CAMPAIGN, Communication
from bridge.store.cases import cases
from bridge.store.db import Connection
from bridge.store.dialing import turns


def with_standing(
    runtime: Runtime,
    connection: Connection,
    communication: Communication,
    known: Communication | None,
    look: AtHand | None = None,
    *,
    is_firms_side: bool = False,
    opts_out: bool = False,
) -> Communication:
    """The call or text with its outcome and its campaign; `known` is what was stored before.

    `look` is what is at hand where a callback is processed.

    `opts_out` says whether the person has just pressed the key for it.
    """
    mark, before = communication.reported_note, known.outcome if known else None
    seen = Circumstances(
        is_firms_side=is_firms_side
        or before is ContactOutcome.FIRMS_SIDE
        or _is_with_ourselves(runtime, communication),
        was_turned_away=turned_away(mark) is not None,
        has_opted_out=opts_out or before is ContactOutcome.OPTED_OUT or text_flood.is_stop(mark),
    )
    outcome = contact_outcome(
        communication.channel,
        communication.direction,
        outcome_of(runtime, connection, communication),
        seen,
    )
    if known is not None and known.created_at is not None and outcome is not before:
        hourly_counts.mark_changed(connection, known.created_at, runtime.clock())
    campaign = _campaign(connection, communication, known, look)
    return replace(communication, outcome=outcome, campaign=campaign)


def _is_with_ourselves(runtime: Runtime, communication: Communication) -> bool:
    """Whether the other end is a number of ours.

    Calls from one are turned away, and say so; but an agent's, who is ready again, is answered.
    """
    if communication.phone not in runtime.settings.own_numbers:
        return False
    if runtime.settings.agent_at(communication.phone) is not None:
        return turned_away(communication.reported_note) is None
    return communication.channel is Channel.TEXT or communication.direction is Direction.OUTBOUND


def _campaign(
    connection: Connection,
    communication: Communication,
    known: Communication | None,
    look: AtHand | None,
) -> str | None:
    """The campaign of its turn; else that of its case by the time at which the case is known."""
    if communication.attempt_id is not None:
        if known is not None and known.attempt_id is not None and known.campaign is not None:
            return known.campaign
        name = turns.campaign_of_attempt(connection, communication.attempt_id)
        if name:
            return name[:LONGEST_CAMPAIGN]
    if known is not None and known.campaign and known.case_id == communication.case_id:
        return known.campaign
    if communication.case_id is None:
        return None
    ask = cases.campaign if look is None else look.campaign
    return (ask(connection, communication.case_id) or "")[:LONGEST_CAMPAIGN] or None
