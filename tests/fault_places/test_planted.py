"""Faults of the bridge itself, planted one by one: a strike at some place finds each of them."""

from collections.abc import Callable
from typing import Any

import pytest

from bridge.dialing import placing
from bridge.dialing.reserving import ASK_AFTER, Reserved
from bridge.reporting import sending
from bridge.runtime import Runtime
from bridge.store import tables
from bridge.store.db import Database
from bridge.store.dialing import attempt_transitions
from bridge.store.reporting import lanes
from tests.fault_places.places import Fault
from tests.fault_places.stories import STORIES, compare, struck, tell

TALK = STORIES["talk"]


def _places_before_reserving(monkeypatch: pytest.MonkeyPatch) -> None:
    """While Twilio is asked, the row says that it is still to be placed."""
    request = placing._request

    def unreserved(runtime: Runtime, twilio: Any, reserved: Reserved) -> str:
        identity, at = reserved.attempt.id, reserved.at
        with runtime.db.begin() as connection:
            attempt_transitions.unreserve(connection, identity, at)
        sid = request(runtime, twilio, reserved)
        with runtime.db.begin() as connection:
            attempt_transitions.reserve(
                connection, identity, placed_at=at, check_at=at + ASK_AFTER, tries=1, agent=None
            )
        return sid

    monkeypatch.setattr(placing, "_request", unreserved)


def _settles_before_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A note counts as delivered before SmartAdvocate was asked."""
    send = sending._send

    def settled(runtime: Runtime, remote: Any, due: Any) -> Any:
        with runtime.db.begin() as connection:
            lanes.finish(connection, due.job, "delivered", runtime.clock())
        return send(runtime, remote, due)

    monkeypatch.setattr(sending, "_send", settled)


def _forgets_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane whose worker has died is never free again."""
    lease = lanes.lease

    def for_ever(connection: Any, holder: str, now: Any, count: int) -> Any:
        taken = lease(connection, holder, now, count)
        for held in taken:
            connection.execute(
                tables.lanes.update()
                .where(tables.lanes.c.lane == held.lane)
                .values(held_until=now.replace(year=now.year + 1))
            )
        return taken

    monkeypatch.setattr(lanes, "lease", for_ever)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("plant", "where", "found"),
    [
        (_places_before_reserving, "dialing.placing", "texts: 2"),
        (_settles_before_it_sends, "reporting.sending", "notes missing"),
        (_forgets_leases, "reporting.delivery", "forgotten"),
    ],
    ids=["placed before it is reserved", "settled before it is sent", "a lease without an end"],
)
def test_it_is_found(
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    where: str,
    found: str,
) -> None:
    plant(monkeypatch)
    plain = tell(TALK, db)
    assert plain.broken == []
    assert any(found in wrong for wrong in _first_broken(db, plain, where))


def _first_broken(db: Database, plain: Any, where: str) -> list[str]:
    """What the first strike in this module breaks that breaks anything."""
    faults: list[Fault] = [one for one in struck(TALK, plain) if one.place.where.startswith(where)]
    for fault in faults:
        if wrong := compare(plain, tell(TALK, db, fault)):
            return wrong
    return []
