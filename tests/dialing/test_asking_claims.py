"""Asking must not change anything: where it does, polling stops loudly and all is put back."""

from typing import Any

import pytest

from bridge.commands import pause
from bridge.sandbox.casebook import Case, Refused
from bridge.sandbox.dialects import named
from bridge.store import notices
from bridge.store.notices import NoticeName
from tests.support import tables
from tests.support.world import World, Worldwide


@pytest.fixture
def claiming(worldwide: Worldwide) -> World:
    """SmartAdvocate knows Auto-change by another name, and claims what is asked for."""
    world = worldwide()
    world.remote.listing_is_safe = False
    world.sa.speak(named(["auto-change"]))
    return world


def test_polling_stops_and_the_cases_are_put_back(claiming: World) -> None:
    world = claiming
    for case_id in range(1, 13):
        world.case(case_id)
    assert world.poll() == 0
    world.deliver()
    assert {case.status for case in world.sa.book.all()} == {"To Dial"}
    assert {case.dial_at for case in world.sa.book.all()} == {Case(1, []).dial_at}
    held = tables.pauses(world.runtime.db)
    assert "everything" in held
    assert "GetCasesToDial.Auto-change=AutoChange" in held
    asked = len([one for one in world.sa.journal() if one.call == "GetCasesToDial"])
    for _ in range(3):
        assert world.poll() == 0
    lists = [one for one in world.sa.journal() if one.call == "GetCasesToDial"]
    assert len(lists) == asked
    assert world.exchange.calls() == []
    with world.runtime.db.read() as connection:
        assert NoticeName.ASKING_CLAIMS in {one.name for one in notices.active(connection)}


@pytest.mark.parametrize("stamped", ["date", "status"])
def test_a_server_that_stamps_what_it_claims_is_found_out_too(
    claiming: World, stamped: str
) -> None:
    """With the date of now, or listing the status that it has just set."""
    world = claiming
    for case_id in (1, 2):
        world.case(case_id)
    real = world.sa.book.answer

    def stamping(call: str, sent: object) -> object:
        answer = real(call, sent)  # type: ignore[arg-type]
        if call == "GetCasesToDial":
            for case_id in (1, 2):
                changes = {"dial_at": "2026-11-23T12:01:00"} if stamped == "date" else {}
                world.sa.book.add(Case(**vars(world.shown(case_id)) | changes))
            if stamped == "status":
                return [world.shown(case_id).shown() for case_id in (1, 2)]
        return answer

    world.sa.book.answer = stamping  # type: ignore[method-assign]
    assert world.poll() == 0
    world.deliver()
    assert {case.status for case in world.sa.book.all()} == {"To Dial"}
    assert {case.dial_at for case in world.sa.book.all()} == {Case(1, []).dial_at}
    assert "everything" in tables.pauses(world.runtime.db)


def test_after_the_name_is_mended_a_resume_lets_it_go_on(
    claiming: World, worldwide: Worldwide
) -> None:
    world = claiming
    world.case(1)
    world.poll()
    world.deliver()
    world.sa.speak(named([]))
    pause.resume(world.runtime.settings, "everything", "")
    assert world.poll() == 1
    assert world.remote.listing_is_safe
    with world.runtime.db.read() as connection:
        assert NoticeName.ASKING_CLAIMS not in {one.name for one in notices.active(connection)}


def test_a_case_that_somebody_claims_meanwhile_is_no_alarm(world: World) -> None:
    world.remote.listing_is_safe = False
    for case_id in (1, 2, 3):
        world.case(case_id)
    real = world.sa.book.answer

    def claimed(call: str, sent: object) -> object:
        answer = real(call, sent)  # type: ignore[arg-type]
        if call == "GetCasesToDial":
            shown = world.shown(2)
            world.sa.book.add(
                Case(**vars(shown) | {"status": "In the Dialer", "dial_at": "2026-11-23T12:00:33"})
            )
        return answer

    world.sa.book.answer = claimed  # type: ignore[method-assign]
    world.poll()
    assert tables.pauses(world.runtime.db).count("everything") == 0


def test_lists_that_change_nothing_are_looked_at_once(world: World) -> None:
    world.remote.listing_is_safe = False
    world.case(1, "8085550142", zip_code="96801")  # at night: not taken up
    world.poll()
    asked = [one for one in world.sa.journal() if one.call == "GetCaseInfo"]
    world.poll()
    assert len([one for one in world.sa.journal() if one.call == "GetCaseInfo"]) == len(asked) == 1


def test_a_case_that_is_never_shown_stops_nobody_else(world: World) -> None:
    world.remote.listing_is_safe = False
    for case_id in range(1, 8):
        world.case(case_id)
    real = world.sa.book.answer

    def failing(call: str, sent: Any) -> Any:
        if call == "GetCaseInfo" and str(sent["CaseID"]) == "2":
            raise Refused(500, "an error")
        return real(call, sent)

    world.sa.book.answer = failing  # type: ignore[method-assign]
    assert world.poll() == 7
    assert world.remote.listing_is_safe
    world.place()
    assert len(world.exchange.calls()) == 6
