"""One person is left in peace for a time, whatever case, number or channel it is about."""

from datetime import datetime, timedelta

import pytest

from bridge.commands import explain
from bridge.domain.events import Channel, Direction, Status, Talk
from bridge.domain.matching import Evidence
from bridge.domain.phones import E164
from bridge.domain.progress import Progress
from bridge.sandbox.casebook import phone
from bridge.sandbox.manner import Manner
from bridge.store.callbacks import communications
from bridge.store.callbacks.communications import Communication
from bridge.store.tables import cases
from bridge.store.tables import communications as rows
from tests.support import tables
from tests.support.signing import call_fields
from tests.support.world import FROM, World, Worldwide

HERS = "4025550155"
WIDE = "99,99,99,99"


def _three_cases(world: World) -> None:
    for case_id in (1, 2, 3):
        world.case(case_id, HERS, Manner("busy"))


def _talked(world: World, at: datetime) -> None:
    """She called in, was put through, and the talk has ended."""
    told = Progress(Status.COMPLETED, ended_at=at, talk=Talk.BRIDGED, duration=90)
    call = Communication(
        "CA" + "8" * 32,
        Channel.CALL,
        Direction.INBOUND,
        E164(f"+1{HERS}"),
        told,
        Evidence.PHONE,
        None,
    )
    with world.runtime.db.begin() as connection:
        communications.save(connection, call, at)
        connection.execute(rows.update().where(rows.c.sid == call.sid).values(talked_at=at))


def _set_by_staff(world: World, case_id: int) -> None:
    """Somebody moves the next call to five past twelve, New York's time."""
    world.case(case_id, HERS, Manner("busy"), dial_at="2026-11-23T12:05:00")
    wished = datetime.fromisoformat("2026-11-23T17:05:00+00:00")
    with world.runtime.db.begin() as connection:
        which = cases.c.case_id == case_id
        connection.execute(cases.update().where(which).values(wished_call=wished))


def test_a_person_of_three_cases_gets_one_call_and_the_next_after_the_gap(
    worldwide: Worldwide,
) -> None:
    world = worldwide(DIAL_CAPS=WIDE)
    _three_cases(world)
    world.round()
    for _ in range(23):
        world.clock.advance(minutes=9)
        world.round()
    assert len(world.exchange.calls()) == 1
    assert "less than 4h ago" in tables.verdicts(world.runtime.db, None, "defer", 50)
    world.clock.advance(minutes=20)
    world.round()
    assert len(world.exchange.calls()) == 2
    first, second = world.exchange.calls()
    assert second.created_at - first.created_at >= timedelta(hours=4)


def test_cases_of_two_numbers_are_one_persons(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_CAPS=WIDE)
    other = phone("4025550156", primary=False, text=False)
    world.case(1, phones=[phone(HERS), other])
    world.case(2, phones=[phone("4025550156")])
    world.poll()
    assert world.place() == 1
    assert world.place() == 0


def test_a_text_and_the_call_that_it_announces_count_as_one(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="10m", DIAL_CAPS=WIDE)
    _three_cases(world)
    world.poll()
    assert world.place() == 1
    assert "call to (402) 555-" in (explain.explain(world.runtime, world.remote, 1) or "").lower()
    world.clock.advance(minutes=11)
    assert world.place() == 1
    world.settle()
    assert (len(world.exchange.texts()), len(world.exchange.calls())) == (1, 1)
    assert world.exchange.texts()[0].to == world.exchange.calls()[0].to


def test_the_next_number_after_a_bad_one_needs_no_gap(world: World) -> None:
    second = phone("4025550156", primary=False, text=False)
    world.case(1, phones=[phone(HERS), second], manner=Manner(refuse_call=21217))
    world.manners[f"+1{HERS}"] = Manner(refuse_call=21217)
    world.poll()
    assert world.place() == 2


def test_what_another_app_has_placed_keeps_its_distance_too(world: World) -> None:
    number = world.case(1, HERS)
    fields = call_fields("CA01", "busy", 3, To=number)
    world.exchange._courier.post(f"{world.url}/twilio/voice/status", fields)
    world.take_in()
    assert world.poll() == 0
    world.clock.advance(hours=4)
    world.hear()
    assert world.poll() == 1


def test_after_a_talk_none_until_the_next_business_day(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_CAPS=WIDE, DIAL_PERSON_GAP="0")
    # Wednesday, 17:00 in New York; the Thursday is Thanksgiving.
    world.clock.now = datetime.fromisoformat("2026-11-25T22:00:00+00:00")
    world.hear()
    _three_cases(world)
    _talked(world, world.clock())
    assert world.poll() == 0
    assert "no call before the next business day" in tables.skipped(world.runtime.db)
    for moment in ("2026-11-25T23:30:00+00:00", "2026-11-26T16:00:00+00:00"):
        world.clock.now = datetime.fromisoformat(moment)
        world.hear()
        assert world.poll() == 0
    # Friday, a little after nine in Omaha.
    world.clock.now = datetime.fromisoformat("2026-11-27T15:06:00+00:00")
    world.hear()
    world.poll()
    assert world.place() >= 1


def test_a_talk_holds_back_what_is_planned(world: World) -> None:
    world.case(1, HERS)
    world.poll()
    _talked(world, world.clock())
    assert world.place() == 0
    world.deliver()
    case = world.shown(1)
    # Tuesday after nine in Omaha, as New York writes it.
    assert (case.status, case.dial_at) == ("To Dial", "2026-11-24T10:05:00")


def test_a_date_that_staff_set_counts_over_the_gap_and_not_over_the_caps(
    worldwide: Worldwide,
) -> None:
    world = worldwide(DIAL_CAPS="2,9,9,9")
    _three_cases(world)
    world.round()
    for case_id in (1, 2, 3):
        if world.shown(case_id).disposition != "Busy":
            _set_by_staff(world, case_id)
    world.clock.advance(minutes=5)
    for _ in range(3):
        world.round()
    assert len(world.exchange.calls()) == 2
    assert "calls in 24 hours (limit 2)" in tables.verdicts(world.runtime.db, None, "defer", 50)


def _calls_in(world: World, status: str, route: str = "inbound", **more: str) -> None:
    """Her own call to the firm comes so far."""
    fields = call_fields("CA" + "5" * 32, status, 0, From=f"+1{HERS}", To=FROM, **more)
    answer = world.exchange._courier.post(
        f"{world.url}/twilio/voice/{route}", fields | {"Direction": "inbound"}
    )
    assert answer is not None
    world.take_in()


@pytest.mark.parametrize("status", ["ringing", "in-progress"])
def test_who_is_on_the_line_with_the_firm_is_not_rung(world: World, status: str) -> None:
    world.case(1, HERS)
    world.poll()
    _calls_in(world, status)
    assert world.place() == 0
    assert "a call with the person is in progress" in tables.verdicts(
        world.runtime.db, 1, "defer", 5
    )
    # It stays planned, and is looked at again soon.
    world.clock.advance(seconds=20)
    assert world.place() == 0
    _calls_in(world, "completed", "status", CallDuration="9")
    world.clock.advance(seconds=20)
    assert world.place() == 1


def test_nor_is_her_case_taken_up(world: World) -> None:
    world.case(1, HERS)
    _calls_in(world, "ringing")
    assert world.poll() == 0
    assert "a call with the person is in progress" in tables.skipped(world.runtime.db)
    _calls_in(world, "no-answer", "status")
    assert world.poll() == 1


def test_who_talks_on_another_apps_call_is_not_rung_either(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_PERSON_GAP="0")
    number = world.case(1, HERS)
    world.poll()
    fields = call_fields("CA" + "4" * 32, "in-progress", 2, To=number)
    world.exchange._courier.post(f"{world.url}/twilio/voice/status", fields)
    world.take_in()
    assert world.place() == 0
    ended = call_fields("CA" + "4" * 32, "canceled", 3, To=number)
    world.exchange._courier.post(f"{world.url}/twilio/voice/status", ended)
    world.take_in()
    world.clock.advance(seconds=20)
    assert world.place() == 1


def test_a_call_whose_end_is_never_told_keeps_nobody_for_ever(world: World) -> None:
    world.case(1, HERS)
    world.poll()
    _calls_in(world, "ringing")
    world.clock.advance(hours=1, minutes=59)
    assert world.place() == 0
    world.clock.advance(minutes=1)
    assert world.place() == 1


def test_others_are_rung_meanwhile(world: World) -> None:
    world.case(1, HERS)
    world.case(2)
    world.poll()
    _calls_in(world, "in-progress")
    assert world.place() == 1
    assert world.exchange.calls()[0].to == "+14025550102"
