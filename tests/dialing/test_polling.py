"""What is due is taken up once, whatever SmartAdvocate sends and whoever polls."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bridge import background
from bridge.adapters import geography
from bridge.dialing import deciding, polling
from bridge.dialing.call_takers import Room
from bridge.domain.case_updates import CaseInfo
from bridge.domain.hours import Location
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.sandbox.casebook import Case, phone
from bridge.sandbox.faults import Fault
from bridge.sandbox.manner import Manner
from bridge.store.console import plan
from bridge.store.dialing import turns
from bridge.store.tables import schedules
from tests.support import tables
from tests.support.world import World, Worldwide

NIGHT_OWL = "8085550142"  # Honolulu, where the tests' clock says 07:00


def test_a_case_under_way_is_not_planned_twice(world: World) -> None:
    world.case(7)
    assert world.poll() == 1
    # Somebody sets it To Dial again while its call is planned.
    world.case(7)
    assert world.poll() == 0
    assert world.place() == 1
    assert len(world.exchange.calls()) == 1


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"phones": []}, "it has no phones"),
        ({"phones": "4025550107"}, "Phones is not a list"),
        ({"phones": [7]}, "one of its phones can't be read"),
        ({"attempts": "several"}, "Attempts is 'several', not a number"),
        ({"phones": [phone("8005550100")]}, "no phone of it may be dialed"),
        ({"phones": [phone("unlisted")]}, "no phone of it may be dialed"),
    ],
)
def test_a_broken_case_is_skipped_with_a_reason(
    world: World, odd: dict[str, Any], reason: str
) -> None:
    for case_id in (1, 2, 3):
        world.case(case_id)
    facts: dict[str, Any] = {"phones": [phone("4025550102")], "status": "To Dial"} | odd
    world.sa.book.add(Case(2, **facts))
    assert world.poll() == 2
    assert [world.shown(n).status for n in (1, 2, 3)] == [
        "In the Dialer",
        "To Dial",
        "In the Dialer",
    ]
    listed = tables.skipped(world.runtime.db)
    assert reason in listed
    assert world.shown(2).updates == 0


def test_a_case_that_is_no_case_hides_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.case(1)
    real = world.sa.book.answer

    def with_junk(call: str, sent: Any) -> Any:
        answer = real(call, sent)
        return [{"CaseID": "x9"}, "junk", *answer] if call == "GetCasesToDial" else answer

    monkeypatch.setattr(world.sa.book, "answer", with_junk)
    assert world.poll() == 1
    assert "x9" in tables.skipped(world.runtime.db)


def test_fields_that_nobody_knows_yet_are_no_obstacle(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.case(1)
    real = world.sa.book.answer

    def with_more(call: str, sent: Any) -> Any:
        answer = real(call, sent)
        return [one | {"Language": "es"} for one in answer] if call == "GetCasesToDial" else answer

    monkeypatch.setattr(world.sa.book, "answer", with_more)
    assert world.poll() == 1


def test_one_poller_at_a_time(world: World) -> None:
    world.case(1)
    assert polling.poll(world.runtime, world.remote) == 1
    asked = len(world.sa.journal())
    assert polling.poll(world.runtime, world.remote) == 0
    assert len(world.sa.journal()) == asked
    world.clock.advance(seconds=61)
    polling.poll(world.runtime, world.remote)
    assert len(world.sa.journal()) > asked


def test_every_campaign_is_asked(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_CAMPAIGNS="Intake follow-up, Other", DIAL_BATCH="9")
    world.case(1)
    world.case(2, campaign="Other")
    world.case(3, campaign="Neither")
    assert world.poll() == 2
    polls = [one.sent for one in world.sa.journal() if one.call == "GetCasesToDial"]
    assert [poll["Campaign"] for poll in polls] == ["Intake follow-up", "Other"]
    assert {poll["Auto-change"] for poll in polls} == {"false"}
    assert {poll["Records"] for poll in polls} == {"9"}


def test_who_may_not_be_reached_now_stays_untouched(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_BATCH="1", CAMPAIGN_GOALS="*=heard")
    world.case(1, NIGHT_OWL, zip_code="96801")
    world.case(2)
    assert world.poll() == 0
    assert (world.shown(1).status, world.shown(1).updates) == ("To Dial", 0)
    # What was passed over doesn't fill the batch for ever.
    assert world.poll() == 1
    assert world.place() == 1
    world.settle()
    world.clock.advance(hours=3, minutes=5)
    world.hear()
    world.round()
    assert world.shown(1).disposition == "Successful"


def test_smartadvocate_is_away_between_poll_and_claim(world: World) -> None:
    for case_id in range(1, 31):
        world.case(case_id, manner=Manner("busy"))
    real = world.sa.on_request
    world.sa.on_request = lambda entry: world.sa.order(
        Fault(status=503) if entry.call == "GetCasesToDial" else None
    )
    world.poll()
    world.sa.on_request = real
    assert world.place() == 0
    assert {case.status for case in world.sa.book.all()} == {"To Dial"}
    world.sa.order(None)
    world.clock.advance(minutes=1)
    world.poll()
    assert world.place() == 30
    assert len(world.exchange.calls()) == 30


def test_the_answer_to_a_claim_is_lost(world: World) -> None:
    world.case(1)
    world.case(2)
    world.sa.on_request = lambda entry: world.sa.order(
        Fault(drop="after", count=1) if entry.call == "GetCasesToDial" else None
    )
    world.poll()
    world.sa.on_request = lambda _: None
    assert {case.status for case in world.sa.book.all()} == {"In the Dialer"}
    assert world.place() == 0
    world.clock.advance(minutes=1)
    world.poll()
    assert world.place() == 2
    assert [case.updates for case in world.sa.book.all()] == [1, 1]


def test_a_claim_that_one_case_spoils_is_made_for_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for case_id in (1, 2, 3):
        world.case(case_id)
    real = world.sa.book.answer

    def refusing(call: str, sent: Any) -> Any:
        answer = real(call, sent)
        if call == "GetCasesToDial":
            world.sa.book._cases.pop(2)
        return answer

    monkeypatch.setattr(world.sa.book, "answer", refusing)
    world.poll()
    assert world.place() == 2
    with world.runtime.db.read() as connection:
        last = turns.last_of(connection, 2)
    assert last is not None
    assert "refused the claim" in str(last.ending)


def test_smartadvocate_is_away_before_the_call(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true")
    world.case(1)
    world.poll()
    world.place()
    world.clock.advance(minutes=11)
    world.sa.order(Fault(status=503))
    assert world.place() == 0
    world.sa.order(None)
    world.clock.advance(minutes=1)
    assert world.place() == 1


def test_a_case_with_all_its_attempts_is_not_dialed(world: World) -> None:
    world.case(1, attempts="8")
    assert world.poll() == 0
    world.deliver()
    assert world.shown(1).status == "Do not Dial"


def test_no_more_than_a_batch_waits_for_the_line(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_BATCH="3", DIAL_MAX_CALLS="1")
    for case_id in range(1, 10):
        world.case(case_id)
    assert [world.poll() for _ in range(3)] == [3, 0, 0]


def test_no_more_people_are_told_of_calls_than_the_line_can_take(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_BATCH="3", TEXT_ENABLED="true", TEXT_LEAD="10m")
    for case_id in range(1, 30):
        world.case(case_id, manner=Manner("busy"))
    assert [world.poll() for _ in range(3)] == [3, 0, 0]
    world.place()
    world.clock.advance(minutes=11)
    # Three of them have had their calls: the line took three in the time of a lead.
    assert world.place() == 3
    assert [world.poll() for _ in range(4)] == [3, 3, 0, 0]


def test_no_more_than_a_batch_is_taken_up_in_the_morning(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_BATCH="2")
    for case_id in range(1, 6):
        world.case(case_id, f"80855501{case_id:02d}", zip_code="96801")
    assert [world.poll() for _ in range(3)] == [0, 0, 0]
    assert tables.skipped(world.runtime.db).count("Pacific/Honolulu") == 5
    world.clock.advance(hours=3, minutes=5)
    assert world.poll() == 2
    assert sum(case.status == "In the Dialer" for case in world.sa.book.all()) == 2


def test_who_waits_for_the_same_morning_waits_for_one_reason(world: World) -> None:
    """Whenever each of them was looked at: Plan shows them together."""
    for case_id in (1, 2):
        world.case(case_id, f"80855501{case_id:02d}", zip_code="96801")
        world.poll()
        world.clock.advance(minutes=7)
    with world.runtime.db.read() as connection:
        (group,) = plan.held(connection)
    assert group.cases == 2
    assert "only from 9:00 AM to 8:00 PM" in group.reason
    assert group.reason.endswith(
        "in Pacific/Honolulu (nothing starts before 9:05 AM or after 7:50 PM)"
    )


def test_who_waits_for_the_morning_is_judged_again_when_anything_changes(world: World) -> None:
    world.case(1, NIGHT_OWL, zip_code="96801")
    assert [world.poll(), world.poll()] == [0, 0]
    # Somebody finds that the person has moved.
    world.case(1, "4025550101")
    assert world.poll() == 1


def test_a_military_address_waits_for_somebody_and_then_for_nobody(world: World) -> None:
    world.case(1, "4025550101", zip_code="09012")
    assert [world.poll(), world.poll()] == [0, 0]
    assert "military or diplomatic address" in tables.skipped(world.runtime.db)
    assert (world.shown(1).status, world.shown(1).updates) == ("To Dial", 0)
    world.case(1, "4025550101", zip_code="68046")
    assert world.poll() == 1


def test_a_case_that_breaks_the_bridge_stops_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(phone: E164, zip_code: str) -> Location:
        if zip_code == "66666":
            raise LookupError(zip_code)
        return geography.locate(phone, zip_code)

    monkeypatch.setattr(background, "locate", broken)
    for case_id in range(1, 31):
        world.case(case_id, zip_code="66666" if case_id == 20 else "68046")
    assert world.poll() == 29
    assert "no decision was possible: LookupError" in tables.skipped(world.runtime.db)
    assert (world.shown(20).status, world.shown(20).updates) == ("To Dial", 0)


def test_a_long_poll_says_now_and_then_that_it_goes_on(
    worldwide: Worldwide, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = worldwide(DIAL_BATCH="60")
    for case_id in range(1, 52):
        world.case(case_id, f"4025550{case_id:03d}")
    left: list[timedelta] = []

    def slow(runtime: Runtime, some: Sequence[CaseInfo], room: Room) -> list[deciding.Result]:
        with runtime.db.read() as connection:
            found = select(schedules.c.due_at).where(schedules.c.name == polling.POLL)
            due_at = connection.execute(found).scalar_one()
        left.append(due_at - runtime.clock())
        world.clock.advance(seconds=25)
        return deciding.decide_some(runtime, some, room)

    monkeypatch.setattr(polling, "decide_some", slow)
    world.poll()
    every = timedelta(seconds=world.runtime.settings.dial_poll_seconds)
    longest = every + polling.POLL_LEASE
    assert left == [longest, longest - timedelta(seconds=25), longest]
