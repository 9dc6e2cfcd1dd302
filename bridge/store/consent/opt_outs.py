"""Who no longer wants to be called or texted. Rows are never deleted.

See docs/reference/law.md#opt-outs.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, not_, select, true, update

from bridge.domain.eligibility import OptOut, OptOutScope
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store.db import insert_into
from bridge.store.tables import opt_outs

BY_TEXT = "text"
BY_KEY = "key"
AT_TWILIO = "twilio-21610"
"""Twilio refuses texts to the number: the person has written STOP to it, or it blocks by itself."""
BY_TEXTS = (BY_TEXT, AT_TWILIO)
"""What START lifts."""

_KNOWN_BY = {AT_TWILIO: BY_TEXTS}
"""What Twilio refuses after a STOP that came here is that very refusal again."""
_OF_ONE_CASE = (OptOutScope.PERSON, OptOutScope.CASE)


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
    """Store an opt-out at this phone; False when it was known already.

    A phone changes hands: what another case's person said is not this one's opt-out. Twilio alone
    goes on refusing the phone for it.
    """
    is_same_case = opt_outs.c.case_id.is_not_distinct_from(case_id)
    standing = connection.scalar(
        select(opt_outs.c.id)
        .where(
            opt_outs.c.phone == phone,
            opt_outs.c.source.in_(_KNOWN_BY.get(source, (source,))),
            opt_outs.c.scope == scope,
            opt_outs.c.channel == channel,
            true() if source == AT_TWILIO else is_same_case,
            opt_outs.c.lifted_at.is_(None),
        )
        .limit(1)
    )
    if standing is not None:
        return False
    row = insert_into(connection, opt_outs).values(
        phone=phone,
        case_id=case_id,
        channel=channel,
        scope=scope,
        source=source,
        sid=sid,
        created_at=now,
    )
    added = connection.execute(row.on_conflict_do_nothing().returning(opt_outs.c.id))
    return added.scalar_one_or_none() is not None


def unconfirmed_scope(connection: Connection, sid: str, alone_for: timedelta) -> OptOutScope | None:
    """What the opt-out by this text ends, if it is the phone's first for this long."""
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


def standing_at(connection: Connection, phone: E164) -> list[OptOut]:
    """The opt-outs at this phone that nobody has lifted."""
    rows = connection.execute(
        select(opt_outs.c.scope, opt_outs.c.channel, opt_outs.c.source).where(
            opt_outs.c.phone == phone, opt_outs.c.lifted_at.is_(None)
        )
    )
    return [OptOut(OptOutScope(row.scope), phone, Channel(row.channel), row.source) for row in rows]


def lift(connection: Connection, phone: E164, owner: int | None, by: str, now: datetime) -> None:
    """Open this phone again: lift the opt-outs at it that came by text.

    A key pressed, or a person at the firm, is not overruled. What is certain to be meant for
    another case than `owner` ends that case as before, and the phone no longer.
    """
    standing = and_(
        opt_outs.c.phone == phone, opt_outs.c.source.in_(BY_TEXTS), opt_outs.c.lifted_at.is_(None)
    )
    is_anothers = and_(
        opt_outs.c.scope.in_(_OF_ONE_CASE),
        opt_outs.c.case_id.is_not(None),
        opt_outs.c.case_id.is_distinct_from(owner),
    )
    connection.execute(
        update(opt_outs).where(standing, is_anothers).values(scope=OptOutScope.CASE, lifted_by=by)
    )
    connection.execute(
        update(opt_outs).where(standing, not_(is_anothers)).values(lifted_at=now, lifted_by=by)
    )
