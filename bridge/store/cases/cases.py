"""The cases that the bridge has seen, their phones, and what the bridge itself knows of them.

Beside what SmartAdvocate shows, the bridge keeps its own next moment of each case (`own`): should
SmartAdvocate not take what it is told, nobody is called again before that. A date that staff have
set since counts more (`wished_call`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, null, select, update
from sqlalchemy import case as when

from bridge.domain.case_updates import CaseInfo, CasePhone, DialerStatus
from bridge.domain.phones import E164
from bridge.store.cases import saving
from bridge.store.db import inline, per_dialect, upsert
from bridge.store.listed import is_listed
from bridge.store.tables import case_phones, cases, wrong_numbers

# A count is asked by index for each row; "not exists" may be asked of the whole table at once.
HAS_RIGHTLY = (
    select(func.count())
    .where(
        wrong_numbers.c.case_id == case_phones.c.case_id,
        wrong_numbers.c.phone == case_phones.c.phone,
        wrong_numbers.c.lifted_at.is_(None),
    )
    .scalar_subquery()
    == 0
)
"""A number that is wrong for a case is somebody else's: who has it says nothing of its person."""

# Built once: to build and hash a statement takes longer than to run it.
_IS_CASE = cases.c.case_id == bindparam("case")
_SHARING = (
    select(case_phones.c.case_id)
    .where(case_phones.c.phone == bindparam("number"), HAS_RIGHTLY)
    .limit(2)
)
_ADD_PHONE = per_dialect(lambda insert: insert(case_phones).on_conflict_do_nothing())
_STOPPED = select(cases.c.case_id).where(
    is_listed(cases.c.case_id, "among"),
    cases.c.status == DialerStatus.DO_NOT_DIAL,
    cases.c.stopped_at.is_not(None),
    cases.c.closed_at.is_(None),
)
_CASE = select(cases).where(_IS_CASE)
_LOCK = select(cases.c.case_id).where(_IS_CASE).with_for_update()
_CAMPAIGN = select(cases.c.campaign).where(_IS_CASE)
_RECORD_STATUS = (
    update(cases).where(_IS_CASE).values(status=bindparam("now"), next_call=bindparam("date"))
)
_MOVE_OWN_MOMENT = (
    update(cases).where(_IS_CASE, cases.c.closed_at.is_(None)).values(not_before=bindparam("date"))
)


def _is_newest(call: Any) -> ColumnElement[bool]:
    """Whether the row that is inserted has a case's newest call."""
    is_newest: ColumnElement[bool] = (
        cases.c.newest_call_at.is_(None)
        | (cases.c.newest_call_at <= call.newest_call_at)
        | (cases.c.newest_call == call.newest_call)
    )
    return is_newest


_NAME_NEWEST = per_dialect(
    lambda insert: (
        (row := insert(cases))
        .on_conflict_do_update(
            index_elements=[cases.c.case_id],
            set_={
                "newest_call_at": row.excluded.newest_call_at,
                "newest_call": row.excluded.newest_call,
            },
            where=_is_newest(row.excluded),
        )
        .returning(cases.c.not_before, cases.c.closed_at, cases.c.wished_call)
    )
)
_NAME_NEWEST_AND_CLOSE = per_dialect(
    lambda insert: (
        (row := insert(cases))
        .on_conflict_do_update(
            index_elements=[cases.c.case_id],
            set_={
                name: when((_is_newest(row.excluded), row.excluded[name]), else_=cases.c[name])
                for name in ("newest_call_at", "newest_call")
            }
            | {name: row.excluded[name] for name in ("not_before", "closed_at", "wished_call")},
        )
        .returning(cases.c.newest_call)
    )
)
_WHICH = is_listed(cases.c.case_id, "case_ids")
_OWN_MOMENTS = select(
    cases.c.case_id, cases.c.not_before, cases.c.closed_at, cases.c.wished_call
).where(_WHICH)
_STATUSES = (
    update(cases)
    .where(_WHICH)
    .values(status=bindparam("new_status"), next_call=bindparam("new_call"))
    .returning(
        *(cases.c[name] for name in ("case_id", "status", "attempts", "campaign", "zip_code")),
        *(cases.c[name] for name in ("next_call", "phones", "label")),
    )
)
_LISTED_CALLS = (
    update(cases)
    .where(_WHICH)
    .values(
        listed_call=cases.c.next_call,
        # What staff wished at another time isn't what makes it due now.
        wished_call=when(
            (cases.c.wished_call.is_distinct_from(cases.c.next_call), null()),
            else_=cases.c.wished_call,
        ),
    )
)


@dataclass(frozen=True)
class OwnMoments:
    """What the bridge itself knows of a case's next call, whatever SmartAdvocate shows."""

    not_before: datetime | None = None
    """The next call that it wrote, or wants to write."""
    closed_at: datetime | None = None
    """Since when it wants no further call."""
    wished_call: datetime | None = None
    """The date that staff have set since."""


def sharing(connection: Connection, phone: E164 | None) -> list[int]:
    """The known cases with this phone, for which it isn't wrong."""
    if phone is None:
        return []
    return list(connection.scalars(_SHARING, {"number": phone}))


def add_phone(connection: Connection, case_id: int, phone: E164, now: datetime) -> None:
    """Store that a call or text for this case went to this phone."""
    row = {"phone": phone, "case_id": case_id, "seen_at": now}
    connection.execute(_ADD_PHONE(connection), row)


def save_case(connection: Connection, case: CaseInfo, now: datetime) -> None:
    """Store what SmartAdvocate shows of a case; its phones are those it has now, and no others."""
    # Only a date of a case that is To Dial says what staff want.
    is_to_dial = case.status is DialerStatus.TO_DIAL
    before = saving.known(connection, [case.case_id]) if is_to_dial else {}
    saving.save_each(connection, [case], before, now)


def record_status(
    connection: Connection, case_id: int, status: DialerStatus | None, next_call: datetime | None
) -> None:
    """Store the status and next call of a case that SmartAdvocate has accepted."""
    connection.execute(_RECORD_STATUS, {"case": case_id, "now": status, "date": next_call})


def record_statuses(
    connection: Connection,
    case_ids: Collection[int],
    status: DialerStatus,
    next_call: datetime,
) -> Mapping[int, CaseInfo]:
    """The same for many cases that SmartAdvocate has accepted alike.

    Returns them as they are stored now, as far as SmartAdvocate ever showed them.
    """
    rows = connection.execute(
        _STATUSES, {"case_ids": sorted(case_ids), "new_status": status, "new_call": next_call}
    ).all()
    return {row.case_id: case for row in rows if (case := as_shown(row)) is not None}


def record_listed_calls(connection: Connection, case_ids: Collection[int]) -> None:
    """Store the dates with which SmartAdvocate lists cases whose turns begin: those just stored."""
    if case_ids:
        connection.execute(_LISTED_CALLS, {"case_ids": sorted(case_ids)})


def listed_call(connection: Connection, case_id: int) -> datetime | None:
    """The date with which SmartAdvocate listed the case when its last turn began."""
    moment: datetime | None = connection.scalar(
        select(cases.c.listed_call).where(cases.c.case_id == case_id)
    )
    return moment


def keeps_dates(connection: Connection, case_id: int) -> bool:
    """Whether the case still showed the date with which it was listed when it was last read."""
    found = connection.scalar(
        select(cases.c.case_id).where(
            cases.c.case_id == case_id, cases.c.listed_call == cases.c.next_call
        )
    )
    return found is not None


def own_moments(connection: Connection, case_id: int) -> OwnMoments:
    """What the bridge itself knows of the case's next call."""
    return own_moments_of(connection, [case_id]).get(case_id, OwnMoments())


def own_moments_of(connection: Connection, case_ids: Collection[int]) -> Mapping[int, OwnMoments]:
    """The same of many cases, as far as they are known."""
    rows = connection.execute(_OWN_MOMENTS, {"case_ids": sorted(case_ids)}).all()
    return {row.case_id: OwnMoments(*row[1:]) for row in rows}


def known(connection: Connection, case_ids: Collection[int]) -> set[int]:
    """Those of these cases that SmartAdvocate has shown before."""
    return set(
        connection.scalars(
            select(cases.c.case_id).where(
                cases.c.case_id.in_(case_ids), cases.c.read_at.is_not(None)
            )
        )
    )


def set_stopped(connection: Connection, case_id: int, at: datetime | None) -> None:
    """Store since when staff want no call of the case and may mean the person; None: they don't."""
    connection.execute(update(cases).where(cases.c.case_id == case_id).values(stopped_at=at))


def stopped(connection: Connection, case_ids: Collection[int]) -> list[int]:
    """Those of these cases that staff have stopped, and may have meant the person."""
    if not case_ids:
        return []
    return sorted(connection.scalars(_STOPPED, {"among": list(case_ids)}))


def written_dates(
    connection: Connection, case_ids: Collection[int], *, read_before: datetime
) -> Mapping[int, datetime]:
    """The next calls that the bridge has written, of those of these cases that are To Dial.

    Only of cases that weren't read since `read_before`.
    """
    rows = connection.execute(
        select(cases.c.case_id, cases.c.next_call).where(
            cases.c.case_id.in_(case_ids),
            cases.c.status == DialerStatus.TO_DIAL,
            cases.c.next_call == cases.c.not_before,
            cases.c.read_at < read_before,
        )
    )
    return {row.case_id: row.next_call for row in rows}


def lock_all(connection: Connection, case_ids: Collection[int]) -> None:
    """Take the locks of cases, always in the same order."""
    saving.lock_known(connection, case_ids)


def lock(connection: Connection, case_id: int) -> None:
    """Take the case's lock before those of its turn and lane: all that takes both does so."""
    connection.execute(_LOCK, {"case": case_id})


def set_own_moment(
    connection: Connection, case_id: int, next_call: datetime | None, now: datetime
) -> None:
    """Store that the bridge wants the case called then and not before; None: never again.

    It counts from now on, whatever SmartAdvocate shows, until staff set another date.
    """
    values = {
        "not_before": next_call,
        "closed_at": now if next_call is None else None,
        "wished_call": None,
    }
    upsert(connection, cases, {"case_id": case_id}, values)


def set_wish(connection: Connection, case_id: int, next_call: datetime) -> None:
    """Store that staff want the case called then, as if they had set the date in SmartAdvocate.

    Should SmartAdvocate not take it, nobody is called before that.
    """
    values = {"not_before": next_call, "closed_at": None, "wished_call": next_call}
    upsert(connection, cases, {"case_id": case_id}, values)


def move_own_moment(connection: Connection, case_id: int, next_call: datetime) -> None:
    """Store the date that is about to be written, where it isn't the one that was wanted."""
    connection.execute(_MOVE_OWN_MOMENT, {"case": case_id, "date": next_call})


def due_until(connection: Connection, until: datetime, limit: int) -> list[tuple[datetime, int]]:
    """The cases that are To Dial and come due by then, as far as the bridge knows."""
    rows = connection.execute(
        select(cases.c.next_call, cases.c.case_id)
        .where(cases.c.status == inline(DialerStatus.TO_DIAL), cases.c.next_call <= until)
        .order_by(cases.c.next_call)
        .limit(limit)
    )
    return [(row.next_call, row.case_id) for row in rows]


def get(connection: Connection, case_id: int) -> CaseInfo | None:
    """A case as SmartAdvocate last showed it; None when it never did."""
    row = connection.execute(_CASE, {"case": case_id}).one_or_none()
    return None if row is None else as_shown(row)


def as_shown(row: Row[*tuple[Any, ...]]) -> CaseInfo | None:
    """The case in a row of `cases`, if SmartAdvocate ever showed it."""
    if row.phones is None:
        return None
    return CaseInfo(
        case_id=row.case_id,
        status=DialerStatus(row.status) if row.status else None,
        attempts=row.attempts or 0,
        next_call=row.next_call,
        phones=tuple(CasePhone(**phone) for phone in row.phones),
        campaign=row.campaign or "",
        zip_code=row.zip_code or "",
        label=row.label or "",
    )


def campaign(connection: Connection, case_id: int) -> str | None:
    """The case's campaign as SmartAdvocate last showed it, if it did."""
    name: str | None = connection.scalar(_CAMPAIGN, {"case": case_id})
    return name


def read_at(connection: Connection, case_id: int) -> datetime:
    """When SmartAdvocate last showed this case; long ago if it never did."""
    moment: datetime | None = connection.scalar(
        select(cases.c.read_at).where(cases.c.case_id == case_id)
    )
    return moment or datetime(1970, 1, 1, tzinfo=UTC)


def own_moments_if_newest(
    connection: Connection, case_id: int, sid: str, ended_at: datetime
) -> OwnMoments | None:
    """None where a newer call of this case was reported before; if not, this one is the newest now.

    What is reported of one call again may have another end: Twilio's clocks differ by a second.
    """
    call = {"case_id": case_id, "newest_call_at": ended_at, "newest_call": sid}
    row = connection.execute(_NAME_NEWEST(connection), call).one_or_none()
    return None if row is None else OwnMoments(*row)


def close_after_call(
    connection: Connection, case_id: int, sid: str, ended_at: datetime, now: datetime
) -> bool:
    """Whether no newer call of this case was reported, of one that the bridge wants no call after.

    That is stored whether it is the newest or not: `own_moments_if_newest` and `set_own_moment` in
    one statement.
    """
    own = {"not_before": None, "closed_at": now, "wished_call": None}
    call = {"case_id": case_id, "newest_call_at": ended_at, "newest_call": sid}
    newest = connection.scalar(_NAME_NEWEST_AND_CLOSE(connection), call | own)
    return bool(newest == sid)
