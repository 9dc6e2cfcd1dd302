"""The verdict: every rule by itself, several at once, and what the caps count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.domain.caps import DAY, WEEK, Caps, PastContact, reached_caps
from bridge.domain.consents import Basis
from bridge.domain.contact_facts import Facts, OptOut, OptOutScope, Pause, PauseScope
from bridge.domain.decisions import Permission, Rule
from bridge.domain.eligibility import (
    CALL_RECHECK,
    Policy,
    decide,
    effective_caps,
    next_within_hours,
)
from bridge.domain.events import Channel
from bridge.domain.hours import DAYS, FirmHours, Location, Window, next_business_day
from bridge.domain.phones import E164
from bridge.domain.state_rules import rule_pack

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # a Tuesday, 11:00 in Omaha
PHONE, OTHER = E164("+14025550101"), E164("+14025550102")
OMAHA = Location(frozenset({"America/Chicago"}), frozenset({"NE"}))
HOURS = FirmHours(
    Window(9 * 60, 20 * 60), frozenset(DAYS) - {"sun"}, skip_holidays=True, rules=rule_pack().states
)
POLICY = Policy(HOURS, Caps(2, 1, 3, 7), 8, lambda *_: None, "test")
AGREED = Basis(None, "the firm's attestation: the retainer")
FACTS = Facts(7, "Intake", Channel.CALL, PHONE, attempts=0, location=OMAHA, basis=AGREED)


def _ago(channel: Channel, **time: float) -> PastContact:
    return PastContact(channel, NOW - timedelta(**time))


def test_nothing_in_the_way() -> None:
    verdict = decide(FACTS, POLICY, NOW)
    assert verdict.permission is Permission.ALLOW
    assert verdict.window_ends == datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
    assert verdict.inputs["number"] == "0101"
    assert str(PHONE) not in str(verdict.inputs)


@pytest.mark.parametrize(("others", "answer"), [(5, Permission.ALLOW), (6, Permission.DEFER)])
def test_a_text_leaves_room_for_the_call_that_it_announces(others: int, answer: Permission) -> None:
    past = tuple(_ago(Channel.CALL, hours=30 + 20 * n) for n in range(others))
    assert decide(replace(FACTS, past=past), POLICY, NOW).permission is Permission.ALLOW
    assert decide(replace(FACTS, channel=Channel.TEXT, past=past), POLICY, NOW).permission is answer


def test_texts_are_paused_and_calls_are_not() -> None:
    paused = replace(FACTS, pauses=(Pause(PauseScope.TEXTS, "", None, "unregistered"),))
    assert decide(paused, POLICY, NOW).permission is Permission.ALLOW
    text = decide(replace(paused, channel=Channel.TEXT), POLICY, NOW)
    assert (text.permission, text.until) == (Permission.DEFER, None)


@pytest.mark.parametrize(
    ("facts", "answer", "rule", "until"),
    [
        (replace(FACTS, phone=E164("+18005550100")), Permission.REFUSE, Rule.NUMBER, None),
        (replace(FACTS, phone=E164("+19005550100")), Permission.REFUSE, Rule.NUMBER, None),
        (replace(FACTS, phone=E164("+14029765010")), Permission.REFUSE, Rule.NUMBER, None),
        (replace(FACTS, phone=E164("+14169675010")), Permission.REFUSE, Rule.NUMBER, None),
        (replace(FACTS, phone=E164("+442079460000")), Permission.REFUSE, Rule.NUMBER, None),
        (replace(FACTS, out_of_use="gone"), Permission.REFUSE, Rule.BAD_NUMBER, None),
        (replace(FACTS, attempts=8), Permission.REFUSE, Rule.ATTEMPTS, None),
        (
            replace(FACTS, calls_in_progress=1),
            Permission.DEFER,
            Rule.UNDER_WAY,
            NOW + CALL_RECHECK,
        ),
        (
            replace(FACTS, past=(_ago(Channel.CALL, hours=20), _ago(Channel.CALL, hours=3))),
            Permission.DEFER,
            Rule.CAPS,
            NOW + timedelta(hours=4),
        ),
        (
            replace(FACTS, channel=Channel.TEXT, past=(_ago(Channel.TEXT, hours=23),)),
            Permission.DEFER,
            Rule.CAPS,
            NOW + timedelta(hours=1),
        ),
        (
            replace(FACTS, past=tuple(_ago(Channel.TEXT, hours=30 + n) for n in range(7))),
            Permission.DEFER,
            Rule.CAPS,
            None,
        ),
        (
            replace(
                FACTS, pauses=(Pause(PauseScope.STATE, "NE", NOW + timedelta(hours=2), "storm"),)
            ),
            Permission.DEFER,
            Rule.PAUSED,
            NOW + timedelta(hours=2),
        ),
        (
            replace(FACTS, pauses=(Pause(PauseScope.CASE, "7", None, "asked"),)),
            Permission.DEFER,
            Rule.PAUSED,
            None,
        ),
    ],
)
def test_each_rule(facts: Facts, answer: Permission, rule: Rule, until: datetime | None) -> None:
    verdict = decide(facts, POLICY, NOW)
    assert verdict.permission is answer
    assert verdict.is_restricted_by(rule)
    assert verdict.why
    if until is not None:
        assert verdict.until == until


@pytest.mark.parametrize(
    ("pause", "holds"),
    [
        (Pause(PauseScope.EVERYTHING, "", None, "x"), True),
        (Pause(PauseScope.CAMPAIGN, " intake ", None, "x"), True),
        (Pause(PauseScope.CAMPAIGN, "Other", None, "x"), False),
        (Pause(PauseScope.STATE, "LA", None, "x"), False),
        (Pause(PauseScope.NUMBER, PHONE, None, "x"), True),
        (Pause(PauseScope.NUMBER, OTHER, None, "x"), False),
        (Pause(PauseScope.CASE, "8", None, "x"), False),
        (Pause(PauseScope.CASE, "7", NOW - timedelta(minutes=1), "x"), False),
    ],
)
def test_pauses_hold_back_what_they_name(pause: Pause, holds: bool) -> None:
    verdict = decide(replace(FACTS, pauses=(pause,)), POLICY, NOW)
    assert verdict.permission is (Permission.DEFER if holds else Permission.ALLOW)


def test_who_is_at_no_place_waits_for_somebody_at_the_firm() -> None:
    abroad = Location(OMAHA.zones, OMAHA.states, "a military address")
    for channel in Channel:
        facts = replace(FACTS, location=abroad, channel=channel, is_set_by_staff=True)
        verdict = decide(facts, POLICY, NOW)
        assert (verdict.permission, verdict.until) == (Permission.DEFER, None)
        assert verdict.is_restricted_by(Rule.UNLOCATABLE)
        assert verdict.why == "a military address"


def test_a_state_is_paused_for_whoever_may_be_there() -> None:
    nowhere = replace(
        FACTS, location=Location(), pauses=(Pause(PauseScope.STATE, "LA", None, "x"),)
    )
    assert decide(nowhere, POLICY, NOW).is_restricted_by(Rule.PAUSED)


@pytest.mark.parametrize(
    ("scope", "phone", "channel", "refused"),
    [
        (OptOutScope.PERSON, OTHER, Channel.TEXT, True),
        (OptOutScope.NUMBER, PHONE, Channel.TEXT, True),
        (OptOutScope.NUMBER, OTHER, Channel.CALL, False),
        (OptOutScope.CHANNEL, PHONE, Channel.CALL, True),
        (OptOutScope.CHANNEL, PHONE, Channel.TEXT, False),
    ],
)
def test_an_opt_out_ends_what_its_scope_says(
    scope: OptOutScope, phone: E164, channel: Channel, refused: bool
) -> None:
    facts = replace(FACTS, opt_outs=(OptOut(scope, phone, channel, "text"),))
    assert (decide(facts, POLICY, NOW).permission is Permission.REFUSE) is refused


def test_a_deferral_ends_when_every_rule_lets_go() -> None:
    # The cap has room at 19:55, too late for that day: the next morning it is.
    facts = replace(
        FACTS,
        past=(
            PastContact(Channel.CALL, datetime(2026, 11, 24, 1, 55, tzinfo=UTC)),
            PastContact(Channel.CALL, datetime(2026, 11, 24, 2, 0, tzinfo=UTC)),
        ),
    )
    verdict = decide(facts, POLICY, NOW)
    assert verdict.permission is Permission.DEFER
    assert verdict.until == datetime(2026, 11, 25, 15, 5, tzinfo=UTC)


def test_the_stricter_cap_counts() -> None:
    loose = Caps(9, 9, 9, 9)
    florida = Location(frozenset({"America/New_York"}), frozenset({"FL", "NE"}))
    assert effective_caps(loose, florida, rule_pack().states).contacts_a_day == 3
    assert effective_caps(loose, OMAHA, rule_pack().states).contacts_a_day == 9
    assert effective_caps(loose, Location(), rule_pack().states).contacts_a_day == 3
    assert effective_caps(loose, florida, {}).contacts_a_day == 9


def test_a_next_call_is_moved_into_the_window() -> None:
    night = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
    assert next_within_hours(night, OMAHA, POLICY) == datetime(2026, 11, 25, 15, 5, tzinfo=UTC)
    assert next_within_hours(NOW, OMAHA, POLICY) == NOW


history = st.lists(
    st.builds(
        PastContact,
        st.sampled_from(Channel),
        st.integers(-20 * 24 * 60, 0).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    ),
    max_size=25,
)
caps = st.builds(Caps, st.integers(0, 4), st.integers(0, 4), st.integers(0, 6), st.integers(0, 9))


def _room(moment: datetime, channel: Channel, past: list[PastContact], most: Caps) -> bool:
    """The caps, counted by hand."""

    def recent(stretch: timedelta, *channels: Channel) -> int:
        return sum(
            contact.channel in channels and contact.at > moment - stretch for contact in past
        )

    own = {Channel.CALL: most.calls_a_day, Channel.TEXT: most.texts_a_day}[channel]
    return (
        recent(DAY, channel) < own
        and recent(DAY, *Channel) < most.contacts_a_day
        and recent(WEEK, *Channel) < most.contacts_a_week
    )


@given(st.sampled_from(Channel), history, caps)
@settings(max_examples=300)
def test_caps_are_kept_to_the_minute(channel: Channel, past: list[PastContact], most: Caps) -> None:
    reached = reached_caps(NOW, channel, past, most)
    assert (not reached) is _room(NOW, channel, past, most)
    moments = [cap.until for cap in reached]
    if reached and None not in moments:
        free = max(moment for moment in moments if moment is not None)
        assert not _room(free - timedelta(seconds=1), channel, past, most)
        # Another cap may still hold; then it says so itself.
        assert _room(free, channel, past, most) or reached_caps(free, channel, past, most)


@given(history, caps, st.integers(0, 7 * 24 * 60))
@settings(max_examples=100, deadline=None)
def test_whatever_is_allowed_keeps_every_rule(
    past: list[PastContact], most: Caps, minutes: int
) -> None:
    moment = NOW + timedelta(minutes=minutes)
    verdict = decide(replace(FACTS, past=tuple(past)), replace(POLICY, caps=most), moment)
    if verdict.permission is Permission.ALLOW:
        assert _room(moment, Channel.CALL, past, most)
    if verdict.until is not None:
        later = decide(replace(FACTS, past=tuple(past)), replace(POLICY, caps=most), verdict.until)
        assert later.permission is Permission.ALLOW
        assert verdict.until > moment


SPACED = replace(POLICY, person_gap=timedelta(hours=4))


@pytest.mark.parametrize(
    ("facts", "rule", "until"),
    [
        (
            replace(FACTS, past=(_ago(Channel.CALL, hours=1),)),
            Rule.GAP,
            NOW + timedelta(hours=3),
        ),
        (
            replace(FACTS, past=(PastContact(Channel.TEXT, NOW - timedelta(hours=1), turn_id=1),)),
            Rule.GAP,
            NOW + timedelta(hours=3),
        ),
        (
            replace(
                FACTS, turn_id=2, past=(PastContact(Channel.CALL, NOW - timedelta(hours=1), 1),)
            ),
            Rule.GAP,
            NOW + timedelta(hours=3),
        ),
        (
            # The talk was on Tuesday; on Wednesday at nine the firm and the person are there.
            replace(FACTS, talked_at=NOW - timedelta(minutes=5)),
            Rule.TALKED,
            datetime(2026, 11, 25, 15, 5, tzinfo=UTC),
        ),
        (
            replace(FACTS, not_before=NOW + timedelta(hours=2)),
            Rule.NOT_BEFORE,
            NOW + timedelta(hours=2),
        ),
        (replace(FACTS, closed=True), Rule.NOT_BEFORE, None),
    ],
)
def test_moments_of_the_bridges_own(facts: Facts, rule: Rule, until: datetime | None) -> None:
    verdict = decide(facts, SPACED, NOW)
    assert (verdict.permission, verdict.is_restricted_by(rule), verdict.until) == (
        Permission.DEFER,
        True,
        until,
    )
    # A date that staff have set counts over it.
    assert decide(replace(facts, is_set_by_staff=True), SPACED, NOW).permission is Permission.ALLOW


@pytest.mark.parametrize(
    "facts",
    [
        replace(
            FACTS, turn_id=1, past=(PastContact(Channel.TEXT, NOW - timedelta(minutes=10), 1),)
        ),
        replace(FACTS, past=(_ago(Channel.CALL, hours=4),)),
        replace(FACTS, talked_at=NOW - timedelta(days=1)),
        replace(FACTS, not_before=NOW),
    ],
    ids=["the text of the same turn", "after the gap", "the day after the talk", "its moment"],
)
def test_and_when_they_are_over(facts: Facts) -> None:
    assert decide(facts, SPACED, NOW).permission is Permission.ALLOW


def test_no_gap_holds_nobody_back() -> None:
    # A call is reserved a fraction of a second ahead of its moment.
    past = (PastContact(Channel.CALL, NOW + timedelta(milliseconds=200)),)
    assert decide(replace(FACTS, past=past), POLICY, NOW).permission is Permission.ALLOW


def test_wishes_count_over_no_cap() -> None:
    past = (_ago(Channel.CALL, hours=5), _ago(Channel.CALL, hours=2))
    wished = replace(FACTS, past=past, is_set_by_staff=True)
    assert [restriction.rule for restriction in decide(wished, SPACED, NOW).restrictions] == [
        Rule.CAPS
    ]


def test_a_verdict_tells_gap_contact_and_talk() -> None:
    facts = replace(
        FACTS,
        turn_id=2,
        talked_at=NOW - timedelta(days=3),
        past=(
            PastContact(Channel.CALL, NOW - timedelta(hours=9), 1),
            PastContact(Channel.TEXT, NOW - timedelta(minutes=9), 2),
        ),
    )
    inputs = decide(facts, SPACED, NOW).inputs
    assert inputs["gap"] == "4h"
    assert inputs["last_contact"] == (NOW - timedelta(hours=9)).isoformat()
    assert inputs["talked"] == (NOW - timedelta(days=3)).isoformat()


ROOMY = replace(POLICY, caps=Caps(99, 99, 99, 99))
tries = st.lists(
    st.tuples(st.sampled_from(Channel), st.integers(1, 4), st.integers(1, 400)), max_size=30
)
"""Contacts that are tried: by which channel, in which turn, so many minutes after the last."""


@given(tries, st.integers(0, 600))
@settings(max_examples=100, deadline=None)
def test_no_two_contacts_of_different_turns_within_the_gap(
    wanted: list[tuple[Channel, int, int]], minutes: int
) -> None:
    policy = replace(ROOMY, person_gap=timedelta(minutes=minutes))
    made: list[PastContact] = []
    moment = NOW
    for channel, turn_id, later in wanted:
        moment += timedelta(minutes=later)
        facts = replace(FACTS, channel=channel, turn_id=turn_id, past=tuple(made))
        verdict = decide(facts, policy, moment)
        if verdict.permission is Permission.ALLOW:
            made.append(PastContact(channel, moment, turn_id))
        elif verdict.until is not None:
            assert decide(facts, policy, verdict.until).permission is Permission.ALLOW
            assert verdict.until > moment
    for contact in made:
        for other in made:
            if contact.turn_id != other.turn_id:
                assert abs(contact.at - other.at) >= policy.person_gap


@given(st.integers(0, 30 * 24 * 60), st.integers(0, 10 * 24 * 60))
@settings(max_examples=100, deadline=None)
def test_after_a_talk_nobody_calls_before_the_next_business_day(talk: int, later: int) -> None:
    talked_at = NOW + timedelta(minutes=talk)
    moment = talked_at + timedelta(minutes=later)
    facts, policy = replace(FACTS, talked_at=talked_at), SPACED
    free = next_business_day(talked_at, policy.zone, policy.holidays)
    verdict = decide(facts, policy, moment)
    assert verdict.is_restricted_by(Rule.TALKED) is (moment < free)
    if verdict.until is not None:
        assert verdict.until >= free
        assert decide(facts, policy, verdict.until).permission is Permission.ALLOW
