"""Who no longer wants to be called or texted. Rows in effect are never deleted.

Those that were lifted long ago are (`store/evidence/retention.py`). See
docs/reference/law.md#opt-outs.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, not_, select, true, update

from bridge.domain.contact_facts import OptOut, OptOutScope
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.store.db import insert_into
from bridge.store.tables import opt_outs

BY_TEXT = "text"
BY_KEY = "key"
BY_CALL_IN = "call-in"
"""By a key too, by a person who called the number: no case was called about."""
AT_TWILIO = "twilio-21610"
"""Twilio refuses texts to the number: the person has written STOP to it, or it blocks by itself."""
BY_HAND = "person at the firm"
"""Somebody at the firm has recorded it, who knows why."""
BY_TEXTS = (BY_TEXT, AT_TWILIO)
"""What START lifts."""

_KNOWN_BY = {AT_TWILIO: BY_TEXTS}
"""What Twilio refuses after a STOP that came here is that very refusal again."""
_OF_ONE_CASE = (OptOutScope.PERSON, OptOutScope.CASE)


class OptOutWay(StrEnum):
    """By which way an opt-out came to somebody at the firm, who has recorded it."""

    VOICE = "voice"
    """Said on the phone or in person."""
    MAIL = "mail"
    E_MAIL = "e-mail"
    STAFF = "staff"
    """Nobody has asked: somebody at the firm wants it so."""


OF_WAY: Mapping[OptOutWay, str] = {
    OptOutWay.VOICE: "by voice",
    OptOutWay.MAIL: "by mail",
    OptOutWay.E_MAIL: "by e-mail",
    OptOutWay.STAFF: BY_HAND,
}
"""The source that an opt-out is stored with which somebody at the firm has recorded."""
BY_HANDS = frozenset(OF_WAY.values())


class OptOutState(StrEnum):
    """Which opt-outs are listed."""

    ALL = ""
    IN_EFFECT = "in-effect"
    LIFTED = "lifted"


_OF_STATE: Mapping[OptOutState, tuple[ColumnElement[bool], ...]] = {
    OptOutState.ALL: (),
    OptOutState.IN_EFFECT: (opt_outs.c.lifted_at.is_(None),),
    OptOutState.LIFTED: (opt_outs.c.lifted_at.is_not(None),),
}


@dataclass(frozen=True)
class OptOutFilter:
    """Which opt-outs are listed."""

    case_id: int | None = None
    digits: str = ""
    """The last digits of the phone: four or more."""
    state: OptOutState = OptOutState.ALL


@dataclass(frozen=True)
class NewOptOut:
    """An opt-out that is to be stored."""

    phone: E164
    """Empty where somebody at the firm records it for a case without a phone."""
    case_id: int | None
    """The case whose person it is for certain."""
    channel: Channel
    scope: OptOutScope
    source: str
    sid: str
    recorded_by: str | None = None
    """Who at the firm records it, if somebody does; and why."""
    reason: str | None = field(default=None, repr=False)
    words: str | None = field(default=None, repr=False)
    """The person's own. They are kept with it, whatever becomes of the text they came in."""


@dataclass(frozen=True)
class StoredOptOut(NewOptOut):
    """An opt-out as it is stored."""

    id: int = field(kw_only=True)
    created_at: datetime = field(kw_only=True)
    lifted_at: datetime | None = field(kw_only=True)
    lifted_by: str | None = field(kw_only=True)
    """Somebody at the firm by name, or the text that said START."""
    lift_reason: str | None = field(kw_only=True, repr=False)
    words_erased_at: datetime | None = field(kw_only=True)
    """When `bridge erase` has removed the person's words."""


def add(
    connection: Connection, new: NewOptOut, at: datetime, recorded_at: datetime | None = None
) -> bool:
    """Store an opt-out at this phone that counts from then; False when it was known already.

    `recorded_at` is now where it counts from an earlier moment.

    A phone changes hands: what another case's person said is not this one's opt-out. Twilio alone
    goes on refusing the phone for it.
    """
    is_same_case = opt_outs.c.case_id.is_not_distinct_from(new.case_id)
    standing = connection.scalar(
        select(opt_outs.c.id)
        .where(
            opt_outs.c.phone == new.phone,
            opt_outs.c.source.in_(_KNOWN_BY.get(new.source, (new.source,))),
            opt_outs.c.scope == new.scope,
            opt_outs.c.channel == new.channel,
            true() if new.source == AT_TWILIO else is_same_case,
            opt_outs.c.lifted_at.is_(None),
        )
        .limit(1)
    )
    if standing is not None:
        return False
    row = insert_into(connection, opt_outs).values(
        **asdict(new),
        phone_end=new.phone[-4:] or None,
        created_at=at,
        recorded_at=recorded_at or at,
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


def lift(connection: Connection, phone: E164, owner: int | None, by: str, now: datetime) -> bool:
    """Open this phone again: lift the opt-outs at it that came by text; False if there were none.

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
    lifted = connection.execute(
        update(opt_outs).where(standing, not_(is_anothers)).values(lifted_at=now, lifted_by=by)
    )
    return lifted.rowcount > 0


def get(connection: Connection, identity: int) -> StoredOptOut | None:
    """One opt-out, in effect or lifted."""
    row = connection.execute(select(opt_outs).where(opt_outs.c.id == identity)).one_or_none()
    return None if row is None else read_row(row)


def listed(
    connection: Connection, wanted: OptOutFilter, before: int | None, limit: int
) -> list[StoredOptOut]:
    """The newest opt-outs that a filter lets through, or those before the one with this id."""
    conditions = [
        *((opt_outs.c.case_id == wanted.case_id,) if wanted.case_id is not None else ()),
        *((opt_outs.c.phone_end == wanted.digits[-4:],) if wanted.digits else ()),
        *((opt_outs.c.phone.endswith(wanted.digits, autoescape=True),) if wanted.digits else ()),
        *_OF_STATE[wanted.state],
        *((opt_outs.c.id < before,) if before is not None else ()),
    ]
    query = select(opt_outs).where(*conditions).order_by(opt_outs.c.id.desc()).limit(limit)
    return [read_row(row) for row in connection.execute(query)]


def by_hand(connection: Connection, case_id: int) -> StoredOptOut | None:
    """What somebody at the firm has recorded for this case's person, if it is in effect."""
    row = connection.execute(
        select(opt_outs)
        .where(
            opt_outs.c.case_id == case_id,
            opt_outs.c.source.in_(BY_HANDS),
            opt_outs.c.scope.in_(_OF_ONE_CASE),
            opt_outs.c.lifted_at.is_(None),
        )
        .limit(1)
    ).one_or_none()
    return None if row is None else read_row(row)


def is_recorded_by_hand(connection: Connection, phone: E164, scope: OptOutScope) -> bool:
    """Whether somebody at the firm has recorded such an opt-out at this number.

    Of a person, as far as it is one case's; or whoever shares the number, or the number alone.
    """
    of_a_person = (*_OF_ONE_CASE, OptOutScope.SHARED_NUMBER)
    found = connection.scalar(
        select(opt_outs.c.id)
        .where(
            opt_outs.c.phone == phone,
            opt_outs.c.source.in_(BY_HANDS),
            opt_outs.c.scope.in_(of_a_person if scope is OptOutScope.PERSON else (scope,)),
            opt_outs.c.lifted_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


def is_asked_at(connection: Connection, phone: E164) -> bool:
    """Whether an opt-out is in effect at this phone that may be that of more than one case."""
    found = connection.scalar(
        select(opt_outs.c.id)
        .where(
            opt_outs.c.phone == phone,
            opt_outs.c.scope.in_([*_OF_ONE_CASE, OptOutScope.SHARED_NUMBER]),
            opt_outs.c.lifted_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


def asked_alike(connection: Connection, phone: E164) -> set[E164]:
    """The other phones with the same last four digits at which such an opt-out is in effect."""
    found = connection.scalars(
        select(opt_outs.c.phone).where(
            opt_outs.c.phone_end == phone[-4:],
            opt_outs.c.phone != phone,
            opt_outs.c.scope.in_([*_OF_ONE_CASE, OptOutScope.SHARED_NUMBER]),
            opt_outs.c.lifted_at.is_(None),
        )
    )
    return {E164(other) for other in found}


def is_anothers(connection: Connection, phone: E164, case_id: int) -> bool:
    """Whether texts of this phone have opted out the persons of other cases alone."""
    owners = connection.scalars(
        select(opt_outs.c.case_id).where(
            opt_outs.c.phone == phone,
            opt_outs.c.source.in_(BY_TEXTS),
            opt_outs.c.scope.in_(_OF_ONE_CASE),
            opt_outs.c.lifted_at.is_(None),
        )
    ).all()
    return bool(owners) and case_id not in owners and None not in owners


def newest_at(connection: Connection, phone: E164 | None) -> datetime | None:
    """When somebody who shares this phone last opted out there, if that is in effect."""
    moment: datetime | None = connection.scalar(
        select(func.max(opt_outs.c.created_at)).where(
            opt_outs.c.phone == phone,
            opt_outs.c.scope.in_([*_OF_ONE_CASE, OptOutScope.SHARED_NUMBER]),
            opt_outs.c.lifted_at.is_(None),
        )
    )
    return moment


def attribute(
    connection: Connection, sid: str, case_id: int, phone: E164 | None = None
) -> list[StoredOptOut]:
    """Make what came by this call or text, from nobody that was known, this case's person's.

    With a `phone` also what came by earlier texts of it: whoever repeats STOP ends nothing new.
    """
    by_it = opt_outs.c.sid == sid
    if phone is not None:
        by_it |= (opt_outs.c.phone == phone) & opt_outs.c.source.in_(BY_TEXTS)
    rows = connection.execute(
        update(opt_outs)
        .where(
            by_it,
            opt_outs.c.case_id.is_(None),
            opt_outs.c.scope != OptOutScope.SHARED_NUMBER,
            opt_outs.c.lifted_at.is_(None),
        )
        .values(case_id=case_id)
        .returning(opt_outs)
    )
    return [read_row(row) for row in rows]


def lift_one(
    connection: Connection, identity: int, *, by: str, reason: str, now: datetime
) -> StoredOptOut | None:
    """Lift this opt-out, because somebody at the firm says so; None when it wasn't in effect."""
    row = connection.execute(
        update(opt_outs)
        .where(opt_outs.c.id == identity, opt_outs.c.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by[:64], lift_reason=reason)
        .returning(opt_outs)
    ).one_or_none()
    return None if row is None else read_row(row)


def read_row(row: Row[Any]) -> StoredOptOut:
    """A row of the table, with all its columns, as what it says."""
    return StoredOptOut(
        id=row.id,
        phone=row.phone,
        case_id=row.case_id,
        channel=Channel(row.channel),
        scope=OptOutScope(row.scope),
        source=row.source,
        sid=row.sid,
        created_at=row.created_at,
        recorded_by=row.recorded_by,
        reason=row.reason,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        lift_reason=row.lift_reason,
        words=row.words,
        words_erased_at=row.words_erased_at,
    )
