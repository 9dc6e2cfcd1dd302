"""The person behind a case: all cases that share a phone, all their phones, and their refusals.

Caps are a person's, whatever the number, channel or campaign (docs/reference/law.md#how-often).
Erring toward fewer contacts, a household counts as one person there; whose an opt-out is, is
decided case by case (`domain/shared_phones.py`). What has passed between persons and the firm is
`history.py`.

Many persons are read at once, with as many statements as one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, func, literal_column, or_, select, union_all

from bridge.domain.contact_facts import OptOut, OptOutScope
from bridge.domain.dialable import why_not_dialable
from bridge.domain.events import Channel
from bridge.domain.phones import E164
from bridge.domain.shared_phones import MOST_CASES, Asked, Recorded, meant_for, whose
from bridge.store.cases.cases import HAS_RIGHTLY
from bridge.store.dialing import pauses
from bridge.store.listed import is_listed
from bridge.store.tables import case_phones, opt_outs

_AT_PHONES = is_listed(case_phones.c.phone, "phones")
_PHONES: Select[Any] = select(case_phones.c.case_id, case_phones.c.phone).where(
    is_listed(case_phones.c.case_id, "case_ids"), HAS_RIGHTLY
)
_HAVE_MANY = (
    select(case_phones.c.phone)
    .where(_AT_PHONES)
    .group_by(case_phones.c.phone)
    .having(func.count() > MOST_CASES)
)
_TIED: Select[Any] = select(case_phones.c.case_id, case_phones.c.phone).where(
    _AT_PHONES, case_phones.c.phone.not_in(_HAVE_MANY), HAS_RIGHTLY
)
_PHONES_AND_TIED = union_all(
    _PHONES.add_columns(literal_column("0").label("is_tied")),
    _TIED.add_columns(literal_column("1").label("is_tied")),
)
_SHARING = (
    select(case_phones.c.phone, case_phones.c.case_id)
    .where(_AT_PHONES, HAS_RIGHTLY)
    .order_by(case_phones.c.case_id)
)
_OPT_OUTS = select(opt_outs).where(
    or_(is_listed(opt_outs.c.phone, "phones"), is_listed(opt_outs.c.case_id, "case_ids"))
)

_PhonesOf = dict[int | None, set[E164]]
_CasesWith = dict[E164, set[int]]


@dataclass(frozen=True)
class PersonIdentity:
    """Who is reached: cases and phones that belong together, as far as the bridge knows."""

    cases: frozenset[int]
    phones: frozenset[E164]


class Named(NamedTuple):
    """Somebody whose identity is asked for: the person of a case, or at a phone, or both."""

    case_id: int | None
    phone: E164 | None


class RowsOfPersons:
    """Rows about phones and cases that were read for many persons at once."""

    def __init__(self, rows: Iterable[Row[Any]]) -> None:
        self._of_phone: dict[E164 | None, list[Row[Any]]] = {}
        self._of_case: dict[int | None, list[Row[Any]]] = {}
        for row in rows:
            self._of_phone.setdefault(row.phone, []).append(row)
            self._of_case.setdefault(row.case_id, []).append(row)

    def of(self, who: PersonIdentity) -> list[Row[Any]]:
        """Those at a phone or about a case of one person, by their ids."""
        if not self._of_phone:
            return []
        at_phones = (row for phone in who.phones for row in self._of_phone.get(phone, ()))
        about_cases = (row for case_id in who.cases for row in self._of_case.get(case_id, ()))
        found = {row.id: row for rows in (at_phones, about_cases) for row in rows}
        return [found[identity] for identity in sorted(found)]


def bound(persons: Iterable[PersonIdentity]) -> dict[str, list[Any]]:
    """All phones and cases of these persons, as statements that were built once bind them."""
    everybody = list(persons)
    return {
        "phones": sorted({phone for who in everybody for phone in who.phones}),
        "case_ids": sorted({case_id for who in everybody for case_id in who.cases}),
    }


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
    named = Named(case_id, phone)
    return identify_each(connection, [named], firms_own)[named]


def identify_each(
    connection: Connection, asked: Collection[Named], firms_own: Collection[E164]
) -> Mapping[Named, PersonIdentity]:
    """The same for many."""
    own = frozenset(firms_own)
    case_ids = {named.case_id for named in asked if named.case_id is not None}
    named_phones = {named.phone for named in asked if named.phone} - own
    phones_of, tied = _phones_and_cases(connection, case_ids, named_phones, own)
    first = {
        named: ({named.phone} if named.phone else set()) | phones_of.get(named.case_id, set())
        for named in asked
    }
    # Mostly all phones of the cases are named.
    all_phones = {phone for phones in first.values() for phone in phones}
    tied |= _cases(connection, all_phones - named_phones - own)
    cases_of = {
        named: {case_id for phone in phones for case_id in tied.get(phone, ())}
        | ({named.case_id} if named.case_id is not None else set())
        for named, phones in first.items()
    }
    others = {case_id for found in cases_of.values() for case_id in found} - case_ids
    phones_of |= _phones(connection, others, own)
    return {
        named: PersonIdentity(
            frozenset(found),
            frozenset(first[named].union(*(phones_of.get(case_id, ()) for case_id in found))),
        )
        for named, found in cases_of.items()
    }


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
    found: dict[E164, list[int]] = {}
    for row in connection.execute(_SHARING, {"phones": sorted(phones)}):
        found.setdefault(E164(row.phone), []).append(row.case_id)
    return found


def circle(
    connection: Connection, case_ids: Collection[int], phone: E164, firms_own: Collection[E164]
) -> frozenset[int]:
    """These cases with a phone, and every case that may be one of their persons'."""
    asked = [Named(case_id, phone) for case_id in case_ids]
    persons = identify_each(connection, asked, firms_own).values()
    return frozenset(case_id for person in persons for case_id in person.cases)


@dataclass(frozen=True)
class Refusal:
    """An opt-out that concerns a person, in effect or lifted."""

    opt_out: OptOut
    at: datetime
    is_lifted: bool


class Refusals:
    """The opt-outs that may concern some persons, lifted ones too."""

    def __init__(
        self,
        rows: Sequence[Row[Any]],
        with_phone: Mapping[E164, Sequence[int]],
        decided: Mapping[int, Mapping[str, datetime]],
    ) -> None:
        self._rows = RowsOfPersons(rows)
        self._with_phone = with_phone
        self._decided = decided

    def of(self, who: PersonIdentity, case_id: int | None) -> tuple[Refusal, ...]:
        """Those that may concern this person, as they are meant for one case, the oldest first.

        Of scope `person` are only those that are this case's for certain.
        """
        rows = self._rows.of(who)
        meant = [self._meant_for(row, who, case_id) for row in rows]
        return tuple(
            Refusal(
                OptOut(scope, row.phone, Channel(row.channel), row.source),
                row.created_at,
                row.lifted_at is not None,
            )
            for scope, row in zip(meant, rows, strict=True)
            if scope is not None
        )

    def _meant_for(
        self, row: Row[Any], who: PersonIdentity, case_id: int | None
    ) -> OptOutScope | None:
        decided = {} if case_id is None else self._decided.get(case_id, {})
        return meant_for(
            Recorded(OptOutScope(row.scope), row.case_id, row.created_at),
            Asked(case_id, who.cases),
            frozenset(self._with_phone.get(row.phone, ())),
            decided.get(whose(row.phone)),
        )


def refusals_of(
    connection: Connection, persons: Collection[PersonIdentity], case_ids: Collection[int]
) -> Refusals:
    """The opt-outs that may concern these persons, for whoever asks about one of these cases."""
    rows = connection.execute(_OPT_OUTS, bound(persons)).all()
    if not rows:
        return Refusals((), {}, {})
    with_phone = sharing_each(connection, {row.phone for row in rows})
    return Refusals(rows, with_phone, pauses.released_at_each(connection, case_ids))


def refusals(
    connection: Connection, who: PersonIdentity, case_id: int | None
) -> tuple[Refusal, ...]:
    """The opt-outs that may concern one person (`Refusals.of`)."""
    case_ids = () if case_id is None else (case_id,)
    return refusals_of(connection, [who], case_ids).of(who, case_id)


def opted_out(
    connection: Connection, who: PersonIdentity, case_id: int | None
) -> tuple[OptOut, ...]:
    """Those of them that are in effect."""
    found = refusals(connection, who, case_id)
    return tuple(refusal.opt_out for refusal in found if not refusal.is_lifted)


def has_refused(
    connection: Connection, case_id: int | None, phone: E164 | None, firms_own: Collection[E164]
) -> bool:
    """Whether the person of this case has opted out altogether, as far as that is certain."""
    who = identify(connection, case_id, phone, firms_own)
    refusals = opted_out(connection, who, case_id)
    return any(opt_out.scope is OptOutScope.PERSON for opt_out in refusals)


def _phones_and_cases(
    connection: Connection,
    case_ids: Collection[int],
    phones: Collection[E164],
    own: frozenset[E164],
) -> tuple[_PhonesOf, _CasesWith]:
    """What `_phones` and `_cases` tell, with one statement."""
    asked = {"case_ids": sorted(case_ids), "phones": sorted(phones)}
    held: list[Row[Any]] = []
    tied: list[Row[Any]] = []
    for row in connection.execute(_PHONES_AND_TIED, asked).all():
        (tied if row.is_tied else held).append(row)
    return _by_case(held, own), _by_phone(tied)


def _phones(connection: Connection, case_ids: Collection[int], own: frozenset[E164]) -> _PhonesOf:
    """The phones of cases that are their persons'."""
    if not case_ids:
        return {}
    return _by_case(connection.execute(_PHONES, {"case_ids": sorted(case_ids)}).all(), own)


def _cases(connection: Connection, phones: Collection[E164]) -> _CasesWith:
    """The cases with each of these phones, as far as few enough have it to be a person's."""
    if not phones:
        return {}
    return _by_phone(connection.execute(_TIED, {"phones": sorted(phones)}).all())


def _by_case(rows: Iterable[Row[Any]], own: frozenset[E164]) -> _PhonesOf:
    found: _PhonesOf = {}
    for row in rows:
        if row.phone not in own and why_not_dialable(row.phone) is None:
            found.setdefault(row.case_id, set()).add(row.phone)
    return found


def _by_phone(rows: Iterable[Row[Any]]) -> _CasesWith:
    found: _CasesWith = {}
    for row in rows:
        found.setdefault(row.phone, set()).add(row.case_id)
    return found
