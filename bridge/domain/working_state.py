"""Whether the bridge works, in one sentence that is the truth; and what to do if it doesn't.

`states` goes through a table, the gravest first: each line knows from plain facts whether it holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from bridge.domain.local_time import local

PROCESSED_WITHIN = timedelta(minutes=2)
"""A callback that waits for longer than this shows that something is stuck."""
HEARD_WITHIN = timedelta(minutes=3)
"""Of a call that was placed Twilio is heard within a minute: a call rings, or it doesn't."""
BY_TWILIO, BY_CANARY, BY_UNANSWERED = "twilio", "canary", "unanswered"
"""Who pauses everything when nobody at the firm does."""
_TO_DIAL = "No case is dialed. To begin, set DIAL_ENABLED=true for the worker."


class Gravity(StrEnum):
    """How bad it is."""

    STOPPED = "stopped"
    """Nothing goes on until somebody acts."""
    TROUBLED = "troubled"
    """Something doesn't work, and goes on by itself once it does again."""
    HELD = "held"
    """Held back because somebody wants it so."""
    WORKING = "working"


@dataclass(frozen=True)
class Outage:
    """A remote system that doesn't answer."""

    since: datetime
    reason: str


@dataclass(frozen=True)
class Halt:
    """A pause of all calls and texts."""

    since: datetime
    by: str
    """As people read it."""
    source: str
    """As it is stored."""
    reason: str


@dataclass(frozen=True)
class Facts:
    """All that is known of how the bridge does."""

    now: datetime
    has_worker: bool
    """Whether a worker was heard from just now."""
    worker_seen_at: datetime | None
    """When any worker was last heard from; None: never."""
    dials: bool
    """Whether a worker calls and texts (DIAL_ENABLED)."""
    halt: Halt | None = None
    smartadvocate: Outage | None = None
    has_asked_smartadvocate: bool = False
    """Whether SmartAdvocate has ever shown a case."""
    messages_waiting: int = 0
    most_counted: int = 1000
    """No more messages than these were counted."""
    twilio: Outage | None = None
    callback_waits_since: datetime | None = None
    """When the oldest callback came in that nobody has processed."""
    twilio_heard_at: datetime | None = None
    unheard_since: datetime | None = None
    """When the oldest call under way was placed of those since Twilio was last heard, if any."""


@dataclass(frozen=True)
class State:
    """One thing that is so."""

    gravity: Gravity
    headline: str
    """What is so, in a few words."""
    says: str
    """The rest of the sentence."""
    what_to_do: str = ""


def states(facts: Facts, zone: tzinfo) -> Sequence[State]:
    """What is wrong, the gravest first; or one state that says that all is well."""
    times = _Times(facts.now, zone)
    found = [state for line in _TABLE if (state := line(facts, times)) is not None]
    if not found:
        return [_working(facts, times)]
    return [*found, *_besides(facts)]


@dataclass(frozen=True)
class _Times:
    """Spells moments: the time alone today, the date too on another day."""

    now: datetime
    zone: tzinfo

    def spell(self, moment: datetime) -> str:
        there = moment.astimezone(self.zone)
        if there.date() != self.now.astimezone(self.zone).date():
            return local(moment, self.zone)
        return f"{there.hour % 12 or 12}:{there:%M %p}"


def _without_worker(facts: Facts, times: _Times) -> State | None:
    if facts.has_worker:
        return None
    seen = facts.worker_seen_at
    since = f"since {times.spell(seen)}" if seen else "yet"
    return State(
        Gravity.STOPPED,
        "Nothing is dialed or delivered:",
        f"no worker has been heard from {since}.",
        "Start the worker (bridge worker). What comes in meanwhile is kept.",
    )


def _halted(facts: Facts, times: _Times) -> State | None:
    halt = facts.halt
    if halt is None:
        return None
    by_itself = {
        BY_TWILIO: "Mend what Twilio refuses, then press Resume.",
        BY_CANARY: "This ends by itself once Twilio has reached the bridge. If it lasts, check "
        "PUBLIC_URL and the webhooks (Setup).",
        BY_UNANSWERED: "This ends by itself the next morning.",
    }
    return State(
        Gravity.STOPPED if halt.source == BY_TWILIO else Gravity.HELD,
        "Paused:",
        f"no call or text goes out since {times.spell(halt.since)}, by {halt.by}: {halt.reason}",
        by_itself.get(halt.source, "Press Resume when calls may go out again."),
    )


def _smartadvocate_down(facts: Facts, times: _Times) -> State | None:
    if facts.smartadvocate is None:
        return None
    return State(
        Gravity.TROUBLED,
        f"SmartAdvocate has not answered since {times.spell(facts.smartadvocate.since)}.",
        _waiting(facts),
        f"It is asked again and again. It said: {facts.smartadvocate.reason}",
    )


def _waiting(facts: Facts) -> str:
    many = facts.messages_waiting
    if many == 0:
        return "No message waits for it."
    more = "More than " if many >= facts.most_counted else ""
    wait = "message waits" if many == 1 else "messages wait"
    return f"{more}{many:,} {wait}; nothing is lost."


def _twilio_down(facts: Facts, times: _Times) -> State | None:
    if facts.twilio is None:
        return None
    return State(
        Gravity.TROUBLED,
        f"Twilio has not answered since {times.spell(facts.twilio.since)}.",
        "No call or text goes out meanwhile; those that are planned wait.",
        f"It is asked again and again. It said: {facts.twilio.reason}",
    )


def _stuck(facts: Facts, times: _Times) -> State | None:
    since = facts.callback_waits_since
    if since is None or facts.now - since < PROCESSED_WITHIN:
        return None
    return State(
        Gravity.TROUBLED,
        "Callbacks wait:",
        f"what Twilio says is kept, and nobody has processed it since {times.spell(since)}.",
        "If this lasts, restart the worker, and look at its log.",
    )


def _unheard(facts: Facts, times: _Times) -> State | None:
    placed, heard = facts.unheard_since, facts.twilio_heard_at
    if placed is None or facts.now - placed < HEARD_WITHIN:
        return None
    last = f"It was last heard {times.spell(heard)}." if heard else "It was never heard."
    return State(
        Gravity.TROUBLED,
        "Twilio is silent:",
        f"a call was placed at {times.spell(placed)}, and nothing was heard of it. {last}",
        "Check that PUBLIC_URL reaches the bridge, and the webhooks (Setup).",
    )


def _besides(facts: Facts) -> Sequence[State]:
    """What is so beside something wrong: whoever mends that would look for calls in vain."""
    if facts.dials or not facts.has_worker:
        return []
    return [State(Gravity.HELD, "Dialer off.", _TO_DIAL)]


def _working(facts: Facts, times: _Times) -> State:
    heard = facts.twilio_heard_at
    twilio = f"Twilio last heard {times.spell(heard)}" if heard else "Twilio not heard yet"
    answers = "answers" if facts.has_asked_smartadvocate else "not asked yet"
    both = f"{twilio} · SmartAdvocate {answers}"
    if facts.dials:
        return State(Gravity.WORKING, "Working.", f"{both} · dialer running")
    return State(Gravity.HELD, "Working.", f"{both} · dialer off", _TO_DIAL)


_TABLE: Sequence[Callable[[Facts, _Times], State | None]] = (
    _without_worker,
    _halted,
    _smartadvocate_down,
    _twilio_down,
    _stuck,
    _unheard,
)
"""The gravest first."""
