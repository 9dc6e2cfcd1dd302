"""The states' rules on solicitation, waived for clients with a reason, and never for leads."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.calls_under_way import CallUnderWay, decide_before_dial
from bridge.domain.caps import PastContact
from bridge.domain.contact_facts import Facts, OptOut, OptOutScope
from bridge.domain.decisions import Permission, Rule
from bridge.domain.eligibility import WAIVED, decide
from bridge.domain.events import Channel
from bridge.domain.hours import Location, Window
from bridge.domain.purposes import Purpose
from tests.domain.test_eligibility import FACTS, HOURS, PHONE, POLICY

WHY = "counsel's memo 7"
SUNDAYS = replace(HOURS, window=Window(8 * 60, 21 * 60), days=HOURS.days | {"sun"})
STRICT = replace(POLICY, hours=SUNDAYS)
WAIVING = replace(STRICT, client_waiver=WHY)
IN_RHODE_ISLAND = Location(frozenset({"America/New_York"}), frozenset({"RI"}))
CLIENT = replace(FACTS, purpose=Purpose.CLIENT, location=IN_RHODE_ISLAND)
LEAD = replace(CLIENT, purpose=Purpose.LEAD)
SEVEN_PM = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)  # Tuesday; Rhode Island closes at 6 PM
SUNDAY_NOON = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
TUESDAY_NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize("now", [SEVEN_PM, SUNDAY_NOON])
def test_a_client_is_reached_outside_a_states_window_and_the_decision_says_why(
    now: datetime,
) -> None:
    strict, waived = decide(CLIENT, STRICT, now), decide(CLIENT, WAIVING, now)
    assert strict.is_restricted_by(Rule.HOURS)
    assert WAIVED not in strict.inputs
    assert waived.permission is Permission.ALLOW
    assert waived.inputs[WAIVED] == WHY
    assert decide(LEAD, WAIVING, now) == decide(LEAD, STRICT, now)


def test_a_decision_that_it_does_not_change_says_nothing_of_it() -> None:
    inside = replace(CLIENT, location=Location(frozenset({"America/Chicago"}), frozenset({"NE"})))
    assert WAIVED not in decide(inside, WAIVING, TUESDAY_NOON).inputs


def test_a_states_cap_of_solicitation_is_waived_and_the_firms_own_is_not() -> None:
    three = tuple(
        PastContact(Channel.TEXT, TUESDAY_NOON - timedelta(hours=hours)) for hours in (5, 6, 7)
    )
    florida = Location(frozenset({"America/New_York"}), frozenset({"FL"}))
    facts = replace(CLIENT, location=florida, past=three)
    loose = replace(WAIVING, caps=replace(POLICY.caps, contacts_a_day=4))
    waived = decide(facts, loose, TUESDAY_NOON)
    assert (waived.permission, waived.inputs[WAIVED]) == (Permission.ALLOW, WHY)
    assert decide(replace(facts, purpose=Purpose.LEAD), loose, TUESDAY_NOON).is_restricted_by(
        Rule.CAPS
    )
    assert decide(facts, WAIVING, TUESDAY_NOON).is_restricted_by(Rule.CAPS)


def test_the_firms_hours_and_opt_outs_stay() -> None:
    late = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # 10 PM there
    assert decide(CLIENT, WAIVING, late).is_restricted_by(Rule.HOURS)
    refused = replace(CLIENT, opt_outs=(OptOut(OptOutScope.PERSON, PHONE, Channel.TEXT, "text"),))
    assert decide(refused, WAIVING, SUNDAY_NOON).permission is Permission.REFUSE


def test_a_call_under_way_is_decided_on_by_the_same_rules() -> None:
    about_to_close = datetime(2026, 11, 25, 1, 55, tzinfo=UTC)  # 8:55 PM; the firm's close at 9
    client, lead = (CallUnderWay(facts, is_do_not_dial=False) for facts in (CLIENT, LEAD))
    assert decide_before_dial(client, WAIVING, about_to_close).permission is Permission.ALLOW
    assert decide_before_dial(lead, WAIVING, about_to_close).permission is Permission.DEFER


@given(
    st.sampled_from([CLIENT, LEAD]),
    st.integers(0, 730 * 24 * 12).map(lambda steps: SUNDAY_NOON + timedelta(minutes=5 * steps)),
    st.sampled_from(["RI", "TX", "AL", "NE", "FL"]),
)
def test_the_waiver_only_ever_widens_and_for_clients_alone(
    facts: Facts, now: datetime, state: str
) -> None:
    there = replace(facts, location=replace(facts.location, states=frozenset({state})))
    strict, waived = decide(there, STRICT, now), decide(there, WAIVING, now)
    if strict.permission is Permission.ALLOW or facts.purpose is Purpose.LEAD:
        assert waived.permission is strict.permission
    differs = replace(strict, inputs={}) != replace(waived, inputs={})
    assert (WAIVED in waived.inputs) is differs
