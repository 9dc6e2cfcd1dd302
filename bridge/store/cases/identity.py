"""The person behind a case: all cases that share a phone, all their phones, and their history.

Caps are a person's, whatever the number, channel or campaign (docs/reference/law.md#how-often).
Erring toward fewer contacts, a household counts as one person there; whose an opt-out is, is
decided case by case (`domain/shared_phones.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    bindparam,
    func,
    null,
    or_,
    select,
    true,
)

from bridge.domain.caps import PastContact
from bridge.domain.contact_facts import OptOut, OptOutScope
from bridge.domain.dialable import why_not_dialable
from bridge.domain.events import Channel, Direction, Status
from bridge.domain.phones import E164
from bridge.domain.progress import is_end
from bridge.domain.shared_phones import MOST_CASES, Asked, Recorded, meant_for, whose
from bridge.store.cases.cases import HAS_RIGHTLY
from bridge.store.dialing import pauses
from bridge.store.dialing.attempts import OPEN, AttemptState
from bridge.store.tables import attempts, case_phones, communications, opt_outs

LONGEST_CALL = timedelta(hours=2)
"""A call that isn't ours, and whose end wasn't reported for so long, is over."""


@dataclass(frozen=True)
class PersonIdentity:
    """Who is reached: cases and phones that belong together, as far as the bridge knows."""

    cases: frozenset[int]
    phones: frozenset[E164]


def identify(
    connection: Connection,
    case_id: int | None,
    phone: E164 | None,
    firms_own: Collection[E164],
) -> PersonIdentity:
    """The person of a case, or at a phone.

    Numbers tie cases together as far as they are a person's: not the firm's own, none that can't
    be dialed, and none that stands in more cases than a person has.
    """
    phones = {phone} if phone else set()
    own = set() if case_id is None else {case_id}
    phones |= _phones(connection, own, firms_own)
    cases = own | _cases(connection, phones - set(firms_own))
    # Most people have one case, whose phones were just read.
    others = set() if cases == own else _phones(connection, cases, firms_own)
    return PersonIdentity(frozenset(cases), frozenset(phones | others))


def past(
    connection: Connection, who: PersonIdentity, since: datetime, besides: str | None = None
) -> tuple[PastContact, ...]:
    """The contacts with this person since then that count for the caps and for the gap.

    One attempt aside, which is the contact in question itself.

    Attempts count from the moment they are reserved, whether they connect or not; calls and texts
    by other apps on the account count when their callbacks came here.
    """
    ours = connection.execute(
        select(attempts.c.channel, attempts.c.placed_at, attempts.c.turn_id).where(
            or_(attempts.c.phone.in_(who.phones), attempts.c.case_id.in_(who.cases)),
            attempts.c.placed_at > since,
            attempts.c.state.in_((*OPEN, AttemptState.ENDED)),
            attempts.c.id != (besides or ""),
        )
    )
    others = connection.execute(
        select(communications.c.channel, communications.c.created_at, null()).where(
            or_(communications.c.phone.in_(who.phones), communications.c.case_id.in_(who.cases)),
            communications.c.created_at > since,
            communications.c.direction == Direction.OUTBOUND,
            communications.c.attempt_id.is_(None),
            communications.c.status != Status.CANCELED,
        )
    )
    return tuple(PastContact(Channel(channel), at, turn) for channel, at, turn in (*ours, *others))


def talked_at(connection: Connection, who: PersonIdentity) -> datetime | None:
    """When the newest talk between this person and the firm ended, whoever had called whom."""
    moment: datetime | None = connection.scalar(
        select(func.max(communications.c.talked_at)).where(
            or_(communications.c.phone.in_(who.phones), communications.c.case_id.in_(who.cases))
        )
    )
    return moment


def calls_under_way(
    connection: Connection,
    who: PersonIdentity,
    now: datetime,
    firms_own: Collection[E164],
    besides: str | None = None,
) -> int:
    """How many calls are under way with this person, one attempt aside: whoever calls whom.

    Texts don't count: their last callback may take a day. Calls of ours whose fate Twilio couldn't
    yet be asked about do: nobody is dialed again before that is known. Calls that aren't ours, in
    either direction, count until their end is told, for two hours at most.
    """
    ours = connection.scalar(
        select(func.count())
        .select_from(attempts)
        .where(
            or_(attempts.c.phone.in_(who.phones), attempts.c.case_id.in_(who.cases)),
            attempts.c.state.in_(OPEN),
            attempts.c.channel == Channel.CALL,
            attempts.c.id != (besides or ""),
        )
    )
    return (ours or 0) + _others_under_way(connection, who, now, firms_own)


def _others_under_way(
    connection: Connection, who: PersonIdentity, now: datetime, firms_own: Collection[E164]
) -> int:
    count = connection.scalar(
        select(func.count())
        .select_from(communications)
        .where(
            or_(communications.c.phone.in_(who.phones), communications.c.case_id.in_(who.cases)),
            # The firm's side of a call is told apart from the person's, and may never be ended.
            or_(communications.c.phone.is_(None), communications.c.phone.not_in(firms_own)),
            communications.c.channel == Channel.CALL,
            communications.c.attempt_id.is_(None),
            communications.c.created_at > now - LONGEST_CALL,
            communications.c.status.not_in([status for status in Status if is_end(status)]),
        )
    )
    return count or 0


def phones_of(connection: Connection, case_id: int) -> frozenset[E164]:
    """The phones of a case, as it was last read."""
    found = connection.scalars(select(case_phones.c.phone).where(case_phones.c.case_id == case_id))
    return frozenset(E164(phone) for phone in found)


def sharing(connection: Connection, phone: E164, firms_own: Collection[E164]) -> frozenset[int]:
    """The cases with this phone, however many; none if it is the firm's own."""
    if phone in firms_own:
        return frozenset()
    having = select(case_phones.c.case_id).where(case_phones.c.phone == phone, HAS_RIGHTLY)
    return frozenset(connection.scalars(having))


def sharing_each(connection: Connection, phones: Collection[E164]) -> Mapping[E164, Sequence[int]]:
    """The known cases with each of these phones, as far as there are any."""
    rows = connection.execute(
        select(case_phones.c.phone, case_phones.c.case_id)
        .where(case_phones.c.phone.in_(phones), HAS_RIGHTLY)
        .order_by(case_phones.c.case_id)
    )
    found: dict[E164, list[int]] = {}
    for row in rows:
        found.setdefault(E164(row.phone), []).append(row.case_id)
    return found


def circle(
    connection: Connection, case_ids: Collection[int], phone: E164, firms_own: Collection[E164]
) -> frozenset[int]:
    """These cases with a phone, and every case that may be one of their persons'."""
    persons = [identify(connection, case_id, phone, firms_own) for case_id in case_ids]
    return frozenset(case_id for person in persons for case_id in person.cases)


@dataclass(frozen=True)
class Refusal:
    """An opt-out that concerns a person, in effect or lifted."""

    opt_out: OptOut
    at: datetime
    is_lifted: bool


def refusals(
    connection: Connection, who: PersonIdentity, case_id: int | None
) -> tuple[Refusal, ...]:
    """The opt-outs that may concern this person, lifted ones too, as they are meant for one case.

    Of scope `person` are only those that are this case's for certain.
    """
    return _refusals(connection, who, case_id, true())


def opted_out(
    connection: Connection, who: PersonIdentity, case_id: int | None
) -> tuple[OptOut, ...]:
    """Those of them that are in effect."""
    in_effect = _refusals(connection, who, case_id, opt_outs.c.lifted_at.is_(None))
    return tuple(refusal.opt_out for refusal in in_effect)


def _refusals(
    connection: Connection,
    who: PersonIdentity,
    case_id: int | None,
    wanted: ColumnElement[bool],
) -> tuple[Refusal, ...]:
    rows = connection.execute(
        select(opt_outs).where(
            or_(opt_outs.c.phone.in_(who.phones), opt_outs.c.case_id.in_(who.cases)), wanted
        )
    ).all()
    if not rows:
        return ()
    decided = {} if case_id is None else pauses.released_at(connection, case_id)
    with_phone = sharing_each(connection, {row.phone for row in rows})
    meant = [
        meant_for(
            Recorded(OptOutScope(row.scope), row.case_id, row.created_at),
            Asked(case_id, who.cases),
            frozenset(with_phone.get(row.phone, ())),
            decided.get(whose(row.phone)),
        )
        for row in rows
    ]
    return tuple(
        Refusal(
            OptOut(scope, row.phone, Channel(row.channel), row.source),
            row.created_at,
            row.lifted_at is not None,
        )
        for scope, row in zip(meant, rows, strict=True)
        if scope is not None
    )


def has_refused(
    connection: Connection, case_id: int | None, phone: E164 | None, firms_own: Collection[E164]
) -> bool:
    """Whether the person of this case has opted out altogether, as far as that is certain."""
    who = identify(connection, case_id, phone, firms_own)
    refusals = opted_out(connection, who, case_id)
    return any(opt_out.scope is OptOutScope.PERSON for opt_out in refusals)


# Built once: to build and hash a statement takes longer than to run it.
_PHONES = select(case_phones.c.phone).where(
    case_phones.c.case_id.in_(bindparam("cases", expanding=True)), HAS_RIGHTLY
)
_NUMBERS: BindParameter[str] = bindparam("numbers", expanding=True)
_SHARED_BY_MANY = (
    select(case_phones.c.phone)
    .where(case_phones.c.phone.in_(_NUMBERS))
    .group_by(case_phones.c.phone)
    .having(func.count() > MOST_CASES)
)
_CASES = select(case_phones.c.case_id).where(
    case_phones.c.phone.in_(_NUMBERS), case_phones.c.phone.not_in(_SHARED_BY_MANY), HAS_RIGHTLY
)


def _phones(
    connection: Connection, case_ids: Collection[int], firms_own: Collection[E164]
) -> set[E164]:
    if not case_ids:
        return set()
    found = connection.scalars(_PHONES, {"cases": list(case_ids)})
    return {
        E164(phone)
        for phone in found
        if phone not in firms_own and why_not_dialable(E164(phone)) is None
    }


def _cases(connection: Connection, phones: Collection[E164]) -> set[int]:
    if not phones:
        return set()
    return set(connection.scalars(_CASES, {"numbers": list(phones)}))
