"""A machine speaks to those only who have agreed to it; all others are rung by the firm."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bridge import call_flow
from bridge.commands.explain import explain
from bridge.dialing import reconciliation
from bridge.domain.consents import Attestation
from bridge.domain.events import Channel
from bridge.domain.purposes import Purpose
from bridge.runtime import Runtime
from bridge.sandbox.casebook import phone
from bridge.sandbox.manner import Manner
from bridge.settings import Settings
from bridge.store.tables import attempts, decisions
from tests.support.processes import wait_until
from tests.support.registry import import_lists
from tests.support.world import FIRM, World, Worldwide

HERS = "+14025550107"
GREETING = "Press 9"
LEAD = {"CAMPAIGN_PURPOSES": "*=lead"}
NOTHING = {"CONSENT_BASIS": ""}


def _voices(world: World) -> list[Mapping[str, str]]:
    """What was kept with each decision on a call, of who is rung first and why."""
    with world.runtime.db.read() as connection:
        kept = connection.scalars(
            select(decisions.c.inputs).where(decisions.c.channel == "call").order_by(decisions.c.id)
        ).all()
    return [inputs["voice"] for inputs in kept]


def _who_was_rung(world: World) -> list[str]:
    return [call.to for call in world.exchange.calls()]


def _was_greeted(world: World) -> bool:
    return any(
        GREETING in words
        for call in world.exchange.calls()
        if call.to != FIRM
        for words in call.heard
    )


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"DIAL_MODE": "agent_first"}, "DIAL_MODE is agent_first"),
        (LEAD, "is on file, and CONSENT_BASIS attests none for leads"),
        (NOTHING, "is on file, and CONSENT_BASIS attests none for clients"),
        ({"VOICE_PERMITS": ""}, "NE wants a permit"),
    ],
    ids=str,
)
def test_where_no_machine_may_speak_the_firm_is_rung_first(
    worldwide: Worldwide, settings: dict[str, str], why: str
) -> None:
    world = worldwide(VOICEMAIL_BODY="This is {firm}. Call {phone}.", **settings)
    import_lists(world.runtime.db, world.clock())
    world.case(7, manner=Manner())
    world.manners[FIRM] = Manner(key="1")
    world.round()
    assert _who_was_rung(world) == [FIRM, HERS]
    assert not _was_greeted(world)
    assert world.shown(7).disposition == "Successful"
    assert {voice["first"] for voice in _voices(world)} == {"agent"}
    assert all(why in voice["why"] for voice in _voices(world))
    # Nothing waits for a beep, and no machine is listened for.
    assert "AsyncAmdStatusCallback" not in world.exchange.calls()[0].params


def test_the_default_is_agent_first() -> None:
    assert Settings().dial_mode == "agent_first"


def test_with_consent_the_person_is_rung_first_and_greeted(worldwide: Worldwide) -> None:
    world = worldwide()
    world.case(7, manner=Manner(key="1"))
    world.round()
    assert _who_was_rung(world)[0] == HERS
    assert _was_greeted(world)
    assert {voice["first"] for voice in _voices(world)} == {"client"}
    assert "the firm's attestation: the retainer" in _voices(world)[0]["why"]


# fmt: off
PLACES = [
    # area code, ZIP code, whom it rings first: at 12:01 PM in New York, a Monday
    ("803", "29201", {}, "client"),          # SC, 8 AM to 7 PM
    ("207", "04101", {}, "client"),          # ME, 9 AM to 5 PM
    ("415", "94102", {}, "agent"),           # CA, 9:01 AM: nothing begins so early
    ("317", "46204", {}, "agent"),           # IN: an attestation isn't the person's own consent
    ("601", "39201", {}, "agent"),           # MS
    ("701", "58102", {}, "agent"),           # ND
    ("512", "78701", {}, "agent"),           # TX: no permit
    ("512", "78701", {"VOICE_PERMITS": "TX=permit 12"}, "client"),
    ("605", "57104", {}, "client"),          # SD: solicitation on weekdays only
    ("206", "98101", {}, "client"),          # WA: solicitation only
    ("206", "98101", {"CONSENT_BASIS": "lead:voice=a form", **LEAD}, "agent"),
    ("312", "78701", {}, "agent"),           # an area code of IL, a ZIP code of TX
]
# fmt: on


@pytest.mark.parametrize(("area", "zip_code", "settings", "first"), PLACES)
def test_what_the_states_demand(
    worldwide: Worldwide, area: str, zip_code: str, settings: dict[str, str], first: str
) -> None:
    world = worldwide(DIAL_HOURS="00:00-24:00", **settings)
    world.case(7, f"{area}5550107", zip_code=zip_code)
    assert world.poll() == 1
    with world.runtime.db.read() as connection:
        (via_firm,) = connection.scalars(select(attempts.c.via_firm))
    assert via_firm is (first == "agent")


def _reads(world: World, **settings: Any) -> Runtime:
    """The same world under other settings: consent has gone, or has come."""
    return replace(world.runtime, settings=replace(world.runtime.settings, **settings))


def test_consent_that_goes_before_the_call_is_placed(worldwide: Worldwide) -> None:
    """It was planned to greet her; it goes out by the firm's phone, and once."""
    world = worldwide()
    world.case(7, manner=Manner())
    world.manners[FIRM] = Manner(key="1")
    world.poll()
    world.runtime = _reads(world, consent_basis=())
    assert world.place() == 1
    world.settle()
    assert _who_was_rung(world) == [FIRM, HERS]
    assert not _was_greeted(world)
    assert world.shown(7).disposition == "Successful"


def test_consent_that_comes_before_the_call_is_placed_dials_nobody_twice(
    worldwide: Worldwide,
) -> None:
    world = worldwide(**NOTHING)
    world.case(7, manner=Manner())
    world.manners[FIRM] = Manner(key="1")
    world.poll()
    agreed = Attestation(Purpose.CLIENT, Channel.CALL, "the retainer")
    world.runtime = _reads(world, consent_basis=(agreed,))
    assert world.place() == 1
    world.settle()
    assert _who_was_rung(world) == [FIRM, HERS]


def test_consent_that_goes_while_it_rings(worldwide: Worldwide) -> None:
    """Nothing is said to her, nor left on her machine; and the case is told why."""
    world = worldwide(VOICEMAIL_BODY="This is {firm}. Call {phone}.")
    world.case(7, manner=Manner("machine", talks_for=1))
    world.exchange.queueing = True
    world.poll()
    world.place()
    with world.runtime.db.read() as connection:
        (attempt_id,) = connection.scalars(select(attempts.c.id))
    gone = _reads(world, consent_basis=())
    assert "<Say" not in call_flow.answered(gone, attempt_id)
    world.exchange.queueing = False
    wait_until(lambda: bool(world.exchange.calls()[0].answered_by), "nothing was detected")
    world.exchange.drain()
    world.take_in()
    reconciliation.handle_machines(gone, world.twilio)
    assert not any("This is" in words for words in world.exchange.calls()[0].heard)
    world.settle()
    assert any("no consent to an artificial voice" in note for note in world.shown(7).notes)


def test_explain_says_who_is_rung_first(worldwide: Worldwide) -> None:
    world = worldwide(**LEAD)
    world.case(7)
    said = explain(world.runtime, world.remote, 7)
    assert said is not None
    assert (
        "The firm's phone rings first, and no machine speaks: no consent to an artificial voice at "
        "this number is on file, and CONSENT_BASIS attests none for leads." in said
    )


def test_a_text_says_nothing_of_a_voice(worldwide: Worldwide) -> None:
    world = worldwide(TEXT_ENABLED="true", **NOTHING)
    world.case(7, phones=[phone(HERS[2:])])
    world.poll()
    world.place()
    with world.runtime.db.read() as connection:
        kept = connection.scalars(
            select(decisions.c.inputs).where(decisions.c.channel == "text")
        ).all()
    assert all("voice" not in inputs for inputs in kept)
