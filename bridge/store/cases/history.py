"""What has passed between persons and the firm, and what is under way with them.

Read for many persons at once, with as many statements as for one.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    cast,
    func,
    null,
    or_,
    select,
    union_all,
)

from bridge.domain.caps import PastContact
from bridge.domain.events import Channel, Direction, Status
from bridge.domain.phones import E164
from bridge.domain.progress import is_end
from bridge.store.cases.identity import PersonIdentity, RowsOfPersons, bound
from bridge.store.dialing.attempts import OPEN, AttemptState, is_one_of
from bridge.store.listed import is_listed
from bridge.store.tables import attempts, communications

LONGEST_CALL = timedelta(hours=2)
"""A call that isn't ours, and whose end wasn't reported for so long, is over."""


def _nothing(of: Column[Any]) -> ColumnElement[Any]:
    """A column that is empty in one part of a statement, and named and typed as in the other."""
    return cast(null(), of.type).label(of.name)


_OUR_CONTACTS = select(
    attempts.c.id,
    attempts.c.phone,
    attempts.c.case_id,
    attempts.c.channel,
    attempts.c.placed_at,
    attempts.c.turn_id,
    attempts.c.state,
).where(
    or_(is_listed(attempts.c.phone, "phones"), is_listed(attempts.c.case_id, "case_ids")),
    is_one_of((*OPEN, AttemptState.ENDED)),
    or_(attempts.c.placed_at > bindparam("since"), is_one_of(OPEN)),
)
_IS_THEIRS = or_(
    is_listed(communications.c.phone, "phones"), is_listed(communications.c.case_id, "case_ids")
)
_OTHER_CONTACTS = select(
    communications.c.id,
    communications.c.phone,
    communications.c.case_id,
    communications.c.channel,
    communications.c.direction,
    communications.c.status,
    communications.c.created_at,
    _nothing(communications.c.talked_at),
).where(
    _IS_THEIRS,
    communications.c.created_at > bindparam("since"),
    communications.c.attempt_id.is_(None),
)
_TALKS = (
    # Any one of the rows stands for those that are alike in phone and case.
    select(
        func.min(communications.c.id).label("id"),
        communications.c.phone,
        communications.c.case_id,
        _nothing(communications.c.channel),
        _nothing(communications.c.direction),
        _nothing(communications.c.status),
        _nothing(communications.c.created_at),
        func.max(communications.c.talked_at).label("talked_at"),
    )
    .where(_IS_THEIRS, communications.c.talked_at.is_not(None))
    .group_by(communications.c.phone, communications.c.case_id)
)
_OTHER_CONTACTS_AND_TALKS = union_all(_OTHER_CONTACTS, _TALKS)


class History:
    """What has passed between some persons and the firm, as far as it matters now."""

    def __init__(
        self,
        connection: Connection,
        persons: Collection[PersonIdentity],
        *,
        since: datetime,
        now: datetime,
        firms_own: Collection[E164],
    ) -> None:
        """Read it. Contacts count from `since` on, which is at least `LONGEST_CALL` ago."""
        recent = bound(persons) | {"since": min(since, now - LONGEST_CALL)}
        self._ours = RowsOfPersons(connection.execute(_OUR_CONTACTS, recent))
        rows = connection.execute(_OTHER_CONTACTS_AND_TALKS, recent).all()
        self._others = RowsOfPersons(row for row in rows if row.talked_at is None)
        self._talks = RowsOfPersons(row for row in rows if row.talked_at is not None)
        self._since, self._now, self._firms_own = since, now, frozenset(firms_own)

    def past(self, who: PersonIdentity, besides: str | None = None) -> tuple[PastContact, ...]:
        """The contacts with this person that count for the caps and for the gap, the oldest first.

        One attempt aside, which is the contact in question itself.

        Attempts count from the moment they are reserved, whether they connect or not; calls and
        texts by other apps on the account count when their callbacks came here.
        """
        ours = [
            PastContact(Channel(row.channel), row.placed_at, row.turn_id)
            for row in self._ours.of(who)
            if row.placed_at is not None and row.placed_at > self._since and row.id != besides
        ]
        others = [
            PastContact(Channel(row.channel), row.created_at)
            for row in self._others.of(who)
            if row.created_at > self._since
            and row.direction == Direction.OUTBOUND
            and row.status != Status.CANCELED
        ]
        return tuple(sorted((*ours, *others), key=_order))

    def talked_at(self, who: PersonIdentity) -> datetime | None:
        """When the newest talk between this person and the firm ended, whoever called whom."""
        return max((row.talked_at for row in self._talks.of(who)), default=None)

    def calls_under_way(self, who: PersonIdentity, besides: str | None = None) -> int:
        """How many calls are under way with this person, one attempt aside: whoever calls whom.

        Texts don't count: their last callback may take a day. Calls of ours whose fate Twilio
        couldn't yet be asked about do: nobody is dialed again before that is known. Calls that
        aren't ours, in either direction, count until their end is told, for two hours at most.
        """
        ours = [row for row in self._ours.of(who) if _is_call_of_ours(row) and row.id != besides]
        others = [row for row in self._others.of(who) if self._is_under_way(row)]
        return len(ours) + len(others)

    def _is_under_way(self, row: Row[Any]) -> bool:
        return bool(
            row.channel == Channel.CALL
            and row.created_at > self._now - LONGEST_CALL
            # The firm's side of a call is told apart from the person's, and may never be ended.
            and row.phone not in self._firms_own
            and not is_end(Status(row.status))
        )


def _is_call_of_ours(row: Row[Any]) -> bool:
    return bool(row.state in OPEN and row.channel == Channel.CALL)


def _order(contact: PastContact) -> tuple[datetime, str, int]:
    return contact.at, contact.channel, contact.turn_id or 0
