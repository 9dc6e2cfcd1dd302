"""What is kept with a decision: enough to explain it years later, and once for repeated polls."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bridge.domain.caps import Caps, PastContact
from bridge.domain.consents import Basis
from bridge.domain.contact_facts import Facts, Pause, PauseScope
from bridge.domain.eligibility import Policy, decide
from bridge.domain.events import Channel
from bridge.domain.hours import FirmHours, Location, Window
from bridge.domain.phones import E164
from bridge.domain.purposes import Purpose
from bridge.domain.state_rules import rule_pack
from bridge.store.tables import decisions
from tests.support.clock import Clock
from tests.support.world import World

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def _inputs(**facts: Any) -> Any:
    pack = rule_pack()
    days = frozenset({"mon", "tue", "wed", "thu", "fri", "sat"})
    policy = Policy(
        FirmHours(Window(540, 1200), days, skip_holidays=True, rules=pack.states),
        Caps(2, 1, 3, 7),
        8,
        lambda _day, _state: None,
        pack.version,
        timedelta(hours=4),
    )
    known: dict[str, Any] = {
        "case_id": 7,
        "campaign": "Intake follow-up",
        "channel": Channel.CALL,
        "phone": E164("+12055550107"),
        "attempts": 1,
        "location": Location(
            frozenset({"America/Chicago", "America/New_York"}), frozenset({"AL", "FL"})
        ),
    }
    return decide(Facts(**(known | facts)), policy, NOW).inputs


def test_an_allowed_call_keeps_places_times_windows_counts_and_sources() -> None:
    inputs = _inputs(
        past=(
            PastContact(Channel.TEXT, NOW - timedelta(hours=5)),
            PastContact(Channel.CALL, NOW - timedelta(days=3)),
        ),
        basis=Basis(12, "consent of 2026-10-02 (web form)"),
    )
    assert inputs["local"] == {
        "America/Chicago": "2026-11-23T11:00:00-06:00",
        "America/New_York": "2026-11-23T12:00:00-05:00",
    }
    assert {
        "of": "AL",
        "zones": ["America/Chicago", "America/New_York"],
        "day": "2026-11-23",
        "window": [480, 1200],
        "holiday": None,
    } in inputs["windows"]
    assert [window["of"] for window in inputs["windows"]] == ["firm", "AL", "FL"]
    assert inputs["counted"] == {
        "calls_a_day": 0,
        "texts_a_day": 1,
        "contacts_a_day": 1,
        "contacts_a_week": 2,
    }
    assert inputs["limits"]["contacts_a_day"] == 3
    assert inputs["basis"] == {"consent": 12, "says": "consent of 2026-10-02 (web form)"}
    assert (inputs["purpose"], inputs["campaign"]) == ("lead", "Intake follow-up")
    assert inputs["rules"] == rule_pack().version
    assert any("https://" in source for source in inputs["sources"]["FL"]["at"])


def test_an_unknown_place_is_every_zone_and_every_state() -> None:
    inputs = _inputs(location=Location(), purpose=Purpose.CLIENT)
    assert len(inputs["local"]) == 5
    assert {window["of"] for window in inputs["windows"]} == {"firm", *rule_pack().states}
    assert (inputs["basis"], inputs["purpose"]) == (None, "client")


def test_what_holds_it_back_is_named() -> None:
    inputs = _inputs(pauses=(Pause(PauseScope.STATE, "AL", None, "a hurricane"),))
    assert inputs["pauses"] == ["state AL"]


def test_repeated_polls_store_a_decision_once(world: World, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    world.case(7)
    for _ in range(3):
        world.poll()
        clock.advance(minutes=7)
    rows = _rows(world)
    assert [row.answer for row in rows] == ["defer"]
    assert rows[0].inputs["restricted_by"] == ["hours"]
    clock.now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    world.poll()
    assert [row.answer for row in _rows(world)] == ["defer", "allow"]
    assert _rows(world)[1].inputs["restricted_by"] == []


def _rows(world: World) -> list[Any]:
    with world.runtime.db.read() as connection:
        return list(connection.execute(select(decisions).order_by(decisions.c.id)))
