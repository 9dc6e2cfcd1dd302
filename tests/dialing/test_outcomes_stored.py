"""How each call and text stands is stored with it, in the words that people are shown."""

from sqlalchemy import select

from bridge.sandbox.manner import Manner
from bridge.store.tables import communications
from tests.support.world import FIRM, World, Worldwide

HERS = "+14025550107"


def _stored(world: World) -> list[tuple[str, str, str, str | None, str | None]]:
    """Channel, direction, outcome, campaign and last digits, in the order in which they began."""
    kept = communications.c
    query = select(kept.channel, kept.direction, kept.outcome, kept.campaign, kept.phone_end)
    with world.runtime.db.read() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(kept.id))]


def test_a_round_of_calls_and_texts(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", TEXT_LEAD="0", DIAL_PERSON_GAP="0")
    manners = {7: Manner(key="1"), 8: Manner("busy"), 9: Manner(key="9"), 10: Manner("machine")}
    for case_id, manner in manners.items():
        world.case(case_id, manner=manner, campaign=f"Campaign {case_id}")
    world.poll()
    world.place()
    world.clock.advance(seconds=2)
    world.place()
    world.settle()
    found = {(channel, end): (outcome, name) for channel, _, outcome, name, end in _stored(world)}
    firms = {key: found.pop(key) for key in [("call", FIRM[-4:])] if key in found}
    assert {outcome for outcome, _ in firms.values()} <= {"firms-side"}
    assert found == {
        ("text", "0107"): ("delivered", "Campaign 7"),
        ("text", "0108"): ("delivered", "Campaign 8"),
        ("text", "0109"): ("delivered", "Campaign 9"),
        ("text", "0110"): ("delivered", "Campaign 10"),
        ("call", "0107"): ("talked", "Campaign 7"),
        ("call", "0108"): ("busy", "Campaign 8"),
        ("call", "0109"): ("opted-out", "Campaign 9"),
        ("call", "0110"): ("machine", "Campaign 10"),
    }


def test_the_firms_own_side_is_no_contact(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first")
    world.case(7, manner=Manner(), campaign="Auto")
    world.manners[FIRM] = Manner(key="1")
    world.round()
    assert sorted(_stored(world)) == [
        ("call", "outbound", "firms-side", "Auto", FIRM[-4:]),
        ("call", "outbound", "talked", "Auto", "0107"),
    ]


def test_what_comes_in(worldwide: Worldwide) -> None:
    world = worldwide(CALLS_IN_PER_HOUR="1")
    world.case(7, campaign="Auto")
    world.poll()
    world.exchange.text_in(HERS, "Thank you")
    world.exchange.text_in(HERS, "STOP")
    world.exchange.call_in(HERS)
    world.exchange.call_in(HERS)
    world.settle()
    stored = [row for row in _stored(world) if row[1] == "inbound"]
    assert [row[2] for row in stored] == ["wrote", "opted-out", "talked", "turned-away"]
    assert {row[3:] for row in stored} == {("Auto", "0107")}


def test_what_twilio_refuses(world: World) -> None:
    world.case(7, manner=Manner(refuse_call=21217), campaign="Auto")
    world.round()
    assert _stored(world) == [("call", "outbound", "failed", "Auto", "0107")]


def test_a_campaigns_name_may_be_long(world: World) -> None:
    world.case(7, manner=Manner("busy"), campaign="A" * 200)
    world.round()
    assert [row[3] for row in _stored(world)] == ["A" * 128]
