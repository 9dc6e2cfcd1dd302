"""The decision on a call under way: before its person is dialed, and when they answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.domain.calls_under_way import CallUnderWay, decide_at_answer, decide_before_dial
from bridge.domain.caps import PastContact
from bridge.domain.consents import Basis
from bridge.domain.contact_facts import Facts, OptOut, OptOutScope, Pause, PauseScope
from bridge.domain.decisions import Decision, Permission, Rule
from bridge.domain.eligibility import decide
from bridge.domain.events import Channel
from bridge.domain.hours import BEFORE_CLOSING
from bridge.domain.not_dialed_sentences import not_dialed
from bridge.domain.voice import VoicePolicy
from tests.domain.test_eligibility import FACTS, NOW, PHONE, POLICY

OPTED_OUT = replace(FACTS, opt_outs=(OptOut(OptOutScope.PERSON, PHONE, Channel.TEXT, "text"),))
PAUSED = replace(FACTS, pauses=(Pause(PauseScope.CASE, "7", None, "asked"),))
HAD_ALL = replace(
    FACTS,
    attempts=8,
    past=tuple(PastContact(Channel.CALL, NOW - timedelta(hours=hours)) for hours in (1, 2, 3)),
    calls_in_progress=1,
    talked_at=NOW - timedelta(minutes=1),
    not_before=NOW + timedelta(hours=1),
    out_of_use="gone",
)
AGREED = Basis(3, "consent of 2026-03-02 (web form)")
GREETS = replace(POLICY, voice=VoicePolicy(is_wanted=True))
CLOSES = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # 20:00 in Omaha


def _both(
    facts: Facts, moment: datetime, *, is_do_not_dial: bool = False
) -> tuple[Decision, Decision]:
    """Before the person is dialed, and when they answer."""
    call = CallUnderWay(replace(facts, basis=AGREED), is_do_not_dial)
    return decide_before_dial(call, POLICY, moment), decide_at_answer(call, GREETS, moment)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (OPTED_OUT, Rule.OPTED_OUT),
        (PAUSED, Rule.PAUSED),
        (replace(FACTS, closed=True), Rule.NOT_BEFORE),
    ],
)
def test_who_refuses_is_neither_dialed_nor_spoken_to(facts: Facts, rule: Rule) -> None:
    for decided in _both(facts, NOW):
        assert decided.permission is not Permission.ALLOW
        assert decided.restrictions[0].rule is rule


@pytest.mark.parametrize(
    ("facts", "rule"),
    [(FACTS, Rule.DO_NOT_DIAL), (PAUSED, Rule.DO_NOT_DIAL), (OPTED_OUT, Rule.OPTED_OUT)],
)
def test_what_staff_have_stopped_is_neither(facts: Facts, rule: Rule) -> None:
    for decided in _both(facts, NOW, is_do_not_dial=True):
        assert decided.permission is Permission.REFUSE
        assert [one.rule for one in decided.restrictions] == [rule]


def test_how_often_ends_no_answered_call() -> None:
    before, answered = _both(HAD_ALL, NOW)
    assert before.permission is Permission.REFUSE
    assert answered.permission is Permission.ALLOW
    # What is kept of it are the facts as they are.
    assert answered.inputs["attempts"] == 8
    paused = replace(HAD_ALL, pauses=PAUSED.pauses)
    assert _both(paused, NOW)[1].is_restricted_by(Rule.PAUSED)


def test_a_window_that_is_about_to_close_is_open() -> None:
    last = timedelta(microseconds=1)
    for moment in (CLOSES - BEFORE_CLOSING - last, CLOSES - BEFORE_CLOSING, CLOSES - last):
        assert {each.permission for each in _both(FACTS, moment)} == {Permission.ALLOW}
    assert decide(FACTS, POLICY, CLOSES - last).permission is Permission.DEFER
    for each in _both(FACTS, CLOSES):
        assert each.is_restricted_by(Rule.HOURS)
    for each in _both(PAUSED, CLOSES - last):
        assert [one.rule for one in each.restrictions] == [Rule.PAUSED]


def test_each_rule_has_a_sentence_that_names_nobody() -> None:
    for rule in Rule:
        assert not_dialed([rule]).startswith("We did not call this client")
    assert not_dialed([Rule.CAPS, Rule.PAUSED]) == not_dialed([Rule.PAUSED])
    assert not_dialed([]) == not_dialed([Rule.CAPS])


def test_no_machine_speaks_to_whose_consent_has_gone() -> None:
    """Somebody at the firm may still have them dialed: no machine speaks there."""
    gone = replace(FACTS, basis=None, lacks_basis="no consent is on file")
    decided = decide_at_answer(CallUnderWay(gone, is_do_not_dial=False), GREETS, NOW)
    assert decided.permission is Permission.REFUSE
    assert [one.rule for one in decided.restrictions] == [Rule.VOICE]
    assert "no consent is on file" in decided.why
    assert decided.inputs["voice"] == {"first": "agent", "why": decided.voice and decided.voice.why}
    before = decide_before_dial(CallUnderWay(gone, is_do_not_dial=False), GREETS, NOW)
    assert before.permission is Permission.ALLOW
