"""Who no longer wants to be reached. Rows are never deleted (compliance.md, section 3)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bridge.domain.eligibility import OptOutScope
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store.db import insert_into
from bridge.store.tables import opt_outs

BY_TEXT = "text"
BY_KEY = "key"
AT_TWILIO = "twilio-21610"
"""Twilio refuses texts to the number: the person has written STOP to it, or it blocks by itself."""

_KNOWN_BY = {AT_TWILIO: (BY_TEXT, AT_TWILIO)}
"""What Twilio refuses after a STOP that came here is that very refusal again."""


def add(
    connection: Connection,
    *,
    phone: E164,
    case_id: int | None,
    channel: Channel,
    scope: OptOutScope,
    source: str,
    sid: str,
    now: datetime,
) -> bool:
    """Write a refusal at this phone down; False when this was known already."""
    standing = connection.scalar(
        select(opt_outs.c.id)
        .where(
            opt_outs.c.phone == phone,
            opt_outs.c.source.in_(_KNOWN_BY.get(source, (source,))),
            opt_outs.c.scope == scope,
            opt_outs.c.channel == channel,
            opt_outs.c.lifted_at.is_(None),
        )
        .limit(1)
    )
    if standing is not None:
        return False
    row = insert_into(connection, opt_outs).values(
        phone=phone, case_id=case_id, channel=channel, scope=scope, source=source, sid=sid,
        created_at=now,
    )  # fmt: skip
    added = connection.execute(row.on_conflict_do_nothing().returning(opt_outs.c.id))
    return added.scalar_one_or_none() is not None


def to_confirm(connection: Connection, sid: str, alone_for: timedelta) -> OptOutScope | None:
    """What the refusal ends that came by this text, if it is the phone's first for this long."""
    mine = connection.execute(
        select(opt_outs.c.phone, opt_outs.c.created_at, opt_outs.c.scope)
        .where(opt_outs.c.sid == sid, opt_outs.c.source == BY_TEXT)
        .limit(1)
    ).one_or_none()
    if mine is None:
        return None
    before = connection.scalar(
        select(opt_outs.c.id)
        .where(
            opt_outs.c.phone == mine.phone,
            opt_outs.c.source == BY_TEXT,
            opt_outs.c.sid != sid,
            opt_outs.c.created_at <= mine.created_at,
            opt_outs.c.created_at > mine.created_at - alone_for,
        )
        .limit(1)
    )
    return OptOutScope(mine.scope) if before is None else None


def lift(
    connection: Connection, phone: E164, sources: Sequence[str], by: str, now: datetime
) -> int:
    """Lift the refusals at this phone that came this way; return how many there were."""
    lifted = connection.execute(
        update(opt_outs)
        .where(
            opt_outs.c.phone == phone,
            opt_outs.c.source.in_(sources),
            opt_outs.c.lifted_at.is_(None),
        )
        .values(lifted_at=now, lifted_by=by)
    )
    return lifted.rowcount
