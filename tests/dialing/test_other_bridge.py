"""Somebody else claims the same cases: whoever finds another's claim lets go, and says so."""

from dataclasses import replace
from datetime import timedelta

import requests

from bridge.checking.examination import examine
from bridge.dialing import polling
from bridge.domain.claims import READ_BACK_AFTER
from bridge.sandbox.casebook import Case
from bridge.sandbox.manner import Manner
from bridge.store import notices
from bridge.store.dialing import turns
from bridge.store.notices import NoticeName
from tests.support.world import World, Worldwide

THEIRS = "2026-11-23T12:00:33"


def _claimed_by_another(world: World, case_id: int, at: str = THEIRS) -> None:
    shown = world.shown(case_id)
    world.sa.book.add(Case(**vars(shown) | {"status": "In the Dialer", "dial_at": at}))


def test_anothers_claim_is_let_go_untouched(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", METRICS_TOKEN="metrics-of-the-tests")
    world.case(7)
    assert world.poll() == 1
    updates = world.shown(7).updates
    _claimed_by_another(world, 7)
    assert world.place() == 0
    world.sweep()
    world.clock.advance(hours=2)
    world.sweep()
    assert (world.exchange.texts(), world.exchange.calls()) == ([], [])
    assert (world.shown(7).dial_at, world.shown(7).updates) == (THEIRS, updates)
    with world.runtime.db.read() as connection:
        (notice,) = notices.active(connection)
        assert turns.of_case(connection, 7) is None
    assert notice.name is NoticeName.OTHER_BRIDGE
    assert "case 7" in notice.says
    assert "17:00:33Z" in notice.says
    answer = requests.get(
        f"{world.url}/metrics", headers={"Authorization": "Bearer metrics-of-the-tests"}, timeout=5
    )
    assert 'bridge_notices{name="other-bridge"} 1.0' in answer.text
    said = " ".join(one.sentence for one in examine(world.environment))
    assert "somebody else claims the same cases" in said


def test_a_claim_of_our_own_that_was_written_late_is_ours(world: World) -> None:
    world.case(7, manner=Manner("busy"))
    world.poll()
    with world.runtime.db.read() as connection:
        turn = turns.of_case(connection, 7)
    assert turn is not None
    assert turn.claim_mark is not None
    earlier = turn.claim_mark - timedelta(seconds=450)
    there = earlier.astimezone(world.runtime.settings.smartadvocate_zone)
    _claimed_by_another(world, 7, f"{there:%Y-%m-%dT%H:%M:%S}")
    assert world.place() == 1


def test_a_smartadvocate_that_keeps_minutes_shows_our_claim(world: World) -> None:
    world.sa.speak(replace(world.sa.dialect, rounds_dates=True))
    for case_id in range(1, 6):
        world.case(case_id, manner=Manner("busy"))
    world.poll()
    assert world.place() == 5


def test_nobody_is_reached_before_every_other_claim_would_show(world: World) -> None:
    world.case(7)
    world.clock.advance(seconds=61)
    assert polling.poll(world.runtime, world.remote) == 1
    world.clock.advance(seconds=READ_BACK_AFTER.total_seconds() - 1)
    assert world.place() == 0
    world.clock.advance(seconds=1)
    assert world.place() == 1


def test_a_list_that_grew_old_is_read_again_before_its_cases_are_claimed(world: World) -> None:
    for case_id in (1, 2, 3):
        world.case(case_id)
    real = world.sa.book.answer

    def slow(call: str, sent: object) -> object:
        answer = real(call, sent)  # type: ignore[arg-type]
        if call == "GetCasesToDial":
            _claimed_by_another(world, 2)
            world.clock.advance(seconds=10)
        return answer

    world.sa.book.answer = slow  # type: ignore[method-assign]
    world.poll()
    world.place()
    assert world.shown(2).dial_at == THEIRS
    assert {call.to for call in world.exchange.calls()} == {"+14025550101", "+14025550103"}
