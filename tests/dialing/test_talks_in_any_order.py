"""Whatever the order and repetition of its callbacks, a call and all that follows ends the same."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from bridge.domain.events import Channel
from bridge.sandbox.casebook import Case, phone
from bridge.store.dialing import attempt_transitions, attempts, turns
from bridge.store.tables import attempts as attempts_table
from bridge.store.tables import communications, metadata
from bridge.store.tables import turns as turns_table
from tests.support.clock import Clock
from tests.support.signing import call_fields
from tests.support.world import FIRM, FROM, World, Worldwide

MINE, SHARED = "4025550107", "4025550177"
SID, LEG = "CA" + "5" * 32, "CA" + "6" * 32
NOW = "Mon, 23 Nov 2026 17:01:00 +0000"
VOICE = "/twilio/voice"
_OF_ITS_MOMENT = re.compile(
    r" Next call [^.]*\.| The case remains [^.]*\."
    r"|, talked (\d+ min ?)?(\d+ s)?| \((\d+ min ?)?(\d+ s)?\)"
)


@dataclass(frozen=True)
class Posted:
    """One callback: its route, and what it says."""

    route: str
    fields: tuple[tuple[str, str], ...]


def _posted(route: str, status: str, sequence: int, **more: str) -> Posted:
    fields = call_fields(SID, status, sequence, **{"Timestamp": NOW} | more)
    return Posted(f"{VOICE}/{route}", tuple(fields.items()))


@st.composite
def calls_out(draw: st.DrawFn) -> list[Posted]:
    """The callbacks of a call of our own that rang the person first."""
    to = {"To": f"+1{MINE}", "From": FROM}
    lasted = draw(st.sampled_from(["2", "25", "64"]))
    said = draw(st.sampled_from(["human", "machine_start", "unknown", None]))
    told = {"AnsweredBy": said} if said else {}
    heap = [
        _posted("status", "initiated", 0, **to),
        _posted("status", "ringing", 1, **to),
        _posted("answer", "in-progress", 9, **to),
        _posted("status", "in-progress", 2, **to),
        _posted("status", "completed", 3, CallDuration=lasted, SipResponseCode="200", **to, **told),
    ]
    if said:
        found = {"CallSid": SID, "AnsweredBy": said}
        heap.append(Posted(f"{VOICE}/amd", tuple(found.items())))
    keys = draw(st.sampled_from([(), ("",), ("1",), ("9",), ("", "1"), ("5", "9"), ("5", "")]))
    heap += [_posted("keypress", "in-progress", 9, Digits=key, **to) for key in keys]
    if "1" in keys:
        bridged = draw(st.sampled_from(["true", "false"]))
        leg = {"DialCallStatus": "completed", "DialBridged": bridged, "DialCallDuration": "40"}
        heap.append(_posted("dialed", "in-progress", 9, **to, **leg))
    return heap


@st.composite
def calls_by_the_firm(draw: st.DrawFn) -> list[Posted]:
    """The callbacks of a call that rang the firm first, taken there, and of the person's leg."""
    firm = {"To": FIRM, "From": FROM}
    theirs = {
        "CallSid": LEG,
        "ParentCallSid": SID,
        "Direction": "outbound-dial",
        "To": f"+1{MINE}",
        "From": FROM,
    }
    ends = draw(st.sampled_from(["completed", "no-answer", "busy"]))
    talked = draw(st.sampled_from(["2", "64"])) if ends == "completed" else "0"
    heap = [
        _posted("status", "initiated", 0, **firm),
        _posted("status", "ringing", 1, **firm),
        _posted("answer", "in-progress", 9, **firm),
        _posted("status", "in-progress", 2, **firm),
        _posted("keypress", "in-progress", 9, Digits="1", **firm),
        _posted("status", "initiated", 0, **theirs),
        _posted("status", "ringing", 1, **theirs),
        _posted("status", ends, 3, CallDuration=talked, **theirs),
    ]
    bridged = "true" if ends == "completed" else "false"
    leg = {"DialCallStatus": ends, "DialBridged": bridged, "DialCallDuration": talked}
    return [
        *heap,
        _posted("dialed", "in-progress", 9, **firm, **leg),
        _posted("status", "completed", 3, CallDuration="90", **firm),
    ]


@st.composite
def calls_in(draw: st.DrawFn) -> list[Posted]:
    """The callbacks of a person's own call that was put through and became a talk."""
    sides = {"From": f"+1{MINE}", "To": FROM, "Direction": "inbound"}
    leg = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "64"}
    heap = [
        _posted("inbound", "ringing", 9, **sides),
        _posted("dialed", draw(st.sampled_from(["in-progress", "completed"])), 9, **sides, **leg),
    ]
    if draw(st.booleans()):
        heap.append(_posted("status", "completed", 0, CallDuration="90", **sides))
    if draw(st.booleans()):
        heap.append(_posted("keypress", "in-progress", 9, Digits="1", **sides))
    return heap


@pytest.fixture
def world(worldwide: Worldwide, request: pytest.FixtureRequest) -> World:
    """One world for all examples of a test, with the settings that it names."""
    return worldwide(**request.param)


@pytest.mark.parametrize(
    "world", [{"CAMPAIGN_GOALS": "*=talked"}, {"CAMPAIGN_GOALS": "*=heard"}], indirect=True, ids=str
)
@given(data=st.data(), heap=calls_out())
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_call_out(world: World, data: st.DataObject, heap: list[Posted]) -> None:
    in_order = _end_after(world, [heap], ours=True)
    assert _end_after(world, _shuffled(data, heap), ours=True) == in_order


@pytest.mark.parametrize("world", [{"DIAL_MODE": "agent_first"}], indirect=True, ids=str)
@given(data=st.data(), heap=calls_by_the_firm())
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_call_that_the_firm_took(world: World, data: st.DataObject, heap: list[Posted]) -> None:
    """A request that is repeated, or that comes after the talk, takes nothing back."""
    in_order = _end_after(world, [heap], ours=True)
    assert _end_after(world, _shuffled(data, heap), ours=True) == in_order


@pytest.mark.parametrize(
    "world",
    [{"DIAL_AFTER_TALK": "successful"}, {"DIAL_AFTER_TALK": "release"}],
    indirect=True,
    ids=str,
)
@given(data=st.data(), heap=calls_in())
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_call_in(world: World, data: st.DataObject, heap: list[Posted]) -> None:
    in_order = _end_after(world, [heap], ours=False)
    shown = {case_id: world.shown(case_id) for case_id in (7, 8)}
    successful = world.runtime.settings.after_talk == "successful"
    assert (shown[7].disposition == "Successful") is successful
    assert (shown[8].status, shown[8].dial_at) == ("To Dial", "2026-11-24T10:05:00")
    assert _end_after(world, _shuffled(data, heap), ours=False) == in_order


def _shuffled(data: st.DataObject, heap: list[Posted]) -> list[list[Posted]]:
    """The callbacks in any order, some of them twice, in pieces between which all is told."""
    repeated = heap + data.draw(st.lists(st.sampled_from(heap), max_size=4))
    shuffled = data.draw(st.permutations(repeated))
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=3)))]
    ends = [*cuts[1:], len(shuffled)]
    return [list(shuffled[begun:end]) for begun, end in zip(cuts, ends, strict=True)]


def _end_after(world: World, pieces: list[list[Posted]], *, ours: bool) -> Any:
    """Post, take in and tell, in pieces; return how everything stands then."""
    attempt_id = _begin(world, ours=ours)
    named = f"?CaseID=7&Attempt={attempt_id}" if ours else ""
    for piece in pieces:
        for one in piece:
            answer = world.exchange._courier.post(
                f"{world.url}{one.route}{named}", dict(one.fields)
            )
            assert answer is not None
        world.take_in()
        world.deliver()
    return _stands(world)


def _begin(world: World, *, ours: bool) -> str:
    """Two cases of one person are claimed and planned; the first is being called, if it's ours."""
    with world.runtime.db.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))
    world.clock.now = Clock().now
    both = [phone(MINE), phone(SHARED, name="Home", primary=False)]
    for case_id, phones in ((7, both), (8, [phone(SHARED)])):
        world.sa.book.add(Case(case_id, phones, status="To Dial"))
    assert world.poll() == 2
    with world.runtime.db.begin() as connection:
        turn = turns.of_case(connection, 7)
        assert turn is not None
        (call,) = attempts.of_turn(connection, turn.id)
        assert call.channel is Channel.CALL
        if ours:
            now = world.clock()
            later = now + timedelta(hours=1)
            attempt_transitions.reserve(connection, call.id, placed_at=now, check_at=later, tries=1)
            attempt_transitions.mark_placed(connection, call.id, SID, later)
    return call.id


def _stands(world: World) -> Any:
    """The cases as SmartAdvocate shows them, and what the bridge knows; no row's number or id."""
    with world.runtime.db.read() as connection:
        known = connection.execute(
            select(
                communications.c.sid,
                communications.c.status,
                communications.c.answer,
                communications.c.talk,
                communications.c.duration,
                communications.c.case_id,
                communications.c.reported_status,
                communications.c.reported_note,
                communications.c.counted,
                communications.c.talked_at,
                communications.c.outcome,
                communications.c.campaign,
                communications.c.phone_end,
            ).order_by(communications.c.sid)
        ).all()
        planned = connection.execute(
            select(attempts_table.c.case_id, attempts_table.c.state).order_by(
                attempts_table.c.case_id
            )
        ).all()
        over = connection.execute(
            select(turns_table.c.case_id, turns_table.c.state).order_by(turns_table.c.case_id)
        ).all()
    cases = [
        (case.status, case.disposition, case.attempts, case.dial_at, _last_word(case.notes))
        for case in map(world.shown, (7, 8))
    ]
    return cases, known, planned, over


def _last_word(notes: list[str]) -> str:
    """What happened, by the last note on the call, be it a correction or not.

    When the next call was to be, and what stood in the case, was so when the note was written.
    """
    said = [one.removeprefix("Correction: ") for one in notes if "Call " in one[:17]]
    return _OF_ITS_MOMENT.sub("", said[-1]) if said else ""
