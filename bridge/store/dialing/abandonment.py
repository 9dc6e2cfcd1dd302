"""Answered client-first calls by campaign, and which campaigns go agent first for those abandoned.

The figures are counted anew from time to time; what everybody reads are the kept ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, select, update

from bridge.domain.abandonment import Answered
from bridge.domain.contact_outcomes import ContactOutcome
from bridge.domain.events import AnsweredBy, Status
from bridge.domain.folding import fold_label
from bridge.store.db import insert_into
from bridge.store.tables import abandonment, communications


@dataclass(frozen=True)
class CampaignCalls:
    """A campaign's answered calls as they were last counted."""

    id: int
    campaign: str
    calls: Answered
    counted_at: datetime
    held_at: datetime | None
    """Since when its new calls go agent first; None: they don't."""
    resumed_at: datetime | None
    """When somebody had it dialed client first again: calls before that count no more."""


_HELD = (
    # Of campaigns that are spelled alike, the first counts.
    select(abandonment).where(abandonment.c.held_at.is_not(None)).order_by(abandonment.c.id.desc())
)


def count(connection: Connection, since: datetime) -> Mapping[str, Answered]:
    """The answered calls since then that are over, by campaign; for each not from before it was
    resumed.

    Answered: a person picked up, no machine, and heard the greeting to its end or pressed 1. Who
    opted out by key 9 was not abandoned, nor was who hung up in the greeting.
    """
    campaign = func.coalesce(communications.c.campaign, "")
    resumed = abandonment.c.resumed_at
    rows = connection.execute(
        select(
            campaign.label("campaign"),
            func.count().label("answered"),
            func.count().filter(communications.c.abandoned).label("abandoned"),
        )
        .select_from(communications)
        .join(abandonment, abandonment.c.campaign == campaign, isouter=True)
        .where(
            communications.c.greeted_at.is_not(None),
            communications.c.greeted_at >= since,
            resumed.is_(None) | (communications.c.greeted_at >= resumed),
            communications.c.status == Status.COMPLETED,
            communications.c.answer != AnsweredBy.MACHINE,
            communications.c.outcome != ContactOutcome.OPTED_OUT,
        )
        .group_by(campaign)
    )
    return {row.campaign: Answered(row.answered, row.abandoned) for row in rows}


def listed(connection: Connection) -> Sequence[CampaignCalls]:
    """What is kept of every campaign, by name."""
    rows = connection.execute(select(abandonment).order_by(abandonment.c.campaign))
    return [_campaign(row) for row in rows]


def held(connection: Connection) -> Mapping[str, CampaignCalls]:
    """What is kept of all campaigns that go agent first, by folded name."""
    return {fold_label(row.campaign): _campaign(row) for row in connection.execute(_HELD)}


def keep(
    connection: Connection, campaign: str, calls: Answered, now: datetime, held_at: datetime | None
) -> None:
    """Keep a campaign's figures, and since when it goes agent first for them."""
    values = {
        "answered": calls.answered,
        "abandoned": calls.abandoned,
        "counted_at": now,
        "held_at": held_at,
    }
    row = insert_into(connection, abandonment).values(campaign=campaign, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["campaign"], set_=values))


def forget(connection: Connection, campaign: str) -> None:
    """Delete what is kept of a campaign without answered calls."""
    connection.execute(delete(abandonment).where(abandonment.c.campaign == campaign))


def resume(connection: Connection, identity: int, now: datetime) -> str | None:
    """Have a held campaign dialed client first again; return its name, None if it isn't held.

    Its calls are counted from now on.
    """
    campaign: str | None = connection.scalar(
        update(abandonment)
        .where(abandonment.c.id == identity, abandonment.c.held_at.is_not(None))
        .values(held_at=None, resumed_at=now, answered=0, abandoned=0, counted_at=now)
        .returning(abandonment.c.campaign)
    )
    return campaign


def _campaign(row: Row[tuple[object, ...]]) -> CampaignCalls:
    return CampaignCalls(
        id=row.id,
        campaign=row.campaign,
        calls=Answered(row.answered, row.abandoned),
        counted_at=row.counted_at,
        held_at=row.held_at,
        resumed_at=row.resumed_at,
    )
