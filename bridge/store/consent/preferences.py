"""How people want to be reached, as somebody at the firm has kept it. Rows are never deleted."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, or_, select, update

from bridge.domain.phones import E164
from bridge.domain.preferences import Preference, PreferenceKind
from bridge.store.cases.identity import PersonIdentity, RowsOfPersons, bound
from bridge.store.listed import is_listed
from bridge.store.tables import preferences

REPLACED = "A newer preference of the same kind was kept."
"""Why an older one was lifted; by whoever has kept the newer one."""


@dataclass(frozen=True)
class NewPreference:
    """A preference that is to be stored."""

    preference: Preference
    case_id: int | None
    """The case whose person's it is, if it is known."""
    sid: str | None
    """The text in which it was said."""
    recorded_by: str
    """Who at the firm keeps it."""


@dataclass(frozen=True)
class StoredPreference(NewPreference):
    """A preference as it is stored."""

    id: int = field(kw_only=True)
    recorded_at: datetime = field(kw_only=True)
    lifted_at: datetime | None = field(kw_only=True)
    lifted_by: str | None = field(kw_only=True)
    lift_reason: str | None = field(kw_only=True, repr=False)


_STANDING = select(preferences).where(
    or_(
        is_listed(preferences.c.case_id, "case_ids"),
        and_(preferences.c.case_id.is_(None), is_listed(preferences.c.phone, "phones")),
    ),
    preferences.c.lifted_at.is_(None),
)


def add(connection: Connection, new: NewPreference, now: datetime) -> None:
    """Store it; an older one of the same kind, of the same phone or case, is lifted."""
    wanted = new.preference
    is_same_phone = preferences.c.phone == wanted.phone
    is_same_person = or_(is_same_phone, _is_of_case(new.case_id))
    is_about_a_number = wanted.kind is PreferenceKind.NOT_THIS_NUMBER
    connection.execute(
        update(preferences)
        .where(
            preferences.c.kind == wanted.kind,
            is_same_phone if is_about_a_number else is_same_person,
            preferences.c.lifted_at.is_(None),
        )
        .values(lifted_at=now, lifted_by=new.recorded_by[:64], lift_reason=REPLACED)
    )
    connection.execute(
        preferences.insert().values(
            phone=wanted.phone,
            case_id=new.case_id,
            kind=wanted.kind,
            value=wanted.value,
            sid=new.sid,
            recorded_at=now,
            recorded_by=new.recorded_by[:64],
        )
    )


def standing(connection: Connection, who: PersonIdentity) -> Sequence[StoredPreference]:
    """The preferences of this person that nobody has lifted, the oldest first.

    Those of their cases. A phone changes hands, so what another case's person said is not theirs;
    what came from one of their phones while no case was known is.
    """
    return standing_of(connection, [who]).of(who)


class Standing:
    """The preferences of some persons that nobody has lifted."""

    def __init__(self, rows: Iterable[Row[Any]]) -> None:
        self._rows = RowsOfPersons(rows)

    def of(self, who: PersonIdentity) -> Sequence[StoredPreference]:
        """Those of one person, the oldest first (`standing`)."""
        # Sorted there: for an order the database would rather walk along all rows than use two
        # indexes.
        return [
            _read_row(row)
            for row in self._rows.of(who)
            if row.case_id is None or row.case_id in who.cases
        ]


def standing_of(connection: Connection, persons: Collection[PersonIdentity]) -> Standing:
    """Those of many persons."""
    return Standing(connection.execute(_STANDING, bound(persons)))


def standing_besides(
    connection: Connection,
    who: PersonIdentity,
    case_id: int | None,
    wanted: Sequence[Preference],
) -> Sequence[StoredPreference]:
    """Those that go on standing once these are kept for this case (`add`)."""
    return [
        stored
        for stored in standing(connection, who)
        if not any(_replaces(preference, case_id, stored) for preference in wanted)
    ]


def in_effect(connection: Connection, who: PersonIdentity) -> tuple[Preference, ...]:
    """The same as the rules know them."""
    return tuple(stored.preference for stored in standing(connection, who))


def get(connection: Connection, identity: int) -> StoredPreference | None:
    """One preference, in effect or lifted."""
    row = connection.execute(select(preferences).where(preferences.c.id == identity)).one_or_none()
    return None if row is None else _read_row(row)


def lift(
    connection: Connection, identity: int, *, by: str, reason: str, now: datetime
) -> StoredPreference | None:
    """Lift this preference; None when it wasn't in effect."""
    row = connection.execute(
        update(preferences)
        .where(preferences.c.id == identity, preferences.c.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=by[:64], lift_reason=reason)
        .returning(preferences)
    ).one_or_none()
    return None if row is None else _read_row(row)


def attribute(connection: Connection, sid: str, case_id: int) -> None:
    """Make what was kept of this text, of which no case was known, this case's person's."""
    connection.execute(
        update(preferences)
        .where(preferences.c.sid == sid, preferences.c.case_id.is_(None))
        .values(case_id=case_id)
    )


def _replaces(new: Preference, case_id: int | None, stored: StoredPreference) -> bool:
    """Whether `add` lifts the stored one for this new one."""
    if new.kind is not stored.preference.kind:
        return False
    is_same_case = case_id is not None and stored.case_id == case_id
    is_about_a_number = new.kind is PreferenceKind.NOT_THIS_NUMBER
    return stored.preference.phone == new.phone or (is_same_case and not is_about_a_number)


def _is_of_case(case_id: int | None) -> ColumnElement[bool]:
    return preferences.c.case_id == case_id if case_id is not None else false()


def _read_row(row: Row[Any]) -> StoredPreference:
    return StoredPreference(
        preference=Preference(PreferenceKind(row.kind), E164(row.phone), row.value),
        case_id=row.case_id,
        sid=row.sid,
        recorded_by=row.recorded_by,
        id=row.id,
        recorded_at=row.recorded_at,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        lift_reason=row.lift_reason,
    )
