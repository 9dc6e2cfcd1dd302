"""Today shows how each agent stands, and an operator makes a phone ready again."""

from dataclasses import replace
from html import unescape

import pytest
from flask import Flask

from bridge import agents
from bridge.domain.phones import E164
from bridge.runtime import Runtime
from bridge.store.console import audit
from tests.support.clock import Clock
from tests.support.console import PASSWORD, SignedIn, words

DESK, INTAKE = E164("+14025550110"), E164("+14025550111")


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    named = (("Front desk", DESK), ("Intake & more", INTAKE))
    return replace(runtime, settings=replace(runtime.settings, dial_agents=named))


def _miss(runtime: Runtime, phone: E164, times: int) -> None:
    with runtime.db.begin() as connection:
        for _ in range(times):
            agents.missed(runtime, connection, phone)


def test_each_agent_is_shown_as_it_stands(
    viewer: SignedIn, operator: SignedIn, runtime: Runtime
) -> None:
    assert "Front desk Ready" in words(viewer.get("/console/"))
    _miss(runtime, DESK, 1)
    _miss(runtime, INTAKE, 3)
    page = words(viewer.get("/console/"))
    assert "Front desk Resting until Mon Nov 23, 12:10 PM ET: nobody took the last call" in page
    assert "Intake & more On hold until Tue Nov 24, 9:00 AM ET: nobody took 3 calls" in page
    assert "/console/agents/ready" not in viewer.get("/console/").text
    assert unescape(operator.get("/console/").text).count('action="/console/agents/ready"') == 2


def test_outside_the_firms_hours(app: Flask, clock: Clock) -> None:
    clock.advance(hours=7)
    page = words(SignedIn(app, "Ann Operator", PASSWORD).get("/console/"))
    assert "Front desk Outside firm hours until Tue Nov 24, 9:00 AM ET" in page


def test_a_button_makes_a_phone_ready(operator: SignedIn, runtime: Runtime) -> None:
    _miss(runtime, INTAKE, 3)
    answer = operator.post("/console/agents/ready", agent="Intake & more")
    assert answer.status_code == 303
    page = words(operator.get(answer.location))
    assert "Intake & more is ready for calls." in page
    assert "Intake & more Ready" in page
    with runtime.db.read() as connection:
        (line, *_) = audit.newest(connection, 1)
    assert (line.actor, line.action, line.subject) == (
        "Ann Operator",
        "agent-ready",
        "Intake & more",
    )


@pytest.mark.parametrize("name", ["", "Nobody", "front desk"])
def test_there_is_no_such_agent(operator: SignedIn, name: str) -> None:
    assert operator.post("/console/agents/ready", agent=name).status_code == 404
