"""A case is read from SmartAdvocate: what was known of it, and what is shown of it now.

known_of  all that is known of a case, its phones among it, at once
save      what SmartAdvocate shows of it is stored
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from bridge.domain.case_updates import CaseInfo
from bridge.domain.phones import E164
from bridge.store.cases import saving
from bridge.store.cases.cases import OwnMoments, as_shown, save_case
from bridge.store.tables import case_phones, cases

_BETWEEN = ","
"""Stands in no phone."""

# Built once: to build and hash a statement takes longer than to run it.
_PHONES = (
    select(func.aggregate_strings(case_phones.c.phone, _BETWEEN))
    .where(case_phones.c.case_id == bindparam("case"))
    .scalar_subquery()
)
_CASE = select(cases, _PHONES.label("stored_phones")).where(cases.c.case_id == bindparam("case"))


@dataclass(frozen=True)
class KnownCase:
    """What is known of a case."""

    shown: CaseInfo | None
    """As SmartAdvocate last showed it."""
    is_read: bool
    """Whether SmartAdvocate has shown it before."""
    own: OwnMoments
    stood: saving.Known
    phones: frozenset[E164]
    """Those stored, of its calls and texts as well."""


def known_of(connection: Connection, case_id: int) -> KnownCase | None:
    """All that is known of a case; None when nothing is, though calls may have shown its phones."""
    row = connection.execute(_CASE, {"case": case_id}).one_or_none()
    if row is None:
        return None
    return KnownCase(
        shown=as_shown(row),
        is_read=row.read_at is not None,
        own=OwnMoments(row.not_before, row.closed_at, row.wished_call),
        stood=saving.Known(*(getattr(row, name) for name in saving.Known._fields)),
        phones=frozenset(row.stored_phones.split(_BETWEEN) if row.stored_phones else ()),
    )


def save(connection: Connection, shown: CaseInfo, known: KnownCase | None, now: datetime) -> None:
    """Store what SmartAdvocate shows of a case, of which `known` was known until now."""
    if known is None:
        save_case(connection, shown, now)
    else:
        saving.save_one(connection, shown, known.stood, known.phones, now)
