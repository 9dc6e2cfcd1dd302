"""The firm's agents on Today: how each stands, and the button that makes a phone ready again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from bridge import agents
from bridge.console.form_fields import typed
from bridge.console.people import person
from bridge.domain.agents import AgentStanding, AgentState
from bridge.domain.redaction import without_numbers
from bridge.store.console import audit
from bridge.store.console.audit import Action
from bridge.store.db import Connection
from bridge.web.current import runtime

_MAY_BE_MADE_READY = frozenset({AgentState.WRAP_UP, AgentState.RESTING, AgentState.HELD})


@dataclass(frozen=True)
class AgentRow:
    """One agent as Today shows it."""

    name: str
    state: AgentState
    label: str
    says: str
    """Why, or with which case."""
    until: datetime | None
    case_id: int | None
    may_be_made_ready: bool


def rows(connection: Connection) -> Sequence[AgentRow]:
    """How each agent stands, in the order of the settings."""
    return [_row(one) for one in agents.standings(runtime(), connection)]


def ready() -> Response:
    """Make an agent's phone ready again."""
    name = typed("agent")
    agent = next((one for one in runtime().settings.agents if one.name == name), None)
    if agent is None:
        abort(404)
    with runtime().db.begin() as connection:
        agents.make_ready(runtime(), connection, agent.phone)
        audit.record(
            connection,
            actor=person().name,
            action=Action.AGENT_READY,
            subject=agent.name,
            now=runtime().clock(),
        )
    runtime().notifier.notify()
    flash(f"{agent.name} is ready for calls.")
    return redirect(url_for("console.today"), 303)


def _row(standing: AgentStanding) -> AgentRow:
    state, call = standing.state, standing.call
    return AgentRow(
        name=standing.agent.name,
        state=state,
        label=_LABELS[state],
        says=_SAYS.get(state, _nothing)(standing),
        until=None if state is AgentState.READY else standing.until,
        case_id=call.case_id if call else None,
        may_be_made_ready=state in _MAY_BE_MADE_READY,
    )


def _nothing(_: AgentStanding) -> str:
    return ""


def _missed(standing: AgentStanding) -> str:
    if standing.record.reason:
        return f"it could not be rung: {without_numbers(standing.record.reason)}"
    many = standing.record.missed
    return "nobody took the last call" if many == 1 else f"nobody took {many} calls in a row"


_LABELS: Mapping[AgentState, str] = {
    AgentState.READY: "Ready",
    AgentState.RINGING: "Ringing",
    AgentState.TALKING: "On a call",
    AgentState.WRAP_UP: "Pause after a call",
    AgentState.RESTING: "Resting",
    AgentState.HELD: "On hold",
    AgentState.CLOSED: "Outside firm hours",
}
_SAYS: Mapping[AgentState, Callable[[AgentStanding], str]] = {
    AgentState.RESTING: _missed,
    AgentState.HELD: _missed,
}
