"""Whether somebody at the firm can take a call, asked before a case is claimed and at reserving.

read    how the agents stand, in the transaction that reserves: who is rung next
room    how many turns may begin: cases wait in SmartAdvocate, not In the Dialer

An agent-first call waits, in its place, for an agent who is free. Where none can be rung for half
an hour it is released, and so is a text that would announce such a call: the case loses no attempt.
"""

from collections.abc import Sequence
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
_WAITING_AN_AGENT = 2
"""Cases that may wait In the Dialer for each agent: the next call must not wait for a poll."""
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


def room(runtime: Runtime, connection: Connection) -> int:
    """How many turns may begin now; 0 while more is planned than the line is about to take.

    As many calls as the line took in the last TEXT_LEAD may be on their way to it, and a batch may
    wait: whoever is told by text of a call gets it soon, however slow the line is.
    """
    settings = runtime.settings
    lead = _lead(settings)
    placed = attempts.calls_placed(connection, runtime.clock() - lead) if lead else 0
    if attempts.calls_planned(connection) >= settings.dial_batch + placed:
        return 0
    return min(settings.dial_batch, _room_at_agents(runtime, connection, placed))


def _room_at_agents(runtime: Runtime, connection: Connection, placed: int) -> int:
    """How many more cases may wait for the agents, where every call rings one of them first."""
    settings = runtime.settings
    if settings.dial_mode != "agent_first":
        return settings.dial_batch
    takers = read(runtime, connection)
    dialed_at = takers.now + READ_BACK_AFTER + _lead(settings)
    soon = [
        one
        for one in takers.standings
        if (at := next_ring([one], takers.hours, dialed_at)) and at - dialed_at < RELEASED_FROM
    ]
    waiting = attempts.calls_planned(connection)
    return max(len(soon) * _WAITING_AN_AGENT + placed - waiting, 0)


def _lead(settings: Settings) -> timedelta:
    return settings.text_lead if settings.text_enabled else timedelta()
