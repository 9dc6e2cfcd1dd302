"""Answered calls that nobody of the firm took are counted; too many, and it goes agent first."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bridge.dialing import abandoned_calls
from bridge.domain.abandonment import LEAST
from bridge.domain.folding import fold_label
from bridge.sandbox.manner import Manner
from bridge.store.dialing import abandonment
from bridge.store.tables import communications
from tests.support.processes import wait_until
from tests.support.signing import call_fields
from tests.support.world import FIRM, FROM, World, Worldwide

HERS = "+14025550107"
THEIRS = "Intake follow-up"


def _counted(world: World, campaign: str = THEIRS) -> tuple[int, int] | None:
    """The answered calls of a campaign and those abandoned, as they are counted now."""
    abandoned_calls.judge_campaigns(world.runtime)
    with world.runtime.db.read() as connection:
        kept = {one.campaign: one.calls for one in abandonment.listed(connection)}
    found = kept.get(campaign)
    return (found.answered, found.abandoned) if found else None


def _had(
    world: World, answered: int, abandoned: int, campaign: str = THEIRS, days: int = 1
) -> None:
    """Calls that were answered so many days ago."""
    at = world.clock() - timedelta(days=days)
    rows = [
        {
            "channel": "call",
            "sid": f"CA{campaign[:8]}{days:04d}{number:020d}",
            "direction": "outbound",
            "evidence": "url",
            "status": "completed",
            "answer": "human",
            "outcome": "talked",
            "campaign": campaign,
            "created_at": at,
            "updated_at": at,
            "heard_at": at,
            "greeted_at": at,
            "abandoned": number < abandoned,
        }
        for number in range(answered)
    ]
    with world.runtime.db.begin() as connection:
        connection.execute(insert(communications), rows)


# fmt: off
CALLS = [
    (Manner(key="1"), Manner(), {}, (1, 0)),
    (Manner(key="1"), Manner("no-answer"), {}, (1, 1)),
    (Manner(), Manner(), {}, (1, 1)),
    (Manner(), Manner(), {"CAMPAIGN_GOALS": "*=heard"}, (1, 0)),
    (Manner(key="1"), Manner("busy"), {"CAMPAIGN_GOALS": "*=heard"}, (1, 1)),
    # Not answered by a person, or not heard to its end.
    (Manner("machine"), Manner(), {}, None),
    (Manner("no-answer"), Manner(), {}, None),
    (Manner(hangs_up=True), Manner(), {}, None),
    (Manner(key="9"), Manner(), {}, None),
    (Manner(key="59"), Manner(), {}, None),
    # Nobody is abandoned whom the firm has rung itself.
    (Manner(), Manner(key="1"), {"DIAL_MODE": "agent_first"}, None),
    (Manner("no-answer"), Manner(key="1"), {"DIAL_MODE": "agent_first"}, None),
]
# fmt: on


@pytest.mark.parametrize(("person", "firm", "settings", "counted"), CALLS)
def test_which_calls_count(
    worldwide: Worldwide,
    person: Manner,
    firm: Manner,
    settings: dict[str, str],
    counted: tuple[int, int] | None,
) -> None:
    world = worldwide(**settings)
    world.case(7, manner=person)
    world.manners[FIRM] = firm
    world.round()
    assert _counted(world) == counted


@pytest.mark.parametrize(("seconds", "abandoned"), [(42, 0), (43, 1)])
def test_two_seconds_from_the_key_to_the_firm(
    worldwide: Worldwide, seconds: int, abandoned: int
) -> None:
    """The talk took 40 seconds, and its end is told so long after the key."""
    world = worldwide()
    world.case(7, manner=Manner())
    world.poll()
    world.place()
    (call,) = world.exchange.calls()
    wait_until(lambda: call.is_over, "the call goes on")
    world.exchange.drain()
    url = call.params["StatusCallback"][0]
    sides = {"To": HERS, "From": FROM, "Direction": "outbound-api"}
    key = call_fields(call.sid, "in-progress", 8, **sides) | {"Digits": "1"}
    world.exchange._courier.post(url.replace("/status", "/keypress"), key)
    world.clock.advance(seconds=seconds)
    leg = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "40"}
    ended = call_fields(call.sid, "in-progress", 9, **sides) | leg
    world.exchange._courier.post(url.replace("/status", "/dialed"), ended)
    world.settle()
    assert _counted(world) == (1, abandoned)


def test_a_campaign_goes_agent_first_and_back(worldwide: Worldwide) -> None:
    world = worldwide()
    _had(world, LEAST, 1)
    assert abandoned_calls.judge_campaigns(world.runtime) == 0
    _had(world, 1, 1, days=2)
    assert abandoned_calls.judge_campaigns(world.runtime) == 1
    assert abandoned_calls.judge_campaigns(world.runtime) == 0
    world.case(7, manner=Manner())
    world.manners[FIRM] = Manner(key="1")
    world.round()
    assert [call.to for call in world.exchange.calls()] == [FIRM, HERS]
    assert world.shown(7).disposition == "Successful"
    # So many good calls later, and so many days.
    _had(world, 40, 0, days=3)
    assert abandoned_calls.judge_campaigns(world.runtime) == 1
    world.case(8, manner=Manner(key="1"))
    world.round()
    assert world.exchange.calls()[2].to == "+14025550108"


def test_it_is_counted_over_30_days_and_each_campaign_by_itself(worldwide: Worldwide) -> None:
    world = worldwide()
    _had(world, 40, 20, campaign="Spring", days=31)
    _had(world, 40, 20, campaign="Summer", days=29)
    _had(world, 40, 0, campaign="Autumn", days=29)
    assert _counted(world, "Spring") is None
    assert _counted(world, "Summer") == (40, 20)
    assert _counted(world, "Autumn") == (40, 0)
    with world.runtime.db.read() as connection:
        assert fold_label("summer ") in abandonment.held(connection)
        assert fold_label("Autumn") not in abandonment.held(connection)
        assert fold_label("") not in abandonment.held(connection)
    world.clock.advance(days=2)
    assert _counted(world, "Summer") is None
    with world.runtime.db.read() as connection:
        assert fold_label("Summer") not in abandonment.held(connection)


def test_a_call_that_is_planned_goes_agent_first_too(worldwide: Worldwide) -> None:
    world = worldwide()
    world.case(7, manner=Manner())
    world.manners[FIRM] = Manner(key="1")
    world.poll()
    _had(world, LEAST, LEAST)
    abandoned_calls.judge_campaigns(world.runtime)
    assert world.place() == 1
    world.settle()
    assert [call.to for call in world.exchange.calls()] == [FIRM, HERS]


def test_order_and_repetition_change_nothing(worldwide: Worldwide) -> None:
    """Twilio repeats the key much later: the first time counts."""
    world = worldwide()
    world.case(7, manner=Manner(key="1"))
    world.round()
    (call, _) = world.exchange.calls()
    world.clock.advance(minutes=1)
    url = call.params["StatusCallback"][0].replace("/status", "/keypress")
    key = call_fields(call.sid, "in-progress", 8, To=HERS, From=FROM, Direction="outbound-api")
    world.exchange._courier.post(url, key | {"Digits": "1"})
    world.take_in()
    assert _counted(world) == (1, 0)
    with world.runtime.db.read() as connection:
        (kept,) = connection.execute(
            select(communications.c.asked_at, communications.c.taken_at).where(
                communications.c.sid == call.sid
            )
        )
    assert kept.asked_at < world.clock() - timedelta(seconds=50)
