"""Each process says that it lives, and leaves the list when it ends as it should."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bridge import sweep
from bridge.heartbeat import Pulse
from bridge.runtime import Runtime
from bridge.store import heartbeats
from bridge.store.heartbeats import Heartbeat, Role
from tests.support.clock import Clock


def _seen(runtime: Runtime) -> list[Heartbeat]:
    with runtime.db.read() as connection:
        return list(heartbeats.newest(connection))


def test_a_process_shows_that_it_lives_until_it_ends(runtime: Runtime, clock: Clock) -> None:
    worker, web = Pulse(runtime, Role.WORKER), Pulse(runtime, Role.WEB)
    worker.beat()
    clock.advance(seconds=4)
    worker.beat()
    web.beat()
    assert sorted((one.role, one.seen_at, one.dials) for one in _seen(runtime)) == [
        (Role.WEB, clock(), False),
        (Role.WORKER, clock(), False),
    ]
    assert all(one.is_alive(clock() + timedelta(seconds=30)) for one in _seen(runtime))
    assert not any(one.is_alive(clock() + timedelta(seconds=31)) for one in _seen(runtime))
    worker.leave()
    worker.beat()
    assert [one.role for one in _seen(runtime)] == [Role.WEB]


def test_what_ended_without_a_word_is_purged_after_a_day(runtime: Runtime, clock: Clock) -> None:
    Pulse(runtime, Role.WORKER).beat()
    sweep.run_due(runtime)
    clock.advance(hours=23)
    sweep.run_due(runtime)
    assert len(_seen(runtime)) == 1
    clock.advance(hours=2)
    sweep.run_due(runtime)
    assert _seen(runtime) == []


def test_work_goes_on_when_it_cannot_be_stored(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise OperationalError("refused", None, Exception())

    pulse = Pulse(runtime, Role.WORKER)
    monkeypatch.setattr(runtime.db, "begin", refuse)
    pulse.beat()
    pulse.leave()
    monkeypatch.undo()
    assert _seen(runtime) == []
