"""A case's turns: from the poll that found it due until its end, one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, Select, bindparam, exists, select, update

from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.store.db import count, inline
from bridge.store.dialing.attempts import UNDER_WAY, AttemptState
from bridge.store.listed import is_listed
from bridge.store.rows import row_writer
from bridge.store.tables import attempts, cases, deliveries, turns
from bridge.store.transitions import Transition


class TurnState(StrEnum):
    """How far a turn has come."""

    DUE = "due"
    """Listed as due, and allowed; the claim isn't known to have been taken."""
    CLAIMED = "claimed"
    """In the Dialer, its text and call planned."""
    ENDED = "ended"


TRANSITIONS: Mapping[str, Transition] = {
    "begin": Transition((), TurnState.DUE, "a poll found the case due"),
    "claim": Transition((TurnState.DUE,), TurnState.CLAIMED, "the claim was taken"),
    "end": Transition(
        (TurnState.DUE, TurnState.CLAIMED), TurnState.ENDED, "called, released or closed"
    ),
}
"""Every step by the name of its function below. The diagram in docs/glossary.md is made of it."""

_ASKED_AT_ONCE = 1000
"""A list may have more cases than PostgreSQL takes values in one statement."""
_IS_OPEN = turns.c.state != inline(TurnState.ENDED)
_BEGIN = row_writer(
    turns,
    lambda insert: insert.on_conflict_do_nothing().returning(turns.c.id, turns.c.case_id),
)
_UNDER_WAY = select(turns.c.case_id).where(is_listed(turns.c.case_id, "case_ids"), _IS_OPEN)
_CLAIMED = (
    update(turns)
    .where(
        is_listed(turns.c.id, "ids"),
        turns.c.state.in_([inline(state) for state in TRANSITIONS["claim"].sources]),
    )
    .values(state=TRANSITIONS["claim"].target, claimed_at=bindparam("taken_at"))
    .returning(turns.c.id)
)
_MARK_CLAIM = (
    update(turns)
    .where(is_listed(turns.c.id, "ids"), turns.c.state == inline(TurnState.DUE))
    .values(claim_mark=bindparam("mark"))
    .returning(turns.c.id)
)
IS_ANY_UNDER_WAY = exists().where(_IS_OPEN) | exists().where(
    attempts.c.state == inline(AttemptState.PLANNED)
)
"""Whether any case is having its turn, or any call or text is planned."""
# Built once: to build and hash a statement takes longer than to run it.
_ANY_UNDER_WAY = select(IS_ANY_UNDER_WAY)
_OPEN_OF_CASE = select(turns).where(turns.c.case_id == bindparam("case"), _IS_OPEN)


@dataclass(frozen=True)
class Turn:
    """One turn of a case."""

    id: int
    case_id: int
    campaign: str
    attempts: int
    """The case's attempts when it was found."""
    state: TurnState
    found_at: datetime
    claimed_at: datetime | None = None
    claim_mark: datetime | None = None
    """The NextCall that its claim carries."""
    confirmed_at: datetime | None = None
    """When its claim was read back."""


def begin(connection: Connection, listed: Sequence[CaseInfo], now: datetime) -> Mapping[int, int]:
    """Begin turns of cases, each its own; their ids by case, of those that weren't under way."""
    if not listed:
        return {}
    begun = _BEGIN(
        connection,
        [
            {
                "case_id": case.case_id,
                "campaign": case.campaign,
                "attempts": case.attempts,
                "state": TRANSITIONS["begin"].target,
                "found_at": now,
            }
            for case in listed
        ],
    )
    return {row.case_id: row.id for row in begun.all()}


def is_any_under_way(connection: Connection) -> bool:
    """Whether any case is having its turn, or any call or text is planned."""
    return bool(connection.scalar(_ANY_UNDER_WAY))


def under_way(connection: Connection, case_ids: Sequence[int]) -> set[int]:
    """Which of these cases have a turn already."""
    found: set[int] = set()
    for start in range(0, len(case_ids), _ASKED_AT_ONCE):
        some = list(case_ids[start : start + _ASKED_AT_ONCE])
        found.update(connection.scalars(_UNDER_WAY, {"case_ids": some}))
    return found


def awaiting_claim(connection: Connection, before: datetime, limit: int) -> list[Turn]:
    """Turns that wait for their claim since before then."""
    return _turns(
        connection,
        select(turns)
        .where(_IS_OPEN, turns.c.state == TurnState.DUE, turns.c.found_at <= before)
        .order_by(turns.c.tried_at.nulls_first(), turns.c.id)
        .limit(limit),
    )


def defer_claim(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Store that claims failed: others come first next time."""
    connection.execute(update(turns).where(turns.c.id.in_(ids)).values(tried_at=now))


def mark_claim(connection: Connection, ids: Sequence[int], mark: datetime) -> set[int]:
    """Store the date that claims are about to carry; return which turns still wait for theirs."""
    return set(connection.scalars(_MARK_CLAIM, {"ids": ids, "mark": mark}).all())


def mark_confirmed(connection: Connection, identity: int, now: datetime) -> None:
    """Store that the claim was read back: it is this bridge's own."""
    connection.execute(update(turns).where(turns.c.id == identity).values(confirmed_at=now))


def idle(connection: Connection, before: datetime, limit: int) -> list[Turn]:
    """Claimed turns without any planned or open attempt, since before then."""
    busy = (
        select(attempts.c.id)
        .where(
            attempts.c.turn_id == turns.c.id,
            attempts.c.state.in_([AttemptState.PLANNED, *UNDER_WAY]),
        )
        .exists()
    )
    return _turns(
        connection,
        select(turns)
        .where(
            _IS_OPEN,
            turns.c.state == TurnState.CLAIMED,
            turns.c.claimed_at <= before,
            ~busy,
        )
        .order_by(turns.c.id)
        .limit(limit),
    )


def orphans(
    connection: Connection, since: datetime, before: datetime, reported_before: datetime, limit: int
) -> list[Turn]:
    """Turns that have ended, of cases that are In the Dialer all the same.

    Ended a while ago, the last of their case, and nothing is on its way to it, nor was tried
    since `reported_before`.
    """
    later = turns.alias("later")
    newer = select(later.c.id).where(later.c.case_id == turns.c.case_id, later.c.id > turns.c.id)
    reported = select(deliveries.c.id).where(
        deliveries.c.case_id == turns.c.case_id,
        deliveries.c.kind == "status",
        (deliveries.c.state == inline("pending")) | (deliveries.c.created_at > reported_before),
    )
    return _turns(
        connection,
        select(turns)
        .join(cases, cases.c.case_id == turns.c.case_id)
        .where(
            cases.c.status == DialerStatus.IN_THE_DIALER,
            turns.c.state == TurnState.ENDED,
            turns.c.claim_mark.is_not(None),
            turns.c.ended_at.between(since, before),
            ~newer.exists(),
            ~reported.exists(),
        )
        .order_by(turns.c.id)
        .limit(limit),
    )


def get(connection: Connection, identity: int) -> Turn:
    """One turn."""
    return _turns(connection, select(turns).where(turns.c.id == identity))[0]


def campaign_of_attempt(connection: Connection, attempt_id: str) -> str | None:
    """The campaign of the turn to which an attempt belongs."""
    name: str | None = connection.scalar(
        select(turns.c.campaign)
        .join(attempts, attempts.c.turn_id == turns.c.id)
        .where(attempts.c.id == attempt_id)
    )
    return name


def of_case(connection: Connection, case_id: int) -> Turn | None:
    """The turn that the case is having, if any."""
    having = _turns(connection, _OPEN_OF_CASE, {"case": case_id})
    return having[0] if having else None


def last_of(connection: Connection, case_id: int) -> Row[tuple[object, ...]] | None:
    """The case's newest turn, for people."""
    return connection.execute(
        select(turns).where(turns.c.case_id == case_id).order_by(turns.c.id.desc()).limit(1)
    ).one_or_none()


def claim(connection: Connection, ids: Sequence[int], now: datetime) -> set[int]:
    """Store that these claims were taken; return which turns had waited for it until now."""
    return set(connection.scalars(_CLAIMED, {"ids": list(ids), "taken_at": now}).all())


def end(connection: Connection, identity: int, ending: str, now: datetime) -> bool:
    """End a turn; False when it had ended already."""
    return TRANSITIONS["end"].apply(connection, turns, identity, ended_at=now, ending=ending)


def count_open(connection: Connection) -> int:
    """How many cases are having their turn."""
    return count(connection, turns, _IS_OPEN)


def _turns(
    connection: Connection,
    query: Select[tuple[object, ...]],
    parameters: Mapping[str, object] | None = None,
) -> list[Turn]:
    return [
        Turn(
            id=row.id,
            case_id=row.case_id,
            campaign=row.campaign,
            attempts=row.attempts,
            state=TurnState(row.state),
            found_at=row.found_at,
            claimed_at=row.claimed_at,
            claim_mark=row.claim_mark,
            confirmed_at=row.confirmed_at,
        )
        for row in connection.execute(query, parameters)
    ]
