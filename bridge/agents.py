"""The firm's agents as they stand now, and what changes how they stand.

standings      how each of them stands
on_calls       whose phones are rung, or on such a call
hours          when they may be rung at all
name_of        who took a call, as a note says it
taken          a key was pressed: whoever did so is there
missed         nobody took a ring: the phone rests
unreachable    Twilio refuses the phone: it is held
busy           the phone is on another call: a pause, and no rest
wrap_up        a call is over: a pause before the next one
make_ready     somebody says that a phone is ready again
put_through    a person who pressed 1 was put through, or nobody took it: three in a row hold all

Who is on a call, the open attempts show (`store/dialing/agents.py`).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

import structlog

from bridge.adapters.geography import holiday
from bridge.domain import agents as rules
from bridge.domain.agents import HELD_FROM, NEVER_RUNG, AgentStanding, standing
from bridge.domain.contact_facts import Pause, PauseScope
from bridge.domain.office_hours import OfficeHours
from bridge.domain.phones import E164, last_four
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store.db import Connection
from bridge.store.dialing import agents, pauses

_LINE = E164("line")
"""The row for what people who press 1 are put through to, whatever phone that is."""
_UNANSWERED = (
    f"nobody at the firm took the calls of {HELD_FROM} people in a row who had pressed 1. Call the "
    "firm's Twilio number from an agent's phone, text READY from it, or press Resume"
)

log = structlog.get_logger(__name__)


@cache
def hours(settings: Settings) -> OfficeHours:
    """When the firm's agents may be rung."""
    return OfficeHours(
        settings.firm_hours, settings.firm_zone, settings.dial_skip_holidays, holiday
    )


def standings(runtime: Runtime, connection: Connection) -> Sequence[AgentStanding]:
    """How each agent stands now, in the order of the settings."""
    settings, now = runtime.settings, runtime.clock()
    phones = [agent.phone for agent in settings.agents]
    # Calls first: a phone that its call has freed meanwhile shows its rest then.
    calls = agents.calls(connection)
    records = agents.records(connection, phones)
    return [
        standing(
            agent,
            records.get(agent.phone, NEVER_RUNG),
            calls.get(agent.phone),
            hours(settings),
            now,
        )
        for agent in settings.agents
    ]


def on_calls(connection: Connection) -> Collection[E164]:
    """The agents' phones that are rung, or on a call that rang them first."""
    return agents.calls(connection).keys()


def name_of(settings: Settings, phone: E164 | None) -> str:
    """Who has this phone: the agent's name, or the end of a number that is no agent's now."""
    agent = settings.agent_at(phone)
    return agent.name if agent is not None else last_four(phone)


def taken(runtime: Runtime, connection: Connection, phone: E164) -> None:
    """Somebody has pressed a key at this phone: what it missed before no longer counts."""
    kept = replace(agents.record(connection, phone), missed=0, rests_until=None, reason="")
    agents.store(connection, phone, kept, runtime.clock())


def missed(runtime: Runtime, connection: Connection, phone: E164) -> None:
    """Nobody took a ring at this phone: it rests."""
    now = runtime.clock()
    kept = rules.missed(agents.record(connection, phone), hours(runtime.settings), now)
    agents.store(connection, phone, kept, now)
    until = kept.rests_until.isoformat() if kept.rests_until else None
    log.warning("Nobody took a call", agent=last_four(phone), missed=kept.missed, until=until)


def busy(runtime: Runtime, connection: Connection, phone: E164) -> None:
    """The phone is on another call, or was never rung: it is tried again after a while."""
    wrap_up(runtime, connection, phone, rules.BUSY_FOR)


def unreachable(runtime: Runtime, connection: Connection, phone: E164, reason: str) -> None:
    """Twilio refuses to ring this phone: it is held until it is ready again."""
    now = runtime.clock()
    kept = rules.held(agents.record(connection, phone), hours(runtime.settings), now, reason)
    agents.store(connection, phone, kept, now)
    log.error("An agent's phone can't be rung", agent=last_four(phone), reason=reason)


def wrap_up(runtime: Runtime, connection: Connection, phone: E164, pause: timedelta) -> None:
    """A call at this phone is over: it isn't rung again before the pause is."""
    now = runtime.clock()
    kept = replace(agents.record(connection, phone), wrap_up_until=now + pause)
    agents.store(connection, phone, kept, now)


def make_ready(runtime: Runtime, connection: Connection, phone: E164) -> None:
    """The phone is ready again, whatever it has missed; so is the line of people who press 1."""
    now = runtime.clock()
    agents.store(connection, phone, NEVER_RUNG, now)
    agents.store(connection, _LINE, NEVER_RUNG, now)
    pauses.lift_by(connection, pauses.BY_UNANSWERED, now)
    log.info("An agent is ready again", agent=last_four(phone))


def put_through(runtime: Runtime, connection: Connection, *, is_taken: bool) -> None:
    """A person whom we called pressed 1, and was or wasn't taken at the firm.

    Whom nobody takes counts like a missed ring: from the third in a row on nobody is called until
    the firm is ready again, or the next morning.
    """
    now = runtime.clock()
    many = 0 if is_taken else agents.record(connection, _LINE).missed + 1
    if many >= HELD_FROM:
        until = hours(runtime.settings).next_morning(now)
        hold = Pause(PauseScope.EVERYTHING, "", until, _UNANSWERED)
        pauses.add(connection, hold, pauses.BY_UNANSWERED, now)
        log.error("Dialing is held: nobody at the firm picks up", until=until)
        many = 0
    agents.store(connection, _LINE, replace(NEVER_RUNG, missed=many), now)
