"""How people want to be reached, and when that lets them be: beside an oracle minute by minute."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.domain.calls_under_way import (
    CallUnderWay,
    decide_at_answer,
    decide_before_dial,
    decide_before_message,
)
from bridge.domain.contact_facts import Facts, OptOut, OptOutScope, Pause, PauseScope
from bridge.domain.decisions import Permission, Rule
from bridge.domain.eligibility import decide
from bridge.domain.events import Channel
from bridge.domain.hours import DAYS, FirmHours, Location, Window
from bridge.domain.phones import E164
from bridge.domain.preferences import (
    KINDS,
    Preference,
    PreferenceKind,
    Takes,
    checked,
    holding_back,
    leave_no_time,
)
from bridge.domain.preferences import ends as wanted_until
from tests.domain.test_eligibility import FACTS, NOW, OTHER, PHONE, POLICY

NOON_IN_OMAHA = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
_ZONES = (
    *("America/New_York", "America/Chicago", "America/Phoenix", "America/Los_Angeles"),
    *("Pacific/Honolulu", "America/Anchorage"),
)
_MARGIN = timedelta(minutes=10)


def _wants(kind: PreferenceKind, value: str = "", phone: E164 = PHONE) -> Preference:
    return Preference(kind, phone, value)


def _with(*wanted: Preference, **more: object) -> Facts:
    return replace(FACTS, preferences=wanted, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (PreferenceKind.NO_CALLS, {(Channel.CALL, PHONE), (Channel.CALL, OTHER)}),
        (PreferenceKind.NO_TEXTS, {(Channel.TEXT, PHONE), (Channel.TEXT, OTHER)}),
        (
            PreferenceKind.E_MAIL_ONLY,
            {(channel, phone) for channel in Channel for phone in (PHONE, OTHER)},
        ),
        (PreferenceKind.NOT_THIS_NUMBER, {(Channel.CALL, PHONE), (Channel.TEXT, PHONE)}),
        (PreferenceKind.NO_VOICEMAILS, set()),
    ],
)
def test_a_channel_or_a_number_is_refused(
    kind: PreferenceKind, refused: set[tuple[Channel, E164]]
) -> None:
    for channel in Channel:
        for phone in (PHONE, OTHER):
            facts = _with(_wants(kind), channel=channel, phone=phone)
            decision = decide(facts, POLICY, NOW)
            if (channel, phone) in refused:
                assert decision.permission is Permission.REFUSE
                assert [found.rule for found in decision.restrictions] == [Rule.PREFERENCE]
                assert decision.why.startswith("the person wants ")
            else:
                assert decision.permission is Permission.ALLOW
            assert decision.inputs["preferences"] == [str(kind)]


@pytest.mark.parametrize(
    ("kind", "value", "until", "why"),
    [
        (PreferenceKind.NOT_BEFORE, "12:00", NOON_IN_OMAHA, "before noon in their own time"),
        (
            PreferenceKind.NOT_AFTER,
            "10:30",
            datetime(2026, 11, 25, 15, 5, tzinfo=UTC),
            "after 10:30 AM in their own time",
        ),
        (
            PreferenceKind.NOT_UNTIL,
            "2026-12-01",
            datetime(2026, 12, 1, 15, 5, tzinfo=UTC),
            "before Tue Dec 1",
        ),
    ],
)
def test_a_time_defers_to_the_first_moment_that_hours_allow_too(
    kind: PreferenceKind, value: str, until: datetime, why: str
) -> None:
    for channel in Channel:
        decision = decide(_with(_wants(kind, value), channel=channel), POLICY, NOW)
        assert (decision.permission, decision.until) == (Permission.DEFER, until)
        assert why in decision.why
        assert decision.standing_why == decision.why
        assert decision.inputs["preferences"] == [f"{kind} {value}"]


def test_what_pauses_and_opt_outs_say_stays() -> None:
    wants = _wants(PreferenceKind.NOT_BEFORE, "12:00")
    paused = _with(wants, pauses=(Pause(PauseScope.CASE, "7", None, "asked"),))
    assert decide(paused, POLICY, NOW).until is None
    opted_out = _with(
        _wants(PreferenceKind.NO_CALLS),
        opt_outs=(OptOut(OptOutScope.PERSON, PHONE, Channel.TEXT, "text"),),
    )
    assert decide(opted_out, POLICY, NOW).restrictions[0].rule is Rule.OPTED_OUT


def test_all_preferences_hold_at_once() -> None:
    wanted = (
        _wants(PreferenceKind.NOT_BEFORE, "10:00", OTHER),
        _wants(PreferenceKind.NOT_BEFORE, "17:00"),
        _wants(PreferenceKind.NOT_AFTER, "18:00"),
    )
    decision = decide(_with(*wanted), POLICY, NOW)
    assert decision.until == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    then = decide(_with(*wanted), POLICY, decision.until)
    assert then.permission is Permission.ALLOW
    assert then.window_ends == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)


def test_hours_that_leave_no_time_wait_for_somebody() -> None:
    wanted = (
        _wants(PreferenceKind.NOT_BEFORE, "21:00"),
        _wants(PreferenceKind.NOT_AFTER, "22:00"),
    )
    assert not leave_no_time(wanted)
    decision = decide(_with(*wanted), POLICY, NOW)
    assert (decision.permission, decision.until) == (Permission.DEFER, None)
    assert leave_no_time([wanted[0], _wants(PreferenceKind.NOT_AFTER, "21:05")])


def test_a_call_under_way_obeys_and_goes_on_to_the_very_end() -> None:
    facts = _with(_wants(PreferenceKind.NOT_AFTER, "12:00"))
    last = NOON_IN_OMAHA - timedelta(seconds=1)
    assert decide(facts, POLICY, last).permission is Permission.DEFER
    for by in (decide_before_dial, decide_at_answer, decide_before_message):
        call = CallUnderWay(facts, is_do_not_dial=False)
        assert by(call, POLICY, last).permission is Permission.ALLOW
        assert by(call, POLICY, NOON_IN_OMAHA).is_restricted_by(Rule.PREFERENCE)
    no_calls = CallUnderWay(_with(_wants(PreferenceKind.NO_CALLS)), is_do_not_dial=False)
    assert decide_before_dial(no_calls, POLICY, NOW).permission is Permission.REFUSE
    assert decide_at_answer(no_calls, POLICY, NOW).permission is Permission.REFUSE


def test_no_voicemail_is_left_and_the_person_is_greeted() -> None:
    call = CallUnderWay(_with(_wants(PreferenceKind.NO_VOICEMAILS)), is_do_not_dial=False)
    assert decide_at_answer(call, POLICY, NOW).permission is Permission.ALLOW
    left = decide_before_message(call, POLICY, NOW)
    assert left.permission is Permission.REFUSE
    assert left.why == "the person wants no voicemails"


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (PreferenceKind.NO_CALLS, "", ""),
        (PreferenceKind.NOT_BEFORE, " 09:30 ", "09:30"),
        (PreferenceKind.NOT_AFTER, "17:00:00", "17:00"),
        (PreferenceKind.NOT_UNTIL, "2026-12-01", "2026-12-01"),
    ],
)
def test_a_value_is_kept_in_one_form(kind: PreferenceKind, given: str, kept: str) -> None:
    assert checked(kind, given) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (PreferenceKind.NO_CALLS, "noon"),
        (PreferenceKind.NOT_BEFORE, ""),
        (PreferenceKind.NOT_BEFORE, "noon"),
        (PreferenceKind.NOT_AFTER, "25:00"),
        (PreferenceKind.NOT_UNTIL, "2026-02-30"),
    ],
)
def test_another_value_is_none(kind: PreferenceKind, given: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        checked(kind, given)


def test_each_kind_has_words() -> None:
    values = {Takes.TIME: "17:30", Takes.DAY: "2026-12-01"}
    for kind, about in KINDS.items():
        wanted = _wants(kind, values.get(about.takes, ""))
        assert wanted.says
        assert "{" not in wanted.says
        assert str(PHONE) not in wanted.says
        assert len(kind) <= 16


def test_a_day_is_over_when_it_has_come_everywhere() -> None:
    wanted = _wants(PreferenceKind.NOT_UNTIL, "2026-11-25")
    assert not wanted.is_over(datetime(2026, 11, 25, 9, 59, tzinfo=UTC))
    assert wanted.is_over(datetime(2026, 11, 25, 10, 0, tzinfo=UTC))
    assert not _wants(PreferenceKind.NO_CALLS).is_over(NOW)


_TIMES = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
_MOMENTS = st.integers(0, 400 * 24 * 60).map(
    lambda minutes: datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
_LIMITS = st.one_of(
    st.tuples(st.sampled_from([PreferenceKind.NOT_BEFORE, PreferenceKind.NOT_AFTER]), _TIMES),
    st.tuples(
        st.just(PreferenceKind.NOT_UNTIL),
        st.integers(0, 400).map(lambda days: str(date(2026, 2, 1) + timedelta(days=days))),
    ),
    st.just((PreferenceKind.NO_VOICEMAILS, "")),
).map(lambda said: _wants(*said))


def _is_wanted(limits: Sequence[Preference], moment: datetime, zones: Sequence[str]) -> bool:
    """Whether each limit allows the moment by each clock on the wall, written apart."""
    for name in zones:
        wall = moment.astimezone(ZoneInfo(name)).replace(tzinfo=None)
        for wanted in limits:
            if wanted.kind is PreferenceKind.NOT_BEFORE:
                is_fine = wall.time() >= time.fromisoformat(wanted.value)
            elif wanted.kind is PreferenceKind.NOT_AFTER:
                closes = datetime.combine(wall.date(), time.fromisoformat(wanted.value))
                is_fine = wall < closes - _MARGIN
            elif wanted.kind is PreferenceKind.NOT_UNTIL:
                is_fine = wall.date() >= date.fromisoformat(wanted.value)
            else:
                is_fine = True
            if not is_fine:
                return False
    return True


@settings(max_examples=100, deadline=None)
@given(st.lists(_LIMITS, max_size=4), _MOMENTS, st.sets(st.sampled_from(_ZONES), min_size=1))
def test_a_moment_is_held_back_as_the_clocks_on_the_wall_say(
    limits: list[Preference], moment: datetime, zones: set[str]
) -> None:
    there = sorted(zones)
    held = holding_back(limits, moment, zones)
    assert (held is None) is _is_wanted(limits, moment, there)
    if held is None:
        return
    days = [wanted.day for wanted in limits if wanted.kind is PreferenceKind.NOT_UNTIL]
    start = max([moment, *(datetime.combine(day, time(), UTC) for day in days)])
    if held.until is None:
        # No quarter of an hour of the next two days is wanted.
        base = start.replace(minute=0) + timedelta(hours=12)
        assert not any(
            _is_wanted(limits, base + timedelta(minutes=15 * quarter), there)
            for quarter in range(2 * 96)
        )
        return
    assert held.until > moment
    assert _is_wanted(limits, held.until, there)
    assert not _is_wanted(limits, held.until - timedelta(minutes=1), there)
    # Nothing before it is: each quarter of an hour of the three days before.
    first = max(moment, held.until - timedelta(days=3))
    quarters = int((held.until - first) / timedelta(minutes=15)) + 1
    for quarter in range(1, quarters):
        assert not _is_wanted(limits, held.until - timedelta(minutes=15 * quarter), there)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(_LIMITS, min_size=1, max_size=3),
    _MOMENTS,
    st.sampled_from([("America/Chicago",), ("America/New_York", "America/Los_Angeles"), ()]),
    st.sets(st.sampled_from(DAYS), min_size=1),
)
def test_deferred_until_then_it_is_allowed_then_and_not_before(
    limits: list[Preference], moment: datetime, zones: tuple[str, ...], days: set[str]
) -> None:
    """With the firm's own hours: the moment is allowed, and no half hour before it is."""
    hours = FirmHours(Window(9 * 60, 20 * 60), frozenset(days), skip_holidays=False)
    policy = replace(POLICY, hours=hours)
    facts = replace(_with(*limits), location=Location(frozenset(zones), frozenset()))
    decision = decide(facts, policy, moment)
    if decision.permission is Permission.ALLOW:
        assert decision.window_ends is not None
        assert decision.window_ends >= moment + _MARGIN - timedelta(minutes=1)
        return
    if decision.until is None:
        return
    assert decide(facts, policy, decision.until).permission is Permission.ALLOW
    before = decision.until - timedelta(minutes=1)
    for _ in range(60):
        if before < moment:
            break
        assert decide(facts, policy, before).permission is Permission.DEFER
        before -= timedelta(minutes=30)


@settings(max_examples=40, deadline=None)
@given(_MOMENTS, _TIMES, st.sets(st.sampled_from(_ZONES), min_size=1))
def test_the_hours_end_when_the_first_zone_says_so(
    moment: datetime, value: str, zones: set[str]
) -> None:
    found = wanted_until([_wants(PreferenceKind.NOT_AFTER, value)], moment, zones)
    walls = [
        datetime.combine(moment.astimezone(ZoneInfo(name)).date(), time.fromisoformat(value))
        .replace(tzinfo=ZoneInfo(name))
        .astimezone(UTC)
        for name in zones
    ]
    assert found == min(walls)
    assert wanted_until([_wants(PreferenceKind.NOT_BEFORE, value)], moment, zones) is None
