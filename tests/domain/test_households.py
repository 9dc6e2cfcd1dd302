"""Whose a refusal is: never by a guess, and never nobody's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.contact_facts import OptOutScope
from bridge.domain.shared_phones import (
    MOST_CASES,
    Asked,
    Attributed,
    Recorded,
    attribute,
    meant_for,
    owner_of,
)

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
PERSON, NUMBER, SHARED = OptOutScope.PERSON, OptOutScope.NUMBER, OptOutScope.SHARED_NUMBER
case_ids = st.integers(1, 6)
sets = st.frozensets(case_ids)
scopes = st.sampled_from([PERSON, NUMBER, OptOutScope.CHANNEL])


@given(scopes, st.none() | case_ids, sets, sets)
def test_every_case_that_it_may_concern_is_ended_or_held(
    scope: OptOutScope, named: int | None, sharing: frozenset[int], more: frozenset[int]
) -> None:
    circle = sharing | more | ({named} if named else set())
    owner = owner_of(named, sharing)
    whose = attribute(scope, owner, sharing, circle if sharing or named else frozenset())
    if scope is not PERSON:
        assert whose == Attributed(scope, owner)
        return
    if owner is not None:
        assert whose == Attributed(PERSON, owner, circle - {owner})
    else:
        assert len(sharing) != 1
        assert whose.held == (circle if sharing else frozenset())
        assert whose.scope is (SHARED if sharing else PERSON)


@given(
    st.sampled_from([PERSON, SHARED]),
    st.none() | case_ids,
    case_ids,
    sets,
    sets,
    st.none() | st.integers(-2, 2),
)
def test_afterwards_it_ends_only_its_own_case_and_lets_others_go_by_a_decision_alone(
    scope: OptOutScope,
    owner: int | None,
    case_id: int,
    circle: frozenset[int],
    sharing: frozenset[int],
    hours: int | None,
) -> None:
    decided_at = None if hours is None else AT + timedelta(hours=hours)
    recorded = Recorded(scope, owner, AT)
    means = meant_for(recorded, Asked(case_id, circle | {case_id}), sharing, decided_at)
    is_its_own = scope is PERSON and (owner == case_id or (owner is None and sharing == {case_id}))
    assert (means is PERSON) is is_its_own
    if not is_its_own:
        assert means is (NUMBER if hours is not None and hours >= 0 else SHARED)
    # A narrow one is what it is.
    narrow = replace(recorded, scope=NUMBER)
    assert meant_for(narrow, Asked(case_id, circle), sharing, decided_at) is NUMBER


def test_a_clinics_number_makes_nobody_the_same_person() -> None:
    clinic = frozenset(range(1, MOST_CASES + 2))
    theirs = Recorded(PERSON, 1, AT)
    assert meant_for(theirs, Asked(2, frozenset({2})), clinic, None) is NUMBER
    assert meant_for(theirs, Asked(2, frozenset({1, 2})), clinic, None) is SHARED
    assert meant_for(Recorded(SHARED, None, AT), Asked(2, frozenset({2})), clinic, None) is SHARED


def test_a_case_whose_phone_others_have_opened_is_ended_and_the_phone_is_not() -> None:
    hers = Recorded(OptOutScope.CASE, 1, AT)
    both, late = frozenset({1, 2}), AT + timedelta(hours=1)
    assert meant_for(hers, Asked(1, both), both, late) is PERSON
    assert meant_for(hers, Asked(2, both), both, None) is SHARED
    assert meant_for(hers, Asked(2, both), both, late) is None
    assert (
        meant_for(hers, Asked(9, frozenset({9})), frozenset(range(1, MOST_CASES + 2)), None) is None
    )
