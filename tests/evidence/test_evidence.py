"""`bridge evidence CASEID`: what a lawyer is handed, from the decision to the outcome."""

import csv
import io
import json
import logging
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy import insert, update

from bridge import sweep
from bridge.cli import cli
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.phones import E164
from bridge.sandbox.manner import Manner
from bridge.store.consent import opt_outs as store_opt_outs
from bridge.store.dialing import pauses
from bridge.store.tables import audit, callbacks, consents, decisions
from tests.support.posting import Twilio
from tests.support.signing import ACCOUNT_SID
from tests.support.world import FIRM, World, Worldwide

PERSON = E164("+14025550114")
STOP = "Please stop, thanks"


@pytest.fixture
def world(worldwide: Worldwide) -> World:
    return worldwide(TEXT_ENABLED="true", TEXT_LEAD="10m")


def command(world: World, *arguments: str) -> Result:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        return CliRunner().invoke(cli, ["evidence", *arguments], env=world.environment)
    finally:
        root.handlers, root.level = handlers, level
        structlog.reset_defaults()


def called(world: World) -> None:
    """Case 7 was paused and resumed, texted and called, and its person said stop."""
    sweep.run_due(world.runtime)
    world.case(7, PERSON[2:], Manner("busy"))
    with world.runtime.db.begin() as connection:
        pauses.add(
            connection,
            Pause(PauseScope.CASE, "7", None, "a hearing"),
            pauses.by_console("Ann"),
            world.clock(),
        )
    world.poll()
    world.clock.advance(minutes=5)
    with world.runtime.db.begin() as connection:
        pauses.lift(
            connection,
            PauseScope.CASE,
            "7",
            world.clock(),
            by=pauses.by_console("Bob"),
            reason="The hearing is over",
        )
        connection.execute(
            insert(consents).values(
                phone=PERSON,
                phone_end=PERSON[-4:],
                fingerprint="0" * 64,
                channel="text",
                purpose="client",
                words="You may text me",
                source="web form",
                evidence="form-17.pdf",
                given_at=world.clock(),
                recorded_at=world.clock(),
                recorded_by="Ann",
            )
        )
    world.poll()
    world.place()
    world.clock.advance(minutes=11)
    world.place()
    world.settle()
    fields = {
        "MessageSid": f"SM{'a' * 32}",
        "AccountSid": ACCOUNT_SID,
        "From": PERSON,
        "To": "+14025550100",
        "Body": STOP,
        "NumMedia": "0",
        "SmsStatus": "received",
    }
    assert Twilio(world.runtime).post("/twilio/messages/inbound", fields).status_code == 200
    world.clock.advance(minutes=5)
    sweep.run_due(world.runtime)


def test_the_evidence_tells_everything_from_decision_to_outcome(world: World) -> None:
    called(world)
    with world.runtime.db.begin() as connection:
        store_opt_outs.lift_one(
            connection, 1, by="Carla", reason="They called us", now=world.clock()
        )
    shown = command(world, "7")
    assert shown.exit_code == 0, shown.output
    said = " ".join(shown.output.split())
    for expected in (
        "1. Text to …0114, Mon Nov 23, 12:0",
        "UTC): Delivered",
        "Time for the person: Mon Nov 23, 2026, 11:0",
        " AM CT (America/Chicago); 2026-11-23 17:0",
        "Purpose: To inform a client of their own matter. Campaign:",
        "What allowed it: The firm's attestation:",
        "Hours: The firm's hours on Mon Nov 23: from 9:00 AM to 8:00 PM, in America/Chicago",
        "Counted before it: 0 of at most 2 calls in 24 hours, 0 of at most 1 text in 24 hours",
        "Nothing was paused.",
        "Rules: States' rules, version ",
        "When the case was found due, 2026-11-23 17:0",
        "Right before it was placed, ",
        "2. Call to …0114, ",
        "Twilio's ID: CA",
        "Outcome: Busy (Twilio: busy).",
        "SmartAdvocate: SmartAdvocate was told: ",
        "Text from …0114",
        "No call: case 7 is paused: a hearing.",
        "The person wrote it by text.",
        f"The person's own words: “{STOP}”",
        "All calls and texts to this person.",
        "by Carla. They called us",
        "What was agreed to: “You may text me”",
        "form-17.pdf",
        "By: Ann: a hearing.",
        "by Bob. The hearing is over",
        "the newest of which is number 5 with the hash ",
    ):
        assert expected in said, f"{expected}\n\n{shown.output}"
    assert PERSON not in said


def test_what_the_person_wrote_stands_there_as_long_as_it_is_kept(world: World) -> None:
    """Also where nobody has said yet, or has denied, that it was a refusal."""
    world.case(7, PERSON[2:])
    world.poll()
    world.exchange.text_in(PERSON, "no calls at work please")
    world.take_in()
    said = " ".join(command(world, "7").output.split())
    assert "The person's own words: “no calls at work please”" in said
    assert "somebody must decide. Since then: It is in effect." in said
    with world.runtime.db.begin() as connection:
        connection.execute(update(callbacks).values(body=None))
    said = " ".join(command(world, "7").output.split())
    assert "The person's own words: They are no longer kept here." in said


def test_agent_first_says_that_no_machine_spoke(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", CONSENT_BASIS="")
    world.case(7, PERSON[2:])
    world.poll()
    world.place()
    world.settle()
    said = " ".join(command(world, "7").output.split())
    assert "1. Call to …0114, " in said
    assert "What allowed it: Agent first: a phone of the firm" in said
    assert "No machine speaks to the person." in said
    assert "the firm's phone was called, and Twilio reported no call to the person" in said


def test_agent_first_tells_both_calls(worldwide: Worldwide) -> None:
    world = worldwide(DIAL_MODE="agent_first", CONSENT_BASIS="")
    world.case(7, PERSON[2:], Manner("no-answer"))
    world.manners[FIRM] = Manner(key="1")
    world.round()
    said = " ".join(command(world, "7").output.split())
    assert ": No answer" in said
    assert f"Twilio reported of the firm's phone …{FIRM[-4:]}: " in said
    assert "Outcome: No answer (Twilio: no-answer)." in said
    assert "disposition No Answer" in said


def test_the_same_for_programs(world: World) -> None:
    called(world)
    told: Any = json.loads(command(world, "7", "--json").output)
    assert told["case_id"] == 7
    assert len(told["parts"][0]["entries"]) == 2
    lines = list(csv.reader(io.StringIO(command(world, "7", "--csv").output)))
    assert lines[0] == ["part", "entry", "about", "says", "links"]
    assert any(line[2:4] == ["The person's own words", f"“{STOP}”"] for line in lines)
    unknown = command(world, "8")
    assert unknown.exit_code == 1
    assert "case 8 is unknown to the bridge" in unknown.output


def test_decisions_of_older_releases_are_read(world: World) -> None:
    called(world)
    old = {
        "number": "0114",
        "zones": ["America/Chicago"],
        "states": ["NE"],
        "attempts": 0,
        "max_attempts": 8,
        "contacts": [],
        "caps": [2, 1, 3, 7],
        "hours": [540, 1200],
        "days": ["mon"],
        "opt_outs": [],
        "pauses": [],
        "gap": "4h",
        "last_contact": None,
        "rules": "2026-01",
    }
    with world.runtime.db.begin() as connection:
        connection.execute(update(decisions).values(inputs=old))
    said = " ".join(command(world, "7").output.split())
    assert " AM CT (America/Chicago)" in said
    assert "What allowed it: This was not kept with decisions at the time." in said
    assert "The firm's hours: 9:00 AM to 8:00 PM." in said
    with world.runtime.db.begin() as connection:
        connection.execute(update(decisions).values(inputs={}))
    assert command(world, "7").exit_code == 0


def test_verifying_by_command(world: World) -> None:
    assert "no checkpoint yet" in command(world, "verify").output
    called(world)
    well = command(world, "verify")
    assert well.exit_code == 0, well.output
    lines = well.output.splitlines()
    assert lines[0].startswith("5 checkpoints since Mon Nov 23, 12:00 PM ET")
    assert "nothing was changed, removed or slipped in" in lines
    newest = lines[1].removeprefix("newest hash: ")
    assert len(newest) == 64
    assert (
        f"the hash {newest} is part of the chain"
        in command(world, "verify", "--hash", newest).output
    )
    other = command(world, "verify", "--hash", "0" * 64)
    assert (other.exit_code, "NOT part of the chain" in other.output) == (1, True)
    mistyped = command(world, "verify", "--hash", newest[1:])
    assert (mistyped.exit_code, mistyped.stdout) == (2, "")
    with world.runtime.db.begin() as connection:
        connection.execute(update(decisions).where(decisions.c.id == 2).values(why="never"))
    ill = command(world, "verify")
    assert ill.exit_code == 1
    assert "first: row of decisions, id 2 was changed" in ill.output
    with world.runtime.db.begin() as connection:
        connection.execute(
            insert(audit).values(
                at=world.clock.now.replace(year=2025),
                actor="Ann",
                action="paused",
                subject="case 7",
                reason="",
            )
        )
    assert "audit: 0 as the chain says, 1 NOT as the chain says" in command(world, "verify").output
