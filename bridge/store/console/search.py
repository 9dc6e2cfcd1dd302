"""What somebody looks for by a few digits: a case, or whoever has a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, literal, select, union_all

from bridge.domain.phones import E164
from bridge.store.tables import case_phones, cases, communications

MOST_CASES = 50
"""No more cases of one phone are listed."""


@dataclass(frozen=True)
class FoundCase:
    """A case with a phone that was looked for."""

    case_id: int
    status: str | None
    """Its dialer status, in the firm's own spelling where it is known."""
    campaign: str | None


def is_case(connection: Connection, case_id: int) -> bool:
    """Whether the bridge has ever seen this case."""
    places = (cases.c.case_id, case_phones.c.case_id, communications.c.case_id)
    found = union_all(
        *(
            select(select(literal(1)).where(column == case_id).limit(1).subquery())
            for column in places
        )
    )
    return connection.execute(found).first() is not None


def cases_of(connection: Connection, phone: E164) -> Sequence[FoundCase]:
    """The cases that have this phone, or had calls or texts with it."""
    ids = set(
        connection.scalars(
            select(case_phones.c.case_id).where(case_phones.c.phone == phone).limit(MOST_CASES)
        )
    )
    ids |= set(
        connection.scalars(
            select(communications.c.case_id)
            .where(communications.c.phone == phone, communications.c.case_id.is_not(None))
            .distinct()
            .limit(MOST_CASES)
        )
    )
    shown = cases.c
    known = {
        row.case_id: row
        for row in connection.execute(
            select(shown.case_id, shown.status, shown.label, shown.campaign).where(
                shown.case_id.in_(ids)
            )
        )
    }
    return [
        FoundCase(
            case_id,
            (known[case_id].label or known[case_id].status) if case_id in known else None,
            known[case_id].campaign if case_id in known else None,
        )
        for case_id in sorted(ids)[:MOST_CASES]
    ]


def has_contacts_with(connection: Connection, phone: E164) -> bool:
    """Whether there were calls or texts with a phone."""
    return _exists(connection, communications.c.phone == phone)


def has_contacts_with_end(connection: Connection, phone_end: str) -> bool:
    """Whether there were calls or texts with a phone that ends so."""
    return _exists(connection, communications.c.phone_end == phone_end)


def _exists(connection: Connection, where: ColumnElement[bool]) -> bool:
    return connection.scalar(select(literal(1)).where(where).limit(1)) is not None
