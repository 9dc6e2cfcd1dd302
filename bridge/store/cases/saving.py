"""What SmartAdvocate shows of cases is stored, as a list of them is: all with a few statements.

known       how cases stood until now
lock_known  the same, locked
save_each   what is shown of them, their phones, and the dates that staff have set meanwhile
save_one    the same of a case of which all was read before
"""

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select, tuple_, update

from bridge.domain.case_updates import CaseInfo, DialerStatus
from bridge.domain.claims import same_minute
from bridge.domain.phones import E164, parse_phone
from bridge.store.db import listed_as
from bridge.store.listed import is_listed
from bridge.store.rows import row_writer
from bridge.store.tables import case_phones, cases


class Known(NamedTuple):
    """How a case stood when it was last read, and what the bridge has wanted since."""

    case_id: int
    status: str | None
    next_call: datetime | None
    not_before: datetime | None
    listed_call: datetime | None
    read_at: datetime | None
    """When SmartAdvocate last showed it; None: never."""


_KNOWN = (
    select(*(cases.c[name] for name in Known._fields))
    .where(is_listed(cases.c.case_id, "case_ids"))
    .order_by(cases.c.case_id)
)
_LOCKED = _KNOWN.with_for_update()
_PHONES = select(case_phones.c.phone, case_phones.c.case_id).where(
    is_listed(case_phones.c.case_id, "case_ids")
)
_REMOVE_PHONES = delete(case_phones).where(
    tuple_(case_phones.c.phone, case_phones.c.case_id).in_(listed_as("gone"))
)
_ADD_PHONES = row_writer(case_phones, lambda insert: insert.on_conflict_do_nothing())
_AS_SHOWN = (
    *("status", "attempts", "campaign", "zip_code", "next_call", "phones", "label", "read_at"),
)


_SAVE_CASES = row_writer(
    cases,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[cases.c.case_id], set_={name: insert.excluded[name] for name in _AS_SHOWN}
    ),
)


def known(connection: Connection, case_ids: Collection[int]) -> Mapping[int, Known]:
    """How those of these cases that are known stand."""
    rows = connection.execute(_KNOWN, {"case_ids": sorted(case_ids)}).all()
    return {row.case_id: Known(*row) for row in rows}


def lock_known(connection: Connection, case_ids: Collection[int]) -> Mapping[int, Known]:
    """The same; locked, always in the same order."""
    rows = connection.execute(_LOCKED, {"case_ids": sorted(case_ids)}).all()
    return {row.case_id: Known(*row) for row in rows}


def save_each(
    connection: Connection, shown: Sequence[CaseInfo], before: Mapping[int, Known], now: datetime
) -> None:
    """Store what SmartAdvocate shows of cases; their phones are those shown, and no others.

    Each case comes once; `before` is how those that were known stood until now (`lock_known`).
    """
    if not shown:
        return
    rows = connection.execute(_PHONES, {"case_ids": [case.case_id for case in shown]})
    _save(connection, shown, before, {(row.phone, row.case_id) for row in rows}, now)


def save_one(
    connection: Connection,
    case: CaseInfo,
    before: Known,
    stored_phones: Collection[E164],
    now: datetime,
) -> None:
    """The same of one case that is known, whose phones were read together with it."""
    stored = {(phone, case.case_id) for phone in stored_phones}
    _save(connection, [case], {case.case_id: before}, stored, now)


def _save(
    connection: Connection,
    shown: Sequence[CaseInfo],
    before: Mapping[int, Known],
    stored: Set[tuple[E164, int]],
    now: datetime,
) -> None:
    phones = {
        (phone, case.case_id)
        for case in shown
        for case_phone in case.phones
        if (phone := parse_phone(case_phone.number))
    }
    if stored - phones:
        connection.execute(_REMOVE_PHONES, {"gone": sorted(stored - phones)})
    if phones - stored:
        _ADD_PHONES(
            connection,
            [
                {"phone": phone, "case_id": case_id, "seen_at": now}
                for phone, case_id in sorted(phones - stored)
            ],
        )
    # Last: processing a callback locks phones first, too.
    _SAVE_CASES(connection, [_row_of(case, now) for case in shown])
    for case in shown:
        values = _set_by_staff(case, before.get(case.case_id))
        if values:
            connection.execute(update(cases).where(cases.c.case_id == case.case_id).values(values))


def _row_of(case: CaseInfo, now: datetime) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "status": case.status,
        "attempts": case.attempts,
        "campaign": case.campaign,
        "zip_code": case.zip_code[:16],
        "next_call": case.next_call,
        "phones": [
            {
                "number": phone.number,
                "name": phone.name,
                "primary": phone.primary,
                "text": phone.text,
            }
            for phone in case.phones
        ],
        "label": case.label,
        "read_at": now,
    }


def _set_by_staff(case: CaseInfo, before: Known | None) -> dict[str, datetime | None]:
    """What changes when the case is To Dial at another date than the bridge saw, wrote or wants.

    Or when it is To Dial again after SmartAdvocate has shown or taken Do not Dial: whoever set that
    wants it called, whatever the date.
    """
    if case.status is not DialerStatus.TO_DIAL or before is None:
        return {}
    shown, listed = case.next_call, before.listed_call
    is_as_listed = shown is not None and listed is not None and same_minute(shown, listed)
    if before.status == DialerStatus.DO_NOT_DIAL and not is_as_listed:
        return {"wished_call": shown, "closed_at": None, "not_before": None}
    if shown is None or (before.next_call is None and listed is None):
        return {}  # no date of it was ever seen
    dates = [date for date in (before.next_call, before.not_before, listed) if date is not None]
    if any(same_minute(date, shown) for date in dates):
        return {}
    return {"wished_call": shown}
