"""Whether somebody at the firm can take a call, asked before a case is claimed and at reserving.

read        how the agents stand, in the transaction that reserves: who is rung next
room        how many turns may begin, and how many of those whose calls ring an agent first: cases
            wait in SmartAdvocate, not In the Dialer

An agent-first call waits, in its place, for an agent who is free. Where none can be rung for half
an hour it is released, and so is a text that would announce such a call: the case loses no attempt.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge import agents
from bridge.domain.agents import Agent, AgentStanding, next_ring, ring_next
from bridge.domain.claims import READ_BACK_AFTER
from bridge.domain.events import Channel
from bridge.domain.office_hours import OfficeHours
from bridge.runtime import Runtime
from bridge.settings import Settings
from bridge.store.db import Connection
from bridge.store.dialing import attempts
from bridge.store.dialing.attempts import BOTH_WAYS, Attempt

RELEASED_FROM = timedelta(minutes=30)
"""Deferred for longer than this, a case is released to SmartAdvocate instead of waiting here."""

NOBODY = "no agent of the firm can be rung before then"
WAITS = "it waits for an agent of the firm to be free"
_LOOKED_AT_AGAIN = timedelta(minutes=5)
_WAITING_AN_AGENT = 2
"""Cases that may wait In the Dialer for each agent: the next call must not wait for a poll."""
_AGENT_FIRST = "agent_first"
_RINGS_FIRST, _RINGS_PERSON = True, False
"""Which side a call rings first (`Attempt.via_firm`)."""


@dataclass(frozen=True)
class CallTakers:
    """Who can take calls, as far as it is known now."""

    standings: Sequence[AgentStanding]
    hours: OfficeHours
    now: datetime

    @property
    def next(self) -> Agent | None:
        """The agent to ring now; None: all are busy or rest, or the firm is closed."""
        return ring_next(self.standings)

    @property
    def ways(self) -> tuple[bool, ...]:
        """The ways of calls of which the oldest that is due can be dealt with now."""
        can_be_rung = self.next is not None or self.waits_too_long(self.now)
        return BOTH_WAYS if can_be_rung else (_RINGS_PERSON,)

    def at(self, moment: datetime) -> datetime | None:
        """When, from this moment on, an agent can be rung as far as can be foreseen."""
        return next_ring(self.standings, self.hours, moment)

    def released_until(self, moment: datetime) -> datetime | None:
        """When a case that is released for want of an agent is due again.

        While the firm is open, whoever rests may be ready at any time: it is due soon, keeps its
        place among those that wait To Dial, and begins a new turn when there is somebody.
        """
        at = self.at(moment)
        if at is None or not self.hours.is_open(moment):
            return at
        return min(at, moment + RELEASED_FROM)

    def waits_too_long(self, moment: datetime) -> bool:
        """Whether a call that is due then is better released than kept waiting."""
        at = self.at(moment)
        return at is None or at - moment >= RELEASED_FROM


def read(runtime: Runtime, connection: Connection) -> CallTakers:
    """Who can take calls now.

    Whoever reserves holds the lock of the pace: no agent is chosen twice.
    """
    standings = agents.standings(runtime, connection)
    return CallTakers(standings, agents.hours(runtime.settings), runtime.clock())


def rings_agent(connection: Connection, attempt: Attempt) -> bool:
    """Whether this call, or the one that this text announces, rings an agent first."""
    if attempt.channel is Channel.CALL:
        return attempt.via_firm
    return any(call.via_firm for call in attempts.of_turn(connection, attempt.turn_id))


@dataclass
class Room:
    """How many turns may begin at a poll."""

    turns: int
    """Of all kinds; 0: more is planned than the line is about to take."""
    agent_first: int
    """Of those whose calls ring an agent first; the others don't wait for agents."""
    until: datetime
    """When those for which there is no room are decided on again."""

    def take(self) -> bool:
        """Whether there is room for one more case whose call rings an agent first."""
        self.agent_first -= 1
        return self.agent_first >= 0


def room(runtime: Runtime, connection: Connection) -> Room:
    """How many turns may begin now.

    As many calls as the line took in the last TEXT_LEAD may be on their way to it, and a batch may
    wait: whoever is told by text of a call gets it soon, however slow the line is. For an agent
    who can be rung soon two cases may wait.
    """
    settings, now = runtime.settings, runtime.clock()
    is_free = attempts.calls_planned(connection) < settings.dial_batch + _placed(
        runtime, connection, BOTH_WAYS
    )
    at_agents = _room_at_agents(runtime, connection)
    most = at_agents if settings.dial_mode == _AGENT_FIRST else settings.dial_batch
    return Room(
        turns=min(settings.dial_batch, most) if is_free else 0,
        agent_first=at_agents,
        until=now + _LOOKED_AT_AGAIN,
    )


def _room_at_agents(runtime: Runtime, connection: Connection) -> int:
    """How many more cases may wait for the agents."""
    takers = read(runtime, connection)
    dialed_at = takers.now + READ_BACK_AFTER + _lead(runtime.settings)
    soon = [
        one
        for one in takers.standings
        if (at := next_ring([one], takers.hours, dialed_at)) and at - dialed_at < RELEASED_FROM
    ]
    on_their_way = _placed(runtime, connection, (_RINGS_FIRST,)) if soon else 0
    waiting = attempts.calls_planned(connection, (_RINGS_FIRST,))
    return max(len(soon) * _WAITING_AN_AGENT + on_their_way - waiting, 0)


def _placed(runtime: Runtime, connection: Connection, ways: Collection[bool]) -> int:
    """Calls that were placed within the last TEXT_LEAD."""
    lead = _lead(runtime.settings)
    since = runtime.clock() - lead
    return attempts.calls_placed(connection, since, ways) if lead else 0


def _lead(settings: Settings) -> timedelta:
    return settings.text_lead if settings.text_enabled else timedelta()
