"""Who refuses while a phone rings is neither dialed nor greeted, and the case says why."""

from collections.abc import Callable

import pytest

from bridge.domain.case_updates import DialerStatus
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.phones import E164
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.store.cases import cases
from bridge.store.dialing import decisions, pauses
from tests.support.processes import wait_until
from tests.support.signing import call_fields
from tests.support.world import FIRM, FROM, World, Worldwide

HERS = "+14025550107"
NOT_DIALED = "We did not call this client"
STOP, SUSPENDS = "STOP", "please take me off your list"

Event = Callable[[World], None]


def _texts(body: str) -> Event:
    def text(world: World) -> None:
        world.exchange.text_in(HERS, body)

    return text


def _pauses(scope: PauseScope, what: str, source: str = "operator") -> Event:
    def pause(world: World) -> None:
        with world.runtime.db.begin() as connection:
            pauses.add(connection, Pause(scope, what, None, "asked"), source, world.clock())

    return pause


def _becomes_do_not_dial(world: World) -> None:
    """Staff have set it, and the bridge has read it."""
    world.sa.book.add(Case(**vars(world.shown(7)) | {"status": "Do not Dial"}))
    with world.runtime.db.begin() as connection:
        cases.record_status(connection, 7, DialerStatus.DO_NOT_DIAL, None)


def _once(world: World, happens: Event) -> Callable[[Call], None]:
    """It happens the first time that a phone rings, or a prompt is heard, and then no more."""
    left = [happens]

    def act(_: Call) -> None:
        if left:
            left.pop()(world)

    return act


def _line_decisions(world: World) -> list[str]:
    with world.runtime.db.read() as connection:
        rows = decisions.listed(connection, 7, None, 50)
    return [row.answer for row in reversed(rows) if row.stage == "line"]


@pytest.mark.parametrize(
    ("happens", "status", "why"),
    [
        (_texts(STOP), "Do not Dial", "the person opted out (text)"),
        (_texts(SUSPENDS), "To Dial", "sounded like an opt-out"),
        (_pauses(PauseScope.CASE, "7"), "To Dial", "case 7 is paused: asked"),
        (_pauses(PauseScope.EVERYTHING, ""), "To Dial", "all contact is paused: asked"),
        (_becomes_do_not_dial, "Do not Dial", "the case is set to Do not Dial"),
    ],
    ids=["STOP", "suspended", "case paused", "all paused", "Do not Dial"],
)
def test_whoever_answers_then_is_not_greeted(
    worldwide: Worldwide, happens: Event, status: str, why: str
) -> None:
    world = worldwide(DIAL_MODE="client_first")
    world.case(7, manner=Manner(key="1", talks_for=1))
    world.exchange.on_ringing = _once(world, happens)
    world.poll()
    world.place()
    world.settle()
    (call,) = world.exchange.calls()
    assert (call.heard, call.status) == ([], "completed")
    case = world.shown(7)
    assert (case.status, case.attempts) == (status, "1")
    (ended,) = [note for note in case.notes if note.startswith("Call to")]
    assert "answered, but we hung up without a greeting" in ended
    assert why in ended
    assert _line_decisions(world)[0] != "allow"


@pytest.mark.parametrize(("key", "goal"), [("9", "talked"), ("", "heard")])
def test_who_was_greeted_stays_so_when_it_is_asked_again(
    worldwide: Worldwide, key: str, goal: str
) -> None:
    """Twilio may ask a second time what to say; by then the case is Do not Dial."""
    world = worldwide(DIAL_MODE="client_first", CAMPAIGN_GOALS=f"*={goal}")
    world.case(7, manner=Manner(key=key, talks_for=1))
    world.round()
    (call,) = world.exchange.calls()
    before = world.shown(7)
    assert (before.status, len(before.notes)) == ("Do not Dial", len(set(before.notes)))
    fields = call_fields(call.sid, "in-progress", 9, To=HERS, From=FROM)
    again = world.exchange._courier.post(call.params["Url"][0], fields)
    assert again is not None
    assert "<Say" not in again.text
    world.settle()
    assert world.shown(7) == before


@pytest.mark.parametrize("moment", ["on_ringing", "on_prompt"])
@pytest.mark.parametrize(
    ("happens", "status", "hears"),
    [
        (_texts(STOP), "Do not Dial", "who has asked us to stop"),
        (_texts(SUSPENDS), "To Dial", "whose contact is on hold"),
        (_pauses(PauseScope.NUMBER, HERS), "To Dial", "whose contact is on hold"),
        (_becomes_do_not_dial, "Do not Dial", "who was set to Do not Dial"),
    ],
    ids=["STOP", "suspended", "number paused", "Do not Dial"],
)
def test_whom_the_firm_would_talk_to_then_is_not_dialed(
    worldwide: Worldwide, moment: str, happens: Event, status: str, hears: str
) -> None:
    """Between the ring and the agent's picking up, and between that and the key."""
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7)
    world.manners[FIRM] = Manner(key="1")
    setattr(world.exchange, moment, _once(world, happens))
    world.poll()
    world.place()
    world.settle()
    (call,) = world.exchange.calls()
    assert call.to == FIRM
    assert NOT_DIALED in call.heard[-1]
    assert hears in call.heard[-1]
    assert call.heard[-1].endswith("Goodbye.")
    case = world.shown(7)
    assert (case.status, case.disposition, case.attempts) == (status, "Never Dialed", "")
    assert sum("was stopped before it was dialed" in note for note in case.notes) == 1
    assert _line_decisions(world)[-1] != "allow"
    # Nobody asks Twilio about a leg that there never was, and nothing more is told of it.
    told = len(case.notes), case.updates
    world.clock.advance(minutes=2)
    assert world.ask() == 0
    assert (len(world.shown(7).notes), world.shown(7).updates) == told


def test_nothing_was_counted_of_a_call_that_was_stopped(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", DIAL_CAPS="1,1,1,1")
    world.case(7)
    world.manners[FIRM] = Manner(key="1")
    world.exchange.on_prompt = _once(world, _pauses(PauseScope.CASE, "7"))
    world.round()
    assert [call.to for call in world.exchange.calls()] == [FIRM]
    with world.runtime.db.begin() as connection:
        pauses.lift(connection, PauseScope.CASE, "7", world.clock(), by="operator")
    world.clock.advance(hours=2)
    world.round()
    assert [call.to for call in world.exchange.calls()] == [FIRM, FIRM, HERS]
    assert world.shown(7).disposition == "Successful"


@pytest.mark.parametrize("mode", ["agent_first", "client_first"])
def test_a_call_is_not_refused_for_being_counted_itself(worldwide: Worldwide, mode: str) -> None:
    world = worldwide(DIAL_MODE=mode, DIAL_CAPS="1,1,1,1", DIAL_PERSON_GAP="4h")
    world.case(7, manner=Manner(key="1"))
    world.manners[FIRM] = Manner(key="1")
    world.round()
    assert [call.bridged for call in world.exchange.calls()] == [True, True]
    assert set(_line_decisions(world)) == {"allow"}


@pytest.mark.parametrize(("minutes", "is_dialed"), [(25, True), (30, False)])
def test_the_window_counts_to_its_end_and_no_longer(
    worldwide: Worldwide, minutes: int, is_dialed: bool
) -> None:
    """It is 11:01 in Omaha when the firm's phone rings. Nothing begins after 11:20."""
    world = worldwide(DIAL_MODE="agent_first", DIAL_HOURS="09:00-11:30")
    world.case(7)
    world.manners[FIRM] = Manner(key="1")
    world.exchange.on_prompt = _once(world, lambda world: world.clock.advance(minutes=minutes))
    world.round()
    assert [call.to for call in world.exchange.calls()] == [FIRM, HERS][: 1 + is_dialed]
    heard = world.exchange.calls()[0].heard[-1]
    assert ("calling hours there are over" in heard) is not is_dialed


def test_twilio_may_ask_again(worldwide: Worldwide) -> None:
    """Its answer was lost: the firm hears the same, and the case is told once."""
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7)
    world.manners[FIRM] = Manner(key="1")
    world.exchange.on_prompt = _once(world, _texts(STOP))
    world.round()
    (call,) = world.exchange.calls()
    url = call.params["StatusCallback"][0].replace("/voice/status", "/voice/keypress")
    fields = call_fields(call.sid, "in-progress", 2, To=FIRM, From=FROM, Direction="outbound-api")
    answer = world.exchange._courier.post(url, fields | {"Digits": "1"})
    assert answer is not None
    assert NOT_DIALED in answer.text
    assert "<Dial" not in answer.text
    world.settle()
    assert sum("was stopped" in note for note in world.shown(7).notes) == 1


def test_a_greeting_that_was_refused_stays_so(worldwide: Worldwide) -> None:
    """Twilio asks again, and the pause was lifted meanwhile: the call ends as it was told to."""
    world = worldwide(DIAL_MODE="client_first")
    world.case(7, manner=Manner(talks_for=1))
    world.exchange.on_ringing = _once(world, _pauses(PauseScope.CASE, "7"))
    world.poll()
    world.place()
    world.settle_calls()
    with world.runtime.db.begin() as connection:
        pauses.lift(connection, PauseScope.CASE, "7", world.clock(), by="operator")
    (call,) = world.exchange.calls()
    fields = call_fields(call.sid, "in-progress", 2, To=HERS, From=FROM, Direction="outbound-api")
    answer = world.exchange._courier.post(call.params["Url"][0], fields)
    assert answer is not None
    assert "<Say" not in answer.text
    assert "<Hangup" in answer.text


def test_somebody_who_shares_the_phone_stops_the_call_too(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7)
    world.case(8, "4025550108", phones=[phone("4025550108"), phone(HERS[2:])], status="Do not Dial")
    world.manners[FIRM] = Manner(key="1")
    world.poll()
    with world.runtime.db.begin() as connection:
        cases.add_phone(connection, 8, E164(HERS), world.clock())
    world.exchange.on_ringing = _once(world, _texts(STOP))
    world.place()
    world.settle()
    assert [call.to for call in world.exchange.calls()] == [FIRM]
    assert "somebody at that number has asked us to stop" in world.exchange.calls()[0].heard[-1]
    assert world.shown(7).status == "To Dial"


def test_a_pause_because_twilio_was_not_heard_ends_no_call_that_it_asks_about(
    worldwide: Worldwide,
) -> None:
    world = worldwide(DIAL_MODE="client_first")
    world.case(7, manner=Manner(key="1"))
    silence = _pauses(PauseScope.EVERYTHING, "", pauses.BY_CANARY)
    world.exchange.on_ringing = _once(world, silence)
    world.round()
    assert world.exchange.calls()[0].bridged


def test_no_message_is_left_for_whoever_refuses_before_the_beep(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="client_first", VOICEMAIL_BODY="This is {firm}. Call {phone}.")
    world.case(7, manner=Manner("machine", talks_for=9))
    world.exchange.records_for = 5.0
    world.poll()
    world.place()
    (call,) = world.exchange.calls()
    wait_until(lambda: bool(call.heard), "the call is not answered")
    world.exchange.text_in(HERS, STOP)
    world.hear_machine("machine_end_beep")
    world.settle()
    assert not any("This is Example & Partners. Call" in words for words in call.heard)
    assert world.shown(7).disposition == "Answering Machine"
    assert world.shown(7).status == "Do not Dial"


def test_a_key_that_is_repeated_after_the_talk_takes_nothing_back(worldwide: Worldwide) -> None:
    """The person has talked with the firm by then, which would stop another call."""
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7, manner=Manner(talks_for=60))
    world.manners[FIRM] = Manner(key="1")
    world.round()
    before = world.shown(7)
    assert (before.status, before.disposition) == ("Do not Dial", "Successful")
    decided = len(_line_decisions(world))
    call = world.exchange.calls()[0]
    url = call.params["StatusCallback"][0].replace("/voice/status", "/voice/keypress")
    fields = call_fields(call.sid, "in-progress", 2, To=FIRM, From=FROM, Direction="outbound-api")
    answer = world.exchange._courier.post(url, fields | {"Digits": "1"})
    assert answer is not None
    assert "<Dial" not in answer.text
    assert "<Say" not in answer.text
    world.settle()
    assert world.shown(7) == before
    assert len(_line_decisions(world)) == decided
