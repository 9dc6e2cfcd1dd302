"""The firm's two agents, and how they and their cases stand."""

import pytest

from bridge import agents
from bridge.domain.agents import AgentState
from bridge.store.dialing import pauses
from bridge.store.dialing.pauses import StoredPause
from tests.support.world import World

DESK, INTAKE = "+14025550110", "+14025550111"
TWO = f"Front desk={DESK}; Intake={INTAKE}"
HERS = "+14025550107"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def told_about(world: World, case_id: int = 7) -> tuple[str, str, str]:
    case = world.shown(case_id)
    return case.status, case.disposition, case.attempts


def states(world: World) -> list[AgentState]:
    with world.runtime.db.read() as connection:
        return [one.state for one in agents.standings(world.runtime, connection)]


def paused(world: World) -> list[StoredPause]:
    with world.runtime.db.read() as connection:
        return pauses.active(connection, world.clock())


def phones_rung(world: World) -> list[str]:
    return [call.to for call in world.exchange.calls() if not call.parent_sid]
