"""What people want is obeyed from the poll to the last check, whichever way the firm dials."""

from collections.abc import Callable

import pytest

from bridge.consent.preferences import lift_preference
from bridge.domain.phones import E164
from bridge.domain.preferences import Preference, PreferenceKind
from bridge.sandbox.casebook import phone
from bridge.sandbox.line import Call
from bridge.sandbox.manner import Manner
from bridge.store.consent import preferences
from bridge.store.consent.preferences import NewPreference
from bridge.store.dialing import skipped
from tests.support.processes import wait_until
from tests.support.world import FIRM, World, Worldwide

HERS, AT_WORK = "+14025550107", "+14025550177"
MODES = pytest.mark.parametrize("mode", ["agent_first", "client_first"])


def _wants(
    world: World, kind: PreferenceKind, value: str = "", number: str = HERS, case_id: int = 7
) -> None:
    with world.runtime.db.begin() as connection:
        wanted = NewPreference(Preference(kind, E164(number), value), case_id, None, "Ann Example")
        preferences.add(connection, wanted, world.clock())


def _skipped(world: World) -> str:
    with world.runtime.db.read() as connection:
        return " ".join(row.reason for row in skipped.listed(connection, 7))


def _dialed(world: World) -> set[str]:
    return {call.to for call in world.exchange.calls()} - {FIRM}


def _once(happens: Callable[[], None]) -> Callable[[Call], None]:
    left = [happens]

    def act(_: Call) -> None:
        if left:
            left.pop()()

    return act


@MODES
def test_nobody_is_called_before_the_hour_that_they_want(worldwide: Worldwide, mode: str) -> None:
    world = worldwide(DIAL_MODE=mode)
    world.case(7, manner=Manner(key="1"))
    world.manners[FIRM] = Manner(key="1")
    _wants(world, PreferenceKind.NOT_BEFORE, "12:00")
    world.round()
    assert _dialed(world) == set()
    assert _skipped(world) == ("the person wants no calls or texts before noon in their own time")
    # It was 11:00 in Omaha.
    world.clock.advance(hours=1)
    world.round()
    assert _dialed(world) == {HERS}
    assert world.shown(7).disposition == "Successful"


def test_what_is_lifted_holds_nobody_until_its_day(worldwide: Worldwide) -> None:
    world = worldwide()
    world.case(7, manner=Manner(key="1"))
    _wants(world, PreferenceKind.NOT_UNTIL, "2026-12-20")
    world.poll()
    with world.runtime.db.begin() as connection:
        lift_preference(world.runtime, connection, 1, by="Ann Example", reason="back early")
    world.round()
    assert _dialed(world) == {HERS}


@pytest.mark.parametrize(
    ("kind", "value", "retry", "shown"),
    [
        # Without a preference it were 13:01 in Omaha, which SmartAdvocate shows in Eastern time.
        (PreferenceKind.NO_VOICEMAILS, "", "2h", "2026-11-23T14:0"),
        (PreferenceKind.NOT_AFTER, "12:00", "2h", "2026-11-24T10:05:00"),
        (PreferenceKind.NOT_BEFORE, "10:30", "11h", "2026-11-24T11:30:00"),
    ],
)
def test_the_next_call_is_written_for_when_it_is_wanted(
    worldwide: Worldwide, kind: PreferenceKind, value: str, retry: str, shown: str
) -> None:
    world = worldwide(DIAL_RETRY_BUSY=retry)
    world.case(7, manner=Manner("busy"))
    _wants(world, kind, value)
    world.round()
    assert world.shown(7).dial_at.startswith(shown)


@MODES
def test_a_number_that_is_not_wanted_is_skipped(worldwide: Worldwide, mode: str) -> None:
    world = worldwide(DIAL_MODE=mode)
    listed = [phone(AT_WORK[2:], primary=True), phone(HERS[2:])]
    world.case(7, phones=listed, manner=Manner(key="1"))
    world.manners[HERS] = Manner(key="1")
    world.manners[FIRM] = Manner(key="1")
    _wants(world, PreferenceKind.NOT_THIS_NUMBER, number=AT_WORK)
    world.round()
    assert _dialed(world) == {HERS}


def test_no_calls_and_no_texts(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0")
    world.case(7, phones=[phone(HERS[2:], text=True)])
    _wants(world, PreferenceKind.NO_TEXTS)
    world.round()
    assert [len(world.exchange.texts()), len(world.exchange.calls())] == [0, 1]
    world.case(8, phones=[phone("4025550108", text=True)])
    _wants(world, PreferenceKind.NO_CALLS, number="+14025550108", case_id=8)
    world.round()
    assert [len(world.exchange.texts()), len(world.exchange.calls())] == [0, 1]
    assert world.shown(8).status == "To Dial"


def test_it_is_the_persons_whatever_case_is_called(worldwide: Worldwide) -> None:
    world = worldwide()
    world.case(8, phones=[phone(HERS[2:]), phone("4025550188")])
    world.poll()
    world.case(7, number=HERS[2:])
    _wants(world, PreferenceKind.NO_CALLS, number="+14025550188", case_id=8)
    world.round()
    assert _dialed(world) == set()
    assert _skipped(world) == "the person wants no calls"


@MODES
def test_what_is_kept_while_it_rings_counts(worldwide: Worldwide, mode: str) -> None:
    world = worldwide(DIAL_MODE=mode)
    world.case(7, manner=Manner(key="1"))
    world.manners[FIRM] = Manner(key="1")
    world.exchange.on_ringing = _once(lambda: _wants(world, PreferenceKind.NO_CALLS))
    world.round()
    assert not any(call.bridged for call in world.exchange.calls())
    assert any("the person wants no calls" in note for note in world.shown(7).notes)
    if mode == "agent_first":
        (call,) = world.exchange.calls()
        assert "has asked to be reached in another way" in call.heard[-1]


@pytest.mark.parametrize("is_wanted", [True, False])
def test_no_voicemail_is_left_to_whom_wants_none(worldwide: Worldwide, is_wanted: bool) -> None:
    world = worldwide(VOICEMAIL_BODY="This is {firm}. Call {phone}.")
    world.case(7, manner=Manner("machine", talks_for=9))
    world.exchange.records_for = 5.0
    if not is_wanted:
        _wants(world, PreferenceKind.NO_VOICEMAILS)
    world.poll()
    world.place()
    (call,) = world.exchange.calls()
    wait_until(lambda: bool(call.heard), "the call is not answered")
    world.hear_machine("machine_end_beep")
    world.settle()
    is_left = any("This is Example & Partners. Call" in words for words in call.heard)
    assert is_left is is_wanted
    assert world.shown(7).disposition == "Answering Machine"
    assert world.shown(7).status == "To Dial"


@pytest.mark.parametrize("is_wanted", [True, False])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_agent_hears_who_wants_no_voicemail(worldwide: Worldwide, is_wanted: bool) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7)
    world.manners[FIRM] = Manner(key="1")
    if not is_wanted:
        _wants(world, PreferenceKind.NO_VOICEMAILS)
    world.round()
    to_agent, to_person = world.exchange.calls()
    assert ("Leave no voicemail." in to_agent.heard[0]) is not is_wanted
    assert not any("Leave no voicemail." in words for words in to_person.heard)
