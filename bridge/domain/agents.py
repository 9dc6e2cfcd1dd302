"""The firm's agents: phones that take agent-first calls, one at a time each.

standing    how an agent stands now: ready, ringing, talking, resting …
ring_next   who is to be rung now: of all who are ready, the one who was rung longest ago
next_ring   when anybody may be rung
missed      how long a phone rests whose ring nobody took
says_ready  a text by which it is ready again

A ring counts as taken once a key was pressed: an answering machine picks up, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bridge.domain.office_hours import OfficeHours
from bridge.domain.phones import E164

RESTS: Sequence[timedelta] = (timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=40))
"""How long a phone rests after the first, second and third ring in a row that nobody took."""
HELD_FROM = len(RESTS)
"""From so many on it rests until it is ready again, or the next morning."""
BUSY_FOR = timedelta(minutes=3)
"""How long a phone is left alone that was busy: whoever is on it can't have missed a ring."""
HANGING_UP = timedelta(seconds=15)
"""How long a goodbye takes: until then the line of whoever hears it is busy."""

_READY = "ready"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Agent:
    """A phone of the firm that takes agent-first calls."""

    name: str
    phone: E164


class AgentWord(StrEnum):
    """What an agent has said of a call, by key. The same words stand in the table."""

    TAKEN = "taken"
    LATER = "later"
    TOMORROW = "tomorrow"
    TALKED = "talked"
    VOICEMAIL = "voicemail"
    WRONG_PERSON = "wrong-person"
    STOP = "stop"


AT_THE_RING: Mapping[str, AgentWord] = {
    "1": AgentWord.TAKEN,
    "2": AgentWord.LATER,
    "3": AgentWord.TOMORROW,
}
"""What a key means before the person is dialed."""
AFTER_THE_CALL: Mapping[str, AgentWord] = {
    "1": AgentWord.TALKED,
    "2": AgentWord.VOICEMAIL,
    "3": AgentWord.WRONG_PERSON,
    "4": AgentWord.STOP,
}
"""What a key means once the person's side has ended."""


@dataclass(frozen=True)
class AgentRecord:
    """What is stored of an agent's phone."""

    missed: int = 0
    """Rings in a row that nobody took."""
    rests_until: datetime | None = None
    wrap_up_until: datetime | None = None
    rung_at: datetime | None = None
    """When it was last rung."""
    reason: str = ""
    """Why it is held, where that isn't for its missed rings."""

    def at(self, now: datetime) -> "AgentRecord":
        """The record as it counts now: whoever was held begins anew the next morning."""
        is_over = self.rests_until is not None and self.rests_until <= now
        if self.missed >= HELD_FROM and is_over:
            return replace(self, missed=0, rests_until=None, reason="")
        return self


NEVER_RUNG = AgentRecord()


@dataclass(frozen=True)
class AgentCall:
    """The call for which an agent is rung, or that the agent is on."""

    case_id: int
    is_taken: bool


class AgentState(StrEnum):
    """How an agent stands."""

    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap-up"
    RESTING = "resting"
    HELD = "held"
    CLOSED = "closed"
    """Outside the firm's hours."""


@dataclass(frozen=True)
class AgentStanding:
    """How an agent stands now."""

    agent: Agent
    state: AgentState
    until: datetime | None
    """When the phone may be rung again; None: nobody knows how long a call takes."""
    record: AgentRecord
    call: AgentCall | None = None


def standing(
    agent: Agent, record: AgentRecord, call: AgentCall | None, hours: OfficeHours, now: datetime
) -> AgentStanding:
    """How an agent stands now; `call` is the one that rings or is talked on, if any."""
    if call is not None:
        state = AgentState.TALKING if call.is_taken else AgentState.RINGING
        return AgentStanding(agent, state, None, record, call)
    counted = record.at(now)
    pauses = (counted.rests_until, counted.wrap_up_until)
    until = hours.next_open(max([now, *(pause for pause in pauses if pause is not None)]))
    return AgentStanding(agent, _state(counted, hours, now), until, counted)


def _state(record: AgentRecord, hours: OfficeHours, now: datetime) -> AgentState:
    if not hours.is_open(now):
        return AgentState.CLOSED
    if record.rests_until is not None and record.rests_until > now:
        return AgentState.HELD if record.missed >= HELD_FROM else AgentState.RESTING
    if record.wrap_up_until is not None and record.wrap_up_until > now:
        return AgentState.WRAP_UP
    return AgentState.READY


def ring_next(standings: Sequence[AgentStanding]) -> Agent | None:
    """Who is to be rung now: of those who are ready, the one who was rung longest ago."""
    ready = [one for one in standings if one.state is AgentState.READY]
    longest_ago = min(ready, key=lambda one: one.record.rung_at or _LONG_AGO, default=None)
    return None if longest_ago is None else longest_ago.agent


def next_ring(
    standings: Sequence[AgentStanding], hours: OfficeHours, moment: datetime
) -> datetime | None:
    """When, from this moment on, one of them may be rung, as far as can be foreseen.

    Whoever is on a call counts as free soon. None: nobody for weeks.
    """
    free = [max(moment, one.until or moment) for one in standings]
    opens = [at for at in map(hours.next_open, free) if at is not None]
    return min(opens, default=None)


def says_ready(words: str) -> bool:
    """Whether a text from an agent's phone says that it is ready again."""
    return words.strip(" \t\r\n.!\"'").casefold() == _READY


def missed(record: AgentRecord, hours: OfficeHours, now: datetime) -> AgentRecord:
    """The record after another ring that nobody took."""
    counted = record.at(now)
    many = counted.missed + 1
    until = now + RESTS[min(many, HELD_FROM) - 1]
    if many >= HELD_FROM:
        until = max(until, hours.next_morning(now) or until)
    return replace(counted, missed=many, rests_until=until, reason="")


def held(record: AgentRecord, hours: OfficeHours, now: datetime, reason: str) -> AgentRecord:
    """The record of a phone that can't be rung at all; it is tried again the next morning."""
    until = now + RESTS[-1]
    until = max(until, hours.next_morning(now) or until)
    return replace(record, missed=HELD_FROM, rests_until=until, reason=reason)
